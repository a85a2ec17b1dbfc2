"""Closed days in Parquet: written, verified, dropped, read, brought back; killed after every step."""

import os
import signal
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, text

from geodata.database import open_engine
from geodata.partitions import observation_days
from model.errors import Unavailable
from services.history import roll_up_dirty
from services.history.archive import archive as archive_module
from services.history.archive.archive import STEPS, Archive, NotEqual
from services.history.archive.archive_file import sum_of_file, sum_of_table
from services.history.figures.raw import raw_readings
from tests.integration.small_city import PARIS, add_areas, add_assets, add_streams, observe

pytestmark = pytest.mark.servers
DAY = date(2025, 10, 26)
START = datetime(2025, 10, 26, tzinfo=UTC)
END = START + timedelta(days=1)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
AWKWARD = (0.1 + 0.2, -0.0, 1e-308, 123456789.123456789, -40.0)


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """Three meters over three days with values that are hard to write down, rolled up."""
    random = np.random.default_rng(5)
    with engine.begin() as connection:
        add_areas(connection, "Aubeterre")
        add_assets(connection, ("meter", 1), ("meter", 1), ("meter", None))
        add_streams(connection, (1, "energy", 900), (2, "energy", 900), (3, "energy", 900))
        for stream in (1, 2, 3):
            values = [*AWKWARD, *random.normal(50, 20, 283).tolist()]
            at = [START - timedelta(days=1) + QUARTER * n for n in range(288)]
            observe(connection, stream, list(zip(at, values, strict=True)))
        connection.execute(
            text(
                "UPDATE observation SET raw = 7.25, raw_unit = 'Wh', quality = 1, "
                "received_at = '2025-10-26 10:00:00.123456Z' "
                "WHERE datastream_id = 2 AND phenomenon_time = :at"
            ),
            {"at": START + QUARTER * 3},
        )
    _roll_up(engine)
    return engine


def _roll_up(engine: Engine) -> None:
    while roll_up_dirty(engine, PARIS, 2_000):
        pass


def _rows(engine: Engine) -> list[tuple[object, ...]]:
    question = "SELECT * FROM observation ORDER BY 1, 2"
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(question))]


def _readings(engine: Engine, archive: Archive) -> list[tuple[int, float, float]]:
    with engine.connect() as connection:
        t0, t1 = START - timedelta(days=1), END + timedelta(days=1)
        raw = raw_readings(connection, archive.cold, (1, 2, 3), t0, t1)
    return list(zip(raw.streams.tolist(), raw.times.tolist(), raw.values.tolist(), strict=True))


def _value(engine: Engine, question: str, **values: object) -> object:
    with engine.connect() as connection:
        return connection.scalar(text(question), values)


def test_table_and_file_have_one_checksum_and_another_when_a_bit_differs(
    filled: Engine, tmp_path: Path
) -> None:
    archive = Archive(filled, tmp_path)
    with filled.connect() as connection:
        before = sum_of_table(connection, DAY)
    archived = archive.archive(DAY)
    assert archived is not None
    found = sum_of_file(archive.cold, tmp_path / archived.path)
    assert (found, found.count) == (before, 3 * 96)
    archive.restore(DAY)
    with filled.begin() as connection:
        assert sum_of_table(connection, DAY) == before
        connection.execute(
            text(
                "UPDATE observation SET result = result + 1e-12 WHERE datastream_id = 1 "
                "AND phenomenon_time > :at AND phenomenon_time < :at + interval '20 minutes'"
            ),
            {"at": START + QUARTER * 9},
        )
        assert sum_of_table(connection, DAY) != before


def test_a_day_leaves_and_comes_back_with_every_bit(filled: Engine, tmp_path: Path) -> None:
    archive = Archive(filled, tmp_path)
    before, read = _rows(filled), _readings(filled, archive)
    done = archive.run(NOW, 2)
    assert [a.day for a in done] == [DAY - timedelta(days=1), DAY, DAY + timedelta(days=1)]
    assert _rows(filled) == []
    with filled.connect() as connection:
        assert observation_days(connection) == []
    assert _readings(filled, archive) == read
    for archived in done:
        assert archive.restore(archived.day) == 288
    assert _rows(filled) == before
    assert archive.restore(DAY) == 0


def test_only_closed_days_past_the_setting_go(filled: Engine, tmp_path: Path) -> None:
    archive = Archive(filled, tmp_path)
    done = archive.run(END + timedelta(days=2), 2)
    assert [a.day for a in done] == [DAY - timedelta(days=1), DAY]
    assert _value(filled, "SELECT count(*) FROM observation") == 288


def test_a_month_of_an_older_version_is_cut_into_days(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE observation_2025_10 PARTITION OF observation "
                "FOR VALUES FROM ('2025-10-01Z') TO ('2025-11-01Z')"
            )
        )
        add_assets(connection, ("meter", None))
        add_streams(connection, (1, "energy", 900))
        observe(connection, 1, [(START + QUARTER * n, float(n)) for n in range(96)])
        days = observation_days(connection)
    _roll_up(engine)
    assert days == []
    archive = Archive(engine, tmp_path)
    assert [a.day for a in archive.run(NOW, 2)] == [DAY]
    assert _readings(engine, archive)[5] == (1, (START + QUARTER * 5).timestamp(), 5.0)


