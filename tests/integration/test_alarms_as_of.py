"""The list as it was at an instant, against a slow replay of everything that came to be known."""

import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, text

from model.alarms import AlarmState, ListQuery
from model.viewer import Scope
from tests.alarms_made_up import add_alarm, add_rule
from tests.integration.alarm_past import DAYS, FIRST, Fortnight
from tests.integration.small_city import add_areas, add_assets
from tests.integration.test_alarm_list import ADA, ALL, desk_of

pytestmark = pytest.mark.servers

HOUR = timedelta(hours=1)
LEARNT = FIRST + HOUR * 5
CONDITION = ("raised", "raised_again", "returned")
DOUBLE_HOUR = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)


def instants(seed: int) -> list[datetime]:
    random = np.random.default_rng([seed, 1])
    some = [FIRST + timedelta(seconds=int(s)) for s in random.integers(0, DAYS * 86_400, 60)]
    return [*some, DOUBLE_HOUR, DOUBLE_HOUR + timedelta(hours=1)]


@pytest.mark.parametrize("seed", [3, 4])
def test_the_list_at_any_instant_is_what_a_slow_replay_says(engine: Engine, seed: int) -> None:
    past = Fortnight(engine, seed)
    desk = desk_of(engine)
    told = rows = 0
    for at in instants(seed):
        found = desk.as_of(at, ALL, ADA)
        mine = [
            (row.id, row.active, row.acknowledged_by, row.consequences, row.activations) for row in found.rows
        ]
        assert mine == past.listed(at), at
        assert {row.id for row in found.learnt} == past.learnt(at), at
        assert found.learnt_total == len(found.learnt) and found.at == at
        told, rows = told + len(found.learnt), rows + len(mine)
    assert told > 20 and rows > 400


def test_what_was_learnt_later_stands_apart_and_nobody_had_acknowledged_it(engine: Engine) -> None:
    with engine.begin() as connection:
        _town(connection)
        add_rule(connection, "camera.blind", FIRST, domain="surveillance")
        late = add_alarm(connection, "camera.blind", FIRST, asset=2, acknowledged=FIRST + HOUR * 6)
        connection.execute(
            text("UPDATE alarm SET noticed_at = :at, annunciated_at = :at"), {"at": FIRST + HOUR * 5}
        )
        known = add_alarm(connection, "camera.blind", FIRST, asset=1)
    desk = desk_of(engine)
    before, after = (desk.as_of(FIRST + HOUR * hours, ALL, ADA) for hours in (2, 7))
    assert [row.id for row in before.rows] == [known]
    assert [(row.id, row.noticed_at, row.code) for row in before.learnt] == [(late, LEARNT, AlarmState.UNACK)]
    assert [row.id for row in after.rows] == [known, late] and not after.learnt
    elsewhere = desk_of(engine, Scope(frozenset({1}), None))
    assert [row.id for row in elsewhere.as_of(FIRST + HOUR * 2, ALL, ADA).rows] == [known]
    assert not elsewhere.as_of(FIRST + HOUR * 2, ALL, ADA).learnt
    assert not desk.as_of(FIRST + HOUR * 2, ListQuery(domains=frozenset({"traffic"})), ADA).learnt


def test_where_no_engine_watched_the_list_says_so(engine: Engine) -> None:
    with engine.begin() as connection:
        for begin, end in ((0, 5), (9, 12)):
            connection.execute(
                text("INSERT INTO alarm_watch (began_at, ended_at) VALUES (:a, :b)"),
                {"a": FIRST + HOUR * begin, "b": FIRST + HOUR * end},
            )
    desk = desk_of(engine)
    told = {hours: desk.as_of(FIRST + HOUR * hours, ALL, ADA) for hours in (-1, 3, 7, 10, 20)}
    assert {hours: one.watched for hours, one in told.items()} == {
        -1: False, 3: True, 7: False, 10: True, 20: False
    }  # fmt: skip
    assert told[-1].watched_until is None and told[7].watched_until == FIRST + HOUR * 5
    assert told[10].watched_until == FIRST + HOUR * 10


