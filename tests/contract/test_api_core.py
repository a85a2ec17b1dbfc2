"""OGC API Features parts 1 and 2: the abstract tests of the standards' classes, as tests of ours.

Each test names the abstract tests it stands for (OGC 17-069r4 annex A, OGC 18-058 annex A).
"""

import re
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyarrow as pa
import pytest
import shapely
from pyproj import Transformer

from public.features.conformance import CLASSES
from tests.open_data import (
    COUNTS,
    DAYS,
    LIGHTS,
    NOW,
    OUTLINES,
    counts,
    days,
    lights,
    open_data,
    publish,
    visitor,
)

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
ALL = (COUNTS, DAYS, LIGHTS, OUTLINES)


async def got(api: httpx.AsyncClient, path: str, **query: str | int) -> dict[str, Any]:
    """The JSON at ``path``, which must be there."""
    answer = await api.get(f"/api{path}", params=query)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def ids(api: httpx.AsyncClient, name: str, **query: str | int) -> set[str]:
    """The ids of the features that are asked for."""
    found = await got(api, f"/collections/{name}/items", **{"limit": 1000, **query})
    assert found["numberReturned"] == found["numberMatched"] == len(found["features"])
    return {one["id"] for one in found["features"]}


def links(document: dict[str, Any], rel: str) -> list[dict[str, str]]:
    return [one for one in document["links"] if one["rel"] == rel]


def described(document: dict[str, Any]) -> bool:
    return all({"href", "rel", "type"} <= set(one) for one in document["links"])


@pytest.mark.parametrize("path", ["", "/"])
async def test_root(api: httpx.AsyncClient, path: str) -> None:
    """/conf/core/root-op, root-success"""
    document = await got(api, path)
    assert described(document)
    for rel in ("self", "alternate", "service-desc", "service-doc", "conformance", "data"):
        for one in links(document, rel):
            answer = await api.get(one["href"])
            assert answer.status_code == 200, one
            assert answer.headers["content-type"].partition(";")[0] == one["type"].partition(";")[0]
        assert links(document, rel), rel


async def test_api_definition(api: httpx.AsyncClient) -> None:
    """/conf/core/api-definition-op, -success; /conf/oas30/oas-definition, oas-impl, completeness"""
    document = await got(api, "/openapi.json")
    assert document["openapi"].startswith("3.0.")
    assert document["servers"] == [{"url": "http://public/api"}]
    for path in document["paths"]:
        filled = (
            path.replace("{featureId}", "L00001").removesuffix("/") if "L" in path or "{" in path else path
        )
        query = "?value=" + ("flow" if COUNTS in path else "failure_rate") if path.endswith("series") else ""
        answer = await api.get(f"/api{filled}{query}")
        assert answer.status_code == 200 or "featureId" in path, path
    refused = document["paths"][f"/collections/{LIGHTS}/items"]["get"]["responses"]
    assert set(refused) == {"200", "400", "404", "410", "503"}


async def test_conformance(api: httpx.AsyncClient) -> None:
    """/conf/core/conformance-op, conformance-success"""
    declared = (await got(api, "/conformance"))["conformsTo"]
    assert tuple(declared) == CLASSES
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in declared


async def test_collections_and_each_of_them_say_the_same(api: httpx.AsyncClient) -> None:
    """/conf/core/fc-md-op, -success, -links, -items, -items-links; sfc-md-op, -success"""
    document = await got(api, "/collections")
    assert described(document) and links(document, "self") and links(document, "alternate")
    assert [one["id"] for one in document["collections"]] == sorted(ALL)
    for one in document["collections"]:
        assert described(one)
        forms = {link["type"] for link in links(one, "items")}
        assert forms == {"application/geo+json", "text/html", "text/csv"}
        alone = await got(api, f"/collections/{one['id']}")
        assert alone == one
        for link in one["links"]:
            if link["rel"] in ("items", "self", "alternate"):
                assert (await api.get(link["href"])).status_code == 200


