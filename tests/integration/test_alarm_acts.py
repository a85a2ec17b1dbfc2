"""What people do with alarms: each verb one transaction with its thread and audit, or nothing at all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text

from geodata.profiles import read_profile
from geodata.scoping import scoped
from geodata.tables import annotation
from model.alarms import AlarmState, Hiding, ListQuery, Seen, Target
from model.errors import BadField, BadRequest, NotFound, NotNow, Refused, VigieError
from model.roles import Role
from model.viewer import Scope, Viewer
from services.access import verify_books
from services.alarms import AlarmNews, Desk
from tests.alarms_made_up import add_alarm, add_group, add_rule, end_condition, raise_again
from tests.clock import began
from tests.integration.small_city import add_areas, add_assets
from tests.signing_in import sign_in

pytestmark = pytest.mark.servers

PROFILE = read_profile("demo")
CABINET, DARK, LATCH, GUARDED, NEVER = (
    "control_cabinet.tripped", "streetlight.dark", "streetlight.broken", "control_cabinet.fire",
    "streetlight.never",
)  # fmt: skip
EAST = Scope(areas=frozenset({2}))


class Town:
    """A cabinet with lamps in the first commune, one lamp in the second, and people who answer alarms."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        at = began() - timedelta(hours=1)
        with engine.begin() as connection:
            add_areas(connection, "Ouest", "Est")
            west: list[tuple[str, int | None]] = [("control_cabinet", 1), *[("streetlight", 1)] * 3]
            add_assets(connection, *west, ("streetlight", 2), ("camera", 1))
            connection.execute(text("UPDATE asset SET parent_id = 1 WHERE id BETWEEN 2 AND 4"))
            for key in (CABINET, DARK):
                add_rule(connection, key, at, max_shelve_s=3600.0)
            add_rule(connection, LATCH, at, latching=True)
            add_rule(connection, GUARDED, at, highly_managed=True)
            add_rule(connection, NEVER, at, max_shelve_s=0.0)
        self.ada = sign_in(engine, Role.OPERATOR).viewer
        self.bob = sign_in(engine, Role.OPERATOR).viewer
        self.sue = sign_in(engine, Role.SUPERVISOR).viewer
        self.tom = sign_in(engine, Role.SUPERVISOR).viewer
        self.eve = sign_in(engine, Role.OPERATOR, areas={2}).viewer
        self.wall = sign_in(engine, Role.WALL).viewer

    def desk(self, scope: Scope | None = None) -> Desk:
        """A desk that keeps nothing."""
        count = iter(range(1, 1_000_000))
        engine = scoped(self.engine, scope) if scope else self.engine
        return Desk(engine, self.engine, PROFILE, AlarmNews(self.engine, lambda: next(count)))

    def alarm(self, key: str = DARK, asset: int = 2, minutes: float = 20, **said: Any) -> int:
        """An alarm raised so many minutes ago."""
        with self.engine.begin() as connection:
            return add_alarm(connection, key, began() - timedelta(minutes=minutes), asset=asset, **said)

    def do(self, step: Callable[..., None], alarm: int) -> None:
        """Let the engine do ``step`` with an alarm."""
        with self.engine.begin() as connection:
            step(connection, alarm, began())

    def one(self, question: str, **values: Any) -> Any:
        """The only value of an answer."""
        with self.engine.connect() as connection:
            return connection.scalar(text(question), values)

    def kinds(self, alarm: int) -> list[str]:
        """The thread of an alarm, without what the system said."""
        return [event.kind.value for event in self.desk().sheet(alarm).thread if event.actor]

    def written(self) -> tuple[int, int, int]:
        """How many lines, entries and hidings there are: what an act that is refused leaves as it is."""
        question = (
            "SELECT ROW((SELECT count(*) FROM alarm_event), (SELECT count(*) FROM audit_entry "
            "WHERE outcome = 'done' AND action LIKE 'alarm%'), "
            "(SELECT count(*) FROM alarm_hiding WHERE ended_at IS NULL))::text"
        )
        found = str(self.one(question)).strip("()").split(",")
        return int(found[0]), int(found[1]), int(found[2])


@pytest.fixture
def town(engine: Engine) -> Town:
    return Town(engine)


def now() -> datetime:
    return datetime.now(UTC)


def hour(hours: float = 1) -> datetime:
    return now() + timedelta(hours=hours)


