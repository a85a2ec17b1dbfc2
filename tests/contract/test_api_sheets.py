"""Rows as CSV: all that was asked for, as they come, harmless in a spreadsheet, a slice of them held."""

import csv
import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely

from public.door import public
from public.features import sheets
from public.features.sheets import Streams
from services.publishing import Store
from services.settings import read_settings
from tests.browser.site import listening
from tests.open_data import (
    COUNTS,
    DAYS,
    INSTANT,
    LIGHTS,
    OUTLINES,
    counts,
    days,
    lights,
    publish,
    visitor,
)

MANY = 200_000


def path(name: str, what: str = "items") -> str:
    return f"/api/collections/{name}/{what}"


async def read(api: httpx.AsyncClient, name: str, what: str = "items", **query: str) -> pd.DataFrame:
    """The answer as pandas reads it."""
    answer = await api.get(path(name, what), params={"f": "csv", **query})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
    return pd.read_csv(io.StringIO(answer.text), dtype={"area_code": str})


async def test_every_row_and_value_is_there_with_its_unit(api: httpx.AsyncClient) -> None:
    found = await read(api, LIGHTS)
    assert list(found) == ["id", "name", "area_code", "power (W)", "poles", "longitude", "latitude"]
    true = lights().to_pandas()
    for column, of in (("id", "id"), ("name", "name"), ("power (W)", "power"), ("poles", "poles")):
        assert found[column].fillna(-1).tolist() == true[of].fillna(-1).tolist()
    shapes = shapely.from_wkb(lights()["geometry"].to_numpy())
    assert found["longitude"].to_numpy() == pytest.approx(shapely.get_x(shapes), abs=1e-6, nan_ok=True)
    assert found["poles"].dtype == np.int64


async def test_what_is_asked_for_narrows_it_as_it_does_pages(api: httpx.AsyncClient) -> None:
    asked = {"area_code": "34172", "filter": "flow > 120", "datetime": "2026-05-01T10:00:00Z/.."}
    paged = (await api.get(path(COUNTS), params={**asked, "limit": "1000"})).json()["features"]
    found = await read(api, COUNTS, **asked)
    assert found["flow (veh/h)"].tolist() == [one["properties"]["flow"] for one in paged]
    assert found["hour (UTC)"].tolist() == [one["properties"]["hour"] for one in paged]
    assert len(await read(api, COUNTS, limit="7")) == 7
    first = (await api.get(path(COUNTS), params={"limit": "10"})).json()
    then = next(one["href"] for one in first["links"] if one["rel"] == "next").partition("cursor=")[2]
    rest = await read(api, COUNTS, cursor=then.partition("&")[0])
    assert len(rest) == counts().num_rows - 10


async def test_other_shapes_and_systems(api: httpx.AsyncClient) -> None:
    outlined = await read(api, OUTLINES)
    assert outlined["geometry"].str.startswith(("POLYGON", "MULTIPOLYGON")).all()
    lambert = "http://www.opengis.net/def/crs/EPSG/0/2154"
    found = await read(api, COUNTS, crs=lambert)
    assert found["x (m)"].between(700_000, 800_000).all()
    answer = await api.head(path(COUNTS), params={"f": "csv", "crs": lambert})
    assert (answer.headers["content-crs"], answer.content) == (f"<{lambert}>", b"")


async def test_a_series_is_the_same_as_in_json(api: httpx.AsyncClient) -> None:
    asked = {"value": "failure_rate", "by": "area_code", "every": "month", "aggregate": "max"}
    found = await read(api, DAYS, "series", **asked)
    assert list(found) == ["area_code", "time", "failure_rate (%)", "rows"]
    told = (await api.get(path(DAYS, "series"), params=asked)).json()["series"]
    assert found["failure_rate (%)"].tolist() == [value for one in told for value in one["values"]]
    assert days().num_rows > found["rows"].sum() > 0


