"""The time machine: whatever is played between two instants leads from the one exactly to the other."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine, text

from geodata.assets import Columns, read_columns
from model.states import CONSEQUENCE_BIT, Status
from services.history import History, codes_of
from services.history.past.change_hours import keep_all_change_hours
from services.history.past.standing import places
from tests.integration.past_city import HOURS, Past, past_city
from tests.integration.test_area_days import PARIS

pytestmark = pytest.mark.servers


@pytest.fixture(params=[(3, False), (3, True), (29, True)], ids=["rows", "packed", "packed_too"])
def past(engine: Engine, request: pytest.FixtureRequest) -> Past:
    """The city of a seed, its finished hours packed or not: nothing may depend on it."""
    seed, packed = request.param
    written = past_city(engine, seed)
    if packed:
        assert keep_all_change_hours(engine, written.t0 + timedelta(hours=HOURS + 2)) > HOURS
    return written


def _codes(history: History, columns: Columns, at: datetime) -> np.ndarray:
    state = history.state_at(at)
    at_place = places(state.asset_ids, columns.ids)
    status = (
        np.where(at_place >= 0, state.records["status"][at_place], 0)
        if len(state.asset_ids)
        else (np.zeros(len(columns), "u1"))
    )
    return codes_of(status.astype("u1"), columns.parents)


def _spans(past: Past, seed: int, count: int, longest_h: float) -> Iterator[tuple[datetime, datetime]]:
    random = np.random.default_rng(seed)
    for _ in range(count):
        start = past.t0 + timedelta(seconds=float(random.uniform(-4, past.hours + 12)) * 3600)
        yield start, start + timedelta(seconds=float(random.uniform(0, longest_h)) * 3600)


def test_what_is_played_leads_exactly_from_one_instant_to_the_other(past: Past, engine: Engine) -> None:
    columns, history = read_columns(engine), History(engine, PARIS)
    for t0, t1 in _spans(past, 5, 40, 24):
        shown = history.played(columns, t0, t1)
        np.testing.assert_array_equal(shown.before, _codes(history, columns, t0), str(t0))
        np.testing.assert_array_equal(shown.after(), _codes(history, columns, t1), f"{t0} {t1}")
        assert (np.diff(shown.offsets) >= 0).all()


def test_every_instant_on_the_way_is_right_too(past: Past, engine: Engine) -> None:
    columns, history = read_columns(engine), History(engine, PARIS)
    t0 = past.t0 - timedelta(hours=1)
    shown = history.played(columns, t0, t0 + timedelta(hours=past.hours + 12))
    random = np.random.default_rng(1)
    for offset in np.sort(random.uniform(0, (past.hours + 12) * 3600, 60)):
        codes = shown.before.copy()
        due = shown.offsets <= offset
        codes[shown.index[due]] = shown.codes[due]
        at = t0 + timedelta(seconds=float(offset))
        np.testing.assert_array_equal(codes, _codes(history, columns, at), str(at))


def test_the_state_of_an_instant_equals_a_replay_of_every_row(past: Past, engine: Engine) -> None:
    columns, history = read_columns(engine), History(engine, PARIS)
    for at, _ in _spans(past, 8, 60, 1):
        state = history.state_at(at)
        got = dict(zip(state.asset_ids.tolist(), state.records["status"].tolist(), strict=True))
        expected = past.statuses(at)
        assert {i: got.get(i, 0) for i in columns.ids.tolist()} == expected, str(at)


def test_events_are_changes_of_what_is_drawn_and_no_others(past: Past, engine: Engine) -> None:
    columns, history = read_columns(engine), History(engine, PARIS)
    shown = history.played(columns, past.t0, past.t0 + timedelta(hours=24))
    codes = shown.before.copy()
    for index, code in zip(shown.index.tolist(), shown.codes.tolist(), strict=True):
        assert codes[index] != code
        codes[index] = code
    assert (codes & CONSEQUENCE_BIT).any() or (shown.codes & CONSEQUENCE_BIT).any()


def test_every_row_on_record_is_played(past: Past, engine: Engine) -> None:
    columns, history = read_columns(engine), History(engine, PARIS)
    count = text("SELECT count(*) FROM state_change WHERE phenomenon_time > :t0 AND phenomenon_time <= :t1")
    for t0, t1 in _spans(past, 13, 10, 24):
        with engine.connect() as connection:
            on_record = connection.scalar(count, {"t0": t0, "t1": t1})
        assert history.played(columns, t0, t1).changes == on_record


def test_a_gap_in_recording_is_played_as_unknown_and_said(past: Past, engine: Engine) -> None:
    columns, history = read_columns(engine), History(engine, PARIS)
    from_gap, to_gap = past.gap
    shown = history.played(columns, from_gap - timedelta(hours=1), to_gap - timedelta(minutes=1))
    assert shown.silent
    assert set((shown.after() & 7).tolist()) == {Status.UNKNOWN}
    whole = history.played(columns, past.t0 + timedelta(hours=1), past.t0 + timedelta(hours=9))
    assert not whole.silent
