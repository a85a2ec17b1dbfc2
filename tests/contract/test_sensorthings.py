"""OGC SensorThings API 1.1, reading: the requirements of the standard (OGC 18-088) as tests of ours.

Each test names the requirements it stands for; the service declares no class without one.
"""

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from model.datasets import DATASETS
from public.sensorthings.conformance import CONFORMANCE
from public.sensorthings.openapi import RELATED
from public.sensorthings.units import known_unit
from public.sensorthings.world import FIELDS, SETS
from services.publishing import Store
from tests.open_data import COUNTS, DAYS, NOW, counts, publish, visitor

ROOT = "/sensorthings/v1.1"
LOOP = f"{COUNTS}~loop-1"
FLOW = f"{LOOP}~flow"


async def got(api: httpx.AsyncClient, path: str, **options: str | int) -> dict[str, Any]:
    """The JSON at ``path``, which must be there; ``options`` without their dollar."""
    answer = await api.get(f"{ROOT}{path}", params={f"${name}": value for name, value in options.items()})
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def refused(api: httpx.AsyncClient, path: str, **options: str | int) -> tuple[int, str]:
    """How ``path`` is refused: status and description."""
    answer = await api.get(f"{ROOT}{path}", params={f"${name}": value for name, value in options.items()})
    return answer.status_code, answer.json()["description"]


async def results(api: httpx.AsyncClient, **options: str | int) -> list[float]:
    """The results of the flow of one loop."""
    found = await got(api, f"/Datastreams('{FLOW}')/Observations", **options)
    return [one["result"] for one in found["value"]]


async def test_service_root(api: httpx.AsyncClient) -> None:
    """Root: the eight sets, and serverSettings with the requirements that are met."""
    document = await got(api, "")
    assert [one["name"] for one in document["value"]] == list(SETS)
    assert document["serverSettings"]["conformance"] == list(CONFORMANCE)
    for one in document["value"]:
        assert (await api.get(one["url"])).status_code == 200


@pytest.mark.parametrize("name", SETS)
async def test_entities(api: httpx.AsyncClient, name: str) -> None:
    """datamodel: each entity's control information, properties and relations; every link leads somewhere."""
    listed = (await got(api, f"/{name}", top=3))["value"]
    assert listed
    for one in listed:
        assert set(FIELDS[name]) <= set(one)
        alone = (await api.get(one["@iot.selfLink"])).json()
        assert alone == one
        for relation, (target, many) in RELATED[name].items():
            there = (await api.get(one[f"{relation}@iot.navigationLink"])).json()
            assert all(set(FIELDS[target]) <= set(each) for each in (there["value"] if many else [there]))
            assert there["value"] if many and target == "Observations" else True


async def test_what_is_observed(api: httpx.AsyncClient) -> None:
    """datamodel/datastream, observation: units in UCUM, times in UTC, intervals of hours and of local days"""
    stream = await got(api, f"/Datastreams('{FLOW}')")
    assert stream["unitOfMeasurement"]["symbol"] == "{vehicle}/h"
    assert stream["unitOfMeasurement"]["definition"].endswith("UCUM/0/%7Bvehicle%7D%2Fh")
    assert stream["phenomenonTime"] == "2026-04-30T22:00:00Z/2026-05-02T22:00:00Z"
    assert stream["observedArea"] == {"type": "Point", "coordinates": [3.81, 43.6]}
    (first,) = (await got(api, f"/Datastreams('{FLOW}')/Observations", top=1))["value"]
    assert first["phenomenonTime"] == "2026-04-30T22:00:00Z/2026-04-30T23:00:00Z"
    assert first["resultTime"] == "2026-04-30T23:00:00Z"
    assert first["result"] == 100.0
    (day,) = (await got(api, f"/Things('{DAYS}~34057')/Datastreams", expand="Observations($top=1)"))["value"]
    assert day["Observations"][0]["phenomenonTime"] == "2026-03-31T22:00:00Z/2026-04-01T22:00:00Z"
    assert day["observedArea"]["type"] == "Polygon"
    assert not (await got(api, f"/Things('{DAYS}~34057')/Locations"))["value"]


def test_every_unit_of_the_register_has_a_code() -> None:
    units = {column.unit for dataset in DATASETS for column in dataset.columns}
    assert [unit for unit in units if not known_unit(unit)] == []


async def test_what_is_unknown_is_no_observation(api: httpx.AsyncClient) -> None:
    cells = counts()["flow"].to_pylist()
    found = await got(
        api, "/Observations", count="true", top=0, filter="Datastream/ObservedProperty/name eq 'flow (fr)'"
    )
    assert found == {"@iot.count": sum(cell is not None for cell in cells), "value": []}


