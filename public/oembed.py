"""oEmbed: the lines that embed a panel, for whoever pastes its address into an editor (oembed.com, 1.0)."""

from urllib.parse import quote, urlsplit

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from model.errors import BadRequest, Unavailable
from public.addresses import HEIGHT, below, snippet
from public.answers import Look, look
from public.headers import FRESH, NEVER, SHORT
from public.opened import Open
from services.publishing import Manifest
from services.settings import Settings

WIDTH = 420
LEAST = 200
"""A panel narrower or lower than this in pixels shows nothing a reader could use."""

_READ_FROM_ANYWHERE = {"access-control-allow-origin": "*"}


async def oembed(door: Open, request: Request) -> Response:
    """How to embed the panel whose address ``url`` is; 404 for anything else, 501 for another format."""
    asked = request.query_params
    if (asked.get("format") or "json") != "json":
        return _said("only json is answered", 501)
    try:
        return _answer(door, asked)
    except BadRequest as error:
        return _said(str(error), 400)
    except Unavailable:
        return JSONResponse({"error": "away"}, 503, {"retry-after": "60", "cache-control": NEVER})


def _answer(door: Open, asked: QueryParams) -> Response:
    width, height = _most(asked, "maxwidth", WIDTH), _most(asked, "maxheight", HEIGHT)
    found = _panel(door, asked.get("url", ""))
    if found is None:
        return _said("no panel is published at this address", 404)
    manifest, chosen, source = found
    title = manifest.about["titles"][chosen.language]
    body = {
        "type": "rich",
        "version": "1.0",
        "title": title,
        "provider_name": manifest.about["city"],
        "provider_url": door.settings.public_address + "/",
        "cache_age": int(manifest.about.get("every_s", 60)),
        "html": snippet(source, title, str(width), height),
        "width": width,
        "height": height,
    }
    return JSONResponse(body, headers={"cache-control": FRESH, **_READ_FROM_ANYWHERE})


def _panel(door: Open, url: str) -> tuple[Manifest, Look, str] | None:
    """The panel at ``url``, what is chosen there, and its address written by us."""
    named = below(door.settings, url, "embed")
    if named is None:
        return None
    parts = urlsplit(named)
    chosen = look(QueryParams(parts.query), door.settings.language)
    manifest = door.shelf.published(parts.path)
    file = f"panel.{chosen.language}.{chosen.theme}{chosen.ending}.html"
    if manifest is None or file not in manifest.files:
        return None
    area = f"&area={chosen.area}" if chosen.area else ""
    query = f"lang={chosen.language}&theme={chosen.theme}{area}"
    return manifest, chosen, f"{door.settings.public_address}/embed/{parts.path}?{query}"


def _most(asked: QueryParams, name: str, usual: int) -> int:
    given = asked.get(name)
    if not given:
        return usual
    if not given.isascii() or not given.isdigit() or not int(given[:6]) >= LEAST:
        raise BadRequest(f"{name} is a number of pixels, {LEAST} or more")
    return min(int(given[:6]), usual)


def _said(why: str, status: int) -> Response:
    return JSONResponse({"error": why}, status, {"cache-control": SHORT, **_READ_FROM_ANYWHERE})


def discovery(settings: Settings, path: str, query: str) -> str:
    """The Link header of a panel's page: where its oEmbed answer is."""
    source = quote(f"{settings.public_address}{path}" + (f"?{query}" if query else ""), safe="")
    return f'<{settings.public_address}/oembed?url={source}>; rel="alternate"; type="application/json+oembed"'
