"""How often each publication was asked for: as files for all, and as a sentence on its page."""

import json

from starlette.requests import Request
from starlette.responses import Response

from model.errors import Unavailable
from model.texts import Words
from public.answers import artefact_answer, away, gone
from public.embeds import OPEN_TO_ALL
from public.headers import DATA_POLICY
from public.opened import Open
from services.publishing import USE, USE_FILE

KINDS = ("download", "view", "query")


async def use(door: Open, request: Request) -> Response:
    """The counts by day (CSV), or summed over the last days (JSON)."""
    form = request.path_params["form"]
    try:
        manifest = door.shelf.published(USE)
        found = manifest.files.get(USE_FILE.format(form)) if manifest else None
        if found is None:
            return gone(door.origins)
        headers = {"content-security-policy": DATA_POLICY, **OPEN_TO_ALL}
        return artefact_answer(door.shelf, found, request.headers, headers)
    except Unavailable:
        return away(door.origins)


def use_told(door: Open, name: str, say: Words) -> str:
    """How often ``name`` was asked for lately, in a sentence; empty where nothing was counted yet."""
    manifest = door.shelf.published(USE)
    if manifest is None:
        return ""
    told = json.loads(door.shelf.read(manifest.files[USE_FILE.format("json")]))
    counted = told["use"].get(name)
    if not counted:
        return ""
    parts = [_counted(kind, counted[kind], say) for kind in KINDS if counted.get(kind)]
    return say("use.told", counted=say("use.and").join(parts), days=say.number(told["days"]))


def _counted(kind: str, count: int, say: Words) -> str:
    return say(f"use.{kind}_one" if count == 1 else f"use.{kind}", n=say.number(count))
