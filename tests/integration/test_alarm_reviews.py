"""Reviews of rules: opened by who calls an alarm useless, tried, closed, or answered by a version."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Engine, insert, text

from geodata.assets import read_columns
from geodata.partitions import ensure_partitions
from geodata.profiles import read_profile
from geodata.scoping import scoped
from geodata.tables import state_change
from model.alarm_review import Trial
from model.alarm_rules import Rule
from model.domains import ASSET_TYPES
from model.errors import BadField, NotFound, Refused
from model.roles import Role
from model.viewer import Scope, Viewer
from services.alarms.desk.handling import rate
from services.alarms.reviews import Reviews, side_by_side
from services.alarms.rules import RuleBook
from services.history import History
from tests.alarms_made_up import add_alarm, add_rule, end_condition, raise_again
from tests.integration.small_city import PARIS, add_areas, add_assets
from tests.somebody import settled

pytestmark = pytest.mark.servers

CABINET, LAMP = "control_cabinet.breaker_tripped", "streetlight.lamp_failure"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TRIPPED, LIT = 3, 1


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def city(engine: Engine, now: datetime) -> Engine:
    """A cabinet that trips for twenty seconds and comes back a minute later, one that trips and stays so."""
    with engine.begin() as connection:
        add_areas(connection, "Valmont", "Argilly")
        add_assets(connection, ("control_cabinet", 1), ("control_cabinet", 2), ("streetlight", 1))
        add_rule(connection, CABINET, now - 40 * DAY, priority=3)
        add_rule(connection, LAMP, now - 40 * DAY, priority=4)
        connection.execute(
            text("INSERT INTO alarm_watch (began_at, ended_at) VALUES (:a, :b)"),
            {"a": now - 30 * DAY, "b": now},
        )
    return engine


def trips(engine: Engine, now: datetime) -> list[int]:
    """Ten short trips of the first cabinet within ten minutes, and one of the second that somebody assigned
    and that lasts for an hour: in the history and as alarms. The alarms, the assigned one last."""
    spans = [(1, now - 5 * DAY + n * MINUTE, timedelta(seconds=20)) for n in range(10)]
    spans.append((2, now - 3 * DAY, 60 * MINUTE))
    alarms, kind = [], ASSET_TYPES["control_cabinet"]
    with engine.begin() as connection:
        for asset, at, lasts in spans:
            assigned = "Karim" if asset == 2 else None
            alarms.append(add_alarm(connection, CABINET, at, asset=asset, assigned=assigned, acknowledged=at))
            end_condition(connection, alarms[-1], at + lasts)
        ensure_partitions(connection, now - 6 * DAY, now)
        turns = [(asset, at, TRIPPED) for asset, at, _ in spans]
        turns += [(asset, at + lasts, LIT) for asset, at, lasts in spans]
        for asset, when, code in turns:
            connection.execute(
                insert(state_change).values(
                    asset_id=asset, phenomenon_time=when, received_at=when, state=code,
                    status=kind.by_code[code].status,
                )
            )  # fmt: skip
    return alarms


def useless(engine: Engine, viewer: Viewer, alarm: int, said: str = "") -> None:
    rate(engine, viewer, alarm, useless=True, said=said, now=datetime.now(UTC))


def trying(engine: Engine, now: datetime):  # type: ignore[no-untyped-def]
    return side_by_side(engine, History(engine, PARIS, None), read_columns(engine), read_profile("demo"), now)


def test_who_calls_an_alarm_useless_has_its_rule_looked_at_again(city: Engine, now: datetime) -> None:
    alarms, reviews = trips(city, now), Reviews(city)
    with city.begin() as connection:
        lamp = add_alarm(connection, LAMP, now - DAY, asset=3)
    assert reviews.open(now) == []
    omar, ines = (settled(city, name, Role.OPERATOR) for name in ("Omar", "Inès"))
    useless(city, omar, lamp)
    useless(city, omar, alarms[0], "Retombe toute seule")
    useless(city, ines, alarms[1])
    useless(city, ines, alarms[1], "Encore")
    first, second = reviews.open(datetime.now(UTC))
    assert (first.key, second.key) == (CABINET, LAMP), "the one called so more often"
    assert [(one.name, one.role, one.asset, one.text) for one in first.said] == [
        ("Inès", "operator", "X-1", "Encore"), ("Omar", "operator", "X-1", "Retombe toute seule")
    ]  # fmt: skip
    assert (first.figures.alarms, first.figures.fleeting, first.figures.useless, first.figures.acted) == (
        11, 10, 2, 1
    )  # fmt: skip
    assert [(one.field, one.after) for one in first.changes] == [("off_delay_s", 60.0), ("on_delay_s", 30.0)]
    rate(city, omar, lamp, useless=False, said="", now=datetime.now(UTC))
    assert [one.key for one in reviews.open(datetime.now(UTC))] == [CABINET], "she changed her mind"


def test_operators_of_a_part_open_reviews_and_see_those_of_their_part(city: Engine, now: datetime) -> None:
    alarms, scope = trips(city, now), Scope(areas=frozenset({2}))
    useless(city, settled(city, "Ana", Role.OPERATOR, scope), alarms[-1], "Ici")
    useless(city, settled(city, "Omar", Role.OPERATOR), alarms[0])
    whole = Reviews(city).of(CABINET, datetime.now(UTC))
    mine = Reviews(scoped(city, scope)).of(CABINET, datetime.now(UTC))
    assert ([one.text for one in mine.said], mine.figures.alarms) == (["Ici"], 1)
    assert (len(whole.said), whole.people) == (2, 2)


def test_a_proposal_is_tried_beside_the_present_version(city: Engine, now: datetime) -> None:
    alarms, keeper = trips(city, now), settled(city)
    useless(city, settled(city, "Omar", Role.OPERATOR), alarms[0])
    found = Reviews(city).work_out(keeper, CABINET, trying(city, now), datetime.now(UTC))
    assert (found.version, found.rule.on_delay_s, found.rule.off_delay_s) == (1, 30.0, 60.0)
    trial = found.trial
    assert trial is not None
    assert (trial.present, trial.proposed, trial.acted, trial.kept) == (11, 1, 1, 1)
    review = Reviews(city).of(CABINET, datetime.now(UTC))
    assert (review.proposal, review.changes) == (found, found.changes)


def test_what_the_past_loses_of_what_was_acted_on_is_told(city: Engine, now: datetime) -> None:
    trips(city, now)
    rules = [one.versions[0].rule for one in RuleBook(city).list(now) if one.key == CABINET]
    late = msgspec.structs.replace(rules[0], on_delay_s=7_200.0)
    trial = trying(city, now)(rules[0], late)
    assert (trial.present, trial.proposed, trial.acted, trial.kept) == (11, 0, 1, 0)


def test_a_review_is_closed_with_a_reason_and_opens_again(city: Engine, now: datetime) -> None:
    alarms, reviews, keeper = trips(city, now), Reviews(city), settled(city)
    omar = settled(city, "Omar", Role.OPERATOR)
    useless(city, omar, alarms[0])
    with pytest.raises(BadField) as bad:
        reviews.close(keeper, CABINET, " ", datetime.now(UTC))
    assert bad.value.field == "reason"
    reviews.close(keeper, CABINET, "Réparée hier", datetime.now(UTC))
    with pytest.raises(NotFound):
        reviews.close(keeper, CABINET, "Encore", datetime.now(UTC))
    assert reviews.open(datetime.now(UTC)) == []
    useless(city, omar, alarms[1])
    assert [len(one.said) for one in reviews.open(datetime.now(UTC))] == [1], (
        "what was answered is not counted"
    )
    assert _audited(city) == [("Claire", CABINET, "kept", "Réparée hier")]


def test_a_version_put_in_force_answers_the_review(city: Engine, now: datetime) -> None:
    alarms, keeper, book = trips(city, now), settled(city), RuleBook(city)
    useless(city, settled(city, "Omar", Role.OPERATOR), alarms[0])
    found = Reviews(city).work_out(keeper, CABINET, trying(city, now), datetime.now(UTC))
    assert book.draft(keeper, found.rule, "Trop court", datetime.now(UTC)) == 2
    review = Reviews(city).of(CABINET, datetime.now(UTC))
    assert (review.drafted, review.drafted_by, review.version) == (2, "Claire", 1)
    with city.begin() as connection:
        connection.execute(text("UPDATE alarm_rule_version SET backtested_at = now() WHERE version = 2"))
    book.switch_on(keeper, CABINET, 2, datetime.now(UTC))
    assert Reviews(city).open(datetime.now(UTC)) == []
    assert _audited(city) == [("Claire", CABINET, "changed", None)]


def test_what_was_tried_of_another_version_is_not_shown(city: Engine, now: datetime) -> None:
    alarms, keeper, reviews = trips(city, now), settled(city), Reviews(city)
    useless(city, settled(city, "Omar", Role.OPERATOR), alarms[0])
    reviews.work_out(keeper, CABINET, lambda _now, _then: Trial(0, 1, 2, 1, 0, 0, 0), datetime.now(UTC))
    with city.begin() as connection:
        connection.execute(text("UPDATE alarm_rule_version SET off_at = now(), off_by = 'x', off_why = 'y'"))
    review = reviews.of(CABINET, datetime.now(UTC))
    assert (review.version, review.proposal, review.changes) == (0, None, ())
    with pytest.raises(NotFound):
        reviews.work_out(keeper, CABINET, _never, datetime.now(UTC))


def _never(_present: Rule, _proposed: Rule) -> Trial:
    raise AssertionError("nothing is tried")


def test_only_those_who_keep_the_rules_of_the_whole_city_decide(city: Engine, now: datetime) -> None:
    alarms, reviews = trips(city, now), Reviews(city)
    operator = settled(city, "Omar", Role.OPERATOR)
    useless(city, operator, alarms[0])
    of_a_part = settled(city, "Ana", scope=Scope(domains=frozenset({"lighting"})))
    for viewer in (operator, of_a_part, settled(city, "Élu", Role.OFFICIAL)):
        with pytest.raises(Refused):
            reviews.close(viewer, CABINET, "mine", datetime.now(UTC))
        with pytest.raises(Refused):
            reviews.work_out(viewer, CABINET, _never, datetime.now(UTC))


def test_what_came_back_on_an_open_alarm_counts_as_coming_back(city: Engine, now: datetime) -> None:
    with city.begin() as connection:
        alarm = add_alarm(connection, LAMP, now - DAY, asset=3)
        for n in range(1, 6):
            end_condition(connection, alarm, now - DAY + (2 * n - 1) * 2 * MINUTE)
            raise_again(connection, alarm, now - DAY + n * 4 * MINUTE)
    useless(city, settled(city, "Omar", Role.OPERATOR), alarm)
    (review,) = Reviews(city).open(datetime.now(UTC))
    assert [(one.field, one.after, one.count, one.of) for one in review.changes] == [
        ("off_delay_s", 180.0, 5, 6), ("on_delay_s", 180.0, 5, 5)
    ]  # fmt: skip


def _audited(engine: Engine) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT actor, object, details ->> 'decision', details ->> 'reason' FROM audit_entry "
                "WHERE action = 'rule_reviewed' ORDER BY number"
            )
        )
        return [tuple(row) for row in rows]
