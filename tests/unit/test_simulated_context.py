"""Lighting as a context broker tells it, and who tells what: each report leaves by one door."""

import json
from collections import Counter
from datetime import datetime

import pytest

from model.domains import ASSET_TYPES
from services.simulation.broker import Gateway
from services.simulation.context import CONTEXT, TOLD, Broker
from services.simulation.imperfections import SHARE, Flaw, Imperfections
from services.simulation.outbox import Outbox
from services.simulation.reports import Report
from services.simulation.sharing import BY_BROKER, Doors, Sharing
from services.simulation.world import World
from tests.simulated import MORNING, small_city, world_at

FLAWLESS = Imperfections(1, 0.0)


class Listening(Gateway):
    """A gateway that notes what it would publish."""

    def __init__(self) -> None:
        self.there, self.taken = True, list[Report]()

    @property
    def connected(self) -> bool:
        return self.there

    def publish(self, reports: dict[str, list[Report]]) -> None:  # type: ignore[override]
        assert self.there
        for kind, listed in reports.items():
            assert kind in BY_BROKER
            self.taken += listed


@pytest.fixture
def world() -> World:
    return world_at()


@pytest.fixture
def doors() -> Doors:
    return Doors(Outbox(), Outbox(), Listening())


def everything(outbox: Outbox | None) -> list[Report]:
    assert outbox is not None
    return outbox.take(1_000_000)


def lamp_and_cabinet() -> tuple[str, str]:
    city = small_city()
    lamp = int(city.of("streetlight")[5])
    return city.external_ids[lamp], city.external_ids[int(city.parents[lamp])]


@pytest.fixture
def broker(world: World) -> Broker:
    return Broker(world.city, world.type_of)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("on", {"status": "ok", "powerState": "on", "illuminanceLevel": 1.0}),
        ("off", {"status": "ok", "powerState": "off", "illuminanceLevel": 0.0}),
        ("lamp_failure", {"status": "defectiveLamp"}),
        ("no_supply", {"status": "no_supply"}),
    ],
)
def test_a_lamp_is_a_streetlight(broker: Broker, state: str, told: dict[str, object]) -> None:
    lamp, _ = lamp_and_cabinet()
    (entity,) = broker.entities([Report(lamp, "state", state, MORNING)])
    assert (entity["id"], entity["type"]) == (f"urn:ngsi-ld:Streetlight:{lamp}", "Streetlight")
    assert {name: entity[name]["value"] for name in told} == told
    assert entity.keys() - told.keys() == {"id", "type", "@context"}
    assert {entity[name]["observedAt"] for name in told} == {"2026-11-20T07:10:00.000+00:00"}


def test_a_dimmed_lamp_burns_as_its_cabinet_s_programme_says(broker: Broker) -> None:
    lamp, cabinet = lamp_and_cabinet()
    (entity,) = broker.entities([Report(lamp, "state", "dimmed", MORNING)])
    about = small_city().attributes[small_city().external_ids.index(cabinet)]
    assert entity["powerState"]["value"] == "low"
    assert entity["illuminanceLevel"]["value"] == about["dimming_percent"] / 100


def test_a_cabinet_s_state_and_power_are_one_entity_each_with_its_instant(broker: Broker) -> None:
    _, cabinet = lamp_and_cabinet()
    (entity,) = broker.entities(
        [Report(cabinet, "state", "feeding", MORNING), Report(cabinet, "power", 3.2, MORNING - 900)]
    )
    assert entity["type"] == "StreetlightControlCabinet"
    assert entity["deviceState"]["value"] == "feeding"
    power = entity["totalActivePower"]
    assert (power["value"], power["unitCode"]) == (3.2, "KWT")
    assert datetime.fromisoformat(power["observedAt"]).timestamp() == MORNING - 900


def test_a_second_value_and_one_without_zone_do_not_spoil_the_first(broker: Broker) -> None:
    _, cabinet = lamp_and_cabinet()
    first = Report(cabinet, "power", 0.0, MORNING)
    found = broker.entities([first, first._replace(value=3.2), first._replace(zoned=False)])
    assert [entity["totalActivePower"]["value"] for entity in found] == [0.0, 3.2, 0.0]
    assert [entity["totalActivePower"]["observedAt"][-6:] for entity in found[:2]] == ["+00:00"] * 2
    assert found[2]["totalActivePower"]["observedAt"] == "2026-11-20T07:10:00.000"


def test_a_notification_is_an_envelope_of_entities(broker: Broker) -> None:
    lamp, _ = lamp_and_cabinet()
    told = json.loads(broker.notification([Report(lamp, "state", "on", MORNING)], "2026-11-20T07:10:01Z"))
    assert told["type"] == "Notification"
    assert told.keys() == {"id", "type", "subscriptionId", "notifiedAt", "data"}
    assert [entity["@context"] for entity in told["data"]] == [[CONTEXT]]


def handed_out(world: World, doors: Doors, flaws: Imperfections, polled: bool = True) -> list[Report]:
    sharing = Sharing(world, doors, flaws, polled)
    sent = []
    for minute in range(1, 31):
        reports = world.advance(MORNING + 60 * minute)
        sharing.hand_out(reports, MORNING + 60 * minute)
        sent += reports
    return sent