async def test_extents_hold_everything(api: httpx.AsyncClient) -> None:
    """/conf/core/fc-md-extent"""
    for name in ALL:
        extent = (await got(api, f"/collections/{name}"))["extent"]
        west, south, east, north = extent["spatial"]["bbox"][0]
        for one in (await got(api, f"/collections/{name}/items", limit=1000))["features"]:
            if one["geometry"]:
                x0, y0, x1, y1 = shapely.bounds(shapely.geometry.shape(one["geometry"]))
                assert west - 1e-6 <= x0 and x1 <= east + 1e-6
                assert south - 1e-6 <= y0 and y1 <= north + 1e-6
    assert (await got(api, f"/collections/{DAYS}"))["extent"]["temporal"]["interval"] == [
        ["2026-04-01", "2026-04-30"]
    ]


async def test_items_are_geojson_with_their_links(api: httpx.AsyncClient) -> None:
    """/conf/core/fc-op, fc-response, fc-links, fc-numberReturned, fc-numberMatched; /conf/geojson/*"""
    answer = await api.get(f"/api/collections/{LIGHTS}/items")
    assert answer.headers["content-type"] == "application/geo+json"
    found = answer.json()
    assert found["type"] == "FeatureCollection"
    assert (found["numberReturned"], found["numberMatched"]) == (100, 300) == (len(found["features"]), 300)
    assert described(found)
    assert {one["rel"] for one in found["links"]} == {"self", "alternate", "collection", "next"}
    for one in found["features"]:
        assert one["type"] == "Feature" and isinstance(one["id"], str)
        assert list(one["properties"]) == ["id", "name", "area_code", "power", "poles"]
    assert "timeStamp" not in found


async def test_values_are_those_of_the_table(api: httpx.AsyncClient) -> None:
    found = (await got(api, f"/collections/{LIGHTS}/items", limit=1000))["features"]
    table = lights()
    assert [one["properties"] for one in found] == table.drop_columns("geometry").to_pylist()
    shapes = shapely.from_wkb(table["geometry"].to_numpy())
    assert found[-1]["geometry"] is None
    for one, shape in zip(found[:-1], shapes[:-1], strict=True):
        assert one["geometry"]["coordinates"] == [round(shape.x, 6), round(shape.y, 6)]


async def test_times_are_written_as_the_standard_wants(api: httpx.AsyncClient) -> None:
    hour = (await got(api, f"/collections/{COUNTS}/items", limit=1))["features"][0]
    assert hour["properties"]["hour"] == "2026-04-30T22:00:00Z"
    assert hour["id"] == "2026-04-30T22:00:00Z~loop-0"
    day = (await got(api, f"/collections/{DAYS}/items", limit=1))["features"][0]
    assert (day["properties"]["day"], day["geometry"]) == ("2026-04-01", None)


async def test_one_feature(api: httpx.AsyncClient) -> None:
    """/conf/core/f-op, f-success, f-links"""
    for name in ALL:
        for one in (await got(api, f"/collections/{name}/items", limit=3))["features"]:
            alone = await got(api, f"/collections/{name}/items/{one['id']}")
            assert described(alone)
            assert {link["rel"] for link in alone.pop("links")} == {"self", "alternate", "collection"}
            assert alone == one


@pytest.mark.parametrize(("limit", "returned"), [("1", 1), ("7", 7), ("300", 300), ("5000", 300)])
async def test_limit(api: httpx.AsyncClient, limit: str, returned: int) -> None:
    """/conf/core/fc-limit-definition, fc-limit-response: more than the most is the most, and no error"""
    assert (await got(api, f"/collections/{LIGHTS}/items", limit=limit))["numberReturned"] == returned


async def test_no_page_is_larger_than_the_most(tmp_path: Path) -> None:
    store = open_data(tmp_path)
    publish(store, LIGHTS, lights(1_500))
    async with visitor(tmp_path) as client:
        found = (await client.get(f"/api/collections/{LIGHTS}/items?limit=9999")).json()
    assert found["numberReturned"] == 1_000
    assert found["numberMatched"] == 1_500


