"""The API of partners' programs: ``GET /partner/v1/datasets`` and ``GET /partner/v1/{dataset}``.

The guard found out whose key it is; here the agreement is asked once more for dataset, fields and area, the
rate is kept, and every answer and refusal is counted (docs/partners.md).
"""

import asyncio
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from callbacks.partner_keys import PartnerKeys, bearer_of, status_of
from callbacks.partner_rows import PAGE_MOST, PAGE_USUAL, Asked, Page, csv_of, page_of
from callbacks.wiring import route
from model.errors import BadRequest, NotAgreed
from model.partners import Agreement, ApiKey, Dataset, dataset_named
from model.roles import PARTNERS
from services.access import allowed
from services.city import City

LIST = "/partner/v1/datasets"
ONE = "/partner/v1/{dataset}"
NO_STORE = {"cache-control": "no-store"}
OTHER = "other"
"""What an unknown name is counted under: names somebody makes up must not fill the account."""


async def datasets(city: City, request: Request) -> Response:
    """What the agreement of the key allows: datasets with their fields, areas, rate and end."""
    opened = await _opened(city, request, "datasets")
    if isinstance(opened, Response):
        return opened
    key, agreement = opened
    areas = {area.id: area.code for area in await asyncio.to_thread(city.registry.areas)}
    named = [dataset_named(name) for name in agreement.datasets]
    body = {
        "partner": agreement.partner,
        "purpose": agreement.purpose,
        "valid_until": agreement.valid_until.isoformat(),
        "rate_per_minute": agreement.rate_per_minute,
        "area_codes": None
        if agreement.areas is None
        else sorted(areas[a] for a in agreement.areas & set(areas)),
        "datasets": [
            {"name": one.name, "address": f"/partner/v1/{one.name}", "fields": agreement.fields_of(one)}
            for one in named
            if one is not None
        ],
    }
    await asyncio.to_thread(city.access.partners.used, key.id, "datasets", answered=True)
    return JSONResponse(body, headers=NO_STORE)


async def dataset(city: City, request: Request) -> Response:
    """One page of a dataset, JSON or CSV (``format``), by ``fields``, ``area`` code, ``after``, ``limit``."""
    name = request.path_params["dataset"]
    opened = await _opened(city, request, name)
    if isinstance(opened, Response):
        return opened
    key, agreement = opened
    try:
        found, asked = await _asked(city, agreement, name, dict(request.query_params))
    except NotAgreed as refusal:
        return await _refused(city, request, key, name, refusal)
    page = await asyncio.to_thread(page_of, city, agreement, found, asked)
    await asyncio.to_thread(city.access.partners.used, key.id, found.name, answered=True)
    return _answer(request, found, page)


async def _opened(city: City, request: Request, name: str) -> tuple[ApiKey, Agreement] | Response:
    """The key and its agreement, while the rate is kept; else what is answered instead."""
    key, agreement = await asyncio.to_thread(city.access.partners.opened, bearer_of(request.headers.raw))
    if await city.access.rates.allow("partner", str(agreement.id), agreement.rate_per_minute):
        return key, agreement
    await asyncio.to_thread(city.access.partners.used, key.id, _counted(name), answered=False)
    told = f"at most {agreement.rate_per_minute} questions a minute were agreed"
    return _error(429, "rate_exceeded", told, {"retry-after": "60"})


async def _asked(city: City, agreement: Agreement, name: str, query: dict[str, str]) -> tuple[Dataset, Asked]:
    """What the address asks for, as far as the agreement allows. Raises NotAgreed and BadRequest."""
    if odd := set(query) - {"fields", "area", "after", "limit", "format"}:
        raise BadRequest(f"there is no parameter {min(odd)[:40]!r}")
    fields = tuple(dict.fromkeys(filter(None, query.get("fields", "").split(","))))
    area = await _area(city, query["area"]) if query.get("area") else 0
    found = allowed(agreement, name, fields, area or None)
    limit = _number(query, "limit", PAGE_USUAL)
    if not 1 <= limit <= PAGE_MOST:
        raise BadRequest(f"limit is from 1 to {PAGE_MOST}")
    chosen = fields or agreement.fields_of(found)
    return found, Asked(chosen, area, _number(query, "after", 0), limit)


async def _area(city: City, code: str) -> int:
    areas = await asyncio.to_thread(city.access.partners.area_codes)
    if code not in areas:
        raise BadRequest(f"there is no area of code {code[:20]!r}")
    return areas[code]


def _number(query: dict[str, str], name: str, usual: int) -> int:
    text = query.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise BadRequest(f"{name} is a whole number")
    return int(text)


def _answer(request: Request, found: Dataset, page: Page) -> Response:
    query = dict(request.query_params)
    further = f"/partner/v1/{found.name}?{urlencode({**query, 'after': page.more})}" if page.more else None
    if query.get("format", "json") == "csv":
        headers = NO_STORE | ({"link": f'<{further}>; rel="next"'} if further else {})
        return Response(csv_of(page.fields, page.rows), media_type="text/csv; charset=utf-8", headers=headers)
    body: dict[str, Any] = {
        "dataset": found.name,
        "generated_at": datetime.now(UTC).isoformat(),
        "count": len(page.rows),
        "next": further,
        "items": [dict(zip(page.fields, row, strict=True)) for row in page.rows],
    }
    return JSONResponse(body, headers=NO_STORE)


async def _refused(city: City, request: Request, key: ApiKey, name: str, refusal: NotAgreed) -> Response:
    """Count and write down a refusal, and answer with its reason."""
    viewer_address = request.client.host if request.client else ""
    await asyncio.to_thread(city.access.partners.used, key.id, _counted(name), answered=False)
    keys = PartnerKeys(city.access)
    await keys.refused(bearer_of(request.headers.raw), refusal.reason, name, viewer_address)
    return _error(status_of(refusal), refusal.reason, str(refusal), {})


def _counted(name: str) -> str:
    return name if name == "datasets" or dataset_named(name) else OTHER


def _error(status: int, code: str, message: str, headers: dict[str, str]) -> Response:
    body = {"error": {"code": code, "message": message}}
    return JSONResponse(body, status_code=status, headers=NO_STORE | headers)


def routes(server: FastAPI, city: City) -> None:
    """Declare the partners' routes."""
    route(server, city, LIST, datasets, may=PARTNERS)
    route(server, city, ONE, dataset, may=PARTNERS)
