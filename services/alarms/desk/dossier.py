"""The dossier of an alarm: what lies near it in place and time, the most telling first.

Places are compared in the city's metric system. The score of a finding is

    weight x (1 - distance / 2 radius) x (1 - |seconds from the beginning| / 2 span)

so that the very place and instant count twice what the edge does. The weight says what kind of thing it is
(``WEIGHTS``, and of an alarm its priority). What lasts through the beginning, and cameras, are 0 s from it.
Read from the database and thus as far back as it holds states and positions.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.alarms import Dossier, Nearby
from model.domains import ASSET_TYPES
from model.errors import BadField, NotFound
from model.looks import VIDEO
from model.states import ABNORMAL
from services.alarms.desk.near import Anchor, Near, nearest, read_anchor
from services.alarms.desk.rows import rows_by_id

DEADLINE_MS = 3_000
FOUND_MOST = 100
OF_ONE_MOST = 2
"""Findings of one kind about one asset: a lamp that flickers must not push out everything else."""
RADIUS_MOST_M, SPAN_MOST_S = 2_000.0, 6 * 3600.0
WEIGHTS = {"alarm": 1.0, "works": 0.9, "change": 0.7, "note": 0.6, "camera": 0.5, "moved": 0.4, "usual": 0.2}
"""``change`` is one into an abnormal status; ``usual`` any other change, as of a lamp that is switched on."""

Shown = Callable[[Collection[int]], Collection[int]]
"""Which assets (ids) of those whose record the law protects may be shown; it records the looks, too."""


def nothing_protected(_ids: Collection[int]) -> Collection[int]:
    """For who stated no purpose: no protected record is shown."""
    return ()


def read_dossier(
    engine: Engine, alarm_id: int, radius_m: float, span_s: float, metric_crs: str, shown: Shown,
    at: datetime, *, by_district: bool = False,
) -> Dossier:  # fmt: skip
    """What ``engine`` sees within ``radius_m`` and ``span_s`` either side of the beginning of an alarm.

    ``metric_crs`` as ``EPSG:2154``. Raises NotFound; BadField for a radius over 2 km or a span over 6 h.
    """
    _checked("radius", radius_m, RADIUS_MOST_M)
    _checked("span", span_s, SPAN_MOST_S)
    with asking(engine, DEADLINE_MS) as connection:
        anchor = read_anchor(connection, alarm_id, radius_m, span_s, metric_crs)
        if anchor is None:
            raise NotFound(f"no alarm {alarm_id}")
        near = nearest(connection, anchor)
    # Rights are asked between, on another connection: who holds one must not wait for a second.
    guarded = [one.id for one in near.values() if ASSET_TYPES[one.asset_type].guarded]
    closed = frozenset(guarded) - frozenset(shown(guarded) if guarded else ())
    with asking(engine, DEADLINE_MS) as connection:
        found = [
            *_alarms(connection, anchor, near, closed), *_changes(connection, anchor, near, closed),
            *_notes(connection, anchor, near), *_cameras(near, anchor), *_moved(connection, anchor),
        ]  # fmt: skip
        ranked, left_out = _ranked(found)
        wanted = [alarm_id, *(number for _, number in ranked if number)]
        rows = rows_by_id(connection, wanted, at, by_district=by_district)
    told = tuple(replace(one, alarm=rows.get(number)) for one, number in ranked)
    return Dossier(rows[alarm_id], radius_m, span_s, told, left_out)


def _checked(field: str, value: float, most: float) -> None:
    if not 0 < value <= most:
        raise BadField(field, "not_a_number")


Found = tuple[Nearby, int]
"""A finding, and of an alarm its number: the rows are read of those that are shown."""


def _ranked(found: Sequence[Found]) -> tuple[list[Found], int]:
    """The best, most telling first, and how many more there are."""
    order = sorted(found, key=lambda one: (-one[0].score, one[0].distance_m, abs(one[0].after_s)))
    of_one: Counter[tuple[str, str]] = Counter()
    kept: list[Found] = []
    for one, number in order:
        key = (one.kind, one.asset or str(number or id(one)))
        of_one[key] += 1
        if of_one[key] <= OF_ONE_MOST and len(kept) < FOUND_MOST:
            kept.append((one, number))
    return kept, len(found) - len(kept)


def score(kind: str, distance_m: float, after_s: float, anchor: Anchor, priority: int = 1) -> float:
    """How telling something is, from 0 to 1: see above. ``priority`` is an alarm's, 1 to 4."""
    weight = WEIGHTS[kind] * (1.0 - 0.1 * (priority - 1))
    place = 1.0 - min(distance_m / anchor.radius_m, 1.0) / 2
    instant = 1.0 - min(abs(after_s) / anchor.span_s, 1.0) / 2
    return weight * place * instant


def _nearby(kind: str, anchor: Anchor, one: Near, at: datetime, **said: Any) -> Nearby:
    after = (at - anchor.at).total_seconds()
    weight = said.pop("weight", kind)
    worth = score(weight, one.distance_m, after, anchor, said.pop("priority", 1))
    base: dict[str, Any] = {"state": None, "status": None, "alarm": None, "text": ""}
    return Nearby(
        kind=kind, at=at.astimezone(UTC), after_s=after, distance_m=one.distance_m, domain=one.domain,
        asset_type=one.asset_type, asset=one.external_id, index=-1, name=one.name, lon=one.lon, lat=one.lat,
        score=worth,
        **{**base, **said},
    )  # fmt: skip