def refused(town: Town, kind: type[VigieError], act: Callable[[], object]) -> Any:
    """How ``act`` is refused; nothing may be written by it."""
    before = town.written()
    with pytest.raises(kind) as caught:
        act()
    assert town.written() == before, "nothing is half done"
    return caught.value


def test_acknowledging_is_one_act_with_its_line_and_its_entry(town: Town) -> None:
    alarm, desk = town.alarm(), town.desk()
    done = desk.acknowledge(town.ada, [Seen(alarm, 1)], now())
    assert [(row.id, row.code, row.acknowledged_by) for row in done.done] == [
        (alarm, AlarmState.ACKED, town.ada.name)
    ]
    assert town.kinds(alarm) == ["acknowledged"]
    question = "SELECT count(*) FROM audit_entry WHERE action = 'alarm_acknowledged' AND object = :id"
    assert town.one(question, id=str(alarm)) == 1
    assert desk.listed(ListQuery(), town.ada).unacknowledged[3] == 0
    assert verify_books(town.engine).sound


def test_two_who_acknowledge_at_once_have_one_effect_and_both_are_told_who_did_it(town: Town) -> None:
    alarms = [town.alarm(asset=asset) for asset in (2, 3, 4)]
    seen = [Seen(alarm, 1) for alarm in alarms]
    desk = town.desk()
    with ThreadPoolExecutor(8) as pool:
        people = [town.ada, town.bob] * 4
        answers = list(pool.map(lambda who: desk.acknowledge(who, seen, now()), people))
    assert sum(len(answer.done) for answer in answers) == 3
    for alarm in alarms:
        assert town.kinds(alarm) == ["acknowledged"]
        owner = desk.sheet(alarm).row.acknowledged_by
        others = [one for answer in answers for one in answer.already if one.id == alarm]
        assert len(others) == 7 and {one.by for one in others} == {owner}
    mine = {one.mine for answer in answers for one in answer.already}
    assert mine == {True, False}


def test_what_changed_since_it_was_read_back_is_not_acknowledged_and_says_what_changed(town: Town) -> None:
    again, same, closed = (town.alarm(asset=asset) for asset in (2, 3, 4))
    town.do(end_condition, again)
    town.do(raise_again, again)
    with town.engine.begin() as connection:
        connection.execute(text("UPDATE alarm SET closed_at = now() WHERE id = :id"), {"id": closed})
    done = town.desk().acknowledge(town.ada, [Seen(again, 1), Seen(same, 1), Seen(closed, 1)], now())
    assert [row.id for row in done.done] == [same]
    assert {(one.id, one.what) for one in done.changed} == {(again, "raised_again"), (closed, "closed")}
    error = refused(town, NotNow, lambda: town.desk().acknowledge(town.ada, [Seen(again, 1)], now()))
    assert error.reason == "changed_since" and error.values["changed"][0].activations == 2
    assert [row.id for row in town.desk().acknowledge(town.ada, [Seen(again, 2)], now()).done] == [again]


def test_an_alarm_that_is_over_leaves_the_list_when_it_is_acknowledged_and_not_before(town: Town) -> None:
    alarm, desk = town.alarm(), town.desk()
    town.do(end_condition, alarm)
    assert desk.listed(ListQuery(), town.ada).rows[0].code is AlarmState.RTNUN
    done = desk.acknowledge(town.ada, [Seen(alarm, 1)], now())
    assert done.done[0].code is AlarmState.NORM and desk.listed(ListQuery(), town.ada).total == 0
    assert [event.kind.value for event in desk.sheet(alarm).thread][-1] == "closed"


def test_a_latched_alarm_is_reset_after_its_return_and_only_then(town: Town) -> None:
    alarm, plain, desk = town.alarm(LATCH), town.alarm(DARK, 3), town.desk()
    desk.acknowledge(town.ada, [Seen(alarm, 1)], now())
    assert refused(town, NotNow, lambda: desk.reset(town.ada, alarm, now())).reason == "still_active"
    assert refused(town, NotNow, lambda: desk.reset(town.ada, plain, now())).reason == "not_latched"
    town.do(end_condition, alarm)
    assert desk.sheet(alarm).row.code is AlarmState.LATCHED_ACKED
    assert desk.reset(town.ada, alarm, now()).code is AlarmState.NORM
    assert refused(town, NotNow, lambda: desk.reset(town.ada, alarm, now())).reason == "already_reset"


