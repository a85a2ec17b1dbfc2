"""The catalogue for other portals to harvest: DCAT-AP, as the publisher wrote it."""

from starlette.requests import Request
from starlette.responses import Response

from model.errors import Unavailable
from public.answers import artefact_answer, away, gone
from public.embeds import OPEN_TO_ALL
from public.headers import DATA_POLICY
from public.opened import Open

CATALOGUE = "catalogue"
"""The name its artefacts are published under."""


async def catalogue(door: Open, request: Request) -> Response:
    """The catalogue in the form the path names; 404 for another, and before it is published."""
    try:
        manifest = door.shelf.published(CATALOGUE)
        found = manifest.files.get(f"{CATALOGUE}.{request.path_params['form']}") if manifest else None
        if found is None:
            return gone(door.origins)
        headers = {"content-security-policy": DATA_POLICY, **OPEN_TO_ALL}
        return artefact_answer(door.shelf, found, request.headers, headers)
    except Unavailable:
        return away(door.origins)