_ALARMS = text(
    """
    SELECT id, asset_id, raised_at, state, priority, closed_at FROM alarm
    WHERE raised_at BETWEEN :t0 AND :t1 AND id <> :alarm
      AND (asset_id = ANY(:near) OR asset_id IS NULL AND area_id = ANY(:areas))
    ORDER BY raised_at LIMIT 2000
    """
)


def _alarms(
    connection: Connection, anchor: Anchor, near: dict[int, Near], closed: frozenset[int]
) -> list[Found]:
    values = {**anchor.window, "alarm": anchor.alarm_id, "near": list(near), "areas": list(anchor.areas)}
    found = []
    for row in connection.execute(_ALARMS, values):
        # An open alarm stands on the list; what a protected asset did before is its record.
        if row.asset_id in closed and row.closed_at is not None:
            continue
        one = near.get(row.asset_id) or anchor.itself
        told = _nearby("alarm", anchor, one, row.raised_at, state=row.state, priority=row.priority)
        found.append((told, row.id))
    return found


_CHANGES = text(
    """
    SELECT asset_id, phenomenon_time, status, state FROM state_change
    WHERE asset_id = ANY(:near) AND phenomenon_time BETWEEN :t0 AND :t1
    ORDER BY phenomenon_time LIMIT 5000
    """
)


def _changes(
    connection: Connection, anchor: Anchor, near: dict[int, Near], closed: frozenset[int]
) -> list[Found]:
    values = {**anchor.window, "near": [number for number in near if number not in closed]}
    return [
        (
            _nearby(
                "change", anchor, near[row.asset_id], row.phenomenon_time, state=row.state,
                status=row.status, weight="change" if row.status in ABNORMAL else "usual",
            ),
            0,
        )
        for row in connection.execute(_CHANGES, values)
    ]  # fmt: skip


_NOTES = text(
    """
    SELECT n.kind, n.title, n.t0, n.t1, n.asset_id FROM annotation n
    WHERE n.withdrawn_at IS NULL AND n.t0 <= :t1 AND n.t1 >= :t0
      AND (n.asset_id = ANY(:near) OR n.area_id = ANY(:areas) OR n.asset_id IS NULL AND n.area_id IS NULL)
    ORDER BY n.t0 DESC LIMIT 200
    """
)


def _notes(connection: Connection, anchor: Anchor, near: dict[int, Near]) -> list[Found]:
    values = {**anchor.window, "near": list(near), "areas": list(anchor.areas)}
    found = []
    for row in connection.execute(_NOTES, values):
        lasts = row.t0 <= anchor.at <= row.t1
        at = anchor.at if lasts else row.t0 if row.t0 > anchor.at else row.t1
        one = near.get(row.asset_id) or replace(anchor.itself, external_id="", name="")
        kind = "works" if row.kind == "works" else "note"
        told = _nearby(kind, anchor, one, at, text=row.title)
        found.append((replace(told, at=row.t0.astimezone(UTC)), 0))
    return found


def _cameras(near: dict[int, Near], anchor: Anchor) -> list[Found]:
    """Cameras that stand there: where they are is no secret, what they recorded is, and is not here."""
    found = []
    for one in near.values():
        if ASSET_TYPES[one.asset_type].guarded == VIDEO and one.id != anchor.asset_id:
            found.append((replace(_nearby("camera", anchor, one, anchor.at), at=None), 0))
    return found


_MOVED = text(
    """
    WITH passed AS (
        SELECT p.asset_id, p.phenomenon_time, p.line, p.lon, p.lat,
               ST_Distance(ST_Transform(ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326), CAST(:srid AS int)),
                           ST_Transform(CAST(:place AS geometry), CAST(:srid AS int))) AS distance
        FROM position p
        WHERE p.phenomenon_time BETWEEN :t0 AND :t1
          AND p.lon BETWEEN :west AND :east AND p.lat BETWEEN :south AND :north
    )
    SELECT DISTINCT ON (p.asset_id) p.asset_id, p.phenomenon_time, p.line, p.distance, p.lon, p.lat,
           s.external_id, s.name, s.asset_type, s.domain
    FROM passed p JOIN asset s ON s.id = p.asset_id WHERE p.distance <= :radius
    ORDER BY p.asset_id, p.distance + abs(extract(epoch FROM p.phenomenon_time - :at)) LIMIT 200
    """
)


def _moved(connection: Connection, anchor: Anchor) -> list[Found]:
    """Vehicles that came by, each where it was nearest in place and time (a metre weighs as a second)."""
    found = []
    for row in connection.execute(_MOVED, {**anchor.window, **anchor.box, **anchor.metric}):
        one = Near(row.asset_id, row.external_id, row.name, row.asset_type, row.domain, row.distance, row.lon,
                   row.lat)  # fmt: skip
        found.append((_nearby("moved", anchor, one, row.phenomenon_time, text=row.line), 0))
    return found