async def test_paths(api: httpx.AsyncClient) -> None:
    """resource-path-to-entities: property, $value, $ref, a relation of a relation, one of several"""
    thing = f"/Things('{LOOP}')"
    assert await got(api, f"{thing}/name") == {"name": "loop-1"}
    assert (await api.get(f"{ROOT}{thing}/name/$value")).text == "loop-1"
    assert (await api.get(f"{ROOT}{thing}/properties/nothing")).status_code == 204
    references = (await got(api, f"{thing}/Datastreams/$ref"))["value"]
    assert [list(one) for one in references] == [["@iot.selfLink"]]
    assert unquote(references[0]["@iot.selfLink"]).endswith(f"{ROOT}/Datastreams('{FLOW}')")
    assert (await got(api, f"/Datastreams('{FLOW}')/Thing/Locations"))["value"][0]["location"][
        "type"
    ] == "Point"
    assert (await got(api, f"{thing}/Datastreams('{FLOW}')/ObservedProperty"))["@iot.id"] == "flow"


@pytest.mark.parametrize(
    "path",
    ["/Nothing", "/Things('x')", "/Things(1)", f"/Things('{LOOP}')/Nothing", f"/Things('{LOOP}')/name/$ref",
     "/Things/name", "/Things//Datastreams", f"/Things('{LOOP}",
     f"/Things('{LOOP}')/Datastreams('{COUNTS}~loop-2~flow')",
     "/MultiDatastreams"],
)  # fmt: skip
async def test_what_there_is_not(api: httpx.AsyncClient, path: str) -> None:
    """request-data/status-code: 404"""
    assert (await refused(api, path))[0] == 404


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"top": "-1"}, "$top"), ({"skip": "x"}, "$skip"), ({"count": "yes"}, "$count"),
        ({"select": "nothing"}, "$select"), ({"select": "name/deep"}, "$select"),
        ({"expand": "Nothing"}, "$expand"),
        ({"expand": "Datastreams($top)"}, "$expand"), ({"expand": "Datastreams($top=1"}, "$expand"),
        ({"orderby": "nothing"}, "$orderby"), ({"orderby": "name up"}, "$orderby"),
        ({"filter": "nothing eq 1"}, "$filter: Things have no property nothing"),
        ({"filter": "name eq"}, "$filter: cannot be read at its end"),
        ({"filter": "name eq 'a"}, "character 9"),
        ({"filter": "name"}, "true or not"), ({"filter": "name eq 1"}, "number with a text"),
        ({"filter": "frob(name)"}, "frob"), ({"filter": "length() eq 1"}, "arguments"),
        ({"filter": "(" * 60 + "true"}, "deeper"), ({"filter": "name eq 'a' b"}, "character 13"),
        ({"resultFormat": "dataArray"}, "$resultFormat"), ({"resultFormat": "csv"}, "$resultFormat"),
        ({"skiptoken": "x"}, "$skiptoken"), ({"metadata": "none"}, "$metadata"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_named(api: httpx.AsyncClient, options: dict[str, str], named: str) -> None:
    """request-data/query-status-code: 400 naming what and where"""
    status, description = await refused(api, "/Things", **options)
    assert status == 400
    assert named in description


@pytest.mark.parametrize(
    "wanted",
    ["geo.distance(location, geography'POINT(3 43)') lt 1", "Datastreams/name eq 'a'", "date(x) eq 1"],
)
async def test_what_is_not_offered(api: httpx.AsyncClient, wanted: str) -> None:
    """request-data/query-status-code: 501 for what the standard has and we have not"""
    assert (await refused(api, "/Things", filter=wanted))[0] in (400, 501)
    assert (await refused(api, "/Observations", filter="id eq 'x'"))[0] == 501


async def test_only_reading(api: httpx.AsyncClient) -> None:
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        answer = await api.request(method, f"{ROOT}/Things")
        assert answer.status_code == 405
        assert "GET" in answer.headers["allow"]


async def test_select_and_expand(api: httpx.AsyncClient) -> None:
    """request-data/select, expand: nested, with options of their own"""
    thing = f"/Things('{LOOP}')"
    assert await got(api, thing, select="id,name,properties/area_code") == {
        "@iot.id": LOOP, "name": "loop-1", "properties": {"area_code": "34057"}
    }  # fmt: skip
    shown = await got(
        api, thing, select="name,Datastreams",
        expand="Datastreams($select=name;$expand=ObservedProperty($select=id),Observations($top=2;$count=true;"
        "$orderby=phenomenonTime desc;$select=result)),Locations",
    )  # fmt: skip
    (stream,) = shown["Datastreams"]
    assert stream["ObservedProperty"] == {"@iot.id": "flow"}
    assert len(stream["Observations"]) == 2
    assert stream["Observations@iot.count"] == 45
    assert (await api.get(stream["Observations@iot.nextLink"])).json()["value"][0] == {
        "result": (await results(api, orderby="phenomenonTime desc", skip=2, top=1))[0]
    }
    assert shown["Locations"][0]["location"]["type"] == "Point"
    assert set(shown) == {"name", "Datastreams", "Locations"}


async def test_order_top_skip_and_count(api: httpx.AsyncClient) -> None:
    """request-data/order, orderby, top, skip, count"""
    everything = await results(api)
    assert await results(api, orderby="result desc") == sorted(everything, reverse=True)
    assert await results(api, orderby="result", top=3, skip=2) == sorted(everything)[2:5]
    two = await got(api, "/Datastreams", orderby="Thing/name desc,name", count="true", top=2)
    assert two["@iot.count"] == 5 + 3
    assert [one["@iot.id"] for one in two["value"]] == [f"{COUNTS}~loop-4~flow", f"{COUNTS}~loop-3~flow"]


@pytest.mark.parametrize(
    ("wanted", "holds"),
    [
        ("result gt 120", lambda one: one["result"] > 120),
        ("result ge 120 and not (result eq 130)", lambda one: one["result"] >= 120 and one["result"] != 130),
        ("result lt 105 or result gt 140", lambda one: one["result"] < 105 or one["result"] > 140),
        ("result mod 2 eq 0 and result sub 100 le 20", lambda one: one["result"] in range(0, 121, 2)),
        ("round(result div 10) eq 12", lambda one: 115 <= one["result"] < 125),
        ("phenomenonTime ge 2026-05-01T10:00:00Z", lambda one: one["phenomenonTime"] >= "2026-05-01T10"),
        ("phenomenonTime lt 2026-05-01T10:00:00Z", lambda one: one["phenomenonTime"] < "2026-05-01T10"),
        ("during(phenomenonTime, 2026-05-01T00:00:00Z/2026-05-01T02:00:00Z)",
         lambda one: one["phenomenonTime"][11:13] in ("00", "01") and one["phenomenonTime"][8:10] == "01"),
        ("year(resultTime) eq 2026 and hour(resultTime) eq 3", lambda one: one["resultTime"][11:13] == "03"),
        ("resultTime gt now()", lambda one: False),
        ("Datastream/Thing/properties/area_code eq '34057'", lambda one: True),
        ("FeatureOfInterest/name eq 'loop-2'", lambda one: False),
        ("substringof('OOP', toupper(Datastream/Thing/name)) and length(FeatureOfInterest/name) eq 6",
         lambda one: True),
        ("Datastream/Thing/properties/nothing eq null", lambda one: True),
        ("not (Datastream/Thing/properties/nothing eq 1)", lambda one: False),
    ],
)  # fmt: skip
async def test_filters(api: httpx.AsyncClient, wanted: str, holds: Any) -> None:
    """request-data/filter: what is found is what holds, and all of it"""
    everything = (await got(api, f"/Datastreams('{FLOW}')/Observations"))["value"]
    found = (await got(api, f"/Datastreams('{FLOW}')/Observations", filter=wanted))["value"]
    assert found == [one for one in everything if holds(one)]


async def test_pages_stay_put(var: Path, tmp_path: Path) -> None:
    """request-data/pagination: every entity once, though a new version is published meanwhile"""
    publish(store := Store(tmp_path / "artefacts"), COUNTS, counts(48))
    async with visitor(tmp_path) as api:
        whole = (await got(api, "/Observations", top=1000))["value"]
        page = await got(api, "/Observations", top=50, count="true")
        publish(store, COUNTS, counts(60))
        seen = page["value"]
        while "@iot.nextLink" in page:
            page = (await api.get(page["@iot.nextLink"])).json()
            seen += page["value"]
        assert seen == whole
        while (await got(api, "/Observations", top=0, count="true"))["@iot.count"] == len(whole):
            """The version before serves while the new one is read."""
        last = (await got(api, "/Observations", top=50))["@iot.nextLink"]
        store.revoke(COUNTS, NOW)
        gone = await api.get(last)
        assert gone.status_code in (410, 503)


async def test_data_array(api: httpx.AsyncClient) -> None:
    found = await got(api, "/Observations", resultFormat="dataArray", select="result,phenomenonTime", top=60)
    assert [set(one) for one in found["value"]] == [
        {"Datastream@iot.navigationLink", "components", "dataArray@iot.count", "dataArray"}
    ] * len(found["value"])
    assert sum(one["dataArray@iot.count"] for one in found["value"]) == 60
    assert found["value"][0]["components"] == ["result", "phenomenonTime"]
    assert "@iot.nextLink" in found


async def test_nothing_published(tmp_path: Path) -> None:
    async with visitor(tmp_path) as api:
        for path in ("", "/Things"):
            answer = await api.get(ROOT + path)
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0


def test_every_declared_requirement_has_its_test() -> None:
    told = Path(__file__).read_text(encoding="utf-8")
    for one in CONFORMANCE:
        part = one.rpartition("/req/")[2]
        assert re.search(rf"\b{part.rpartition('/')[2]}\b", told), one