def test_a_reading_that_came_in_meanwhile_keeps_the_day(filled: Engine, tmp_path: Path) -> None:
    late = START + timedelta(minutes=7)

    def arrives(step: str) -> None:
        if step == "recorded":
            with filled.begin() as connection:
                observe(connection, 1, [(late, 5.0)])

    archive = Archive(filled, tmp_path)
    with pytest.raises(NotEqual):
        archive.archive(DAY, arrives)
    assert _value(filled, "SELECT count(*) FROM observation WHERE phenomenon_time = :at", at=late) == 1
    assert _value(filled, "SELECT dropped_at FROM archived_day") is None
    assert archive.archive(DAY) is None, "its hour is still to be recomputed"
    _roll_up(filled)
    archived = archive.archive(DAY)
    assert archived is not None
    assert archived.count == 289


@pytest.mark.parametrize("step", STEPS)
def test_killed_after_any_step_nothing_is_lost_and_the_next_run_ends_it(
    filled: Engine, database_url: str, tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = Archive(filled, tmp_path)
    read = _readings(filled, archive)
    killed = get_context("spawn").Process(target=_archive_until, args=(database_url, tmp_path, step))
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL
    assert _readings(filled, archive) == read
    monkeypatch.setattr(archive_module, "_STALE", timedelta(0))
    archive.run(NOW, 2)
    assert _readings(filled, archive) == read
    assert _rows(filled) == []
    files = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    with filled.connect() as connection:
        assert set(connection.scalars(text("SELECT path FROM archived_day"))) == files


def _archive_until(url: str, folder: Path, last: str) -> None:
    def die(step: str) -> None:
        if step == last:
            os.kill(os.getpid(), signal.SIGKILL)

    Archive(open_engine(url), folder).run(NOW, 2, die)


@pytest.mark.parametrize("harm", ["gone", "cut", "another"])
def test_a_damaged_file_is_said_and_never_read_back(filled: Engine, tmp_path: Path, harm: str) -> None:
    archive = Archive(filled, tmp_path)
    archived, other = archive.archive(DAY), archive.archive(DAY + timedelta(days=1))
    assert archived and other
    file = tmp_path / archived.path
    harms: dict[str, Callable[[], object]] = {
        "gone": file.unlink,
        "cut": lambda: file.write_bytes(file.read_bytes()[:-40]),
        "another": lambda: file.write_bytes((tmp_path / other.path).read_bytes()),
    }
    harms[harm]()
    with pytest.raises(Unavailable):
        archive.restore(DAY)
    assert _value(filled, "SELECT dropped_at FROM archived_day WHERE day = :day", day=DAY) is not None
    with filled.begin() as connection:
        observe(connection, 1, [(datetime.now(UTC), 1.0), (START + timedelta(minutes=1), 2.0)])
    before = _value(filled, "SELECT sum(sum) FROM rollup_day WHERE day = :day", day=DAY)
    archive.restore_dirty(100)
    _roll_up(filled)
    assert _value(filled, "SELECT sum(sum) FROM rollup_day WHERE day = :day", day=DAY) == before
    assert _value(filled, "SELECT count(*) FROM dirty_batch") == 1, "the hour waits until its day is mended"


def test_late_data_for_an_archived_day_bring_it_back_and_come_out_right(
    filled: Engine, tmp_path: Path
) -> None:
    archive = Archive(filled, tmp_path)
    archive.run(NOW, 2)
    late, repeated = START + timedelta(minutes=7), START + QUARTER
    was = {row[:2]: row[2] for row in _readings(filled, archive)}
    with filled.begin() as connection:
        observe(connection, 1, [(late, 5.0), (repeated, 999.0)])
    seen = {row[:2]: row[2] for row in _readings(filled, archive)}
    assert seen == was | {(1, late.timestamp()): 5.0}, "seen at once, and a repetition changes nothing"
    assert archive.restore_dirty(100) == 1
    _roll_up(filled)
    hour = _value(filled, "SELECT sum FROM rollup_hour WHERE datastream_id = 1 AND bucket = :at", at=START)
    expected = [
        value for (stream, at), value in seen.items() if stream == 1 and 0 <= at - START.timestamp() < 3600
    ]
    assert len(expected) == 5
    assert hour == pytest.approx(sum(expected))
    assert [a.count for a in archive.run(NOW, 2)] == [289]
    assert {row[:2]: row[2] for row in _readings(filled, archive)} == seen


def test_a_correction_is_honoured_in_an_archived_day(filled: Engine, tmp_path: Path) -> None:
    archive = Archive(filled, tmp_path)
    archive.run(NOW, 2)
    was = {row[:2]: row[2] for row in _readings(filled, archive)}
    wrong, silent = START + QUARTER * 4, START + QUARTER * 5
    with filled.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO correction (datastream_id, phenomenon_time, result, author, reason) "
                "VALUES (2, :wrong, 41.5, 'A', 'r'), (2, :silent, NULL, 'A', 'r')"
            ),
            {"wrong": wrong, "silent": silent},
        )
    corrected = dict(was)
    corrected[2, wrong.timestamp()] = 41.5
    del corrected[2, silent.timestamp()]
    assert {row[:2]: row[2] for row in _readings(filled, archive)} == corrected
    with filled.begin() as connection:
        connection.execute(
            text("INSERT INTO dirty_batch (bucket, streams) VALUES (:hour, ARRAY[2])"),
            {"hour": START + timedelta(hours=1)},
        )
    archive.restore_dirty(10)
    _roll_up(filled)
    assert {row[:2]: row[2] for row in _readings(filled, archive)} == corrected
    archive.run(NOW, 2)
    assert {row[:2]: row[2] for row in _readings(filled, archive)} == corrected