def test_what_ended_between_two_instants_and_did_not_begin_again(engine: Engine) -> None:
    past = Fortnight(engine, 5)
    desk, random = desk_of(engine), np.random.default_rng(6)
    seen = 0
    for start in random.integers(0, DAYS * 86_400, 25).tolist():
        a = FIRST + timedelta(seconds=start)
        b = a + HOUR * 9
        expected = set()
        for one in past.alarms:
            told = [
                line for line in one.log if line[0] <= b and line[1] in ("raised", "raised_again", "returned")
            ]
            over = bool(told) and told[-1][1] == "returned" and told[-1][0] > a
            if over and one.annunciated and one.annunciated <= b:
                expected.add((one.id, told[-1][0]))
        found, total = desk.recovered(a, b, ALL)
        assert {(one.row.id, one.ended_at) for one in found} == expected and total == len(expected)
        assert [one.ended_at for one in found] == sorted((one.ended_at for one in found), reverse=True)
        seen += total
    assert seen > 50


def test_the_thread_of_an_asset_ends_at_the_instant(engine: Engine) -> None:
    past = Fortnight(engine, 7)
    one = max((one for one in past.alarms if not past.hidden(one, one.noticed)), key=lambda one: len(one.log))
    at = one.log[1][0]
    (found,) = [s for s in desk_of(engine).of_asset_then(one.asset, at) if s.row.id == one.id]
    until, after = found.thread, found.later
    assert [e.kind.value for e in until] == [kind for when, kind, *_ in one.log if when <= at]
    assert [e.kind.value for e in after] == [kind for when, kind, *_ in one.log if when > at]


def test_a_hundred_thousand_alarms_on_record_are_asked_for_in_an_instant(engine: Engine) -> None:
    with engine.begin() as connection:
        _town(connection)
        add_rule(connection, "camera.blind", FIRST, domain="surveillance")
        connection.execute(_MANY, {"first": FIRST, "n": 100_000})
        connection.execute(_THEIRS)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in ("alarm", "alarm_event"):
            connection.execute(text(f"ANALYZE {table}"))
    desk = desk_of(engine)
    desk.as_of(FIRST, ALL, ADA)
    began_at = time.perf_counter()
    found = [desk.as_of(FIRST + HOUR * 24 * day, ALL, ADA) for day in range(1, 101)]
    assert all(0 < one.total < 400 for one in found)
    assert time.perf_counter() - began_at < 100 * 0.25, "a hundred instants of a long past"


_MANY = text(
    """
    INSERT INTO alarm (id, rule_id, rule_version, alarm_class, asset_id, commune_id, domain, asset_type,
        priority, severity, raised_at, noticed_at, annunciated_at, last_raised_at, returned_at,
        return_noticed_at, acknowledged_at, acknowledged_by, closed_at)
    SELECT n, r.id, 1, r.key, 1 + n % 2, 1 + n % 2, r.domain, r.asset_type, 1 + n % 4, 3, t, t, t, t,
           t + interval '50 min', t + interval '50 min', t + interval '4 min', 'Ada', t + interval '50 min'
    FROM alarm_rule r, generate_series(1, :n) n,
         LATERAL (SELECT CAST(:first AS timestamptz) + n * interval '130 s' AS t) x
    """
)
_THEIRS = text(
    """
    INSERT INTO alarm_event (alarm_id, at, kind, actor)
    SELECT id, at, kind, actor FROM alarm a, LATERAL (VALUES
        (raised_at, 'raised', ''), (raised_at, 'annunciated', ''), (acknowledged_at, 'acknowledged', 'Ada'),
        (returned_at, 'returned', ''), (closed_at, 'closed', '')) e (at, kind, actor)
    ORDER BY at
    """
)


def _town(connection: Connection) -> None:
    add_areas(connection, "Ouest", "Est")
    add_assets(connection, ("camera", 1), ("camera", 2))
