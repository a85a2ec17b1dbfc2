"""The transparency page: what is collected, why, how long, with whom; a notice for each sensor."""

import json
from collections import Counter
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from model.datasets import DATASETS, Openness
from model.domains import DOMAINS, AssetType
from model.texts import Words
from public.answers import Look, gone
from public.opened import Open
from public.portal.known import all_known
from public.site import Page, site_answer
from services.publishing import REGISTERS, REGISTERS_FILE

LOG_SHOWN = 30


async def transparency(door: Open, request: Request) -> Response:
    """The page; registers that were never published are said to be missing, not shown as empty."""
    return site_answer(door, request, _page, partial(gone, door.origins))


def _page(door: Open, _look: Look, say: Words) -> Page:
    registers = _registers(door)
    shows: dict[str, Any] = {
        "kinds": _kinds(say),
        "closed": [_closed(one.name, say) for one in DATASETS if one.closed],
        "notices": [_notice(kind, say) for domain in DOMAINS for kind in domain.asset_types],
        "kept": [_kept(rule, say) for rule in registers["kept"]] if registers else None,
        "shared": [_shared(one, say) for one in registers["shared"]] if registers else None,
        "log": _log(door, say),
    }
    return Page("transparency.html", "transparency", say("transparency.title"), shows)


def _registers(door: Open) -> dict[str, Any] | None:
    manifest = door.shelf.published(REGISTERS)
    if manifest is None:
        return None
    found: dict[str, Any] = json.loads(door.shelf.read(manifest.files[REGISTERS_FILE]))
    return found


def _kinds(say: Words) -> list[dict[str, Any]]:
    """How many datasets there are of each kind: the numbers of the register itself."""
    counted = Counter(one.openness for one in DATASETS)
    return [
        {"name": say(f"openness.{kind}"), "means": say(f"openness.{kind}_means"), "count": counted[kind]}
        for kind in Openness
    ]


def _closed(name: str, say: Words) -> dict[str, str]:
    dataset = next(one for one in DATASETS if one.name == name)
    return {"name": name, "title": say(f"dataset.{name}_title"), "why": say(f"closed.{dataset.closed}")}


def _notice(kind: AssetType, say: Words) -> dict[str, Any]:
    kept = sorted({one.kept for one in kind.properties if one.kept})
    return {
        "name": say(f"type.{kind.name}"),
        "measures": say(f"notice.{kind.name}_measures"),
        "never": say(f"notice.{kind.name}_never"),
        "kept": [say(f"transparency.class_{one}") for one in kept],
    }


def _kept(rule: dict[str, Any], say: Words) -> dict[str, str]:
    key = f"transparency.class_{rule['class']}"
    # A city's own class has no name in the catalogues.
    name = say(key) if say.has(key) else rule["class"]
    return {"name": name, "span": _span(rule, say), "basis": rule["basis"]}


def _span(rule: dict[str, Any], say: Words) -> str:
    months, days = rule["months"], rule["days"]
    parts = []
    if months:
        key = "transparency.month" if months == 1 else "transparency.months"
        parts.append(say(key, n=say.number(months)))
    if days:
        parts.append(say("transparency.day" if days == 1 else "transparency.days", n=say.number(days)))
    return " ".join(parts)


def _shared(agreement: dict[str, Any], say: Words) -> dict[str, str]:
    first, last = (say.day(datetime.fromisoformat(agreement[end])) for end in ("valid_from", "valid_until"))
    return {
        "partner": agreement["partner"],
        "kind": say(f"partners.kind_{agreement['kind']}"),
        "purpose": agreement["purpose"],
        "datasets": ", ".join(agreement["datasets"]),
        "period": say("portal.from_to", first=first, last=last),
    }


def _log(door: Open, say: Words) -> list[dict[str, str]]:
    """What was published first, and last, of each publication: newest publications first."""
    rows = []
    for one in all_known(door.shelf):
        if one.manifest is not None and one.about is not None:
            rows.append((datetime.fromisoformat(one.about["approved_at"]), one))
    rows.sort(key=lambda row: row[0], reverse=True)
    return [
        {
            "name": one.name,
            "title": one.title(say),
            "approved": say.day(approved),
            "until": say.day(datetime.fromisoformat(one.about["valid_until"])) if one.about else "",
            "version": str(one.about["version"]) if one.about else "",
        }
        for approved, one in islice(rows, LOG_SHOWN)
    ]
