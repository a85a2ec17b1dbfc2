"""Part 3 and CQL2: queryables, properties as parameters, filters as text and as JSON, and what is refused."""

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import shapely
from pyproj import Transformer

from tests.open_data import COUNTS, DAYS, LIGHTS, OUTLINES, counts, days, lights

ROWS: dict[str, list[dict[str, Any]]] = {
    LIGHTS: lights().to_pylist(),
    COUNTS: counts().to_pylist(),
    DAYS: days().to_pylist(),
}
Judge = Callable[[dict[str, Any]], bool]


async def matched(api: httpx.AsyncClient, name: str, **query: str) -> list[dict[str, Any]]:
    """The properties of all features ``query`` is true of."""
    answer = await api.get(f"/api/collections/{name}/items", params={"limit": "1000", **query})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["numberMatched"] == len(found["features"])
    return [one["properties"] for one in found["features"]]


def place(row: dict[str, Any]) -> Any:
    return shapely.from_wkb(row["geometry"])


def power(row: dict[str, Any]) -> float:
    return -1.0 if row["power"] is None else float(row["power"])


TEXTS: list[tuple[str, Judge]] = [
    ("area_code = '34172'", lambda r: r["area_code"] == "34172"),
    ("'34172' = area_code", lambda r: r["area_code"] == "34172"),
    ("area_code <> '34172'", lambda r: r["area_code"] != "34172"),
    ("id < 'L00010'", lambda r: r["id"] < "L00010"),
    ("power > 100", lambda r: power(r) > 100),
    ("100 < power", lambda r: power(r) > 100),
    ("power >= 1e2 AND power <= +120.5", lambda r: 100 <= power(r) <= 120.5),
    ("power = 3.5 or power = 4.5", lambda r: r["power"] in (3.5, 4.5)),
    ("power<>3.5", lambda r: r["power"] not in (3.5, None)),
    ("NOT power > 10", lambda r: r["power"] is not None and r["power"] <= 10),
    ("NOT (power > 10 OR poles = 3)",
     lambda r: r["power"] is not None and r["power"] <= 10 and r["poles"] != 3),
    ("power > 10 OR poles = 3", lambda r: power(r) > 10 or r["poles"] == 3),
    ("poles = 1 OR poles = 2 AND power > 100",
     lambda r: r["poles"] == 1 or (r["poles"] == 2 and power(r) > 100)),
    ("power IS NULL", lambda r: r["power"] is None),
    ("power IS NOT NULL AND name is null", lambda r: r["power"] is not None and r["name"] is None),
    ("geometry IS NULL", lambda r: r["geometry"] is None),
    ("power BETWEEN 5 AND 7", lambda r: 5 <= power(r) <= 7),
    ("power NOT BETWEEN 5 AND 147", lambda r: r["power"] is not None and not 5 <= power(r) <= 147),
    ("id IN ('L00001', 'L00007', 'nobody')", lambda r: r["id"] in ("L00001", "L00007")),
    ("poles NOT IN (1, 2)", lambda r: r["poles"] not in (1, 2)),
    ("name LIKE 'Rue de l’Été, n° 2_ %'", lambda r: bool(re.search("n° 2. ", r["name"] or ""))),
    ("name NOT LIKE '%1%'", lambda r: r["name"] is not None and "1" not in r["name"]),
    ("name LIKE '%\"A\"'", lambda r: r["name"] is not None),
    ("id LIKE 'L0000\\_'", lambda r: False),
    ("name = 'it''s' OR name = 'it\\'s'", lambda r: False),
    ("\"power\" > 140 AND TRUE", lambda r: power(r) > 140),
    ("power > 140 AND NOT FALSE", lambda r: power(r) > 140),
    ("FALSE OR power > 140", lambda r: power(r) > 140),
    ("( ( power > 140 ) )", lambda r: power(r) > 140),
]  # fmt: skip


@pytest.mark.parametrize(("text", "judge"), TEXTS, ids=[text for text, _ in TEXTS])
async def test_filters_as_text(api: httpx.AsyncClient, text: str, judge: Judge) -> None:
    expected = [row["id"] for row in ROWS[LIGHTS] if judge(row)]
    assert [one["id"] for one in await matched(api, LIGHTS, filter=text)] == expected


