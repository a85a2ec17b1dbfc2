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
from geodata.demo_city.past import Story
from geodata.demo_city.physics_sky import DAY, EPOCH, instant
from model.audit import Action, book_of
from model.domains import TYPE_ORDER
from model.looks import Purpose
from model.roles import Role

SALT = 0x4C4F4F4B
AUTHORITY = "Préfecture, arrêté d’exemple"
MADE_BY = "Ville de démonstration"
CAMERAS, DOORS = 12, 6
"""So many cameras and doors are looked at now and then; the others never."""


@dataclass(frozen=True)
class Somebody:
    """An invented person: her login, name, role, whether she holds a video right, and her first hour."""

    login: str
    name: str
    role: Role
    video: bool
    begins: float


PEOPLE = (
    Somebody("sonia.marchand", "Sonia Marchand", Role.OPERATOR, True, 6.0),
    Somebody("karim.benali", "Karim Benali", Role.OPERATOR, True, 14.0),
    Somebody("helene.roux", "Hélène Roux", Role.OPERATOR, False, 8.0),
    Somebody("yves.garnier", "Yves Garnier", Role.SUPERVISOR, True, 8.0),
    Somebody("ines.faure", "Inès Faure", Role.DPO, False, 9.0),
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
    """Write the people and what they did; how many entries. The assets must be there."""
    ids = _people(connection, story)
    connection.execute(_CHAINED)
    acts = sorted(_acts(story), key=lambda act: (act.at, act.who, act.row))
    city = story.physics.city
    with connection.cursor() as cursor:
        cursor.executemany(_WRITE, [_values(act, ids, city.external_ids, city.names) for act in acts])
    return len(acts)


def _people(connection: psycopg.Connection[Any], story: Story) -> list[int]:
    first = datetime.fromtimestamp(story.span.first, UTC)
    until = datetime.fromtimestamp(story.span.now, UTC) + timedelta(days=365)
    found = []
    for one in PEOPLE:
        row = connection.execute(_PERSON, (one.login, one.name, first, MADE_BY)).fetchone()
        number = int(row[0]) if row else 0
        connection.execute(_GRANT, (number, one.role.value, first, first, MADE_BY))
        if one.video:
            decided = date(first.year, first.month, 1)
            connection.execute(_RIGHT, (number, AUTHORITY, decided, until, first, MADE_BY))
        found.append(number)
    return found


def _acts(story: Story) -> Iterator[Act]:
    """Everything they did, day by day."""
    cameras, doors = _chosen(story, "camera", CAMERAS), _chosen(story, "access_point", DOORS)
    zone = story.physics.zone
    first, last = ((int(at) // DAY) for at in (story.span.first, story.span.now))
    for day in range(first + 1, last + 1):
        for who, one in enumerate(PEOPLE):
            begin = instant(zone, day, one.begins)
            chance = dice(SALT, day, who, np.arange(8))
            if chance[0] > 0.7 or begin + 8 * 3600 > story.span.now:
                continue
            begin += int(600 * chance[1])
            yield Act(begin, who, Action.SIGNED_IN, kind="session", details={"method": "local"})
            if one.role is Role.DPO:
                yield from _reading(day, who, begin, chance)
            else:
                yield from _day(day, who, begin, chance, cameras, doors)
            yield Act(begin + 8 * 3600 - 900 * chance[2], who, Action.SIGNED_OUT, kind="session")


def _chosen(story: Story, asset_type: str, most: int) -> list[int]:
    rows = np.flatnonzero(story.physics.city.types == TYPE_ORDER.index(asset_type))
    return [int(row) for row in rows[:: max(1, len(rows) // most)][:most]]


def _day(
    day: int, who: int, begin: float, chance: Any, cameras: list[int], doors: list[int]
) -> Iterator[Act]:
    """What somebody of the room does on one day: a look every few days, now and then a file."""
    one, share = PEOPLE[who], float(chance[3])
    if share < 0.24 and cameras:
        # The first camera stands at the station: it is looked at more than all others together.
        row = cameras[int(len(cameras) * chance[4] ** 2.5)]
        yield from _look(day, who, begin + 3600 * (1 + 6 * chance[5]), row, chance, "video", one.video)
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


def _values(act: Act, ids: list[int], external_ids: Any, names: Any) -> dict[str, Any]:
    one, asset = PEOPLE[act.who], act.row >= 0
    name = {"name": str(names[act.row])} if asset else {}
    return {
        "book": book_of(act.action).value, "at": datetime.fromtimestamp(act.at, UTC),
        "actor_id": ids[act.who], "actor": one.name, "role": one.role.value, "action": act.action.value,
        "kind": "asset" if asset else act.kind,
        "object": str(external_ids[act.row]) if asset else act.object,
        "asset_id": act.row + 1 if asset else None, "purpose": act.purpose, "outcome": act.outcome,
        "details": json.dumps(name | act.details, ensure_ascii=False),
    }  # fmt: skip


_PERSON = "INSERT INTO person (login, name, made_at, made_by) VALUES (%s, %s, %s, %s) RETURNING id"
_GRANT = (
    "INSERT INTO access_grant (person_id, role, valid_from, made_at, made_by) VALUES (%s, %s, %s, %s, %s)"
)
_RIGHT = (
    "INSERT INTO video_right (person_id, authority, decided_on, valid_until, made_at, made_by) "
    "VALUES (%s, %s, %s, %s, %s, %s)"
)
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
