"""The page for who writes programs: which interfaces there are, how often one may ask, how to get a key."""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from model.open_keys import RATE_LEAST, RATE_MOST
from model.texts import Words
from model.voices import LetterKind
from public.answers import Look, gone
from public.opened import Open
from public.portal.known import all_known
from public.site import Page, site_answer
from services.publishing.outlets import outlets_of
from services.voices import form_of, voice_origin

ALWAYS = (
    ("OGC API Features 1.0", "api", "features"),
    ("OGC SensorThings API 1.1", "sensorthings/v1.1", "sensorthings"),
    ("DCAT-AP 3.0.1", "catalogue.ttl", "catalogue"),
)
"""Interfaces over every dataset: name, path, key of what they are for. The others are of one dataset each."""

OF_ONE = {"gbfs": "gbfs", "gtfs-realtime": "gtfs_realtime"}
"""Those of one dataset, by the first part of their paths."""


async def programs(door: Open, request: Request) -> Response:
    """The page."""
    return site_answer(door, request, _page, partial(gone, door.origins))


def _page(door: Open, chosen: Look, say: Words) -> Page:
    subject = {"kind": LetterKind.OTHER.value, "words": say("programs.words")}
    shows: dict[str, Any] = {
        "interfaces": [
            *({"name": name, "path": path, "what": say(f"programs.{key}")} for name, path, key in ALWAYS),
            *_of_one(door, say),
        ],
        "headers": [(name, say(f"programs.header_{key}")) for name, key in (
            ("RateLimit-Policy", "policy"), ("RateLimit", "left"), ("Retry-After", "after"),
        )],
        "most": say("programs.with_key", least=say.number(RATE_LEAST), most=say.number(RATE_MOST)),
        "form": form_of(door.settings, say, chosen.theme, subject, fixed=True),
    }  # fmt: skip
    origin = voice_origin(door.settings)
    return Page("programs.html", "programs", say("programs.title"), shows, sends_to=origin)


def _of_one(door: Open, say: Words) -> list[dict[str, str]]:
    """The interfaces that are of one dataset, of those published now."""
    found = [outlet for one in all_known(door.shelf) if one.about for outlet in outlets_of(one.about)]
    return [
        {"name": one.name, "path": one.path, "what": say(f"programs.{OF_ONE[first]}")}
        for one in found
        if (first := one.path.partition("/")[0]) in OF_ONE
    ]
