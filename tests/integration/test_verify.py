"""`history verify` finds every planted difference and none where there is none; retention; what is held."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, text

from geodata.retention import apply_rules
from geodata.retention_rules import RetentionRule
from services.history import Archive, History, holdings, roll_up_dirty, verify
from services.history.archive.retention import classes, purge
from tests.integration.small_city import PARIS, add_areas, add_assets, add_streams, observe

pytestmark = pytest.mark.servers
QUARTER = timedelta(minutes=15)
START = datetime(2025, 10, 24, 22, tzinfo=UTC)
"""Midnight in Paris; the third local day has 25 hours."""
LONG_DAY = date(2025, 10, 26)
END = LONG_DAY + timedelta(days=12)
LATER = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def kept(engine: Engine) -> Engine:
    """Three meters with gaps and a corrected reading over four local days, rolled up."""
    random = np.random.default_rng(5)
    with engine.begin() as connection:
        add_areas(connection, "Aubeterre")
        add_assets(connection, ("meter", 1), ("meter", 1), ("meter", None))
        add_streams(connection, (1, "energy", 900), (2, "energy", 900), (3, "energy", 900))
        for stream in (1, 2, 3):
            rows = [
                (START + QUARTER * q, float(random.normal(50, 9))) for q in range(97 * 4) if q % 7 != stream
            ]
            observe(connection, stream, rows)
        connection.execute(
            text(
                "INSERT INTO correction (datastream_id, phenomenon_time, result, author, reason) "
                "VALUES (1, :at, 7, 'A', 'r'), (2, :at, NULL, 'A', 'r')"
            ),
            {"at": START + QUARTER * 12},
        )
    _roll_up(engine)
    return engine


def _roll_up(engine: Engine) -> None:
    while roll_up_dirty(engine, PARIS, 2_000):
        pass


def _do(engine: Engine, statement: str, **values: object) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement), values)


def _count(engine: Engine, question: str, **values: object) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text(question), values) or 0)


@pytest.mark.parametrize("cold", [False, True])
def test_a_true_memory_is_proven(kept: Engine, tmp_path: Path, cold: bool) -> None:
    archive = Archive(kept, tmp_path)
    if cold:
        archive.archive(LONG_DAY)
        archive.archive(LONG_DAY + timedelta(days=1))
    verdict = verify(kept, PARIS, archive, last=END)
    assert verdict.differences == []
    assert (verdict.files, verdict.waiting, verdict.expired) == (2 * cold, 0, 0)
    assert verdict.hours == _count(kept, "SELECT count(*) FROM rollup_hour") > 250


_HOUR = "WHERE datastream_id = 2 AND bucket = :hour"
PLANTED: dict[str, tuple[str, str]] = {
    "a figure": ("rollup_hour", f"UPDATE rollup_hour SET sum = sum + 1 {_HOUR}"),
    "a count": ("rollup_hour", f"UPDATE rollup_hour SET n = n + 1 {_HOUR}"),
    "a least": ("rollup_hour", f"UPDATE rollup_hour SET min = min - 1 {_HOUR}"),
    "a coverage": ("rollup_hour", f"UPDATE rollup_hour SET coverage = 0.4 {_HOUR}"),
    "a missing hour": ("rollup_hour", f"DELETE FROM rollup_hour {_HOUR}"),
    "an invented hour": (
        "rollup_hour",
        "INSERT INTO rollup_hour SELECT datastream_id, bucket + interval '9 days', n, sum, min, max, "
        f"coverage FROM rollup_hour {_HOUR}",
    ),
    "a day": ("rollup_day", "UPDATE rollup_day SET max = max + 1 WHERE datastream_id = 2 AND day = :day"),
    "a missing day": ("rollup_day", "DELETE FROM rollup_day WHERE datastream_id = 3 AND day = :day"),
    "an area's hour": (
        "area_hour",
        "UPDATE area_hour SET sum = sum * 1.01 WHERE area_id = 1 AND bucket = :hour",
    ),
    "an area's day": (
        "area_day",
        "UPDATE area_day SET coverage = coverage / 2 WHERE area_id = 0 AND day = :day",
    ),
    "a weight": ("area_day", "UPDATE area_day SET fullest = fullest + 1 WHERE area_id = 0 AND day = :day"),
    "a lost reading": (
        "rollup_hour",
        "DELETE FROM observation WHERE datastream_id = 2 AND phenomenon_time >= :hour "
        "AND phenomenon_time < CAST(:hour AS timestamptz) + interval '20 minutes'",
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_difference_is_found(kept: Engine, tmp_path: Path, planted: str) -> None:
    table, harm = PLANTED[planted]
    hour = datetime(2025, 10, 26, 6, tzinfo=UTC)
    given = {"hour": hour, "day": LONG_DAY}
    with kept.begin() as connection:
        statement = text(harm)
        connection.execute(statement, {name: given[name] for name in statement.compile().params})
    found = {
        difference.table for difference in verify(kept, PARIS, Archive(kept, tmp_path), last=END).differences
    }
    assert table in found


@pytest.mark.parametrize("harm", ["gone", "cut", "rolled"])
def test_a_harmed_archive_is_found(kept: Engine, tmp_path: Path, harm: str) -> None:
    archive = Archive(kept, tmp_path)
    archived = archive.archive(LONG_DAY)
    assert archived is not None
    file = tmp_path / archived.path
    harms: dict[str, Callable[[], object]] = {
        "gone": file.unlink,
        "cut": lambda: file.write_bytes(file.read_bytes()[:-9]),
        "rolled": lambda: _do(kept, "UPDATE rollup_hour SET sum = 0 WHERE datastream_id = 1 AND bucket = "
                              "'2025-10-26 09:00Z'"),
    }  # fmt: skip
    harms[harm]()
    found = verify(kept, PARIS, archive, last=END)
    assert not found.proven
    assert ("rollup_hour" if harm == "rolled" else "archived_day") in {d.table for d in found.differences}


def test_hours_that_wait_are_left_out_and_counted(kept: Engine, tmp_path: Path) -> None:
    hour = datetime(2025, 10, 26, 6, tzinfo=UTC)
    with kept.begin() as connection:
        observe(connection, 1, [(hour + timedelta(minutes=7), 500.0)])
    verdict = verify(kept, PARIS, Archive(kept, tmp_path), last=END)
    assert (verdict.differences, verdict.waiting) == ([], 1)
    _do(kept, "DELETE FROM dirty_batch")
    assert not verify(kept, PARIS, Archive(kept, tmp_path), last=END).proven


def test_only_the_days_asked_for_are_looked_at(kept: Engine, tmp_path: Path) -> None:
    _do(kept, "UPDATE rollup_day SET sum = 0 WHERE day = :day", day=LONG_DAY)
    archive = Archive(kept, tmp_path)
    assert verify(kept, PARIS, archive, last=LONG_DAY - timedelta(days=1)).proven
    assert len(verify(kept, PARIS, archive, first=LONG_DAY, last=LONG_DAY).differences) == 3


# --- retention ------------------------------------------------------------------------------------------


def test_every_declared_class_has_a_rule(engine: Engine) -> None:
    with engine.connect() as connection:
        ruled = set(connection.scalars(text("SELECT class FROM retention_rule")))
    assert set(classes()) <= ruled


@pytest.mark.parametrize("cold", [False, True])
def test_raw_values_go_after_their_time_and_figures_stay(
    engine: Engine, tmp_path: Path, cold: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with engine.begin() as connection:
        add_areas(connection, "Aubeterre")
        add_assets(connection, ("detector", 1), ("meter", 1))
        add_streams(connection, (1, "flow", 900), (2, "energy", 900))
        for stream in (1, 2):
            observe(connection, stream, [(START + QUARTER * q, float(q % 9)) for q in range(97 * 4)])
    apply_rules(engine, [RetentionRule("loop_data", "900 days", "essai", "Ville")])
    _roll_up(engine)
    archive = Archive(engine, tmp_path)
    if cold:
        archive.run(LATER, 2)
    figures = "SELECT sum(sum) FROM rollup_hour WHERE datastream_id = 1"
    before = _count(engine, figures)
    apply_rules(engine, [RetentionRule("loop_data", "1 month", "essai", "Ville")])
    since = START + timedelta(days=2)
    with caplog.at_level("INFO"):
        (purged,) = purge(engine, archive, since + timedelta(days=30))
    assert purged.since <= since
    left = History(engine, PARIS, tmp_path).series(1, "flow", START, START + timedelta(days=5), by="raw")
    gone = int((purged.since - START) / QUARTER)
    assert int(np.isfinite(left.values).sum()) == 97 * 4 - gone
    assert left.times[0] == purged.since.timestamp()
    assert purged.rows == gone
    assert bool(purged.days) is cold
    assert f"{purged.rows} readings" in caplog.text and purged.checksum in caplog.text
    other = History(engine, PARIS, tmp_path).series(2, "energy", START, START + timedelta(days=5), by="raw")
    assert int(np.isfinite(other.values).sum()) == 97 * 4, "other classes keep theirs"
    assert _count(engine, figures) == before
    _do(engine, "INSERT INTO dirty_batch (bucket, streams) VALUES (:hour, ARRAY[1, 2])", hour=START)
    archive.restore_dirty(10)
    _roll_up(engine)
    assert _count(engine, figures) == before, "what cannot be counted again keeps its figure"
    assert purge(engine, archive, since + timedelta(days=30)) == []
    files = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.parquet")}
    with engine.connect() as connection:
        assert files == set(connection.scalars(text("SELECT path FROM archived_day")))
    assert verify(engine, PARIS, archive, last=END).differences == []


def test_hours_not_yet_counted_keep_their_raw_values(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        add_assets(connection, ("detector", None))
        add_streams(connection, (1, "flow", 900))
        observe(connection, 1, [(START, 5.0)])
    assert purge(engine, Archive(engine, tmp_path), LATER) == []
    assert _count(engine, "SELECT count(*) FROM observation") == 1


def test_what_is_held_and_what_it_weighs(kept: Engine, tmp_path: Path) -> None:
    archive = Archive(kept, tmp_path)
    rows = _count(kept, "SELECT count(*) FROM observation")
    archived = archive.archive(LONG_DAY)
    assert archived is not None
    held = holdings(kept, tmp_path)
    assert (held.cold_days, held.cold_rows, held.cold_bytes) == (1, archived.count, archived.bytes)
    assert held.hot_rows + held.cold_rows == rows
    assert (held.first_cold, held.missing) == (LONG_DAY, 0)
    assert any(f"{archived.count:,} rows" in line for line in held.lines())
    (tmp_path / archived.path).unlink()
    assert holdings(kept, tmp_path).missing == 1
