"""Where citizens' letters come in: one form, from anybody, kept or handed back with its words.

Nothing is bound to a session, so nothing guards against a form sent from elsewhere; how often a network may
send does, and a field that only programs fill.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import HTMLResponse

from intake.body import NotTaken, read_body
from model.errors import BadField, BadRequest, Unavailable
from services.access import Rates, network_of
from services.settings import Settings
from services.voices import checked, receive, typed
from services.voices.form import voice_origin
from services.voices.pages import Said, not_taken, spoken, thanks

log = logging.getLogger(__name__)

FORM = "application/x-www-form-urlencoded"
BODY_MOST = 64 * 1024
"""The longest texts of the form, each character as nine bytes of it, with room to say what is too long."""
PER_MINUTE, ALL_PER_MINUTE = 6, 120
"""Letters of one network, and of all: more than people write, fewer than would bury those who read."""
RETRY_AFTER_S = "60"


@dataclass(frozen=True)
class Letters:
    """What taking in a letter needs."""

    engine: Engine
    rates: Rates
    settings: Settings
    zone: str


async def taken(letters: Letters, request: Request) -> HTMLResponse:
    """Keep the letter of the form: a page with its reference, or with the words and why it was not kept."""
    try:
        fields = await _fields(request)
    except (NotTaken, BadRequest) as error:
        status = error.status if isinstance(error, NotTaken) else 400
        told = "voices.not_sent_large" if status == 413 else "voices.not_sent_form"
        return _back(letters, {}, told, status)
    if not await _may(letters, request):
        return _back(letters, fields, "voices.not_sent_often", 429)
    try:
        reference = await asyncio.to_thread(receive, letters.engine, checked(fields))
    except BadField as error:
        return _back(letters, fields, "voices.not_sent_wrong", 400, error)
    except Unavailable as error:
        log.warning("a letter was handed back: %s", error)
        return _back(letters, fields, "voices.not_sent_away", 503)
    say = spoken(fields, letters.settings, letters.zone)
    return _page(thanks(letters.settings, say, fields, reference), 200)


async def _fields(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise NotTaken(415, "send the form as the page does")
    return typed(await read_body(request, BODY_MOST))


async def _may(letters: Letters, request: Request) -> bool:
    """Whether the sender's network, and everybody together, may send one more in this minute."""
    sender = network_of(sender_of(request, letters.settings))
    own = not sender or await letters.rates.allow("letter", sender, PER_MINUTE)
    return own and await letters.rates.allow("letter", "everybody", ALL_PER_MINUTE)


def sender_of(request: Request, settings: Settings) -> str:
    """Who sends, by address: what the proxy says of it, believed only of one beside us that there must be."""
    peer = request.client.host if request.client else ""
    told = request.headers.get("x-real-ip", "")[:45]
    return told if told and not voice_origin(settings) and _beside(peer) else peer


def _beside(peer: str) -> bool:
    try:
        return ip_address(peer).is_private
    except ValueError:
        return not peer


def _back(
    letters: Letters, fields: Mapping[str, str], told: str, status: int, error: BadField | None = None
) -> HTMLResponse:
    """The form once more, with what was typed in it."""
    say = spoken(fields, letters.settings, letters.zone)
    answer = _page(not_taken(letters.settings, say, fields, say(told), error), status)
    if status in (429, 503):
        answer.headers["retry-after"] = RETRY_AFTER_S
    return answer


def _page(said: Said, status: int) -> HTMLResponse:
    return HTMLResponse(said.body, status, {"content-security-policy": said.policy})
