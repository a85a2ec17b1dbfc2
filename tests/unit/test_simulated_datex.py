"""The simulated DATEX II publications, read back by their elements' names, and true to the world."""

from collections import Counter
from datetime import datetime

import numpy as np
import pytest
from lxml import etree

from geodata.demo_city import quantities
from model.domains import ASSET_TYPES
from services.simulation import datex_measured, datex_situations
from services.simulation.imperfections import Imperfections
from services.simulation.measuring import STEP_S, measured
from services.simulation.segments import Segments
from services.simulation.situations import LINGERS_S, SORTS, Situation, situations
from services.simulation.world import World
from tests.simulated import MORNING, small_city, world_at

FLAWLESS = Imperfections(1, 0.0)
V2 = {"d": "http://datex2.eu/schema/2/2_0", "soap": "http://schemas.xmlsoap.org/soap/envelope/"}
V3 = {
    "sit": "http://datex2.eu/schema/3/situation",
    "com": "http://datex2.eu/schema/3/common",
    "loc": "http://datex2.eu/schema/3/locationReferencing",
}
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


@pytest.fixture
def world() -> World:
    return world_at()


def put(world: World, row: int, state: str) -> None:
    world.state[row] = ASSET_TYPES["detector"].state_named(state).code


def published(world: World, now: float, flaws: Imperfections = FLAWLESS) -> etree._Element:
    return etree.fromstring(datex_measured.render(world, measured(world, now), flaws))


def sites(document: etree._Element) -> dict[str, etree._Element]:
    found = document.xpath("/soap:Envelope/soap:Body/d:d2LogicalModel//d:siteMeasurements", namespaces=V2)
    return {one.xpath("string(d:measurementSiteReference/@id)", namespaces=V2): one for one in found}


def value(site: etree._Element, kind: str, path: str) -> float:
    (basic,) = [b for b in site.iter(f"{{{V2['d']}}}basicData") if b.get(TYPE) == kind]
    return float(basic.xpath(f"string({path})", namespaces=V2))


def test_every_detector_in_contact_is_a_site_with_three_values(world: World) -> None:
    found = sites(published(world, MORNING + 30))
    city, rows = small_city(), small_city().of("detector")
    well = [row for row in rows.tolist() if world.state_of(row) == "counting"]
    end = MORNING // STEP_S * STEP_S
    values = quantities(world.physics, "detector", np.array(well), np.array([end - STEP_S]), STEP_S)
    for row, flow, speed in zip(well, values["flow"][:, 0], values["speed"][:, 0], strict=True):
        site = found[city.external_ids[row]]
        assert value(site, "TrafficFlow", "d:vehicleFlow/d:vehicleFlowRate") == flow
        assert value(site, "TrafficSpeed", "d:averageVehicleSpeed/d:speed") == pytest.approx(speed, abs=0.05)
        assert 0 <= value(site, "TrafficConcentration", "d:occupancy/d:percentage") <= 95
        assert site.xpath("d:measuredValue/@index", namespaces=V2) == ["0", "0", "0"]


def test_the_flow_agrees_with_the_quarter_s(world: World) -> None:
    rows = world.city.of("detector")
    quarter = MORNING // 900 * 900
    whole = quantities(world.physics, "detector", rows, np.array([quarter]))["flow"][:, 0]
    parts = [
        quantities(world.physics, "detector", rows, np.array([quarter + s]), STEP_S)["flow"][:, 0]
        for s in (0, 300, 600)
    ]
    assert np.allclose(np.mean(parts, axis=0), whole, rtol=0.1, atol=6)


def test_the_time_is_the_end_of_the_period_and_a_little_after_publication(world: World) -> None:
    document = published(world, MORNING + 100)
    published_at = document.xpath("string(//d:publicationTime)", namespaces=V2)
    ends = set(document.xpath("//d:measurementTimeDefault/text()", namespaces=V2))
    assert ends == {"2026-11-20T08:10:00+01:00"}
    assert published_at == "2026-11-20T08:09:54+01:00"


