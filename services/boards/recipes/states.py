"""Figures of changes of state: how long failures last until they are repaired, and how often things happen.

A repair counts for the day that ends it, from the first report of the failure to the asset normal or at work
again. A failure whose beginning is not on record is left out: its length is not known.
"""

from collections.abc import Mapping
from typing import Any

from geodata.profiles import CityProfile
from model.domains import ASSET_TYPES
from model.kpis import Kpi
from model.states import Status
from services.boards.recipes.asking import Recipe, days_after
from services.boards.recipes.ground import CELL, SINCE_SEEN, STEPS, area_of, local

LONGEST = 60
"""Days a failure is looked back for."""

FAILURES: dict[str, tuple[str, ...]] = {
    "streetlight": ("lamp_failure",),
    "junction": ("flashing", "dark"),
    "camera": ("no_image", "no_contact"),
}
"""The states that are a failure somebody repairs, by asset type."""
EVENTS: dict[str, tuple[str, ...]] = {
    "access_point": ("forced", "held_open"),
    "bollard": ("jammed",),
}
"""The states that are an event for whoever guards a door."""

CLOSED = f"""closed AS (
    SELECT {area_of("a")} AS area_id, {local("ended.at")} AS day,
           extract(epoch FROM ended.at - failed.phenomenon_time) / 3600.0 AS hours
    FROM state_change failed
    JOIN asset a ON a.id = failed.asset_id
    JOIN unnest(CAST(:failed_types AS text[]), CAST(:failed_states AS int[])) AS f (asset_type, state)
      ON f.asset_type = a.asset_type AND f.state = failed.state
    LEFT JOIN LATERAL (
        SELECT s.state = ANY (CAST(:failed_states AS int[])) AS already FROM state_change s
        WHERE s.asset_id = failed.asset_id AND s.phenomenon_time < failed.phenomenon_time
          AND s.phenomenon_time >= (CAST(:first AS date) - {LONGEST})::timestamp AT TIME ZONE :zone
          AND (s.status IN ({Status.NORMAL:d}, {Status.ACTIVE:d})
               OR s.state = ANY (CAST(:failed_states AS int[])))
        ORDER BY s.phenomenon_time DESC LIMIT 1
    ) before ON true
    JOIN LATERAL (
        SELECT s.phenomenon_time AS at FROM state_change s
        WHERE s.asset_id = failed.asset_id AND s.phenomenon_time > failed.phenomenon_time
          AND s.phenomenon_time < (CAST(:last AS date) + 1)::timestamp AT TIME ZONE :zone
          AND s.status IN ({Status.NORMAL:d}, {Status.ACTIVE:d})
        ORDER BY s.phenomenon_time LIMIT 1
    ) ended ON true
    WHERE failed.status IN ({Status.FAULT:d}, {Status.COMMS_LOST:d})
      AND failed.phenomenon_time >= (CAST(:first AS date) - {LONGEST})::timestamp AT TIME ZONE :zone
      AND failed.phenomenon_time < (CAST(:last AS date) + 1)::timestamp AT TIME ZONE :zone
      AND before.already IS NOT TRUE
      AND ended.at >= CAST(:first AS date)::timestamp AT TIME ZONE :zone
)"""
_UNKNOWN = "UNION ALL SELECT area_id, day, 0, 0, weight, coverage, 0, NULL FROM cell"


def repairs(closed: str = CLOSED) -> str:
    """The question of repairs, of what is ``closed`` (area_id, day, hours)."""
    return f"""WITH {CELL},
{closed}
SELECT area_id, day, hours AS top, 1 AS bottom, 0 AS weight, 0 AS coverage, 1 AS n, hours AS one FROM closed
{_UNKNOWN}"""


def in_time(closed: str = CLOSED) -> str:
    """The question of repairs in time, of what is ``closed`` (area_id, day, hours)."""
    return f"""WITH {CELL},
{closed}
SELECT area_id, day, (hours <= :within)::int AS top, 1 AS bottom, 0 AS weight, 0 AS coverage, 1 AS n,
       CAST(NULL AS float8) AS one FROM closed
{_UNKNOWN}"""


HAPPENED = f"""happened AS (
    SELECT {area_of("a")} AS area_id, {local("s.phenomenon_time")} AS day
    FROM state_change s
    JOIN asset a ON a.id = s.asset_id
    JOIN unnest(CAST(:failed_types AS text[]), CAST(:failed_states AS int[])) AS f (asset_type, state)
      ON f.asset_type = a.asset_type AND f.state = s.state
    WHERE s.phenomenon_time >= CAST(:first AS date)::timestamp AT TIME ZONE :zone
      AND s.phenomenon_time < (CAST(:last AS date) + 1)::timestamp AT TIME ZONE :zone
      AND a.asset_type = ANY (CAST(:types AS text[]))
      AND s.state IS DISTINCT FROM (
          SELECT b.state FROM state_change b
          WHERE b.asset_id = s.asset_id AND b.phenomenon_time < s.phenomenon_time
            AND b.phenomenon_time >= (CAST(:first AS date) - {LONGEST})::timestamp AT TIME ZONE :zone
          ORDER BY b.phenomenon_time DESC LIMIT 1)
)"""


def events(happened: str = HAPPENED) -> str:
    """The question of events, of what ``happened`` (area_id, day)."""
    return f"""WITH {CELL},
thing AS (
    SELECT {area_of("a")} AS area_id, {local("a.installed_at")} AS since, {local("a.removed_at")} AS gone,
           1 AS amount, 0.0 AS part, CAST(NULL AS date) AS part_since
    FROM asset a WHERE a.asset_type = ANY (CAST(:types AS text[]))
),
{STEPS},
{happened}
SELECT area_id, day, 1 AS top, 0 AS bottom, 0 AS weight, 0 AS coverage, 0 AS n, CAST(NULL AS float8) AS one
FROM happened
UNION ALL SELECT area_id, day, 0, amount, 0, 0, amount, NULL FROM standing WHERE amount > 0
{_UNKNOWN}"""


def _bound(kpi: Kpi, named: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    kinds = [kind for kind, _ in kpi.sources if kind in named]
    codes = [(kind, ASSET_TYPES[kind].state_named(state).code) for kind in kinds for state in named[kind]]
    return {
        "types": kinds, "names": ["fault_share" for _ in kinds],
        "failed_types": [kind for kind, _ in codes], "failed_states": [code for _, code in codes],
    }  # fmt: skip


def _failures(kpi: Kpi, _profile: CityProfile) -> Mapping[str, Any]:
    return _bound(kpi, FAILURES)


def _failures_within(kpi: Kpi, profile: CityProfile) -> Mapping[str, Any]:
    """Within the time the profile states as the target of repairs, two days where it states none."""
    stated = profile.thresholds.get("repair_time", {}).get("target", 48)
    return _bound(kpi, FAILURES) | {"within": float(stated)}


SINCE_STATES = f"""SELECT greatest(({SINCE_SEEN}),
    (SELECT {local("min(at) - interval '1 microsecond'")} + 1 FROM state_keyframe))"""
"""The first day whose states are on record from its beginning; days before it stay as they were computed."""

REPAIRS = Recipe(lambda _: repairs(), lambda _: SINCE_STATES, _failures, days_after(LONGEST))
IN_TIME = Recipe(lambda _: in_time(), lambda _: SINCE_STATES, _failures_within, days_after(LONGEST))
EVENTS_HAPPENED = Recipe(
    lambda _: events(), lambda _: SINCE_STATES, lambda kpi, _: _bound(kpi, EVENTS), days_after(LONGEST)
)
