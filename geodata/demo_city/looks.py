"""What the demo city's people did in its past, as its audit: invented people, looks, exports and sign-ins.

Written in the audit's own chain, dated in the past, so that it verifies like any other. The hours are those
of shifts; who looks at which camera is drawn from the same dice as the rest of the city.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import psycopg

from geodata.demo_city.dice import dice
from geodata.demo_city.past import FIRST_AREA_ID, Story
from geodata.demo_city.people import areas_of, write_people
from geodata.demo_city.physics_sky import DAY, EPOCH, instant
from model.audit import Action, book_of
from model.demo_people import DEMO_PEOPLE, DemoPerson
from model.domains import TYPE_ORDER
from model.looks import Purpose
from model.roles import Role

SALT = 0x4C4F4F4B
CAMERAS, DOORS = 12, 6
"""So many cameras and doors are looked at now and then; the others never."""


@dataclass(frozen=True)
class Worker:
    """Somebody of the demo who works in the room, and her first hour."""

    person: DemoPerson
    begins: float


def _worker(key: str, begins: float) -> Worker:
    return Worker(next(one for one in DEMO_PEOPLE if one.key == key), begins)


WORKERS = (
    _worker("operator", 14.0),
    _worker("supervisor", 8.0),
    _worker("commune_operator", 6.0),
    _worker("dpo", 9.0),
)
WHY = (
    (Purpose.INCIDENT, "MC-{day}-{n:02d}", 0.42),
    (Purpose.SAFETY, "MC-{day}-{n:02d}", 0.68),
    (Purpose.MAINTENANCE, "OT-{n:04d}", 0.88),
    (Purpose.REQUISITION, "Parquet {year}/{n:03d}", 0.97),
    (Purpose.RIGHTS_REQUEST, "Demande {year}-{n:02d}", 1.0),
)
"""Purposes with the form of their reference, by cumulated share."""


@dataclass(frozen=True)
class Act:
    """One entry to be written: at an instant (epoch s), by whom, on which asset (row, or -1)."""

    at: float
    who: int
    action: Action
    row: int = -1
    purpose: str = ""
    outcome: str = "done"
    kind: str = ""
    object: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def write_looks(connection: psycopg.Connection[Any], story: Story) -> int:
    """Write the people and what they did; how many entries. Areas and assets must be there."""
    ids = write_people(connection, story)
    areas = [areas_of(connection, worker.person) for worker in WORKERS]
    connection.execute(_CHAINED)
    acts = sorted(_acts(story, areas), key=lambda act: (act.at, act.who, act.row))
    city = story.physics.city
    with connection.cursor() as cursor:
        cursor.executemany(_WRITE, [_values(act, ids, city.external_ids, city.names) for act in acts])
    return len(acts)


def _acts(story: Story, areas: list[list[int] | None]) -> Iterator[Act]:
    """Everything they did, day by day."""
    seen = [
        (_chosen(story, "camera", CAMERAS, mine), _chosen(story, "access_point", DOORS, mine))
        for mine in areas
    ]
    first, last = ((int(at) // DAY) for at in (story.span.first, story.span.now))
    for day in range(first + 1, last + 1):
        for who, worker in enumerate(WORKERS):
            begin = instant(story.physics.zone, day, worker.begins)
            chance = dice(SALT, day, who, np.arange(8))
            if chance[0] > 0.7 or begin + 8 * 3600 > story.span.now:
                continue
            begin += int(600 * chance[1])
            yield Act(begin, who, Action.SIGNED_IN, kind="session", details={"method": "demo"})
            if worker.person.role is Role.DPO:
                yield from _reading(day, who, begin, chance)
            else:
                yield from _day(day, who, begin, chance, *seen[who])
            yield Act(begin + 8 * 3600 - 900 * chance[2], who, Action.SIGNED_OUT, kind="session")


def _chosen(story: Story, asset_type: str, most: int, areas: list[int] | None) -> list[int]:
    """Some rows of a type, spread over the city, or over the communes ``areas``."""
    city = story.physics.city
    wanted = city.types == TYPE_ORDER.index(asset_type)
    if areas is not None:
        wanted &= np.isin(city.communes + FIRST_AREA_ID, areas)
    rows = np.flatnonzero(wanted)
    return [int(row) for row in rows[:: max(1, len(rows) // most)][:most]]


def _day(
    day: int, who: int, begin: float, chance: Any, cameras: list[int], doors: list[int]
) -> Iterator[Act]:
    """What somebody of the room does on one day: a look every few days, now and then a file."""
    share = float(chance[3])
    if share < 0.24 and cameras:
        # The first camera stands at the station: it is looked at more than all others together.
        row, may = cameras[int(len(cameras) * chance[4] ** 2.5)], WORKERS[who].person.video
        yield from _look(day, who, begin + 3600 * (1 + 6 * chance[5]), row, chance, "video", may)
    elif share < 0.32 and doors:
        row = doors[int(len(doors) * chance[4])]
        yield from _look(day, who, begin + 3600 * (1 + 6 * chance[5]), row, chance, "personal", True)
    if chance[6] < 0.05:
        asked = {"at": f"{_date(day)}T06:00:00Z", "format": "csv"}
        told = {"asked": asked, "rows": 34_912, "format": "csv"}
        at = begin + 3600 * 5 * chance[7]
        yield Act(at, who, Action.EXPORTED, kind="file", object="state", details=told)


def _look(day: int, who: int, at: float, row: int, chance: Any, guarded: str, may: bool) -> Iterator[Act]:
    if not may:
        told = {"what": "panel", "guarded": guarded, "needed": "video_right"}
        yield Act(at, who, Action.LOOKED, row, outcome="refused", details=told)
        return
    purpose, form = next((p, f) for p, f, share in WHY if chance[6] <= share)
    number = 1 + int(90 * chance[7])
    reference = form.format(day=f"{_date(day):%Y%m%d}", year=_date(day).year, n=number)
    told = {"guarded": guarded, "reference": reference}
    yield Act(at, who, Action.PURPOSE_STATED, row, purpose, details=told)
    yield Act(at + 2, who, Action.LOOKED, row, purpose, details={"what": "panel", **told})
    if chance[2] < 0.4:
        series = {"what": "series", "hours": 24, **told}
        yield Act(at + 40 + 60 * chance[1], who, Action.LOOKED, row, purpose, details=series)


def _reading(day: int, who: int, begin: float, chance: Any) -> Iterator[Act]:
    """The DPO reads the audit a few times a month."""
    if chance[3] < 0.15:
        asked = {"t0": f"{_date(day) - timedelta(days=30)}", "t1": f"{_date(day)}", "action": "looked"}
        told = {"query": asked, "found": int(40 * chance[4])}
        yield Act(begin + 3600 * 2, who, Action.AUDIT_READ, kind="audit", details=told)


def _date(day: int) -> date:
    return EPOCH + timedelta(days=day)


def _values(act: Act, ids: dict[str, int], external_ids: Any, names: Any) -> dict[str, Any]:
    one, asset = WORKERS[act.who].person, act.row >= 0
    name = {"name": str(names[act.row])} if asset else {}
    return {
        "book": book_of(act.action).value, "at": datetime.fromtimestamp(act.at, UTC),
        "actor_id": ids[one.key], "actor": one.name, "role": one.role.value, "action": act.action.value,
        "kind": "asset" if asset else act.kind,
        "object": str(external_ids[act.row]) if asset else act.object,
        "asset_id": act.row + 1 if asset else None, "purpose": act.purpose, "outcome": act.outcome,
        "details": json.dumps(name | act.details, ensure_ascii=False),
    }  # fmt: skip


# As audit_write, but for the instant, which is the entry's own: nothing else ever writes one of the past.
_CHAINED = """
    CREATE OR REPLACE FUNCTION pg_temp.audit_past(entry audit_entry) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('vigie.audit'), hashtext(entry.book));
        SELECT number, hash INTO entry.number, entry.previous FROM audit_entry
        WHERE book = entry.book ORDER BY number DESC LIMIT 1;
        entry.number := coalesce(entry.number, 0) + 1;
        entry.previous := coalesce(entry.previous, '');
        entry.hash := sha256(entry.previous || convert_to(audit_text(entry), 'UTF8'));
        INSERT INTO audit_entry SELECT (entry).*;
    END
    $$
"""
_WRITE = """
    SELECT pg_temp.audit_past(CAST(ROW(
        %(book)s, 0, %(at)s, %(actor_id)s, %(actor)s, %(role)s, NULL, '127.0.0.1', %(action)s, %(kind)s,
        %(object)s, %(asset_id)s, %(purpose)s, %(outcome)s, CAST(%(details)s AS jsonb), '', ''
    ) AS audit_entry))
"""