def test_confirming_says_what_was_done_and_comes_after_acknowledging(town: Town) -> None:
    alarm, desk = town.alarm(), town.desk()
    early = refused(town, NotNow, lambda: desk.confirm(town.ada, alarm, "fuse changed", now()))
    assert early.reason == "acknowledge_first"
    desk.acknowledge(town.ada, [Seen(alarm, 1)], now())
    assert refused(town, BadField, lambda: desk.confirm(town.ada, alarm, "  ", now())).reason == "empty"
    desk.confirm(town.bob, alarm, "fuse changed", now())
    assert desk.sheet(alarm).confirmed_action == "fuse changed"
    assert (
        refused(town, NotNow, lambda: desk.confirm(town.ada, alarm, "x", now())).values["by"] == town.bob.name
    )


def test_an_alarm_is_given_to_somebody_who_sees_it_and_comments_stay_in_one_thread(town: Town) -> None:
    alarm, desk = town.alarm(), town.desk()
    names = {one.id for one in desk.assignable(alarm)}
    assert town.bob.person_id in names and town.eve.person_id not in names
    assert desk.assign(town.ada, alarm, town.bob.person_id, now()).assigned_to == town.bob.name
    bad = refused(town, BadField, lambda: desk.assign(town.ada, alarm, town.eve.person_id, now()))
    assert bad.reason == "not_assignable"
    desk.comment(town.bob, alarm, "Crew is on its way\nETA 20 min", now())
    assert desk.assign(town.ada, alarm, None, now()).assigned_to == ""
    desk.rate(town.bob, alarm, True, "flickers each night", now())
    desk.rate(town.bob, alarm, False, "", now())
    assert town.kinds(alarm) == ["assigned", "commented", "assigned", "rated", "rated"]
    assert town.one("SELECT count(*) FROM alarm_rating WHERE NOT useless") == 1


def test_shelving_takes_a_reason_and_an_end_within_the_limit_and_is_not_renewed_unseen(town: Town) -> None:
    alarm, guarded, desk = town.alarm(), town.alarm(GUARDED, 1), town.desk()
    shelve = desk.shelve
    assert refused(town, BadField, lambda: shelve(town.ada, alarm, hour(), " ", "", now())).field == "reason"
    late = refused(town, BadField, lambda: shelve(town.ada, alarm, hour(1.1), "works", "", now()))
    assert late.reason == "too_late"
    assert refused(town, BadField, lambda: shelve(town.ada, alarm, hour(-1), "x", "", now())).field == "until"
    never = town.alarm(NEVER, 3)
    for other, why in ((guarded, "highly_managed"), (never, "never_shelved")):
        kept = refused(town, NotNow, lambda o=other: shelve(town.ada, o, hour(0.1), "x", "", now()))
        assert kept.reason == desk.sheet(other).never_shelved == why
    assert desk.sheet(alarm).never_shelved == ""
    assert shelve(town.ada, alarm, hour(0.9), "works", "severity", now()).code is AlarmState.SHLVD
    twice = refused(town, NotNow, lambda: shelve(town.bob, alarm, hour(0.9), "again", "", now()))
    assert twice.values["by"] == town.ada.name
    (row,) = desk.hidden()
    assert (row.kind, row.reason, row.made_by, row.alarms) == (Hiding.SHELVED, "works", town.ada.name, 1)
    wrong = refused(town, NotFound, lambda: desk.in_service(town.sue, row.id, now()))
    assert str(row.id) in str(wrong)
    desk.unshelve(town.bob, row.id, now())
    assert desk.hidden() == () and desk.sheet(alarm).row.code is AlarmState.UNACK
    assert refused(town, NotNow, lambda: desk.unshelve(town.ada, row.id, now())).reason == "already_ended"
    assert town.kinds(alarm) == ["shelved", "unshelved"]


