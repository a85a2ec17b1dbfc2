"""Published datasets: ``/data/<publication>`` says what it is, and beside it its rows and its previews."""

import re

from starlette.requests import Request
from starlette.responses import Response

from model.errors import Unavailable
from public.answers import artefact_answer, away, gone
from public.embeds import OPEN_TO_ALL
from public.headers import DATA_POLICY
from public.opened import Open
from services.publishing import ABOUT_FILE, TABLE_FILE, Artefact

FORMATS = ("csv", "geojson", "json", "parquet", "fgb")
_PREVIEW = re.compile(r"preview(\.[a-z]{2,6}){4}\.svg|preview\.[a-z]{2}\.json")


async def data(door: Open, request: Request) -> Response:
    """What a publication is, or its rows in a format; 404 alike for unknown, revoked and impossible."""
    name, dot, form = request.path_params["file"].partition(".")
    try:
        found = _find(door, name, dot + form)
        if found is None:
            return gone(door.origins)
        headers = {"content-security-policy": DATA_POLICY, **OPEN_TO_ALL}
        if _PREVIEW.fullmatch(form):
            headers |= {"link": f'<{name}>; rel="describedby"; type="application/json"'}
        elif form:
            headers |= {"content-disposition": f'attachment; filename="{name}.{form}"'}
            headers |= {"link": f'<{name}>; rel="describedby"; type="application/json"'}
        return artefact_answer(door.shelf, found, request.headers, headers)
    except Unavailable:
        return away(door.origins)


def _find(door: Open, name: str, form: str) -> Artefact | None:
    manifest = door.shelf.published(name)
    # A panel is no dataset: it has no file that says what it is.
    if manifest is None or ABOUT_FILE not in manifest.files:
        return None
    if not form:
        return manifest.files[ABOUT_FILE]
    if _PREVIEW.fullmatch(form[1:]):
        return manifest.files.get(form[1:])
    return manifest.files.get(TABLE_FILE.format(form[1:])) if form[1:] in FORMATS else None