def test_each_report_leaves_by_exactly_one_door(world: World, doors: Doors) -> None:
    # An outbox keeps of states only the newest: values tell whether anything is lost or doubled.
    sent = Counter(r for r in handed_out(world, doors, FLAWLESS) if r.property != "state")
    assert isinstance(doors.gateway, Listening)
    taken = [everything(doors.push), everything(doors.context), doors.gateway.taken]
    got = Counter(r for part in taken for r in part if r.property != "state")
    missing = sent - got
    assert not got - sent
    assert {world.type_of(r.asset) for r in missing} == {"detector"}
    by = [{world.type_of(r.asset) for r in part} for part in taken]
    assert by[1] == {"streetlight", "control_cabinet"}
    assert by[2] <= set(BY_BROKER)
    assert by[0].isdisjoint({"detector", "segment", "bus", *BY_BROKER})
    assert {r.property for r in taken[1]} <= set(TOLD)


def test_an_asset_s_state_never_comes_by_two_doors(world: World, doors: Doors) -> None:
    handed_out(world, doors, FLAWLESS)
    assert isinstance(doors.gateway, Listening)
    taken = [everything(doors.push), everything(doors.context), doors.gateway.taken]
    owners = [{r.asset for r in part if r.property == "state"} for part in taken]
    assert not owners[0] & owners[1] and not owners[0] & owners[2] and not owners[1] & owners[2]
    assert all(owners)


def test_without_providers_detectors_are_pushed(world: World, doors: Doors) -> None:
    handed_out(world, doors, FLAWLESS, polled=False)
    assert "detector" in {world.type_of(r.asset) for r in everything(doors.push)}


def test_while_the_broker_is_away_its_gateways_push(world: World, doors: Doors) -> None:
    assert isinstance(doors.gateway, Listening)
    doors.gateway.there = False
    handed_out(world, doors, FLAWLESS)
    assert "camera" in {world.type_of(r.asset) for r in everything(doors.push)}


def test_about_one_item_in_two_thousand_is_wrong_and_the_right_one_is_there_too() -> None:
    flaws = Imperfections(5)
    struck = sum(flaws.strike() is not None for _ in range(200_000))
    assert struck == flaws.made
    assert struck / 200_000 == pytest.approx(SHARE, rel=0.3)
    one, other = Imperfections(5), Imperfections(5)
    assert [one.strike() for _ in range(20_000)] == [other.strike() for _ in range(20_000)]


def test_a_city_without_mistakes_makes_none() -> None:
    assert not any(FLAWLESS.strike() for _ in range(10_000))
    assert not any(FLAWLESS.away(MORNING + 30 * s, 4) is not None for s in range(10_000))
    assert not any(FLAWLESS.clock_ahead(MORNING + 30 * s, 4) for s in range(10_000))


def test_mistakes_are_believable(world: World, doors: Doors) -> None:
    handed_out(world, doors, Imperfections(6, 20.0), polled=False)
    assert isinstance(doors.gateway, Listening)
    known = set(world.city.external_ids)
    found: Counter[str] = Counter()
    for report in [*everything(doors.push), *everything(doors.context), *doors.gateway.taken]:
        if report.asset not in known:
            found[Flaw.UNKNOWN_ASSET.value] += 1
        elif not report.zoned:
            found[Flaw.TIME_WITHOUT_ZONE.value] += 1
        elif report.property != "state":
            about = ASSET_TYPES[world.type_of(report.asset)].by_property[report.property]
            found[Flaw.OUT_OF_RANGE.value] += not about.low <= float(report.value) <= about.high
    assert set(+found) == {flaw.value for flaw in Flaw}


def test_one_gateway_s_clock_runs_ahead_for_ten_minutes_an_hour() -> None:
    flaws = Imperfections(7)
    wrong = [flaws.clock_ahead(MORNING + 10 * s, 30) for s in range(360 * 5)]
    assert sum(w is not None for w in wrong) / len(wrong) == pytest.approx(1 / 6, abs=0.05)
    assert all(300 < w[1] < 900 for w in wrong if w)


def test_a_wrong_clock_dates_its_gateway_s_reports_ahead(world: World, doors: Doors) -> None:
    flaws = Imperfections(7)
    gateways = len(world.city.of("gateway"))
    now = next(MORNING + s for s in range(7_200) if flaws.clock_ahead(MORNING + s, gateways))
    which, ahead = flaws.clock_ahead(now, gateways) or (0, 0.0)
    name = world.city.external_ids[int(world.city.of("gateway")[which])]
    Sharing(world, doors, flaws).hand_out([Report(name, "state", "in_service", now)], now)
    assert isinstance(doors.gateway, Listening)
    assert [r.at for r in doors.gateway.taken if r.zoned and r.asset == name] == [now + ahead]


def test_one_provider_is_away_for_a_minute_now_and_then() -> None:
    flaws = Imperfections(8)
    away = [flaws.away(MORNING + s, 4) for s in range(0, 40 * 3_600, 10)]
    gone = [which for which in away if which is not None]
    assert len(set(gone)) > 1
    assert len(gone) / 6 == pytest.approx(20, abs=10)