POWER, CODE = {"property": "power"}, {"property": "area_code"}
JSONS: list[tuple[Any, Judge]] = [
    ({"op": "=", "args": [CODE, "34172"]}, lambda r: r["area_code"] == "34172"),
    ({"op": ">", "args": [200, POWER]}, lambda r: r["power"] is not None and r["power"] < 200),
    ({"op": "and", "args": [{"op": ">", "args": [POWER, 9]}, {"op": "<=", "args": [POWER, 12.5]}]},
     lambda r: 9 < power(r) <= 12.5),
    ({"op": "or", "args": [{"op": "isNull", "args": [POWER]},
                           {"op": "=", "args": [{"property": "poles"}, 3]}]},
     lambda r: r["power"] is None or r["poles"] == 3),
    ({"op": "not", "args": [{"op": "isNull", "args": [POWER]}]}, lambda r: r["power"] is not None),
    ({"op": "like", "args": [{"property": "id"}, "L0000%"]}, lambda r: r["id"] < "L00010"),
    ({"op": "between", "args": [POWER, 3, 4]}, lambda r: 3 <= power(r) <= 4),
    ({"op": "in", "args": [{"property": "id"}, ["L00003", "L00002"]]},
     lambda r: r["id"] in ("L00002", "L00003")),
    (True, lambda r: True),
    (False, lambda r: False),
]  # fmt: skip


@pytest.mark.parametrize(("told", "judge"), JSONS, ids=[json.dumps(told)[:60] for told, _ in JSONS])
async def test_filters_as_json(api: httpx.AsyncClient, told: Any, judge: Judge) -> None:
    expected = [row["id"] for row in ROWS[LIGHTS] if judge(row)]
    found = await matched(api, LIGHTS, filter=json.dumps(told), **{"filter-lang": "cql2-json"})
    assert [one["id"] for one in found] == expected


BOX = "BBOX(3.82, 43.58, 3.86, 43.61)"
RING = [[3.81, 43.58], [3.88, 43.58], [3.84, 43.64], [3.81, 43.58]]
WKT = "POLYGON((" + ", ".join(f"{x} {y}" for x, y in RING) + "))"


async def test_shapes_in_both_languages(api: httpx.AsyncClient) -> None:
    for text, told, shape in (
        (BOX, {"bbox": [3.82, 43.58, 3.86, 43.61]}, shapely.box(3.82, 43.58, 3.86, 43.61)),
        (WKT, {"type": "Polygon", "coordinates": [RING]}, shapely.Polygon(RING)),
    ):
        inside = [r["id"] for r in ROWS[LIGHTS] if r["geometry"] and place(r).intersects(shape)]
        outside = [r["id"] for r in ROWS[LIGHTS] if r["geometry"] and not place(r).intersects(shape)]
        assert len(inside) > 10
        for written in (f"S_INTERSECTS(geometry, {text})", f"s_intersects({text},geometry)"):
            assert [r["id"] for r in await matched(api, LIGHTS, filter=written)] == inside
        found = await matched(api, LIGHTS, filter=f"NOT S_INTERSECTS(geometry, {text})")
        assert [r["id"] for r in found] == outside
        as_json = json.dumps({"op": "s_intersects", "args": [{"property": "geometry"}, told]})
        found = await matched(api, LIGHTS, filter=as_json, **{"filter-lang": "cql2-json"})
        assert [r["id"] for r in found] == inside


async def test_shapes_meet_outlines_and_never_tables(api: httpx.AsyncClient) -> None:
    found = await matched(api, OUTLINES, filter="S_INTERSECTS(geometry, POINT(3.9 43.55))")
    assert [one["id"] for one in found] == ["west", "middle"]
    line = "S_INTERSECTS(geometry, LINESTRING(4.25 43.4, 4.25 43.7))"
    assert [one["id"] for one in await matched(api, OUTLINES, filter=line)] == ["east"]
    assert await matched(api, DAYS, filter=line) == []