def test_a_detector_out_of_order_says_so_and_one_out_of_contact_is_missing(world: World) -> None:
    silent, stuck, lost = world.city.of("detector")[:3].tolist()
    for row, state in ((silent, "silent"), (stuck, "stuck"), (lost, "no_contact")):
        put(world, row, state)
    found = sites(published(world, MORNING))
    names = world.city.external_ids
    faults = {
        name: site.xpath("string(.//d:measurementEquipmentFault/d:measurementEquipmentFault)", namespaces=V2)
        for name, site in found.items()
    }
    assert faults[names[silent]] == "noDataValuesAvailable"
    assert not list(found[names[silent]].iter(f"{{{V2['d']}}}basicData"))
    assert faults[names[stuck]] == "spuriousUnreliableDataValues"
    assert names[lost] not in found
    later = sites(published(world, MORNING + 3_600))
    flow = "d:vehicleFlow/d:vehicleFlowRate"
    assert value(found[names[stuck]], "TrafficFlow", flow) == value(later[names[stuck]], "TrafficFlow", flow)


def test_a_wrong_site_stands_beside_the_right_one(world: World) -> None:
    right, wrong = published(world, MORNING), published(world, MORNING, Imperfections(2, 200.0))
    assert sites(right).keys() <= sites(wrong).keys()
    strange = {etree.tostring(s) for s in wrong.iter(f"{{{V2['d']}}}siteMeasurements")} - {
        etree.tostring(s) for s in right.iter(f"{{{V2['d']}}}siteMeasurements")
    }
    assert len(strange) >= 1
    assert all(b"BC-999.9" in s or b"99999" in s or b"+01:00" not in s for s in strange)


def test_a_situation_comes_changes_and_ends() -> None:
    seen: dict[str, list[Situation]] = {}
    for minute in range(24 * 60):
        for one in situations(MORNING + 60 * minute, 40):
            if not seen.get(one.id) or seen[one.id][-1] != one:
                seen.setdefault(one.id, []).append(one)
    whole = [lives for lives in seen.values() if lives[0].version == 1 and lives[-1].version == 3]
    assert {lives[0].sort for lives in whole} == {sort.name for sort in SORTS}
    for lives in whole:
        assert [one.version for one in lives] == [1, 2, 3]
        assert lives[0].began == lives[0].changed < lives[1].changed < lives[2].changed == lives[2].ends
        assert {one.segment for one in lives} == {lives[0].segment}
    assert any(one.shut for lives in whole for one in lives)


def test_a_few_go_on_at_a_time_and_none_lingers() -> None:
    counts = [len(situations(MORNING + 600 * step, 400)) for step in range(200)]
    assert 1 <= np.mean(counts) <= 12
    assert all(one.ends + LINGERS_S > MORNING for one in situations(MORNING, 40))
    assert situations(MORNING, 0) == []


def test_situations_are_published_with_their_segment_version_and_end() -> None:
    segments = Segments(world_at().physics)
    names: Counter[str] = Counter()
    for step in range(60):
        now = MORNING + 900 * step
        standing = situations(now, len(segments.rows))
        document = etree.fromstring(datex_situations.render(segments, standing, now, FLAWLESS))
        found = document.xpath("//sit:situation", namespaces=V3)
        assert [one.get("id") for one in found] == [one.id for one in standing]
        for one, told in zip(standing, found, strict=True):
            segment = small_city().external_ids[int(segments.rows[one.segment])]
            for record in told.xpath("sit:situationRecord", namespaces=V3):
                names[record.get(TYPE)] += 1
                assert record.get("version") == str(one.version)
                where = "string(sit:locationReference/loc:predefinedLocationReference/@id)"
                assert record.xpath(where, namespaces=V3) == segment
                start = record.xpath("string(.//com:overallStartTime)", namespaces=V3)
                assert datetime.fromisoformat(start).timestamp() == one.began
                end = record.xpath("string(.//com:overallEndTime)", namespaces=V3)
                assert bool(end) or not one.over
    assert names.keys() == {
        "sit:Accident", "sit:MaintenanceWorks", "sit:RoadOrCarriagewayOrLaneManagement",
    }  # fmt: skip