async def test_bbox(api: httpx.AsyncClient) -> None:
    """/conf/core/fc-bbox-definition, fc-bbox-response: what meets it, and what has no place"""
    table = lights()
    shapes = shapely.from_wkb(table["geometry"].to_numpy())
    for box in ((3.82, 43.58, 3.85, 43.62), (3.0, 43.0, 3.1, 43.1), (-180.0, -90.0, 180.0, 90.0)):
        inside = shapely.intersects(shapes, shapely.box(*box)) | shapely.is_missing(shapes)
        expected = set(np.array(table["id"].to_pylist())[inside].tolist())
        text = ",".join(map(str, box))
        assert await ids(api, LIGHTS, bbox=text) == expected
        high = f"{box[0]},{box[1]},-100,{box[2]},{box[3]},9000"
        assert await ids(api, LIGHTS, bbox=high) == expected
    assert await ids(api, OUTLINES, bbox="3.95,43.51,3.96,43.52") == {"middle"}
    assert await ids(api, OUTLINES, bbox="4.25,43.51,4.26,43.52") == {"east"}
    assert len(await ids(api, DAYS, bbox="0,0,1,1")) == 90


async def test_a_box_through_the_antimeridian(api: httpx.AsyncClient) -> None:
    assert len(await ids(api, LIGHTS, bbox="3.7,40,3.6,50")) == 300
    assert await ids(api, LIGHTS, bbox="170,40,-170,50") == {"L00299"}


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-05-01T00:00:00Z", 2, 2),
        ("2026-05-01T02:00:00+02:00", 2, 2),
        ("2026-05-01T00:30:00Z", 99, 0),
        ("2026-05-01T00:00:00Z/2026-05-01T03:00:00Z", 2, 5),
        ("2026-05-01T00:00:00.000Z/2026-05-01T03:00:00.5Z", 2, 5),
        ("../2026-05-01T00:00:00Z", 0, 2),
        ("/2026-05-01T00:00:00Z", 0, 2),
        ("2026-05-02T20:00:00Z/..", 46, 47),
        ("2026-05-02T20:00:00Z/", 46, 47),
        ("../..", 0, 47),
        ("2026-05-01", 0, 23),
        ("2026-05-02/..", 24, 47),
    ],
)
async def test_datetime_of_instants(api: httpx.AsyncClient, text: str, first: int, last: int) -> None:
    """/conf/core/fc-time-definition, fc-time-response"""
    told = [value.isoformat().replace("+00:00", "Z") for value in counts()["hour"].to_pylist()[::5]]
    wanted = {f"{hour}~loop-{loop}" for hour in told[first : last + 1] for loop in range(5)}
    assert await ids(api, COUNTS, datetime=text) == wanted


@pytest.mark.parametrize(
    ("text", "days_matched"),
    [
        ("2026-04-03", [3]),
        ("2026-04-03/2026-04-05", [3, 4, 5]),
        ("2026-04-02T22:00:00Z", [3]),
        ("2026-04-02T21:59:59Z", [2]),
        ("2026-04-02T21:00:00Z/2026-04-03T21:59:00Z", [2, 3]),
        ("2026-04-29T12:00:00Z/..", [29, 30]),
    ],
)
async def test_datetime_of_days_is_by_the_citys_zone(
    api: httpx.AsyncClient, text: str, days_matched: list[int]
) -> None:
    found = await ids(api, DAYS, datetime=text)
    assert {int(one[8:10]) for one in found} == set(days_matched)
    assert len(found) == 3 * len(days_matched)


async def test_datetime_of_months_and_of_nothing(api: httpx.AsyncClient) -> None:
    assert await ids(api, OUTLINES, datetime="2026-04-17/2026-05-02") == {"middle", "east"}
    assert len(await ids(api, LIGHTS, datetime="1999-01-01")) == 300, "rows without a time are in all"


async def test_rows_without_their_time_are_in_every_interval(tmp_path: Path) -> None:
    store = open_data(tmp_path)
    table = days()
    nulls = pa.array([None] * 5 + table["day"].to_pylist()[5:], pa.date32())
    publish(store, DAYS, table.set_column(0, "day", nulls), NOW)
    async with visitor(tmp_path) as client:
        found = (await client.get(f"/api/collections/{DAYS}/items?datetime=2026-04-30")).json()
    assert found["numberMatched"] == 3 + 5