def test_out_of_service_is_a_supervisors_and_tied_to_an_order_or_to_planned_works(town: Town) -> None:
    town.alarm(CABINET, 1)
    lamp, desk, cabinet = town.alarm(DARK, 3), town.desk(), Target(asset_id=1, with_children=True)
    with town.engine.begin() as connection:
        span = {"kind": "works", "title": "Cable", "body": "", "t0": began(), "t1": hour(), "author": "Sue"}
        works = connection.execute(
            insert(annotation).values(**span, asset_id=1).returning(annotation.c.id)
        ).scalar_one()

    def ask(viewer: Viewer = town.sue, **said: Any) -> int:
        told = {"from_at": now(), "until": hour(5), "reason": "cable", "reference": "", "annotation_id": None}
        return desk.out_of_service(viewer, cabinet, **{**told, **said}, now=now())

    assert refused(town, BadField, ask).field == "reference"
    refused(town, Refused, lambda: ask(town.ada, reference="OT 12"))
    past = refused(town, BadField, lambda: ask(from_at=hour(-1), reference="OT 12"))
    assert past.reason == "in_the_past"
    assert refused(town, BadField, lambda: ask(annotation_id=works + 9)).field == "annotation"
    made = ask(annotation_id=works)
    assert desk.listed(ListQuery(), town.ada).total == 0 and desk.hidden()[0].alarms == 2
    assert town.kinds(lamp) == ["out_of_service"]
    later = ask(from_at=hour(1), reference="OT 13")
    assert town.one("SELECT began_at IS NULL FROM alarm_hiding WHERE id = :id", id=later)
    refused(town, Refused, lambda: desk.in_service(town.ada, made, now()))
    desk.in_service(town.sue, made, now())
    assert desk.listed(ListQuery(), town.ada).total == 2 and town.kinds(lamp)[-1] == "in_service"


def test_disabling_takes_two_persons(town: Town) -> None:
    alarm, desk = town.alarm(), town.desk()
    target = Target(alarm_class=DARK)
    made = desk.ask_disabling(town.sue, target, hour(24), "lamps are replaced", now())
    assert desk.hidden()[0].waiting and desk.listed(ListQuery(), town.ada).total == 1
    same = refused(town, Refused, lambda: desk.second_disabling(town.sue, made, now()))
    assert same.reason == "same_person"
    tried = "SELECT count(*) FROM audit_entry WHERE action = 'alarm_disabled' AND outcome = 'refused'"
    assert town.one(tried) == 1
    refused(town, Refused, lambda: desk.second_disabling(town.ada, made, now()))
    desk.second_disabling(town.tom, made, now())
    assert desk.listed(ListQuery(), town.ada).total == 0
    assert desk.sheet(alarm).row.code is AlarmState.DSBLD and not desk.hidden()[0].waiting
    assert (
        refused(town, NotNow, lambda: desk.second_disabling(town.tom, made, now())).reason
        == "already_seconded"
    )
    desk.enable(town.ada, made, now())
    assert town.kinds(alarm) == ["disabled", "enabled"]
    managed = refused(
        town, NotNow, lambda: desk.ask_disabling(town.ada, Target(alarm_class=GUARDED), hour(), "x", now())
    )
    assert managed.reason == "highly_managed"
    withdrawn = desk.ask_disabling(town.ada, target, hour(), "x", now())
    desk.enable(town.ada, withdrawn, now())
    assert town.one("SELECT ended_why FROM alarm_hiding WHERE id = :id", id=withdrawn) == "withdrawn"


def test_alarms_are_put_under_a_cause_by_hand_without_rings(town: Town) -> None:
    a, b, c = (town.alarm(asset=asset) for asset in (2, 3, 4))
    desk = town.desk()
    assert desk.group(town.ada, [b, c], a, now()).consequences == 2
    assert [row.id for row in desk.listed(ListQuery(), town.ada).rows] == [a]
    assert refused(town, NotNow, lambda: desk.group(town.ada, [a], b, now())).reason == "explained_by_it"
    assert refused(town, BadField, lambda: desk.group(town.ada, [a], a, now())).reason == "itself"
    assert desk.ungroup(town.bob, c, now()).code is AlarmState.UNACK
    with town.engine.begin() as connection:
        _, (lamp,) = add_group(connection, CABINET, 1, LATCH, [3], began())
    assert refused(town, NotNow, lambda: desk.ungroup(town.ada, lamp, now())).reason == "not_by_hand"
    with ThreadPoolExecutor(2) as pool:
        x, y = c, town.alarm(LATCH, 4)
        tries = [
            pool.submit(desk.group, town.ada, [x], y, now()),
            pool.submit(desk.group, town.bob, [y], x, now()),
        ]
        failed = [one.exception() for one in tries]
    assert sum(one is None for one in failed) == 1, "one of two who close a ring from both ends is refused"