@pytest.mark.parametrize(("code", "swapped"), [("4326", True), ("2154", False)])
async def test_filter_crs(api: httpx.AsyncClient, code: str, swapped: bool) -> None:
    to = Transformer.from_crs("OGC:CRS84", f"EPSG:{code}", always_xy=True)
    ring = [to.transform(x, y) for x, y in RING]
    pairs = ", ".join(f"{y:.9f} {x:.9f}" if swapped else f"{x:.4f} {y:.4f}" for x, y in ring)
    uri = f"http://www.opengis.net/def/crs/EPSG/0/{code}"
    question = {"filter": f"S_INTERSECTS(geometry, POLYGON(({pairs})))", "filter-crs": uri}
    assert await matched(api, LIGHTS, **question) == await matched(
        api, LIGHTS, filter=f"S_INTERSECTS(geometry, {WKT})"
    )


async def test_times_in_filters(api: httpx.AsyncClient) -> None:
    found = await matched(api, COUNTS, filter="hour >= TIMESTAMP('2026-05-02T21:00:00+01:00')")
    assert {one["hour"] for one in found} == {"2026-05-02T20:00:00Z", "2026-05-02T21:00:00Z"}
    found = await matched(api, COUNTS, filter="hour < DATE('2026-05-01') AND id = 'loop-1'")
    assert [one["hour"] for one in found] == ["2026-04-30T22:00:00Z", "2026-04-30T23:00:00Z"]
    found = await matched(api, DAYS, filter="day BETWEEN DATE('2026-04-02') AND DATE('2026-04-03')")
    assert {one["day"] for one in found} == {"2026-04-02", "2026-04-03"}
    said = {"op": "in", "args": [{"property": "day"}, [{"date": "2026-04-30"}]]}
    found = await matched(api, DAYS, filter=json.dumps(said), **{"filter-lang": "cql2-json"})
    assert len(found) == 3
    said = {"op": "=", "args": [{"property": "hour"}, {"timestamp": "2026-05-01T00:00:00Z"}]}
    found = await matched(api, COUNTS, filter=json.dumps(said), **{"filter-lang": "cql2-json"})
    assert len(found) == 5


async def test_every_property_is_a_parameter(api: httpx.AsyncClient) -> None:
    assert {r["id"] for r in await matched(api, LIGHTS, area_code="34057", poles="2")} == {
        r["id"] for r in ROWS[LIGHTS] if r["area_code"] == "34057" and r["poles"] == 2
    }
    assert len(await matched(api, DAYS, day="2026-04-07")) == 3
    assert len(await matched(api, COUNTS, hour="2026-05-01T00:00:00Z")) == 5
    assert await matched(api, LIGHTS, area_code="nowhere") == []


async def test_everything_asked_together_must_be_true(api: httpx.AsyncClient) -> None:
    found = await matched(
        api,
        LIGHTS,
        bbox="3.82,43.58,3.9,43.65",
        area_code="34172",
        filter="power > 50",
        datetime="2026-01-01",
    )
    box = shapely.box(3.82, 43.58, 3.9, 43.65)
    expected = [
        r["id"] for r in ROWS[LIGHTS]
        if (not r["geometry"] or place(r).intersects(box)) and r["area_code"] == "34172" and power(r) > 50
    ]  # fmt: skip
    assert [one["id"] for one in found] == expected