BAD = [
    ("limit", "0"), ("limit", "-1"), ("limit", "ten"), ("limit", "1.5"), ("limit", ""), ("limit", "١"),
    ("bbox", ""), ("bbox", "1,2,3"), ("bbox", "1,2,3,x"), ("bbox", "1,2,3,4,5"), ("bbox", "3,44,4,43"),
    ("bbox", "nan,1,2,3"), ("bbox", "inf,1,2,3"), ("bbox", "0,0,1_0,5"), ("bbox", "-200,0,1,1"),
    ("bbox-crs", "EPSG:2154"), ("crs", "http://www.opengis.net/def/crs/EPSG/0/4327"), ("crs", ""),
    ("filter-crs", "x"), ("filter-lang", "cql"), ("filter", ""), ("filter", "power >"),
    ("datetime", ""), ("datetime", "yesterday"), ("datetime", "2026-13-01"),
    ("datetime", "2026-05-01T00:00:00"),
    ("datetime", "2026-05-02/2026-05-01"), ("datetime", "a/b/c"), ("datetime", "0001-01-01T00:00:00+23:00"),
    ("cursor", "x"), ("cursor", "é"), ("cursor", "AAAA"),
    ("f", "xml"), ("f", ""), ("lang", "de"), ("theme", ""),
    ("power", "much"), ("bbbox", "1,2,3,4"), ("offset", "10"), ("power", "1\x00"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD)
async def test_bad_and_unknown_parameters_are_refused_by_name(
    api: httpx.AsyncClient, name: str, value: str
) -> None:
    """/conf/core/query-param-invalid, query-param-unknown; /conf/oas30/exception-codes"""
    answer = await api.get(f"/api/collections/{LIGHTS}/items", params={name: value})
    assert answer.status_code == 400
    assert answer.json()["code"] == "InvalidParameterValue"
    assert answer.json()["description"].startswith(f"{name}: ")
    assert answer.headers["cache-control"] == "no-store"


async def test_a_parameter_given_twice_is_refused(api: httpx.AsyncClient) -> None:
    for query in ("limit=1&limit=2", "%FF=1", "&".join(f"a{i}=1" for i in range(99))):
        assert (await api.get(f"/api/collections/{LIGHTS}/items?{query}")).status_code == 400


@pytest.mark.parametrize(
    "path", ["", "/conformance", "/openapi.json", "/collections", f"/collections/{LIGHTS}",
             f"/collections/{LIGHTS}/queryables", f"/collections/{LIGHTS}/items/L00001"],
)  # fmt: skip
async def test_every_address_refuses_what_it_does_not_know(api: httpx.AsyncClient, path: str) -> None:
    assert (await api.get(f"/api{path}?limit=3")).status_code == 400


async def test_crs84_is_what_is_answered_when_nothing_is_asked(api: httpx.AsyncClient) -> None:
    """/conf/core/crs84; /conf/crs/default-crs, crs-parameter-default, storageCrs, crs-uri"""
    answer = await api.get(f"/api/collections/{LIGHTS}/items")
    assert answer.headers["content-crs"] == f"<{CRS84}>"
    told = await got(api, f"/collections/{LIGHTS}")
    assert told["crs"][0] == CRS84 == told["storageCrs"]
    assert all(re.fullmatch(r"http://www\.opengis\.net/def/crs/\w+/[\d.]+/\w+", uri) for uri in told["crs"])


@pytest.mark.parametrize(
    ("code", "swapped", "within"), [("4326", True, 1e-6), ("3857", False, 0.1), ("2154", False, 0.1)]
)
async def test_crs_transforms(api: httpx.AsyncClient, code: str, swapped: bool, within: float) -> None:
    """/conf/crs/crs-parameter, crs-parameter-transform; axes in the order of the system"""
    uri = EPSG + code
    to = Transformer.from_crs("OGC:CRS84", f"EPSG:{code}", always_xy=True)
    plain = (await got(api, f"/collections/{LIGHTS}/items", filter="power > 40"))["features"]
    question = {"crs": uri, "filter": "power > 40"}
    answer = await api.get(f"/api/collections/{LIGHTS}/items", params=question)
    assert answer.headers["content-crs"] == f"<{uri}>"
    there = answer.json()["features"]
    assert [one["properties"] for one in there] == [one["properties"] for one in plain]
    for one, other in zip(plain, there, strict=True):
        if one["geometry"]:
            expected = to.transform(*one["geometry"]["coordinates"])
            pair = other["geometry"]["coordinates"]
            assert np.allclose(pair[::-1] if swapped else pair, expected, rtol=0, atol=within)
    alone = await got(api, f"/collections/{LIGHTS}/items/{there[0]['id']}", crs=uri)
    assert alone["geometry"] == there[0]["geometry"]


@pytest.mark.parametrize("code", ["4326", "3857", "2154"])
async def test_bbox_crs(api: httpx.AsyncClient, code: str) -> None:
    """/conf/crs/bbox-crs-parameter, bbox-crs-parameter-default"""
    uri = EPSG + code
    there = (await got(api, f"/collections/{LIGHTS}/items", crs=uri, limit=1000))["features"]
    pairs = np.array([one["geometry"]["coordinates"] for one in there if one["geometry"]])
    low, high = np.quantile(pairs, 0.3, axis=0), np.quantile(pairs, 0.7, axis=0)
    inside = ((pairs >= low) & (pairs <= high)).all(axis=1)
    named = [one["id"] for one in there if one["geometry"]]
    expected = {name for name, yes in zip(named, inside, strict=True) if yes} | {"L00299"}
    box = ",".join(f"{side:.8f}" for side in (*low, *high))
    assert await ids(api, LIGHTS, bbox=box, **{"bbox-crs": uri}) == expected
    assert 20 < len(expected) < 200


async def test_outlines_in_another_system(api: httpx.AsyncClient) -> None:
    uri = EPSG + "2154"
    found = (await got(api, f"/collections/{OUTLINES}/items", crs=uri))["features"]
    assert [one["geometry"]["type"] for one in found] == ["Polygon", "Polygon", "MultiPolygon"]
    x, y = found[1]["geometry"]["coordinates"][0][0]
    box = f"{x - 10},{y - 10},{x - 5},{y - 5}"
    near = await ids(api, OUTLINES, bbox=box, **{"bbox-crs": uri})
    assert near <= {"west", "middle", "east"}


@pytest.mark.parametrize("path", ["items", "items/L00001"])
async def test_an_unsupported_system_is_refused(api: httpx.AsyncClient, path: str) -> None:
    """/conf/crs/crs-parameter-invalid, bbox-crs-parameter-invalid"""
    answer = await api.get(f"/api/collections/{LIGHTS}/{path}", params={"crs": EPSG + "27700"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path",
    ["", "/conformance", "/openapi.json", "/collections", f"/collections/{LIGHTS}", f"/collections/{COUNTS}",
     f"/collections/{LIGHTS}/queryables", f"/collections/{LIGHTS}/items", f"/collections/{DAYS}/items",
     f"/collections/{LIGHTS}/items/L00001", f"/collections/{COUNTS}/series?value=flow&by=area_code"],
)  # fmt: skip
@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_address_is_a_page_too(api: httpx.AsyncClient, path: str, language: str) -> None:
    """/conf/html/definition, content"""
    mark = "&" if "?" in path else "?"
    by_header = await api.get(f"/api{path}", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    by_name = await api.get(f"/api{path}{mark}f=html&lang={language}&theme=dark")
    for answer in (by_header, by_name):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "⟦" not in answer.text and "<script" not in answer.text
    assert f'<html lang="{language}" data-theme="dark">' in by_name.text
    elsewhere = re.findall(r'(?:src|href)="(https?://[^"]+)"', by_name.text)
    assert all(one.startswith("http://public/") for one in elsewhere), "no third party is asked"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/geo+json"),
        ("", "application/geo+json"),
        ("application/geo+json, text/html;q=0.5", "application/geo+json"),
        ("text/html;q=0.9, application/json;q=0.2", "text/html"),
        ("text/html;q=x", "application/geo+json"),
    ],
)
async def test_the_form_is_what_the_header_weighs_most(
    api: httpx.AsyncClient, accept: str, kind: str
) -> None:
    answer = await api.get(f"/api/collections/{LIGHTS}/items", headers={"accept": accept})
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert "Accept" in answer.headers["vary"]
