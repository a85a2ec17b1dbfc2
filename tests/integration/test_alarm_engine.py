"""The alarm engine on a real PostgreSQL: what settles becomes alarms, and each takes its way."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, insert, text

from geodata.database import open_engine
from geodata.database_roles import address_for
from geodata.partitions import ensure_partitions
from geodata.profiles import read_profile
from geodata.tables import datastream, observation, settled_batch, state_change
from model.alarm_rules import Beyond, Explained, Rule, Silent, StateIs
from model.domains import ASSET_TYPES
from services.alarms import AlarmEngine
from services.alarms.engine.engine import NotAlone
from tests.integration.small_city import add_areas, add_assets

pytestmark = pytest.mark.servers

T0 = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CABINET, LAMPS = 1, range(2, 45)
TYPES: dict[int, str] = {
    CABINET: "control_cabinet",
    **dict.fromkeys(LAMPS, "streetlight"),
    45: "access_point",
}
DOOR = 45
RULES = (
    Rule("control_cabinet.breaker_tripped", "lighting", "control_cabinet", StateIs(("breaker_tripped",)),
         priority=1, severity=4, re_alarm_s=3_600, escalate_s=(300.0, 900.0)),
    Rule("control_cabinet.door_open", "lighting", "control_cabinet", StateIs(("door_open",)), severity=2),
    Rule("streetlight.no_supply", "lighting", "streetlight", StateIs(("no_supply",)), priority=4, hold_s=20,
         explained=(Explained("control_cabinet.breaker_tripped"),)),
    Rule("streetlight.lamp_failure", "lighting", "streetlight", StateIs(("lamp_failure",)), priority=4),
    Rule("control_cabinet.hot", "lighting", "control_cabinet", Beyond("power", above=12, deadband=1)),
    Rule("control_cabinet.silent", "lighting", "control_cabinet", Silent(periods=3), priority=2),
    Rule("access_point.forced", "access", "access_point", StateIs(("forced",)), latching=True, priority=2),
)  # fmt: skip


class City:
    """A small city, its engine, and a clock of its own; ``settle`` is what the recorder does."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        owner = engine.url.render_as_string(hide_password=False)
        self.recorder = open_engine(str(address_for(owner, "alarm")))
        """What the process asks as: it may do no more than in production."""
        self.now = T0
        self.heard: Any = None
        self.batches = 0
        self.watching = self.new_engine()

    def new_engine(self) -> AlarmEngine:
        return AlarmEngine(self.recorder, read_profile("demo"), lambda _: self.heard, rules=RULES)

    def settle(self, states: dict[int, str] | None = None, values: dict[int, float] | None = None,
               at: datetime | None = None) -> None:  # fmt: skip
        """A batch that settles now: states by asset, readings of datastreams; measured at ``at``, now."""
        self.batches += 1
        at = at or self.now
        received = self.now - timedelta(milliseconds=7)
        with self.engine.begin() as connection:
            row = {"id": f"b{self.batches}", "settled_at": self.now, "received_at": received}
            connection.execute(insert(settled_batch).values(row))
            for asset, name in (states or {}).items():
                state = ASSET_TYPES[TYPES[asset]].state_named(name)
                connection.execute(
                    insert(state_change).values(asset_id=asset, phenomenon_time=at, status=state.status,
                                                state=state.code, received_at=self.now)
                )  # fmt: skip
            for stream, value in (values or {}).items():
                connection.execute(
                    insert(observation).values(datastream_id=stream, phenomenon_time=at, result=value,
                                               received_at=received)
                )  # fmt: skip

    def pass_(self, seconds: float = 0.0, states: dict[int, str] | None = None, **more: Any) -> None:
        """Let ``seconds`` pass, settle, and look until there is nothing left to look at."""
        self.now += timedelta(seconds=seconds)
        if states or more:
            self.settle(states, **more)
        while self.watching.step(self.now):
            pass

    def restart(self) -> None:
        """Another process takes over what the rows say."""
        self.watching.close()
        self.watching = self.new_engine()

    def rows(self, question: str, **values: Any) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(question), values)]

    def act(self, statement: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    def alarms(self) -> list[tuple[Any, ...]]:
        """(asset, class, active, annunciated, cause's asset, closed) of every alarm, in order."""
        return self.rows(
            "SELECT a.asset_id, a.alarm_class, a.returned_at IS NULL, a.annunciated_at IS NOT NULL, "
            "c.asset_id, a.closed_at IS NOT NULL FROM alarm a "
            "LEFT JOIN alarm c ON c.id = a.cause_id ORDER BY a.id"
        )

    def thread(self, asset: int) -> list[str]:
        return [row[0] for row in self.rows(
            "SELECT e.kind FROM alarm_event e JOIN alarm a ON a.id = e.alarm_id WHERE a.asset_id = :asset "
            "ORDER BY e.id", asset=asset)]  # fmt: skip


@pytest.fixture
def city(engine: Engine) -> Iterator[City]:
    with engine.begin() as connection:
        add_areas(connection, "Valmont")
        add_assets(connection, *((TYPES[number], 1) for number in sorted(TYPES)))
        lamps = ", ".join(map(str, LAMPS))
        connection.execute(text(f"UPDATE asset SET parent_id = {CABINET} WHERE id IN ({lamps})"))
        connection.execute(
            insert(datastream).values(
                id=1, asset_id=CABINET, observed_property="power", unit="kW", period_s=900
            )
        )
        ensure_partitions(connection, T0 - timedelta(days=9), T0 + timedelta(days=9))
    made = City(engine)
    yield made
    made.watching.close()
    made.recorder.dispose()


def test_an_alarm_is_raised_shown_ended_and_closed_once_acknowledged(city: City) -> None:
    city.pass_()
    city.pass_(5, {CABINET: "breaker_tripped"})
    assert city.alarms() == [(CABINET, "control_cabinet.breaker_tripped", True, True, None, False)]
    facts = city.rows("SELECT raised_at, noticed_at, priority, severity, commune_id, domain FROM alarm")
    assert facts == [(city.now, city.now, 1, 4, 1, "lighting")]
    city.pass_(60, {CABINET: "idle"})
    assert city.alarms()[0][2:] == (False, True, None, False), "returned, and nobody acknowledged"
    city.act("UPDATE alarm SET acknowledged_at = now(), acknowledged_by = 'Ada'")
    assert city.alarms()[0][-1] is True
    assert city.thread(CABINET) == ["raised", "annunciated", "returned"]
    city.pass_(10, {CABINET: "breaker_tripped"})
    assert len(city.alarms()) == 2, "a new one"


def test_a_condition_that_comes_back_before_it_was_acknowledged_is_the_same_alarm(city: City) -> None:
    city.pass_()
    for state in ("breaker_tripped", "idle", "breaker_tripped", "idle", "breaker_tripped"):
        city.pass_(2, {CABINET: state})
    assert city.rows("SELECT activations, returned_at FROM alarm") == [(3, None)]


def test_forty_lamps_of_a_tripped_cabinet_are_one_alarm_and_a_stranger_is_not_swallowed(city: City) -> None:
    """field.md (d), flood and topology."""
    city.pass_()
    stranger, dark = 44, range(2, 42)
    city.pass_(5, {stranger: "lamp_failure"})
    for lamp in dark:
        city.pass_(0.3, {lamp: "no_supply"})
    city.pass_(4, {CABINET: "breaker_tripped"})
    city.pass_(60)
    shown = [(row[0], row[1]) for row in city.alarms() if row[3]]
    assert shown == [
        (stranger, "streetlight.lamp_failure"), (CABINET, "control_cabinet.breaker_tripped")
    ], "the lamps were held until their cause came"  # fmt: skip
    assert {row[4] for row in city.alarms() if row[1] == "streetlight.no_supply"} == {CABINET}
    city.pass_(120, {CABINET: "feeding", **dict.fromkeys(dark[:-1], "on")})
    city.pass_(300)
    left = [row for row in city.alarms() if not row[5] and row[2]]
    assert [(row[0], row[1], row[3], row[4]) for row in left] == [
        (stranger, "streetlight.lamp_failure", True, None),
        (dark[-1], "streetlight.no_supply", True, None),
    ], "one lamp stays dark: its alarm comes back"
    assert city.thread(dark[-1])[-2:] == ["unsuppressed", "annunciated"]


def test_readings_raise_alarms_with_their_deadband(city: City) -> None:
    city.pass_()
    for seconds, value in ((5, 11.0), (5, 13.0), (5, 11.5), (5, 10.5)):
        city.pass_(seconds, values={1: value})
    assert city.rows("SELECT alarm_class, value, returned_at - raised_at FROM alarm") == [
        ("control_cabinet.hot", 13.0, timedelta(seconds=10))
    ]


def test_silence_is_noticed_within_three_periods_and_not_judged_while_nobody_can_tell(city: City) -> None:
    city.heard = np.full(len(TYPES), city.now.timestamp())
    city.pass_()
    city.pass_(179)
    assert city.alarms() == []
    told, city.heard = city.heard, None
    city.pass_(30)
    assert city.alarms() == [], "Redis is away"
    city.heard = told
    city.pass_(1)
    assert city.rows("SELECT alarm_class, raised_at FROM alarm") == [
        ("control_cabinet.silent", T0 + timedelta(seconds=180))
    ]
    city.heard = np.full(len(TYPES), city.now.timestamp())
    city.pass_(1)
    assert city.alarms()[0][2] is False


def test_without_contact_an_alarm_is_uncertain_and_not_over(city: City) -> None:
    city.pass_()
    city.pass_(5, {CABINET: "breaker_tripped"})
    city.pass_(5, {CABINET: "no_contact"})
    assert city.rows("SELECT returned_at, uncertain FROM alarm") == [(None, True)]
    city.restart()
    city.pass_(5)
    assert city.rows("SELECT returned_at, uncertain FROM alarm") == [(None, True)]
    city.pass_(5, {CABINET: "idle"})
    assert city.rows("SELECT returned_at, uncertain FROM alarm") == [(city.now, False)]
    assert city.thread(CABINET) == ["raised", "annunciated", "uncertain", "returned"]


def test_a_latched_alarm_stays_until_it_is_reset(city: City) -> None:
    city.pass_()
    city.pass_(5, {DOOR: "forced"})
    city.pass_(5, {DOOR: "closed"})
    city.act("UPDATE alarm SET acknowledged_at = now()")
    assert city.alarms()[0][-1] is False
    city.act("UPDATE alarm SET reset_at = now()")
    assert city.alarms()[0][-1] is True


def test_nobody_acknowledges_and_it_goes_further_somebody_does_and_it_comes_back(city: City) -> None:
    city.pass_()
    city.pass_(5, {CABINET: "breaker_tripped"})
    city.pass_(299)
    assert city.rows("SELECT escalation FROM alarm") == [(0,)]
    city.pass_(2)
    city.restart()
    city.pass_(600)
    assert city.rows("SELECT escalation FROM alarm") == [(2,)]
    city.act("UPDATE alarm SET acknowledged_at = :now, acknowledged_by = 'Ada'", now=city.now)
    city.pass_(3_599)
    assert city.rows("SELECT acknowledged_at IS NULL FROM alarm") == [(False,)]
    city.restart()
    city.pass_(2)
    assert city.rows("SELECT acknowledged_at, re_alarms, escalation FROM alarm") == [(None, 1, 0)]
    city.pass_(301)
    assert city.rows("SELECT escalation FROM alarm") == [(1,)]
    assert city.thread(CABINET) == [
        "raised", "annunciated", "escalated", "escalated", "re_alarmed", "escalated"
    ]  # fmt: skip


_SHELVE = """
INSERT INTO alarm_hiding (kind, rule_id, asset_id, alarm_id, reason, ends_when, from_at, until, made_at,
    made_by)
SELECT 'shelved', a.rule_id, a.asset_id, a.id, 'works', :ends, :now, :until, :now, 'Ada' FROM alarm a
"""


def test_what_is_shelved_is_recorded_and_shown_when_its_time_is_over(city: City) -> None:
    city.pass_()
    city.pass_(5, {CABINET: "breaker_tripped"})
    city.act(_SHELVE, ends="", now=city.now, until=city.now + timedelta(hours=1))
    city.pass_(5, {CABINET: "idle"})
    city.act("UPDATE alarm SET acknowledged_at = now() WHERE closed_at IS NULL")
    city.pass_(60, {CABINET: "breaker_tripped"})
    assert [row[3] for row in city.alarms()] == [True, False], "recorded, and not shown"
    city.restart()
    city.pass_(3_000)
    assert [row[3] for row in city.alarms()] == [True, False], "a restart keeps the shelf"
    city.pass_(600)
    assert [row[3] for row in city.alarms()] == [True, True]
    assert city.rows("SELECT ended_why FROM alarm_hiding") == [("expired",)]
    assert city.thread(CABINET)[-2:] == ["unshelved", "annunciated"]


def test_a_planned_window_begins_and_ends_by_itself_with_all_that_hangs_on_it(city: City) -> None:
    city.pass_()
    city.act(
        "INSERT INTO alarm_hiding (kind, asset_id, with_children, reason, from_at, until, made_by) "
        "VALUES ('out_of_service', :asset, true, 'works', :t0, :t1, 'Ada')",
        asset=CABINET, t0=city.now + 60 * SECOND, t1=city.now + 600 * SECOND,
    )  # fmt: skip
    city.pass_(5, {2: "lamp_failure"})
    assert city.alarms()[0][3] is True
    city.pass_(70, {3: "lamp_failure"})
    assert [row[3] for row in city.alarms()] == [True, False], "what came in the window is not shown"
    city.restart()
    city.pass_(700)
    assert [row[3] for row in city.alarms()] == [True, True]
    assert city.thread(2) == ["raised", "annunciated", "out_of_service", "in_service"]
    assert city.rows("SELECT began_at IS NOT NULL, ended_why FROM alarm_hiding") == [(True, "expired")]


def test_a_shelf_ends_when_it_gets_worse(city: City) -> None:
    city.pass_()
    city.pass_(5, {CABINET: "door_open"})
    city.act(_SHELVE, ends="severity", now=city.now, until=city.now + timedelta(hours=1))
    city.pass_(5)
    city.pass_(5, {CABINET: "breaker_tripped"})
    city.pass_(1)
    assert city.rows("SELECT ended_why FROM alarm_hiding") == [("worse",)]


def test_what_came_and_went_while_nobody_watched_is_found(city: City) -> None:
    city.pass_()
    city.watching.close()
    gone = city.now + 30 * SECOND
    city.now = gone
    city.settle({CABINET: "breaker_tripped"})
    city.now += 90 * SECOND
    city.settle({CABINET: "idle"})
    city.now += 10 * SECOND
    city.settle({2: "lamp_failure"}, at=city.now - 60 * SECOND)
    city.now += 3_600 * SECOND
    city.watching = city.new_engine()
    city.pass_()
    assert city.alarms() == [
        (CABINET, "control_cabinet.breaker_tripped", False, True, None, False),
        (2, "streetlight.lamp_failure", True, True, None, False),
    ]
    assert city.rows("SELECT raised_at, noticed_at FROM alarm ORDER BY id LIMIT 1") == [(gone, city.now)]
    spans = city.rows("SELECT began_at, ended_at FROM alarm_watch ORDER BY id")
    assert spans == [(T0, T0), (city.now, city.now)]


def test_a_batch_that_settled_late_is_read_and_none_is_read_twice(city: City) -> None:
    city.pass_()
    city.pass_(10, {2: "lamp_failure"})
    late = city.now - 4 * SECOND
    with city.engine.begin() as connection:
        connection.execute(insert(settled_batch).values(id="late", settled_at=late, received_at=late))
        connection.execute(
            insert(state_change).values(
                asset_id=CABINET, phenomenon_time=late, status=4, state=3, received_at=late
            )
        )
    for _ in range(3):
        city.pass_(1)
    assert [(row[0], row[1]) for row in city.alarms()] == [
        (2, "streetlight.lamp_failure"), (CABINET, "control_cabinet.breaker_tripped")
    ]  # fmt: skip
    assert city.rows("SELECT sum(activations) FROM alarm") == [(2,)]


def test_a_rule_switched_off_ends_its_alarms_and_one_switched_on_finds_what_stands(city: City) -> None:
    city.pass_()
    city.pass_(5, {2: "lamp_failure", CABINET: "breaker_tripped"})
    key = "streetlight.lamp_failure"
    city.act(
        "UPDATE alarm_rule_version v SET off_at = now(), off_by = 'Ada' FROM alarm_rule r "
        "WHERE r.id = v.rule_id AND r.key = :key",
        key=key,
    )
    city.pass_(1)
    assert {(row[1], row[2]) for row in city.alarms()} == {
        (key, False), ("control_cabinet.breaker_tripped", True)
    }  # fmt: skip
    assert city.rows("SELECT details ->> 'why' FROM alarm_event WHERE kind = 'returned'") == [("rule_off",)]
    city.act("UPDATE alarm SET acknowledged_at = now()")
    city.act("UPDATE alarm_rule_version SET off_at = NULL WHERE off_by = 'Ada'")
    city.pass_(1)
    assert [(row[1], row[2]) for row in city.alarms()][-1] == (key, True)


def test_a_second_engine_waits(city: City) -> None:
    city.pass_()
    other = city.new_engine()
    with pytest.raises(NotAlone):
        other.step(city.now)
    city.watching.close()
    assert other.step(city.now) is False
    other.close()


def test_ten_thousand_at_once_are_all_stored(city: City, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO asset (id, external_id, source, domain, asset_type, name, geometry, commune_id) "
                "SELECT n, 'L-' || n, 'test', 'lighting', 'streetlight', 'L', "
                "ST_SetSRID(ST_MakePoint(5.1, 47.5), 4326), 1 FROM generate_series(1001, 11000) n"
            )
        )
    city.pass_()
    with engine.begin() as connection:
        city.now += 5 * SECOND
        connection.execute(insert(settled_batch).values(id="many", settled_at=city.now, received_at=city.now))
        connection.execute(
            text(
                "INSERT INTO state_change (asset_id, phenomenon_time, status, state, received_at) "
                "SELECT n, :now, 4, 4, :now FROM generate_series(1001, 11000) n"
            ),
            {"now": city.now},
        )
    city.pass_()
    assert city.rows("SELECT count(*), count(annunciated_at), count(DISTINCT asset_id) FROM alarm") == [
        (10_000, 10_000, 10_000)
    ]
