"""Alarms over HTTP, to act on: one door a verb, each with its own body and those it is for.

``POST /alarms/act/<verb>``, JSON both ways, the token of the session in the header. An answer of 200 is
committed. No body takes the instant of an act: what is done is done now. Documented in docs/alarm-desk.md.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response

from callbacks.alarm_documents import row_document, stamp
from callbacks.alarm_reads import fresh, speaking
from callbacks.alarm_refusals import refusal
from callbacks.asking import asker
from callbacks.wiring import route
from model.alarms import AlarmRow, Seen, Target
from model.errors import BadField, VigieError
from model.roles import ALARM_HANDLERS, ALARM_READERS, ALARM_SUPERVISORS
from model.texts import Words
from model.viewer import Viewer
from services.city import City

Told = Mapping[str, Any]


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a verb. What it does not name is refused, an instant above all."""


class Named(Body, frozen=True):
    """One alarm as it was read back."""

    id: int
    activations: int


class Acknowledging(Body, frozen=True):
    """Alarms that were listed, at most 200."""

    alarms: list[Named]


class One(Body, frozen=True):
    """One alarm."""

    id: int


class Confirming(One, frozen=True):
    """What was done about it."""

    action: str


class Assigning(One, frozen=True):
    """Whom it is given to; null: nobody."""

    person: int | None


class Commenting(One, frozen=True):
    """What is said."""

    text: str


class Rating(One, frozen=True):
    """Whether it was of use."""

    useless: bool
    text: str = ""


class Grouping(Body, frozen=True):
    """Alarms, and the one that explains them."""

    ids: list[int]
    cause: int


class Shelving(One, frozen=True):
    """For how long from now, why, and whether it ends when the alarm gets worse."""

    for_s: float
    reason: str
    ends_when: str = ""


class OneHiding(Body, frozen=True):
    """One hiding."""

    hiding: int


class Placed(Body, frozen=True):
    """What is hidden: an asset by what feeds call it, an area by its id, a class, a domain."""

    reason: str
    asset: str = ""
    area: int | None = None
    alarm_class: str = msgspec.field(default="", name="class")
    domain: str = ""
    with_children: bool = False


class Servicing(Placed, frozen=True, kw_only=True):
    """A window of works: seconds since 1970, ``from`` null for at once; a work order or planned works."""

    until: float
    begins: float | None = msgspec.field(default=None, name="from")
    reference: str = ""
    annotation: int | None = None


class Disabling(Placed, frozen=True, kw_only=True):
    """For how long from now."""

    for_s: float


class Viewing(Body, frozen=True):
    """The filters of the list."""

    view: dict[str, Any]


Act = Callable[[City, Words, Viewer, Any, datetime], Told]


def _acknowledge(city: City, say: Words, viewer: Viewer, told: Acknowledging, now: datetime) -> Told:
    seen = [Seen(one.id, one.activations) for one in told.alarms]
    done = city.alarms.acknowledge(viewer, seen, now)
    return {
        "rows": [row_document(say, row) for row in done.done],
        "already": [{**asdict(one), "at": stamp(one.at)} for one in done.already],
        "changed": [asdict(one) for one in done.changed],
    }


def _row(say: Words, row: AlarmRow) -> Told:
    return {"row": row_document(say, row)}


def _confirm(city: City, say: Words, viewer: Viewer, told: Confirming, now: datetime) -> Told:
    return _row(say, city.alarms.confirm(viewer, told.id, told.action, now))


def _reset(city: City, say: Words, viewer: Viewer, told: One, now: datetime) -> Told:
    return _row(say, city.alarms.reset(viewer, told.id, now))


def _assign(city: City, say: Words, viewer: Viewer, told: Assigning, now: datetime) -> Told:
    return _row(say, city.alarms.assign(viewer, told.id, told.person, now))


def _comment(city: City, say: Words, viewer: Viewer, told: Commenting, now: datetime) -> Told:
    return _row(say, city.alarms.comment(viewer, told.id, told.text, now))


def _rate(city: City, say: Words, viewer: Viewer, told: Rating, now: datetime) -> Told:
    return _row(say, city.alarms.rate(viewer, told.id, told.useless, told.text, now))


def _group(city: City, say: Words, viewer: Viewer, told: Grouping, now: datetime) -> Told:
    return _row(say, city.alarms.group(viewer, told.ids, told.cause, now))


def _ungroup(city: City, say: Words, viewer: Viewer, told: One, now: datetime) -> Told:
    return _row(say, city.alarms.ungroup(viewer, told.id, now))


