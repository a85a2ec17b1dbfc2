"""The alarm list as the desk reads it: causes only, ranked over the whole set, true totals, per scope."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from geodata.profiles import read_profile
from geodata.scoping import scoped
from model.alarms import AlarmState, Hiding, ListQuery
from model.errors import NotFound
from model.roles import Role
from model.viewer import Scope, Viewer
from services.alarms import AlarmNews, Desk
from tests.alarms_made_up import (
    add_alarm,
    add_group,
    add_hiding,
    add_rule,
    end_condition,
    engine_looked,
)
from tests.clock import began
from tests.integration.small_city import add_areas, add_assets

pytestmark = pytest.mark.servers

PROFILE = read_profile("demo")
ADA = Viewer(7, "ada", "Ada", Role.OPERATOR)
ALL = ListQuery()
CABINET, DARK = "control_cabinet.tripped", "streetlight.dark"


def desk_of(engine: Engine, scope: Scope | None = None) -> Desk:
    """A desk that keeps nothing: every question has a revision of its own."""
    count = iter(range(1, 1_000_000))
    news = AlarmNews(engine, lambda: next(count))
    return Desk(scoped(engine, scope) if scope else engine, engine, PROFILE, news)


@pytest.fixture
def city(engine: Engine) -> Engine:
    """Two communes; cabinet 1 feeds lamps 2 to 4 in the first, lamp 5 and camera 6 lie in the second."""
    with engine.begin() as connection:
        add_areas(connection, "Ouest", "Est")
        lamps: list[tuple[str, int | None]] = [("streetlight", 1)] * 3
        add_assets(connection, ("control_cabinet", 1), *lamps, ("streetlight", 2), ("camera", 2))
        connection.execute(text("UPDATE asset SET parent_id = 1 WHERE id BETWEEN 2 AND 5"))
        for key, domain in ((CABINET, "lighting"), (DARK, "lighting"), ("camera.blind", "surveillance")):
            add_rule(connection, key, began() - timedelta(days=1), domain=domain)
    return engine


def ago(minutes: float) -> datetime:
    return began() - timedelta(minutes=minutes)


def test_a_cause_is_one_row_with_its_consequences_behind_it(city: Engine) -> None:
    with city.begin() as connection:
        cause, lamps = add_group(connection, CABINET, 1, DARK, [2, 3, 4], ago(20))
        other = add_alarm(connection, DARK, ago(10), asset=5)
        engine_looked(connection, ago(0))
    found = desk_of(city).listed(ALL, ADA)
    assert [(row.id, row.consequences) for row in found.rows] == [(other, 0), (cause, 3)]
    assert (found.total, found.consequences, found.hidden) == (2, 3, 0)
    assert found.watched_until == ago(0)
    sheet = desk_of(city).sheet(cause)
    assert [row.id for row in sheet.consequences] == lamps and sheet.row.consequences == 3
    assert {row.code for row in sheet.consequences} == {AlarmState.DSUPR}
    assert desk_of(city).sheet(lamps[0]).cause.id == cause  # type: ignore[union-attr]


def test_what_is_more_urgent_comes_first_and_nothing_critical_hides_under_a_lesser_cause(
    city: Engine,
) -> None:
    with city.begin() as connection:
        low = add_alarm(connection, DARK, ago(1), asset=5, priority=4)
        seen = add_alarm(connection, "camera.blind", ago(30), asset=6, priority=2, acknowledged=ago(29))
        cause = add_alarm(connection, CABINET, ago(60), asset=1, priority=3)
        add_alarm(connection, DARK, ago(59), asset=2, priority=1, cause=cause)
        high = add_alarm(connection, DARK, ago(5), asset=3, priority=2)
        older = add_alarm(connection, DARK, ago(50), asset=4, priority=2)
    found = desk_of(city).listed(ALL, ADA)
    assert [row.id for row in found.rows] == [cause, high, older, low, seen]
    assert found.rows[0].worst == 1 and found.by_priority == {1: 0, 2: 3, 3: 1, 4: 1}
    assert found.unacknowledged == {1: 0, 2: 2, 3: 1, 4: 1}


def test_filters_apply_to_the_whole_set_and_a_page_has_true_totals(city: Engine) -> None:
    with city.begin() as connection:
        add_group(connection, CABINET, 1, DARK, [2, 3], ago(20))
        back = add_alarm(connection, DARK, ago(15), asset=4, returned=ago(3), assigned_id=7, assigned="Ada")
        blind = add_alarm(connection, "camera.blind", ago(8), asset=6, priority=2)
    desk = desk_of(city)
    page = desk.listed(ListQuery(limit=1, offset=1), ADA)
    assert (len(page.rows), page.total, page.consequences) == (1, 3, 2)
    returned = desk.listed(ListQuery(handling=frozenset({"returned"})), ADA)
    assert [row.id for row in returned.rows] == [back] and returned.rows[0].code is AlarmState.RTNUN
    assert [row.id for row in desk.listed(ListQuery(handling=frozenset({"mine"})), ADA).rows] == [back]
    assert desk.listed(ListQuery(handling=frozenset({"mine"})), replace(ADA, person_id=8)).total == 0
    assert [row.id for row in desk.listed(ListQuery(area=2), ADA).rows] == [blind]
    assert [row.id for row in desk.listed(ListQuery(text="CAMERA est"), ADA).rows] == [blind]
    assert desk.listed(ListQuery(text="100%"), ADA).total == 0
    urgent = desk.listed(ListQuery(priorities=frozenset({2})), ADA)
    assert urgent.total == 1 and sum(urgent.by_priority.values()) == 3


@pytest.mark.parametrize("kind", ["shelved", "out_of_service", "disabled"])
def test_what_is_hidden_leaves_the_list_and_is_counted_and_stays_recorded(city: Engine, kind: str) -> None:
    second = {"seconded_by": "Bob", "seconded_by_id": 8} if kind == "disabled" else {}
    with city.begin() as connection:
        shown = add_alarm(connection, DARK, ago(3), asset=5)
        add_alarm(connection, DARK, ago(20), asset=2)
        add_alarm(connection, CABINET, ago(20), asset=1)
        add_hiding(connection, kind, ago(2), asset=1, with_children=True, by_id=7, **second)
        connection.execute(text("UPDATE asset SET parent_id = NULL WHERE id = 5"))
    desk = desk_of(city)
    found = desk.listed(ALL, ADA)
    assert [row.id for row in found.rows] == [shown] and (found.total, found.hidden) == (1, 2)
    row = desk.hidden()[0]
    assert (row.kind, row.alarms, row.waiting, row.with_children) == (Hiding(kind), 2, False, True)
    assert {one.hiding for one in desk.of_asset(2)} == {Hiding(kind)}


def test_hidings_that_are_over_not_begun_or_not_seconded_hide_nothing(city: Engine) -> None:
    with city.begin() as connection:
        add_alarm(connection, DARK, ago(20), asset=2)
        add_hiding(connection, "shelved", ago(90), 3600, asset=2, key=DARK)
        add_hiding(connection, "out_of_service", ago(-30), 3600, asset=2, reference="OT 4")
        add_hiding(connection, "disabled", ago(2), asset=2, key=DARK, by_id=7)
        add_hiding(connection, "shelved", ago(2), asset=2, key=CABINET)
    desk = desk_of(city)
    assert desk.listed(ALL, ADA).total == 1
    waiting = [(row.kind, row.waiting) for row in desk.hidden()]
    assert waiting == [("disabled", True), ("shelved", False), ("out_of_service", False)]


def test_a_scope_sees_its_own_and_a_consequence_whose_cause_lies_outside_stands_by_itself(
    city: Engine,
) -> None:
    with city.begin() as connection:
        cause = add_alarm(connection, CABINET, ago(20), asset=1)
        here = add_alarm(connection, DARK, ago(19), asset=5, cause=cause)
        add_alarm(connection, DARK, ago(19), asset=2, cause=cause)
        add_hiding(connection, "shelved", ago(1), key="camera.blind", domain="surveillance", reason="gel")
        blind = add_alarm(connection, "camera.blind", ago(8), asset=6)
    east = desk_of(city, Scope(areas=frozenset({2})))
    found = east.listed(ALL, ADA)
    assert [(row.id, row.cause_outside, row.consequences) for row in found.rows] == [(here, True, 0)]
    assert found.hidden == 1, "hidden by what only those of the whole city may end"
    assert [row.reason for row in east.hidden()] == ["gel"]
    with pytest.raises(NotFound):
        east.sheet(cause)
    lighting = desk_of(city, Scope(areas=frozenset({2}), domains=frozenset({"lighting"})))
    assert lighting.hidden() == ()
    with pytest.raises(NotFound):
        lighting.sheet(blind)
    assert lighting.of_asset(6) == ()


def test_consequences_do_not_flash_when_their_cause_ends_and_stand_if_nobody_frees_them(
    city: Engine,
) -> None:
    with city.begin() as connection:
        cause, lamps = add_group(connection, CABINET, 1, DARK, [2, 3], ago(20))
        connection.execute(
            text("UPDATE alarm SET acknowledged_at = :at, acknowledged_by = 'Ada' WHERE id = :id"),
            {"at": ago(19), "id": cause},
        )
        end_condition(connection, cause, ago(0))
    assert desk_of(city).listed(ALL, ADA).total == 0
    with city.begin() as connection:
        connection.execute(
            text("UPDATE alarm SET closed_at = :at WHERE id = :id"), {"at": ago(2), "id": cause}
        )
    assert sorted(row.id for row in desk_of(city).listed(ALL, ADA).rows) == lamps


def test_alarms_that_explain_each_other_in_a_ring_are_still_seen(city: Engine) -> None:
    with city.begin() as connection:
        first = add_alarm(connection, CABINET, ago(20), asset=1)
        second = add_alarm(connection, DARK, ago(19), asset=2, cause=first)
        connection.execute(text("UPDATE alarm SET cause_id = :a WHERE id = :b"), {"a": second, "b": first})
    assert {row.id for row in desk_of(city).listed(ALL, ADA).rows} == {first, second}


@pytest.fixture
def flooded(engine: Engine) -> Iterator[tuple[Engine, list[Any]]]:
    """10,000 open alarms: 100 causes of 80 consequences each, and 1,900 alone; statements are counted."""
    began_at = ago(4)
    with engine.begin() as connection:
        add_areas(connection, "Ouest", "Est")
        connection.execute(
            text(
                "INSERT INTO asset (id, external_id, source, domain, asset_type, name, geometry, commune_id) "
                "SELECT n, 'L-' || n, 'test', 'lighting', CASE WHEN n <= 100 THEN 'control_cabinet' "
                "ELSE 'streetlight' END, 'Lampe ' || n, 'SRID=4326;POINT(5.1 47.5)', 1 + n % 2 "
                "FROM generate_series(1, 10000) n"
            )
        )
        add_rule(connection, CABINET, began_at)
        add_rule(connection, DARK, began_at)
        add_alarm(connection, CABINET, began_at, asset=1)
        columns = (
            "rule_id, rule_version, alarm_class, asset_id, commune_id, domain, asset_type, priority, "
            "severity, raised_at, noticed_at, annunciated_at, last_raised_at, cause_id"
        )
        connection.execute(
            text(
                f"INSERT INTO alarm ({columns}) SELECT r.id, 1, r.key, s.id, s.commune_id, s.domain, "
                "s.asset_type, 1 + s.id % 4, 3, :at, :at, CASE WHEN s.id <= 2000 THEN :at END, :at, "
                "CASE WHEN s.id > 2000 THEN 1 + s.id % 100 END "
                "FROM asset s JOIN alarm_rule r ON r.asset_type = s.asset_type WHERE s.id > 1 ORDER BY s.id"
            ),
            {"at": began_at},
        )
        connection.execute(text("ANALYZE alarm"))
    asked: list[Any] = []
    event.listen(engine, "after_cursor_execute", lambda _c, _u, statement, *_: asked.append(statement))
    yield engine, asked


def test_ten_thousand_open_alarms_are_one_page_at_once(flooded: tuple[Engine, list[Any]]) -> None:
    engine, _ = flooded
    desk = desk_of(engine)
    found = desk.listed(ALL, ADA)
    assert (len(found.rows), found.total, found.consequences) == (200, 2000, 8000)
    assert found.flood.on and found.flood.causes == 2000
    assert all(row.worst == 1 for row in found.rows), "critical first"
    assert found.rows[0].consequences == 80, "in a flood what explains most comes first among equals"
    took = []
    for _ in range(7):
        at = time.perf_counter()
        desk.listed(ALL, ADA)
        took.append(time.perf_counter() - at)
    assert min(took) < 0.1, took


def test_fifty_consoles_of_one_scope_cost_one_question(flooded: tuple[Engine, list[Any]]) -> None:
    engine, asked = flooded
    news = AlarmNews(engine, lambda: 1)
    desk = Desk(engine, engine, PROFILE, news)
    asked.clear()
    with ThreadPoolExecutor(50) as pool:
        lists = list(pool.map(lambda _: desk.listed(ALL, ADA), range(50)))
    assert len({id(one) for one in lists}) == 1
    assert sum("WITH RECURSIVE linked" in one for one in asked) == 1
    news.acted()
    assert desk.listed(ALL, ADA) is not lists[0], "what was done here is seen by who asks next"
