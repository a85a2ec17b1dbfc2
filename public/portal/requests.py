"""The page of requests: the form, one letter found by its reference, the published ones; and their feed."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from model.errors import BadField, BadRequest, Unavailable
from model.texts import Words, words
from public.answers import Look, away, environment, gone, look, wrong
from public.headers import DATA_POLICY, FRESH
from public.opened import Open
from public.portal.letters import letter_named, shown_letter, shown_letters, told_letters
from public.site import Page, site_answer
from services.voices import checked_subject, form_of, spelled, voice_origin

FED = 50
"""Letters of the feed, the newest."""


async def requests(door: Open, request: Request) -> Response:
    """The page; 400 for a subject or a reference that cannot be."""

    def make(door: Open, chosen: Look, say: Words) -> Page:
        asked = request.query_params
        about, reference = _subject(asked.get("about", "")), _reference(asked.get("reference", ""))
        told = told_letters(door)
        found = letter_named(told, reference) if reference else None
        shows: dict[str, Any] = {
            "form": form_of(door.settings, say, chosen.theme, {"about": about}),
            "reference": reference,
            "found": shown_letter(found, say, door.clock()) if found else None,
            "letters": shown_letters(told["letters"], say, door.clock()) if told else None,
        }
        title, origin = say("voices.title"), voice_origin(door.settings)
        return Page("requests.html", "requests", title, shows, sends_to=origin)

    return site_answer(door, request, make, partial(gone, door.origins))


def _subject(text: str) -> str:
    try:
        return checked_subject(text)
    except BadField:
        raise BadRequest("about is dataset:<name> or panel:<name> of this site") from None


def _reference(text: str) -> str:
    if len(text) > 20:
        raise BadRequest("reference is eight letters and digits")
    return spelled(text) if text.strip() else ""


async def feed(door: Open, request: Request) -> Response:
    """The newest published letters with their answers, as Atom (RFC 4287)."""
    try:
        chosen = look(request.query_params, door.settings.language)
        told = told_letters(door)
    except BadRequest as error:
        return wrong(str(error))
    except Unavailable:
        return away(door.origins)
    if told is None:
        return gone(door.origins)
    say = words(chosen.language)
    page = f"{door.settings.public_address}/requests"
    letters = shown_letters(told["letters"][:FED], say, door.clock())
    body = environment().get_template("requests.atom").render(
        say=say, page=page, query=f"?{urlencode({'lang': chosen.language})}", letters=letters,
        updated=max((one.changed for one in letters), default="1970-01-01T00:00:00+00:00"),
    )  # fmt: skip
    headers = {"cache-control": FRESH, "content-security-policy": DATA_POLICY}
    return Response(body, 200, headers, "application/atom+xml; charset=utf-8")
