"""Published panels: ``/embed/<publication>`` as a page, and beside it the same as JSON, CSV and SVG."""

import re

from starlette.requests import Request
from starlette.responses import Response

from model.errors import BadRequest, Unavailable
from public.answers import Look, artefact_answer, away, gone, look, wrong
from public.headers import DATA_POLICY, FOR_EVER, panel_policy
from public.oembed import discovery
from public.opened import Open
from services.publishing import Artefact

OPEN_TO_ALL = {"access-control-allow-origin": "*"}
"""Published data may be read from any page; there is no cookie it could be read with."""

_FONT = re.compile(r"[0-9a-f]{64}\.woff2")


FILES = {
    "": "panel.{0.language}.{0.theme}{0.ending}.html",
    ".svg": "chart.{0.language}.{0.theme}{0.ending}.svg",
    ".json": "data{0.ending}.json",
    ".csv": "data{0.ending}.csv",
}


async def embed(door: Open, request: Request) -> Response:
    """A published panel in the asked language, theme and form; 404 alike for unknown and revoked."""
    name, dot, form = request.path_params["file"].partition(".")
    try:
        chosen = look(request.query_params, door.settings.language)
        found = _find(door, name, dot + form, chosen)
        return _panel(door, request, name, dot + form, found) if found else gone(door.origins)
    except BadRequest as error:
        return wrong(str(error))
    except Unavailable:
        return away(door.origins)


def _find(door: Open, name: str, form: str, chosen: Look) -> Artefact | None:
    manifest = door.shelf.published(name)
    if manifest is None or form not in FILES:
        return None
    return manifest.files.get(FILES[form].format(chosen))


def _panel(door: Open, request: Request, name: str, form: str, found: Artefact) -> Response:
    headers = {"content-security-policy": DATA_POLICY, **OPEN_TO_ALL}
    if not form:
        policy = panel_policy(door.origins, found.scripts, found.styles)
        headers = {
            "content-security-policy": policy,
            "link": discovery(door.settings, request.url.path, request.url.query),
        }
    if form == ".csv":
        headers["content-disposition"] = f'attachment; filename="{name}.csv"'
    return artefact_answer(door.shelf, found, request.headers, headers)


async def font(door: Open, request: Request) -> Response:
    """The typeface the pages name; its address holds its hash, so it never changes."""
    file = request.path_params["file"]
    try:
        found = _typeface(door, file) if _FONT.fullmatch(file) else None
        if found is None:
            return gone(door.origins)
        return artefact_answer(door.shelf, found, request.headers, OPEN_TO_ALL, FOR_EVER)
    except Unavailable:
        return away(door.origins)


def _typeface(door: Open, file: str) -> Artefact | None:
    fonts = (manifest.files.get("font.woff2") for manifest in door.shelf.all())
    return next((found for found in fonts if found and f"{found.sha256}.woff2" == file), None)