REFUSED = [
    "power", "power >", "power > 'much'", "name > 3", "name = TRUE", "nothing = 1", "geometry = 1", "1 = 1",
    "power = poles", "power LIKE '1%'", "name BETWEEN 'a' AND 'b'", "name LIKE 3", "power IN ()",
    "power IN (1,",
    "power = 1 power = 2", "power = 1 AND", "AND power = 1", "(power = 1", "power = 1)", "power = 'open",
    "power == 1", "power = 1;", "power IS", "power IS NOT", "day = DATE('2026-02-30')", "NOT",
    "power = DATE('x')",
    "S_INTERSECTS(geometry)", "S_INTERSECTS(name, POINT(1 2))", "S_INTERSECTS(geometry, geometry)",
    "S_INTERSECTS(geometry, POINT(1))", "S_INTERSECTS(geometry, POLYGON((0 0, 1 1)))",
    "S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 0 1, 1 0, 0 0)))", "S_INTERSECTS(geometry, POINT EMPTY)",
    "S_INTERSECTS(geometry, BBOX(1,2,3))", "S_INTERSECTS(geometry, BBOX(3,2,1,4))",
    "S_INTERSECTS(geometry, 3)",
    "S_INTERSECTS(geometry, BBOX('a',2,1,4))", "S_WITHIN(geometry, POINT(1 2))", "CASEI(name) = 'a'",
    "(" * 60 + "power = 1" + ")" * 60, "NOT " * 60 + "power = 1",
    " OR ".join(["power = 1"] * 250), "x" * 5_000,
    "power IN (" + ",".join("1" * 1 for _ in range(300)) + ")", "power = 1 \x00", "power = ١",
    "TIMESTAMP('2026-05-01T00:00:00Z') = power",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED, ids=[text[:40] for text in REFUSED])
async def test_what_cannot_be_asked_is_refused_with_the_reason(api: httpx.AsyncClient, text: str) -> None:
    answer = await api.get(f"/api/collections/{LIGHTS}/items", params={"filter": text})
    assert answer.status_code == 400
    assert answer.json()["description"].startswith("filter: ")


REFUSED_JSON = [
    "", "{", "null", "[]", "3", '"x"', "NaN", "{}", '{"op": 3, "args": []}', '{"op": "=", "args": 3}',
    '{"op": "=", "args": [{"property": "power"}]}', '{"op": "=", "args": [1, 2]}',
    '{"op": "=", "args": [{"property": "power"}, {"property": "poles"}]}',
    '{"op": "=", "args": [{"property": 3}, 3]}', '{"op": "=", "args": [{"property": "power"}, null]}',
    '{"op": "=", "args": [{"property": "power"}, {"date": "x"}]}', '{"op": "and", "args": [true]}',
    '{"op": "in", "args": [{"property": "power"}, []]}', '{"op": "in", "args": [{"property": "power"}, 3]}',
    '{"op": "like", "args": [{"property": "name"}, 3]}',
    '{"op": "between", "args": [{"property": "power"}, 3]}',
    '{"op": "avg", "args": [{"property": "power"}]}',
    '{"op": "s_intersects", "args": [{"property": "geometry"}, 3]}',
    '{"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point", "coordinates": []}]}',
    '{"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Nothing"}]}',
    '{"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": [1, 2, "3", 4]}]}',
    '{"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": []}]}',
    '{"op": "=", "args": [{"property": "power"}, 1' + "0" * 400 + "]}", "[" * 3_000,
    '{"op":"not","args":[' * 40 + "true" + "]}" * 40,
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED_JSON, ids=[text[:40] for text in REFUSED_JSON])
async def test_what_json_cannot_ask_is_refused(api: httpx.AsyncClient, text: str) -> None:
    question = {"filter": text, "filter-lang": "cql2-json"}
    answer = await api.get(f"/api/collections/{LIGHTS}/items", params=question)
    assert answer.status_code == 400
    assert answer.json()["description"].startswith("filter: ")


async def test_queryables_are_a_schema_of_what_can_be_asked(api: httpx.AsyncClient) -> None:
    answer = await api.get(f"/api/collections/{LIGHTS}/queryables?lang=en")
    assert answer.headers["content-type"] == "application/schema+json"
    schema = answer.json()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"http://public/api/collections/{LIGHTS}/queryables"
    assert schema["properties"]["power"] == {"type": "number", "title": "power (en)", "x-ogc-unit": "W"}
    assert schema["properties"]["poles"]["type"] == "integer"
    assert schema["properties"]["geometry"]["x-ogc-role"] == "primary-geometry"
    assert schema["additionalProperties"] is False
    table = (await api.get(f"/api/collections/{DAYS}/queryables")).json()
    assert "geometry" not in table["properties"]
    assert table["properties"]["day"]["format"] == "date"
