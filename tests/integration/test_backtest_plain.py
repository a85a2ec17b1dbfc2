"""A rule tried against the past of a real database says what every row of it says, shown all at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, insert, text

from geodata.assets import read_columns
from geodata.partitions import ensure_partitions
from geodata.tables import correction, datastream, observation, state_change
from model.alarm_rules import Beyond, Changing, Following, Many, Rule, StateIs, Stuck, Unexpected
from model.domains import ASSET_TYPES
from services.alarms.rules import backtest, counting
from services.alarms.rules.backtest import _stood
from services.alarms.watching import CHANGES, READINGS, Sky, Watcher
from services.history import History, roll_up_dirty
from services.history.past.change_hours import keep_all_change_hours
from tests.integration.small_city import PARIS, add_areas, add_assets

pytestmark = pytest.mark.servers

T0 = datetime(2026, 3, 25, 14, 30, tzinfo=UTC)
"""The clocks change four days later."""
DAYS = 8
T1 = T0 + timedelta(days=DAYS)
SKY = Sky(5.03, 47.32)
KINDS = ["control_cabinet"] * 3 + ["streetlight"] * 9
SAID = {"streetlight": (1, 2, 3, 4), "control_cabinet": (1, 2, 3)}
SEEDS = (1, 2)
USUAL = (5, 20, 20, 38, 42, 60)


def rule(condition: Any, kind: str = "streetlight", **more: Any) -> Rule:
    return Rule(f"{kind}.x", "lighting", kind, condition, **more)


ON_STATES = {
    "state": rule(StateIs(("lamp_failure",)), on_delay_s=300.0, off_delay_s=600.0),
    "lit by day": rule(Unexpected("day", ("on", "dimmed"), 3_600.0), on_delay_s=1_800.0),
    "many": rule(Many(("lamp_failure",), least=3, within_s=86_400.0)),
    "after its cabinet": rule(
        Following("control_cabinet", ("breaker_tripped",), ("lamp_failure",), 9_000.0, relation="parent")
    ),
}
ON_READINGS = {
    "limit few come to": rule(Beyond("power", above=95, deadband=5), "control_cabinet", off_delay_s=900.0),
    "limit all come to": rule(Beyond("power", above=40, below=10, deadband=3), "control_cabinet"),
    "limit nobody comes to": rule(Beyond("power", above=150), "control_cabinet"),
    "rate": rule(Changing("power", 3_600.0, rise=60.0), "control_cabinet", on_delay_s=60.0),
    "stuck": rule(Stuck("power", 4_000.0), "control_cabinet"),
}


@pytest.fixture(params=SEEDS)
def past(request: pytest.FixtureRequest, engine: Engine) -> Engine:
    """Changes and readings drawn at random, with a day of nothing, some that came in days late, two hours of
    changes marked as such and not packed anew, readings corrected and bad ones, all rolled up."""
    random = np.random.default_rng(request.param)
    with engine.begin() as connection:
        add_areas(connection, "Valmont")
        add_assets(connection, *((kind, 1) for kind in KINDS))
        connection.execute(text("UPDATE asset SET parent_id = 1 + id % 3 WHERE id > 3"))
        connection.execute(text("UPDATE layout SET version = version + 1"))
        ensure_partitions(connection, T0 - timedelta(days=2), T1 + timedelta(days=2))
        _change(connection, random, 500)
    keep_all_change_hours(engine, T1)
    with engine.begin() as connection:
        late = _change(connection, random, 30)
        connection.execute(
            text("INSERT INTO dirty_change_hour (hour) VALUES (:hour)"), [{"hour": hour} for hour in late]
        )
    _measure(engine, random)
    return engine


def _change(connection: Connection, random: np.random.Generator, count: int) -> set[datetime]:
    hours = set()
    for asset, second in {(int(a), int(s)) for a, s in zip(
        random.integers(1, len(KINDS) + 1, count), random.integers(-20_000, DAYS * 86_400, count), strict=True
    )}:  # fmt: skip
        at = T0 + timedelta(seconds=second)
        if second // 86_400 == 3:
            continue
        kind = ASSET_TYPES[KINDS[asset - 1]]
        code = int(random.choice(SAID[kind.name]))
        values = {
            "asset_id": asset,
            "phenomenon_time": at,
            "state": code,
            "status": kind.by_code[code].status,
        }
        received = at + timedelta(days=int(random.random() < 0.1))
        taken = text("SELECT EXISTS (SELECT FROM state_change WHERE asset_id = :a AND phenomenon_time = :t)")
        if not connection.scalar(taken, {"a": asset, "t": at}):
            connection.execute(insert(state_change).values(**values, received_at=received))
            hours.add(at.replace(minute=0, second=0))
    return hours


def _measure(engine: Engine, random: np.random.Generator) -> None:
    streams = [{"id": n, "asset_id": n, "observed_property": "power", "unit": "kW", "period_s": 900}
               for n in (1, 2, 3)]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(datastream), streams)
        rows = [
            # Of three cabinets one comes near a hundred, and only now and then.
            {"datastream_id": n, "phenomenon_time": T0 + timedelta(seconds=900 * quarter + n),
             "result": float(random.choice(USUAL) + 40 * (n == 2 and random.random() < 0.1)),
             "quality": 2 * int(random.random() < 0.02), "received_at": T0}
            for n in (1, 2, 3) for quarter in range(-8, DAYS * 96 + 8) if quarter // 96 != 4
        ]  # fmt: skip
        connection.execute(insert(observation), rows[:-60])
        wrong = [row for row in rows if row["datastream_id"] == 2][100::150]
        fixes = [
            {"datastream_id": 2, "phenomenon_time": row["phenomenon_time"], "author": "A", "reason": "R",
             "result": result}
            for row, result in zip(wrong, [130.0, None, 5.0, 130.0, None], strict=False)
        ]  # fmt: skip
        connection.execute(insert(correction), fixes)
        _mark(connection, rows[:-60])
    while roll_up_dirty(engine, PARIS):
        pass
    with engine.begin() as connection:
        # The last came late: they are marked and not yet rolled up.
        connection.execute(insert(observation), rows[-60:])
        _mark(connection, rows[-60:])


def _mark(connection: Connection, rows: list[dict[str, Any]]) -> None:
    hours = {(row["phenomenon_time"].replace(minute=0, second=0), row["datastream_id"]) for row in rows}
    marks = text(
        "INSERT INTO dirty_batch (bucket, streams) VALUES (:bucket, ARRAY[CAST(:stream AS integer)])"
    )
    connection.execute(marks, [{"bucket": bucket, "stream": stream} for bucket, stream in hours])


_SAID = text(
    "SELECT asset_id - 1, extract(epoch FROM phenomenon_time)::float8, status, state FROM state_change "
    "WHERE phenomenon_time > :t0 AND phenomenon_time <= :t1"
)
_READ = text(
    "SELECT datastream_id - 1, 0, extract(epoch FROM phenomenon_time)::float8, result FROM reading "
    "WHERE phenomenon_time >= :t0 AND phenomenon_time < :t1 AND (quality & 7) <> 2"
)


def plain(engine: Engine, one: Rule) -> counting.Episodes:
    """Every row of the tables, shown to the evaluator at once."""
    columns, history = read_columns(engine), History(engine, PARIS)
    with engine.connect() as connection:
        bounds = {"t0": T0, "t1": T1}
        said = connection.execute(_SAID, bounds).all()
        read = connection.execute(_READ, bounds).all()
    watcher = Watcher([one], columns, SKY)
    turns = [watcher.begin(T0.timestamp(), *_stood(history, columns, T0))]
    changes = np.array([tuple(row) for row in said], CHANGES)
    readings = np.array([tuple(row) for row in read], READINGS)
    turns.append(watcher.take(changes, readings, T1.timestamp()))
    told = np.concatenate(turns)
    return counting.episodes(
        told[(told["time"] >= T0.timestamp()) & (told["time"] < T1.timestamp()) | ~told["active"]]
    )


def test_what_is_not_read_changes_nothing(past: Engine) -> None:
    columns = read_columns(past)
    totals = {}
    for name, tried in (ON_STATES | ON_READINGS).items():
        found = backtest(past, History(past, PARIS), columns, SKY, PARIS, tried, T0, T1)
        expected = plain(past, tried)
        raised, returned = expected.raised, expected.returned
        assert found.total == len(expected), name
        assert found.days == counting.by_day(raised, PARIS), name
        assert found.standing == int(np.isnan(returned).sum()), name
        step = max(1, len(expected) // counting.EXAMPLES_MOST)
        shown = [(a, None if np.isnan(b) else b) for a, b in zip(raised, returned, strict=True)]
        told = [(one.raised, one.returned) for one in found.examples]
        assert told == shown[::step][: counting.EXAMPLES_MOST], name
        totals[name] = found.total, found.read
    assert all(total for name, (total, _) in totals.items() if "nobody" not in name), totals
    # Of one the last quarters are not rolled up yet: it may have come to anything.
    every = totals["limit all come to"][1]
    assert 0 < totals["limit nobody comes to"][1] < totals["limit few come to"][1] < every, totals
