"""The book of rules, and rules tried against the past of a real database."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from sqlalchemy import Engine, insert, text

from geodata.assets import read_columns
from geodata.partitions import ensure_partitions
from geodata.tables import correction, datastream, observation, state_change
from model.alarm_rules import Beyond, Changing, Following, Many, Rule, Silent, StateIs, Stuck, Unexpected
from model.domains import ASSET_TYPES, DOMAINS
from model.errors import BadField, NotFound, Refused, Unavailable
from model.roles import Role
from model.rule_book import RULE_DRAFTS, KeptDraft
from model.states import ABNORMAL
from model.viewer import Scope
from services.alarms.desk.views import keep_view, view_of
from services.alarms.rules import RuleBook, RuleDrafts, backtest, checked_rule, draft_of, own_rules
from services.alarms.watching import Sky
from services.history import Archive, History
from services.history.past.change_hours import keep_all_change_hours
from tests.integration.small_city import PARIS, add_areas, add_assets
from tests.somebody import settled

pytestmark = pytest.mark.servers

T0 = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
SKY = Sky(5.03, 47.32)
TRIPPED = Rule(
    "control_cabinet.x", "lighting", "control_cabinet", StateIs(("breaker_tripped",)), title={"fr": "X"}
)
LEFT_OUT = {
    ("segment", "congested"): "an event: it asks nobody for an answer within a time",
    ("bus", "bunched"): "an event",
    ("bus", "no_contact"): "an event: under every bridge",
}


def test_every_abnormal_state_has_a_rule_or_a_reason_for_none() -> None:
    covered = {
        (r.asset_type, s) for r in own_rules() if isinstance(r.condition, StateIs) for s in r.condition.states
    }
    abnormal = {(t.name, s.name) for t in ASSET_TYPES.values() for s in t.states if s.status in ABNORMAL}
    assert abnormal - covered == set(LEFT_OUT)


def test_the_domains_own_rules_are_rules_that_would_be_taken() -> None:
    keys = {rule.key for rule in own_rules()}
    for domain in DOMAINS:
        for rule in domain.alarms:
            assert checked_rule(rule, own_words=False) == rule
            assert msgspec.json.decode(msgspec.json.encode(rule), type=Rule) == rule
            assert {one.by for one in rule.explained} <= keys, rule.key


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"condition": StateIs(("melted",))}, "states", "unknown_state"),
        ({"condition": StateIs(())}, "states", "empty"),
        ({"condition": Beyond("heat", above=1)}, "observed_property", "unknown_property"),
        ({"condition": Beyond("power")}, "limit", "empty"),
        ({"condition": Beyond("power", above=900)}, "limit", "out_of_range"),
        ({"condition": Beyond("power", above=5, below=6)}, "limit", "crossed"),
        ({"condition": Changing("power", within_s=0, rise=1)}, "within_s", "out_of_range"),
        ({"condition": Stuck("power", for_s=1)}, "for_s", "out_of_range"),
        ({"condition": Silent(periods=0)}, "periods", "out_of_range"),
        ({"condition": Unexpected("day", ("melted",))}, "states", "unknown_state"),
        ({"condition": Many(("breaker_tripped",), least=1, within_s=60)}, "least", "out_of_range"),
        ({"condition": Following("toaster", (), (), 60)}, "first_type", "unknown_type"),
        ({"condition": Following("camera", ("no_image",), ("idle",), 60)}, "relation", "other_type"),
        ({"asset_type": "toaster"}, "asset_type", "unknown_type"),
        ({"domain": "energy"}, "domain", "other_domain"),
        ({"key": "No key"}, "key", "bad_key"),
        ({"title": {}}, "title", "empty"),
        ({"priority": 5}, "priority", "out_of_range"),
        ({"on_delay_s": -1}, "on_delay_s", "out_of_range"),
        ({"on_delay_s": float("nan")}, "on_delay_s", "out_of_range"),
        ({"escalate_s": (900.0, 300.0)}, "escalate_s", "not_rising"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_by_its_field(
    changes: dict[str, Any], field: str, reason: str
) -> None:
    with pytest.raises(BadField) as bad:
        checked_rule(msgspec.structs.replace(TRIPPED, **changes), own_words=True)
    assert (bad.value.field, bad.value.reason) == (field, reason)


def test_a_version_is_tried_before_it_is_switched_on_and_the_one_before_goes_off(engine: Engine) -> None:
    book, who, now = RuleBook(engine), settled(engine), datetime.now(UTC)
    assert book.draft(who, TRIPPED, "first", now) == 1
    with pytest.raises(Refused) as refused:
        book.switch_on(who, TRIPPED.key, 1, now)
    assert refused.value.reason == "untried"
    tried = book.try_out(who, TRIPPED.key, 1, lambda rule: _nothing(rule), now)
    assert tried.total == 0
    book.switch_on(who, TRIPPED.key, 1, now)
    assert book.draft(who, msgspec.structs.replace(TRIPPED, priority=1), "sooner", now) == 2
    book.try_out(who, TRIPPED.key, 2, lambda rule: _nothing(rule), now)
    book.switch_on(who, TRIPPED.key, 2, now + MINUTE)
    sheet = book.sheet(TRIPPED.key, now)
    assert [(one.version, one.in_force, one.rule.priority) for one in sheet.versions] == [
        (2, True, 1),
        (1, False, 3),
    ]
    assert sheet.versions[1].off_why == "version 2"
    book.switch_off(who, TRIPPED.key, "not needed", now + 2 * MINUTE)
    assert book.sheet(TRIPPED.key, now).in_force is None
    with pytest.raises(NotFound):
        book.switch_off(who, TRIPPED.key, "again", now)
    with engine.connect() as connection:
        told = connection.scalars(
            text("SELECT action FROM audit_entry WHERE kind = 'alarm_rule' ORDER BY number")
        )
        assert list(told) == [
            "rule_drafted", "rule_switched_on", "rule_drafted", "rule_switched_on", "rule_switched_off"
        ]  # fmt: skip


def _nothing(rule: Rule) -> Any:
    from model.rule_book import Backtest

    assert rule.key == TRIPPED.key
    return Backtest(0, 1, 0, (), None, 0, (), 0, (), 0, None, 0, 0, 0, 0.1)


def test_only_those_who_keep_the_rules_of_the_whole_city_change_them(engine: Engine) -> None:
    book, now = RuleBook(engine), datetime.now(UTC)
    for viewer in (
        settled(engine, "Omar", Role.OPERATOR),
        settled(engine, "Ana", scope=Scope(domains=frozenset({"lighting"}))),
    ):  # fmt: skip
        with pytest.raises(Refused):
            book.draft(viewer, TRIPPED, "mine", now)


def test_a_new_class_is_refused_where_the_city_has_it_already(engine: Engine) -> None:
    book, who, now = RuleBook(engine), settled(engine), datetime.now(UTC)
    assert book.draft(who, TRIPPED, "mine", now, new=True) == 1
    with pytest.raises(BadField) as bad:
        book.draft(who, TRIPPED, "mine too", now, new=True)
    assert (bad.value.field, bad.value.reason) == ("key", "exists")
    assert len(book.sheet(TRIPPED.key, now).versions) == 1


def test_what_somebody_began_to_write_is_kept_for_her_alone_beside_the_filters_of_her_list(
    engine: Engine,
) -> None:
    drafts, ada, omar = RuleDrafts(engine), settled(engine), settled(engine, "Omar", Role.SUPERVISOR)
    keep_view(engine, ada, {"priorities": [1]})
    values = {"above": "251.5", "states": ["fault"], "asset_type": None}
    drafts.keep(ada, "meter.high", draft_of(2, values, T0))
    drafts.keep(ada, "", draft_of(0, values, T0 + MINUTE))
    keep_view(engine, ada, {"priorities": [2], RULE_DRAFTS: {"meter.high": "overwritten"}})
    assert view_of(engine, ada) == {"priorities": [2]}
    assert drafts.of(ada)["meter.high"] == KeptDraft(2, values, T0.timestamp())
    assert drafts.of(omar) == {}
    drafts.forget(ada, "meter.high")
    assert set(drafts.of(ada)) == {""}
    assert view_of(engine, ada) == {"priorities": [2]}


def test_drafts_are_bounded_and_the_oldest_goes(engine: Engine) -> None:
    drafts, ada = RuleDrafts(engine), settled(engine)
    for n in range(10):
        drafts.keep(ada, f"meter.n{n}", draft_of(1, {"reason": "x"}, T0 + n * MINUTE))
    assert sorted(drafts.of(ada)) == [f"meter.n{n}" for n in range(2, 10)]
    with pytest.raises(BadField):
        drafts.keep(ada, "meter.x", draft_of(1, {"reason": "x" * 20_000}, T0))
    with pytest.raises(BadField):
        draft_of(1, {"reason": {"not": "text"}}, T0)
    with pytest.raises(Refused):
        drafts.keep(settled(engine, "Omar", Role.OPERATOR), "meter.x", draft_of(1, {}, T0))


@pytest.fixture
def past(engine: Engine) -> Engine:
    """Two cabinets over a week that the clocks change in, the second with readings."""
    with engine.begin() as connection:
        add_areas(connection, "Valmont")
        add_assets(connection, ("control_cabinet", 1), ("control_cabinet", 1), ("streetlight", 1))
        connection.execute(
            insert(datastream).values(id=1, asset_id=2, observed_property="power", unit="kW", period_s=900)
        )
        ensure_partitions(connection, T0 - 2 * DAY, T0 + 9 * DAY)
        rows = [(1, T0 - DAY, 1), (2, T0 - DAY, 2), (3, T0 - DAY, 2)]
        # Six trips of a quarter of an hour, five of them in one hour; one of 20 seconds; one that lasts.
        for minutes in (0, 10, 20, 30, 40, 3_000):
            rows += [(1, T0 + minutes * MINUTE, 3), (1, T0 + minutes * MINUTE + 5 * MINUTE, 1)]
        rows += [(2, T0 + 4_000 * MINUTE, 3), (2, T0 + 4_000 * MINUTE + timedelta(seconds=20), 2)]
        rows += [(2, T0 + 5_000 * MINUTE, 3)]
        for asset, at, code in rows:
            kind = ASSET_TYPES["streetlight" if asset == 3 else "control_cabinet"]
            values = {
                "asset_id": asset,
                "phenomenon_time": at,
                "state": code,
                "status": kind.by_code[code].status,
            }
            connection.execute(insert(state_change).values(**values, received_at=at))
        for hour, value in enumerate((5, 13, 14, 6, 13.5, 2)):
            connection.execute(
                insert(observation).values(
                    datastream_id=1,
                    phenomenon_time=T0 + hour * timedelta(hours=1),
                    result=value,
                    received_at=T0,
                )
            )
    return engine


def tried(
    engine: Engine,
    rule: Rule,
    t0: datetime = T0,
    t1: datetime = T0 + 7 * DAY,
    archive: Path | None = None,
) -> Any:
    zone: ZoneInfo = PARIS
    return backtest(engine, History(engine, zone, archive), read_columns(engine), SKY, zone, rule, t0, t1)


def test_a_rule_is_counted_over_the_past(past: Engine) -> None:
    found = tried(past, TRIPPED)
    assert (found.total, found.distinct, found.standing, found.fleeting) == (8, 2, 1, 1)
    assert (found.worst_hour, found.worst_at) == (5, T0.timestamp())
    assert found.days == (("2026-03-28", 5), ("2026-03-30", 1), ("2026-03-31", 1), ("2026-04-01", 1))
    assert [(one.asset, one.count) for one in found.assets] == [("X-1", 6), ("X-2", 2)]
    assert found.median_s == 300
    assert tried(past, msgspec.structs.replace(TRIPPED, on_delay_s=60)).total == 7


def test_what_stood_before_the_period_is_not_counted_in_it(past: Engine) -> None:
    assert tried(past, TRIPPED, T0 + 3 * MINUTE, T0 + 8 * MINUTE).total == 0


def test_a_limit_is_counted_over_readings(past: Engine) -> None:
    rule = msgspec.structs.replace(TRIPPED, condition=Beyond("power", above=12, deadband=1))
    found = tried(past, rule)
    assert (found.total, found.distinct, found.read) == (2, 1, 6)
    assert [one.returned - one.raised for one in found.examples] == [7_200, 3_600]


def test_bad_and_corrected_readings_judge_nothing_and_archived_ones_do(past: Engine, tmp_path: Path) -> None:
    rule = msgspec.structs.replace(TRIPPED, condition=Beyond("power", above=12, deadband=1))
    hour = timedelta(hours=1)
    wrong = {"datastream_id": 1, "author": "A", "reason": "R"}
    with past.begin() as connection:
        at = {"at": T0 + hour}
        # The reading after it is above the limit too, so the first alarm begins an hour later.
        connection.execute(text("UPDATE observation SET quality = 2 WHERE phenomenon_time = :at"), at)
        connection.execute(insert(correction).values(**wrong, phenomenon_time=T0 + 4 * hour, result=None))
    found = tried(past, rule)
    assert [one.raised - T0.timestamp() for one in found.examples] == [7_200]
    assert Archive(past, tmp_path).run(T0 + 3 * DAY, 2), "the day leaves the database"
    with past.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM observation")) == 0
    cold = tried(past, rule, archive=tmp_path)
    assert (cold.examples, cold.read) == (found.examples, found.read)
    with pytest.raises(Unavailable):
        tried(past, rule)


def test_packed_hours_say_what_the_rows_say(past: Engine) -> None:
    before = tried(past, TRIPPED)
    keep_all_change_hours(past, T0 + 8 * DAY)
    after = tried(past, TRIPPED)
    assert msgspec.structs.replace(after, seconds=before.seconds) == before


@pytest.mark.parametrize(
    ("rule", "t1", "field"),
    [(TRIPPED, T0, "period"), (TRIPPED, T0 + 93 * DAY, "period"),
     (msgspec.structs.replace(TRIPPED, condition=Silent()), T0 + DAY, "condition")],
)  # fmt: skip
def test_what_cannot_be_tried_says_why(past: Engine, rule: Rule, t1: datetime, field: str) -> None:
    with pytest.raises(BadField) as bad:
        tried(past, rule, T0, t1)
    assert bad.value.field == field
