"""``GET /history/replay?t0=&t1=&speed=3600&kind=webp|gif``: what happened between two instants, animated."""

import asyncio
from datetime import UTC, datetime, timedelta

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from callbacks.origin import origin_of
from callbacks.takeaway import Asked, ends_of, filters_of, moment_of, place_of, taken
from callbacks.wiring import route
from model.errors import BadRequest, VigieError, http_status
from model.roles import EXPORTERS
from model.takeaway import Label, address, file_name
from model.texts import Words, words
from model.tokens import THEMES
from services.city import City
from services.takeaway import REPLAY_DEADLINE_S, REPLAY_KINDS, ReplayAsked, TooLong, TooMuch, replay

FURTHEST = timedelta(hours=48)
SLOWEST, FASTEST = 60.0, 86_400.0
DEFAULT_SPEED = "3600"


async def replay_file(city: City, request: Request) -> Response:
    """The replay as a file, made in a thread with a deadline; a refusal says what to ask instead."""
    asked = dict(request.query_params)
    say = words(asked.get("lang") or city.settings.language, city.profile.time_zone)
    kind = asked.get("kind", "webp")
    if kind not in REPLAY_KINDS:
        raise BadRequest(say("takeaway.replay_kind"))
    speed = speed_of(say, asked)
    ends = replay_ends(say, asked, datetime.now(UTC))
    try:
        body, label = await asyncio.to_thread(_made, city, say, asked, ends, speed)
    except (TooLong, TooMuch) as problem:
        return _refused(say, problem)
    await taken(city, "replay", asked, format=kind, bytes=len(body))
    name = file_name(label, say("takeaway.replay_of"), kind)
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(body, media_type=REPLAY_KINDS[kind], headers=headers)


def speed_of(say: Words, asked: Asked) -> float:
    """City seconds shown in one second; BadRequest says the bounds."""
    try:
        speed = float(asked.get("speed", DEFAULT_SPEED))
    except ValueError:
        speed = 0.0
    if not SLOWEST <= speed <= FASTEST:
        raise BadRequest(say("takeaway.replay_speed"))
    return speed


def replay_ends(say: Words, asked: Asked, now: datetime) -> tuple[datetime, datetime]:
    """The two instants, at most two days apart; BadRequest says what is wrong."""
    a, b = ends_of(say, {"a": asked.get("t0", ""), "b": asked.get("t1", "")}, now)
    if b - a > FURTHEST:
        raise BadRequest(say("takeaway.replay_too_far", n=round(FURTHEST.total_seconds() / 3600)))
    return a, b


def _made(
    city: City, say: Words, asked: Asked, ends: tuple[datetime, datetime], speed: float
) -> tuple[bytes, Label]:
    (a, b), chosen, zone = ends, filters_of(asked), city.profile.zone
    before, bounds = moment_of(city, a), city.profile.bounds
    label = Label(
        origin_of(city, say), say("takeaway.replay_of"), place_of(city, say, chosen), a.astimezone(zone),
        b.astimezone(zone), datetime.now(zone), read=say("takeaway.read_changes"),
        question=address("/history", asked),
    )  # fmt: skip
    theme = asked["theme"] if asked.get("theme") in THEMES else "past"
    box = (bounds.west, bounds.south, bounds.east, bounds.north)
    question = ReplayAsked(
        city.engine, city.history, city.profile.area_kind, box, a, b, before, chosen, speed, theme,
        asked.get("kind", "webp"),
    )  # fmt: skip
    return replay(question, say, label), label


def _refused(say: Words, problem: VigieError) -> Response:
    if isinstance(problem, TooMuch):
        message = say("takeaway.replay_too_large")
    else:
        message = say("takeaway.replay_too_long", s=f"{REPLAY_DEADLINE_S:g}")
    body = {"error": {"code": type(problem).__name__.lower(), "message": message}}
    return JSONResponse(body, status_code=http_status(problem))


def routes(server: FastAPI, city: City) -> None:
    """Declare the replay's route."""
    route(server, city, "/history/replay", replay_file, may=EXPORTERS)
