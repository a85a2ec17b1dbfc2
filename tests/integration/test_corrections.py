"""A correction: figures follow it and go back, the observation stays, and what is refused changes nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import Engine, text

from model.errors import BadField, NotFound, Refused, Unavailable
from model.notes import READINGS_MOST, CorrectionDraft
from model.roles import Role
from services.history import Corrections, History, roll_up_dirty
from services.history.archive.archive import Archive
from tests.integration.small_city import add_areas, add_assets, add_streams, observe
from tests.somebody import somebody

pytestmark = pytest.mark.servers
CLAIRE, PAUL = somebody("Claire"), somebody("Paul")
PARIS = ZoneInfo("Europe/Paris")
DAY = date(2026, 3, 10)
START = datetime(2026, 3, 9, 23, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
WRONG = START + timedelta(hours=10, minutes=15)
HOUR = START + timedelta(hours=10)


@pytest.fixture
def metered(engine: Engine) -> Engine:
    """Two meters of commune 1 over one day of quarters; meter 1 sent one absurd value at WRONG."""
    random = np.random.default_rng(7)
    with engine.begin() as connection:
        add_areas(connection, "Aubeterre")
        add_assets(connection, ("meter", 1), ("meter", 1))
        add_streams(connection, (1, "energy", 900), (2, "energy", 900))
        for stream in (1, 2):
            values = [(START + QUARTER * q, float(random.integers(1, 9))) for q in range(96)]
            if stream == 1:
                values = [(at, 9_000.0 if at == WRONG else value) for at, value in values]
            observe(connection, stream, values)
    rolled(engine)
    return engine


def rolled(engine: Engine) -> None:
    while roll_up_dirty(engine, PARIS, 40):
        pass


def draft(**changes: Any) -> CorrectionDraft:
    values: dict[str, Any] = {
        "asset_id": 1, "observed_property": "energy", "t0": WRONG, "t1": WRONG, "result": 5.0,
        "reason": "compteur remplacé",
    }  # fmt: skip
    return CorrectionDraft(**values | changes)


def rows(engine: Engine, question: str, **values: object) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(question), values)]


def figures(engine: Engine) -> dict[str, tuple[Any, ...]]:
    """What every level says of the hour and the day of WRONG."""
    return {
        "hour": rows(
            engine,
            "SELECT n, sum, min, max, coverage FROM rollup_hour WHERE datastream_id = 1 AND bucket = :hour",
            hour=HOUR,
        )[0],
        "day": rows(
            engine,
            "SELECT n, sum, min, max, coverage FROM rollup_day WHERE datastream_id = 1 AND day = :day",
            day=DAY,
        )[0],
        "area": rows(
            engine,
            "SELECT n, sum, min, max, coverage FROM area_hour WHERE area_id = 1 AND bucket = :hour "
            "AND observed_property = 'energy'",
            hour=HOUR,
        )[0],
    }


def recount(engine: Engine, replaced: float | None) -> dict[str, tuple[Any, ...]]:
    """The same from the observations alone, with the value of WRONG replaced (None: left out)."""
    counted = {}
    for name, streams, t0, hours in (
        ("hour", [1], HOUR, 1),
        ("day", [1], START, 24),
        ("area", [1, 2], HOUR, 1),
    ):
        found = rows(
            engine,
            "SELECT datastream_id, phenomenon_time, result FROM observation "
            "WHERE datastream_id = ANY(:streams) AND phenomenon_time >= :t0 AND phenomenon_time < :t1",
            streams=streams, t0=t0, t1=t0 + timedelta(hours=hours),
        )  # fmt: skip
        kept = [
            replaced if (stream, at) == (1, WRONG) else value
            for stream, at, value in found
            if (stream, at) != (1, WRONG) or replaced is not None
        ]
        counted[name] = (len(kept), sum(kept), min(kept), max(kept), len(kept) / (len(streams) * 4 * hours))
    return counted


def same(one: dict[str, tuple[Any, ...]], other: dict[str, tuple[Any, ...]]) -> bool:
    return all(one[name] == pytest.approx(other[name]) for name in ("hour", "day", "area"))


def test_hour_day_and_area_follow_a_correction_and_go_back(metered: Engine) -> None:
    corrections, before = Corrections(metered), figures(metered)
    assert same(before, recount(metered, 9_000.0))
    assert corrections.correct(draft(), CLAIRE) == 1
    rolled(metered)
    assert same(figures(metered), recount(metered, 5.0))
    raw = History(metered, PARIS).series(1, "energy", START, START + timedelta(hours=24))
    assert float(np.nanmax(raw.values)) < 9_000
    made = corrections.history(START, START + timedelta(days=1))[0]
    corrections.withdraw(made.correction.id, PAUL)
    rolled(metered)
    assert figures(metered) == before


def test_a_reading_that_says_nothing_is_left_out_of_every_figure(metered: Engine) -> None:
    Corrections(metered).correct(draft(result=None), CLAIRE)
    rolled(metered)
    assert same(figures(metered), recount(metered, None))


def test_the_observation_is_never_touched(metered: Engine) -> None:
    question = "SELECT datastream_id, phenomenon_time, result, quality FROM observation ORDER BY 1, 2"
    before = rows(metered, question)
    corrections = Corrections(metered)
    corrections.correct(draft(), CLAIRE)
    corrections.correct(draft(result=None), CLAIRE)
    assert rows(metered, question) == before
    reading = corrections.readings(1, "energy", WRONG, WRONG)[0]
    assert (reading.sent, reading.value) == (9_000.0, None)


def test_a_second_correction_withdraws_the_first_and_keeps_it_on_record(metered: Engine) -> None:
    corrections = Corrections(metered)
    corrections.correct(draft(result=5.0), CLAIRE)
    corrections.correct(draft(result=6.0, reason="relu sur place"), PAUL)
    second, first = corrections.history(START, START + timedelta(days=1), 1, "energy")
    assert (second.correction.result, second.correction.withdrawn_at) == (6.0, None)
    assert (first.correction.result, first.correction.withdrawn_by) == (5.0, "Paul")
    assert (second.sent, second.asset_key, second.unit) == (9_000.0, "X-1", "kWh")
    assert corrections.readings(1, "energy", WRONG, WRONG)[0].value == 6.0
    rolled(metered)
    assert same(figures(metered), recount(metered, 6.0))


def test_a_stretch_is_corrected_at_once_and_marks_each_of_its_hours(metered: Engine) -> None:
    t1 = WRONG + timedelta(hours=2)
    assert Corrections(metered).correct(draft(t1=t1, result=2.0), CLAIRE) == 9
    dirty = rows(metered, "SELECT bucket, streams FROM dirty_batch ORDER BY 1")
    assert dirty == [(HOUR + timedelta(hours=h), [1]) for h in range(3)]
    rolled(metered)
    total = rows(metered, "SELECT sum(result) FROM reading WHERE datastream_id = 1")[0][0]
    assert figures(metered)["day"][1] == pytest.approx(total)


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"reason": ""}, "reason", "empty"),
    ({"reason": "\x00\x07"}, "reason", "empty"),
    ({"reason": "x" * 501}, "reason", "too_long"),
    ({"result": float("nan")}, "result", "no_number"),
    ({"result": float("inf"), "confirmed": True}, "result", "no_number"),
    ({"result": -1.0}, "result", "out_of_range"),
    ({"result": 100_001.0}, "result", "out_of_range"),
    ({"t0": WRONG + timedelta(seconds=1), "t1": WRONG + timedelta(seconds=2)}, "t0", "no_reading"),
    ({"t1": WRONG - QUARTER}, "t1", "ends_before"),
    ({"t0": WRONG.replace(tzinfo=None)}, "t0", "no_zone"),
]


@pytest.mark.parametrize(("changes", "field", "reason"), REFUSED)
def test_what_cannot_be_taken_says_its_field_and_changes_nothing(
    metered: Engine, changes: dict[str, Any], field: str, reason: str
) -> None:
    with pytest.raises(BadField) as refused:
        Corrections(metered).correct(draft(**changes), CLAIRE)
    assert (refused.value.field, refused.value.reason) == (field, reason)
    assert rows(metered, "SELECT count(*) FROM correction") == [(0,)]
    assert rows(metered, "SELECT count(*) FROM dirty_batch") == [(0,)]


def test_an_unlikely_value_is_taken_once_it_is_confirmed(metered: Engine) -> None:
    Corrections(metered).correct(draft(result=100_001.0, confirmed=True), CLAIRE)
    assert Corrections(metered).readings(1, "energy", WRONG, WRONG)[0].value == 100_001.0


@pytest.mark.parametrize(("asset", "name"), [(1, "state"), (1, "voltage"), (99, "energy")])
def test_what_the_asset_does_not_measure_is_not_found(metered: Engine, asset: int, name: str) -> None:
    with pytest.raises(NotFound):
        Corrections(metered).correct(draft(asset_id=asset, observed_property=name), CLAIRE)


def test_more_readings_than_a_form_is_for_are_refused_whole(metered: Engine) -> None:
    with metered.begin() as connection:
        first = START + timedelta(days=2)
        observe(connection, 1, [(first + timedelta(seconds=s), 1.0) for s in range(READINGS_MOST + 1)])
    span = {"t0": first, "t1": first + timedelta(seconds=READINGS_MOST)}
    with pytest.raises(BadField) as refused:
        Corrections(metered).correct(draft(**span), CLAIRE)
    assert (refused.value.field, refused.value.reason) == ("t1", "too_many")
    assert rows(metered, "SELECT count(*) FROM correction") == [(0,)]
    span["t1"] -= timedelta(seconds=1)
    assert Corrections(metered).correct(draft(**span), CLAIRE) == READINGS_MOST


def test_two_who_correct_the_same_reading_leave_one_correction_in_force(metered: Engine) -> None:
    corrections = Corrections(metered)

    def write(number: int) -> int:
        return corrections.correct(draft(result=float(number)), CLAIRE)

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(write, range(12))) == [1] * 12
    in_force = rows(metered, "SELECT count(*) FROM correction WHERE withdrawn_at IS NULL")
    assert in_force == [(1,)]
    assert rows(metered, "SELECT count(*) FROM correction") == [(12,)]


def test_withdrawing_needs_the_role_and_something_in_force(metered: Engine) -> None:
    corrections = Corrections(metered)
    corrections.correct(draft(), CLAIRE)
    number = corrections.history(START, START + timedelta(days=1))[0].correction.id
    raising: list[tuple[Callable[[], None], type[Exception]]] = [
        (lambda: corrections.withdraw(number, somebody(role=Role.OPERATOR)), Refused),
        (lambda: corrections.withdraw(number + 1, PAUL), NotFound),
    ]
    for act, error in raising:
        with pytest.raises(error):
            act()
    corrections.withdraw(number, PAUL)
    with pytest.raises(NotFound):
        corrections.withdraw(number, PAUL)


def test_a_reading_of_an_archived_day_is_corrected_and_its_day_comes_back_for_it(
    metered: Engine, tmp_path: Path
) -> None:
    archive = Archive(metered, tmp_path)
    with metered.begin() as connection:
        connection.execute(text("UPDATE observation SET raw = 9, raw_unit = 'MWh' WHERE result = 9000"))
    for day in (DAY - timedelta(days=1), DAY):
        assert archive.archive(day) is not None
    assert rows(metered, "SELECT count(*) FROM observation") == [(0,)]
    corrections, before = Corrections(metered, tmp_path), figures(metered)
    reading = corrections.readings(1, "energy", WRONG, WRONG)[0]
    assert (reading.at, reading.sent, reading.raw, reading.raw_unit) == (WRONG, 9_000.0, 9.0, "MWh")
    assert corrections.correct(draft(result=2.0), CLAIRE) == 1
    assert corrections.readings(1, "energy", WRONG, WRONG)[0].value == 2.0
    assert archive.restore_dirty(10) == 1
    rolled(metered)
    archive.restore(DAY - timedelta(days=1))
    assert same(figures(metered), recount(metered, 2.0))
    corrections.withdraw(corrections.history(START, START + timedelta(days=1))[0].correction.id, PAUL)
    rolled(metered)
    assert figures(metered) == before


def test_without_the_archive_open_an_archived_reading_is_unavailable_and_not_missing(
    metered: Engine, tmp_path: Path
) -> None:
    assert Archive(metered, tmp_path).archive(DAY) is not None
    for ask in (
        lambda: Corrections(metered).correct(draft(), CLAIRE),
        lambda: Corrections(metered, tmp_path / "elsewhere").correct(draft(), CLAIRE),
    ):
        with pytest.raises(Unavailable):
            ask()
    assert rows(metered, "SELECT count(*) FROM correction") == [(0,)]