async def test_no_text_is_a_formula_in_any_cell(tmp_path: Path) -> None:
    wild = ["=1+1", "+33", "-2", "@x", "\t=1", 'a "b", c', "\r\nx", "\uff1d1", "plain", None]
    table = lights(len(wild)).set_column(1, "name", pa.array(wild))
    publish(Store(tmp_path / "artefacts"), LIGHTS, table)
    async with visitor(tmp_path) as api:
        text = (await api.get(path(LIGHTS), params={"f": "csv"})).text
    names = [row["name"] for row in csv.DictReader(io.StringIO(text, newline=""))]
    assert names[:5] == ["'=1+1", "'+33", "'-2", "'@x", "'\t=1"]
    assert names[5:] == ['a "b", c', "'\r\nx", "'\uff1d1", "plain", ""]


async def test_packed_it_is_the_same_and_who_has_it_is_told_so(api: httpx.AsyncClient) -> None:
    plain = await api.get(path(COUNTS), params={"f": "csv"}, headers={"accept-encoding": "identity"})
    for encoding in ("br", "gzip"):
        packed = await api.get(path(COUNTS), params={"f": "csv"}, headers={"accept-encoding": encoding})
        assert packed.headers["content-encoding"] == encoding
        assert packed.content == plain.content
        known = {"accept-encoding": encoding, "if-none-match": packed.headers["etag"]}
        assert (await api.get(path(COUNTS), params={"f": "csv"}, headers=known)).status_code == 304


async def test_only_rows_come_as_csv(api: httpx.AsyncClient) -> None:
    for address in ("/api", "/api/collections", f"/api/collections/{LIGHTS}"):
        refused = await api.get(address, params={"f": "csv"})
        assert (refused.status_code, refused.json()["description"]) == (400, "f: json or html")
    wrong = await api.get(path(LIGHTS), params={"f": "xml"})
    assert wrong.json()["description"] == "f: json or html or csv"


def many() -> pa.Table:
    """More rows than any socket holds."""
    first = datetime(2026, 1, 1, tzinfo=UTC)
    hours = [first + timedelta(hours=row // 100) for row in range(MANY)]
    return pa.table(
        {
            "hour": pa.array(hours, INSTANT),
            "id": [f"loop-{row % 100:03}" for row in range(MANY)],
            "area_code": ["34172"] * MANY,
            "flow": pa.array(np.arange(MANY, dtype="f8")),
            "geometry": pa.array([shapely.to_wkb(shapely.Point(3.8, 43.6))] * MANY, pa.binary()),
        }
    )


def test_a_client_reads_it_as_it_comes_and_nothing_runs_ahead_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are written as they are read: when the first are here most are not yet written, and never will be
    where the reader leaves."""
    written: list[int] = []
    real = sheets._written

    def counting(columns: list[pa.Array]) -> bytes:
        written.append(len(columns[0]))
        return real(columns)

    monkeypatch.setattr(sheets, "_written", counting)
    publish(Store(tmp_path / "artefacts"), COUNTS, many())
    with listening(public(read_settings(var=tmp_path))) as door:
        with asking(door) as answer:
            assert answer.headers["transfer-encoding"] == "chunked"
            assert answer.readline() == b"hour (UTC),id,area_code,flow (veh/h),longitude,latitude\r\n"
            assert answer.readline() == b"2026-01-01T00:00:00Z,loop-000,34172,0,3.8,43.6\r\n"
            assert max(written) <= sheets.AT_ONCE
            assert sum(written) < MANY / 2
        with asking(door) as answer:
            assert sum(1 for _ in answer) == MANY + 1


@contextmanager
def asking(door: str) -> Iterator[HTTPResponse]:
    """The counts as CSV, read by somebody who takes little at a time."""
    host = urlsplit(door)
    with socket.socket() as line:
        line.settimeout(60)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        line.connect((host.hostname, host.port))
        connection = HTTPConnection(host.netloc)
        connection.sock = line
        connection.request("GET", f"{path(COUNTS)}?f=csv")
        yield connection.getresponse()


def test_only_so_many_go_out_at_once() -> None:
    streams = Streams(1)
    streams.begin()
    with pytest.raises(Exception, match="too many tables"):
        streams.begin()
    streams.end()
    streams.begin()


async def test_one_that_was_read_or_left_makes_room(var: Path) -> None:
    async with visitor(var) as api:
        for _ in range(sheets.MOST_STREAMS + 2):
            assert (await api.get(path(LIGHTS), params={"f": "csv"})).status_code == 200