def _shelve(city: City, say: Words, viewer: Viewer, told: Shelving, now: datetime) -> Told:
    until = _later(now, told.for_s)
    return _row(say, city.alarms.shelve(viewer, told.id, until, told.reason, told.ends_when, now))


def _unshelve(city: City, _say: Words, viewer: Viewer, told: OneHiding, now: datetime) -> Told:
    city.alarms.unshelve(viewer, told.hiding, now)
    return {"hiding": told.hiding}


def _out_of_service(city: City, _say: Words, viewer: Viewer, told: Servicing, now: datetime) -> Told:
    begins = now if told.begins is None else _instant("from", told.begins)
    made = city.alarms.out_of_service(
        viewer, _target(city, told), begins, _instant("until", told.until), told.reason, told.reference,
        told.annotation, now,
    )  # fmt: skip
    return {"hiding": made}


def _in_service(city: City, _say: Words, viewer: Viewer, told: OneHiding, now: datetime) -> Told:
    city.alarms.in_service(viewer, told.hiding, now)
    return {"hiding": told.hiding}


def _ask_disabling(city: City, _say: Words, viewer: Viewer, told: Disabling, now: datetime) -> Told:
    until = _later(now, told.for_s)
    return {"hiding": city.alarms.ask_disabling(viewer, _target(city, told), until, told.reason, now)}


def _second_disabling(city: City, _say: Words, viewer: Viewer, told: OneHiding, now: datetime) -> Told:
    city.alarms.second_disabling(viewer, told.hiding, now)
    return {"hiding": told.hiding}


def _enable(city: City, _say: Words, viewer: Viewer, told: OneHiding, now: datetime) -> Told:
    city.alarms.enable(viewer, told.hiding, now)
    return {"hiding": told.hiding}


def _keep_view(city: City, _say: Words, viewer: Viewer, told: Viewing, _now: datetime) -> Told:
    city.alarms.keep_view(viewer, told.view)
    return {}


def _target(city: City, told: Placed) -> Target:
    asset = city.alarms.asset_named(told.asset) if told.asset else None
    return Target(asset, told.area, told.alarm_class, told.domain, told.with_children)


def _later(now: datetime, seconds: float) -> datetime:
    try:
        return now + timedelta(seconds=seconds)
    except (OverflowError, ValueError) as error:
        raise BadField("for_s", "not_a_number") from error


def _instant(field: str, seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise BadField(field, "not_a_number") from error


VERBS: dict[str, tuple[Any, type[Body], Act]] = {
    "acknowledge": (ALARM_HANDLERS, Acknowledging, _acknowledge),
    "confirm": (ALARM_HANDLERS, Confirming, _confirm),
    "reset": (ALARM_HANDLERS, One, _reset),
    "assign": (ALARM_HANDLERS, Assigning, _assign),
    "comment": (ALARM_HANDLERS, Commenting, _comment),
    "rate": (ALARM_HANDLERS, Rating, _rate),
    "group": (ALARM_HANDLERS, Grouping, _group),
    "ungroup": (ALARM_HANDLERS, One, _ungroup),
    "shelve": (ALARM_HANDLERS, Shelving, _shelve),
    "unshelve": (ALARM_HANDLERS, OneHiding, _unshelve),
    "out_of_service": (ALARM_SUPERVISORS, Servicing, _out_of_service),
    "in_service": (ALARM_SUPERVISORS, OneHiding, _in_service),
    "ask_disabling": (ALARM_HANDLERS, Disabling, _ask_disabling),
    "second_disabling": (ALARM_SUPERVISORS, OneHiding, _second_disabling),
    "enable": (ALARM_HANDLERS, OneHiding, _enable),
    "keep_view": (ALARM_READERS, Viewing, _keep_view),
}
"""Every verb: for whom, what its body holds, what it does."""


def _door(verb: str, kind: type[Body], act: Act) -> Callable[[City, Request], Any]:
    """The handler of one verb: its body read whole before anything is done, errors in both languages."""

    async def acted(city: City, request: Request) -> Response:
        say = speaking(city, request)
        try:
            told = msgspec.json.decode(await request.body(), type=kind)
        except msgspec.MsgspecError as error:
            return refusal(say, BadField("body", "bad_body", why=str(error)))
        try:
            done = await asyncio.to_thread(act, city, say, asker(city), told, datetime.now(UTC))
        except VigieError as error:
            return refusal(say, error)
        return fresh(done)

    acted.__name__ = f"alarm_{verb}"
    return acted


def routes(server: FastAPI, city: City) -> None:
    """Declare a door for every verb."""
    for verb, (may, kind, act) in VERBS.items():
        route(server, city, f"/alarms/act/{verb}", _door(verb, kind, act), may=may, method="POST")
