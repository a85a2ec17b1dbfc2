"""Sending what waits: claimed, sent, written down; what could not be told is tried again for a day.

A notice is claimed for a while before it is sent, so that a process that dies meanwhile leaves it to the
next: it may be told twice then, never not at all, and its identifier says that it is the same.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

from sqlalchemy import Engine, text

from geodata.asking import asking
from geodata.profiles import CityProfile
from model.errors import Unavailable
from model.texts import Words
from services.alarms.outward.cap import document
from services.alarms.outward.channels import NotTold, Way
from services.alarms.outward.telling import Waiting, message, waiting_of, warned

log = logging.getLogger(__name__)

LOOK_S = 2.0
DEADLINE_MS = 4_000
MOST = 500
DIGEST_FROM = 4
"""So many waiting for one route at once are told in one message: a storm is one mail, not a hundred."""
CLAIM = timedelta(minutes=2)
FIRST_AGAIN = timedelta(seconds=30)
SLOWEST_AGAIN = timedelta(hours=1)
PATIENCE = timedelta(hours=24)

_CLAIM = text(
    """
    WITH mine AS (
        SELECT id FROM alarm_notice
        WHERE sent_at IS NULL AND given_up_at IS NULL AND next_try_at <= :now
        ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE alarm_notice n SET next_try_at = :until, tries = n.tries + 1 FROM mine WHERE n.id = mine.id
        RETURNING n.*
    )
    SELECT n.id, r.name AS route, r.channel, n.moment, n.turn, n.made_at, n.alarm_id,
           coalesce(a.alarm_class, '') AS alarm_class, v.declaration -> 'title' AS title,
           v.declaration -> 'action' AS action, coalesce(a.domain, '') AS domain,
           coalesce(a.priority, 4) AS priority, coalesce(a.severity, 1) AS severity,
           coalesce(a.uncertain, false) AS uncertain, a.raised_at, a.returned_at,
           coalesce(s.name, p.name, '') AS name, coalesce(s.street, '') AS street,
           coalesce(p.name, '') AS area, ST_X(at.point) AS lon, ST_Y(at.point) AS lat,
           (SELECT jsonb_agg(jsonb_build_array(b.id, b.moment, b.turn, b.sent_at) ORDER BY b.id)
            FROM alarm_notice b
            WHERE b.route_id = n.route_id AND b.alarm_id = n.alarm_id AND b.sent_at IS NOT NULL
           ) AS told_before
    FROM claimed n
    JOIN alarm_route r ON r.id = n.route_id
    LEFT JOIN alarm a ON a.id = n.alarm_id
    LEFT JOIN alarm_rule_version v ON (v.rule_id, v.version) = (a.rule_id, a.rule_version)
    LEFT JOIN asset s ON s.id = a.asset_id
    LEFT JOIN area p ON p.id = coalesce(a.area_id, a.district_id, a.commune_id)
    LEFT JOIN LATERAL (SELECT ST_PointOnSurface(coalesce(s.geometry, p.geometry)) AS point) at ON true
    ORDER BY r.id, n.id
    """
)
_SENT = text("UPDATE alarm_notice SET sent_at = :now, error = NULL WHERE id = ANY (:ids)")
_AGAIN = text(
    """
    UPDATE alarm_notice SET error = :why,
        next_try_at = :now + least(cast(:slowest AS interval),
                                   cast(:first AS interval) * power(2, least(tries, 12) - 1)),
        given_up_at = CASE WHEN moment = 'test' OR made_at < :now - cast(:patience AS interval) THEN :now END
    WHERE id = ANY (:ids)
    """
)
_TOLD = text(
    """
    INSERT INTO alarm_event (alarm_id, at, kind, details)
    SELECT n.alarm_id, :now, 'told', jsonb_build_object('route', r.name, 'moment', n.moment)
    FROM alarm_notice n JOIN alarm_route r ON r.id = n.route_id
    WHERE n.id = ANY (:ids) AND n.alarm_id IS NOT NULL
    """
)
_CHANNEL = text(
    """
    INSERT INTO alarm_channel (name, kind, place, fault, seen_at) VALUES (:name, :kind, :place, :fault, :now)
    ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, place = excluded.place, fault = excluded.fault,
        seen_at = excluded.seen_at
    """
)
_GONE = text("DELETE FROM alarm_channel WHERE name <> ALL (:names)")


class Sender:
    """Sends the notices of one city over ``ways``, in its first language."""

    def __init__(self, engine: Engine, profile: CityProfile, ways: Mapping[str, Way]) -> None:
        self._engine, self._profile, self._ways = engine, profile, ways
        self._say = Words(profile.languages[0], profile.time_zone)

    def announce(self, now: datetime) -> None:
        """Say which channels there are, without their addresses. Raises Unavailable."""
        with asking(self._engine, DEADLINE_MS) as connection:
            for way in self._ways.values():
                told = {
                    "name": way.name,
                    "kind": way.kind,
                    "place": way.place,
                    "fault": way.fault,
                    "now": now,
                }
                connection.execute(_CHANNEL, told)
            connection.execute(_GONE, {"names": list(self._ways)})
            connection.commit()

    def step(self, now: datetime) -> int:
        """Send what waits at ``now`` (aware); how many were sent. Raises Unavailable."""
        with asking(self._engine, DEADLINE_MS) as connection:
            rows = connection.execute(_CLAIM, {"now": now, "until": now + CLAIM, "most": MOST}).all()
            connection.commit()
        sent = 0
        for _, some in groupby(map(waiting_of, rows), key=lambda one: one.route):
            for letter in self._letters(list(some)):
                sent += self._send(letter, now)
        return sent

    def _letters(self, some: list[Waiting]) -> list[list[Waiting]]:
        """What is told at once: several of one route together, but each CAP document and each test alone."""
        way = self._ways.get(some[0].channel)
        alone = [one for one in some if one.alarm_id is None or (way is not None and way.kind == "cap")]
        rest = [one for one in some if one not in alone]
        digest = [rest] if len(rest) >= DIGEST_FROM else [[one] for one in rest]
        return [[one] for one in alone] + [letter for letter in digest if letter]

    def _send(self, letter: Sequence[Waiting], now: datetime) -> int:
        way = self._ways.get(letter[0].channel)
        try:
            if way is None:
                raise NotTold("no_channel")
            if way.fault:
                raise NotTold(way.fault)
            way.tell(*self._written(way, letter, now))
        except NotTold as refused:
            self._note(_AGAIN, letter, now, why=str(refused), first=FIRST_AGAIN, slowest=SLOWEST_AGAIN,
                       patience=PATIENCE)  # fmt: skip
            log.warning("route %s: %s notices not told: %s", letter[0].route, len(letter), refused)
            return 0
        self._note(_SENT, letter, now)
        return len(letter)

    def _written(self, way: Way, letter: Sequence[Waiting], now: datetime) -> tuple[str, str]:
        profile = self._profile
        if way.kind != "cap":
            return message(self._say, profile.title, letter)
        told = warned(
            self._say, letter[0], f"vigie.{profile.name}", profile.title, now, invented=profile.generated
        )
        return told.headline, document(told, profile.zone)

    def _note(self, what: object, letter: Sequence[Waiting], now: datetime, **values: object) -> None:
        ids = [one.id for one in letter]
        with asking(self._engine, DEADLINE_MS) as connection:
            connection.execute(what, {"ids": ids, "now": now, **values})  # type: ignore[call-overload]
            if what is _SENT:
                connection.execute(_TOLD, {"ids": ids, "now": now})
            connection.commit()


async def tell_outside(
    engine: Engine, profile: CityProfile, ways: Mapping[str, Way], stop: asyncio.Event
) -> None:
    """Send what waits, again and again until ``stop``; a database that is away is waited for."""
    sender = Sender(engine, profile, ways)
    announced = False
    while not stop.is_set():
        try:
            if not announced:
                await asyncio.to_thread(sender.announce, datetime.now(UTC))
                announced = True
            await asyncio.to_thread(sender.step, datetime.now(UTC))
        except Unavailable as away:
            log.warning("notices wait: %s", away)
        try:
            await asyncio.wait_for(stop.wait(), LOOK_S)
        except TimeoutError:
            continue