VERBS: dict[str, Callable[[Desk, Viewer, int], object]] = {
    "acknowledge": lambda desk, who, alarm: desk.acknowledge(who, [Seen(alarm, 1)], now()),
    "confirm": lambda desk, who, alarm: desk.confirm(who, alarm, "x", now()),
    "reset": lambda desk, who, alarm: desk.reset(who, alarm, now()),
    "assign": lambda desk, who, alarm: desk.assign(who, alarm, None, now()),
    "comment": lambda desk, who, alarm: desk.comment(who, alarm, "x", now()),
    "rate": lambda desk, who, alarm: desk.rate(who, alarm, True, "", now()),
    "shelve": lambda desk, who, alarm: desk.shelve(who, alarm, hour(0.5), "x", "", now()),
    "group": lambda desk, who, alarm: desk.group(who, [alarm], alarm + 1, now()),
    "ungroup": lambda desk, who, alarm: desk.ungroup(who, alarm, now()),
    "out_of_service": lambda desk, who, _: desk.out_of_service(
        who, Target(asset_id=2), now(), hour(), "x", "OT 1", None, now()
    ),
    "ask_disabling": lambda desk, who, _: desk.ask_disabling(
        who, Target(asset_id=2, alarm_class=DARK), hour(), "x", now()
    ),
}


@pytest.mark.parametrize("verb", VERBS)
def test_what_lies_outside_a_scope_is_acted_on_by_nobody_of_it(town: Town, verb: str) -> None:
    alarm = town.alarm()
    town.alarm(DARK, 5)
    east = sign_in(town.engine, Role.SUPERVISOR, areas={2}).viewer
    # Her own desk, and that of the whole city by mistake: what she may is asked of her, not of the desk.
    for desk in (town.desk(EAST), town.desk()):
        before = town.written()
        with pytest.raises((NotFound, Refused)):
            VERBS[verb](desk, east, alarm)
        assert town.written() == before
    refused(town, Refused, lambda: VERBS[verb](town.desk(), town.wall, alarm))


def test_what_hides_more_than_one_sees_is_not_ended_by_her(town: Town) -> None:
    desk, east = town.desk(EAST), sign_in(town.engine, Role.SUPERVISOR, areas={2}).viewer
    town.alarm(DARK, 5)
    everywhere = town.desk().ask_disabling(town.ada, Target(alarm_class=DARK), hour(), "x", now())
    assert [row.id for row in desk.hidden()] == [everywhere]
    for act in (desk.second_disabling, desk.enable):
        error = refused(town, Refused, lambda act=act: act(east, everywhere, now()))  # type: ignore[misc]
        assert error.reason == "hides_more"
    west = town.desk().out_of_service(town.sue, Target(asset_id=1), now(), hour(), "x", "OT 1", None, now())
    refused(town, NotFound, lambda: desk.in_service(east, west, now()))
    refused(town, Refused, lambda: desk.ask_disabling(east, Target(alarm_class=DARK), hour(), "x", now()))


def test_nobody_acts_in_the_past(town: Town) -> None:
    alarm = town.alarm()
    then = now() - timedelta(hours=2)
    refused(town, BadRequest, lambda: town.desk().acknowledge(town.ada, [Seen(alarm, 1)], then))


def test_a_selection_is_listed_and_bounded(town: Town) -> None:
    desk = town.desk()
    many = refused(
        town, BadField, lambda: desk.acknowledge(town.ada, [Seen(n, 1) for n in range(201)], now())
    )
    assert many.reason == "too_many"
    assert refused(town, BadField, lambda: desk.acknowledge(town.ada, [], now())).reason == "empty"
    alarm = town.alarm()
    refused(town, NotFound, lambda: desk.acknowledge(town.ada, [Seen(alarm, 1), Seen(99, 1)], now()))


def test_each_person_finds_the_view_she_left(town: Town) -> None:
    desk = town.desk(EAST)
    desk.keep_view(town.eve, {"domains": ["lighting"], "mute": None})
    desk.keep_view(town.eve, {"domains": ["traffic"]})
    assert desk.view_of(town.eve) == {"domains": ["traffic"]} and desk.view_of(town.ada) == {}
    with pytest.raises(BadField):
        desk.keep_view(town.eve, {"x": "y" * 5000})
