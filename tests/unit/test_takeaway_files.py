"""Files people take away: every value comes back as it was, and no text becomes a formula."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import geopandas
import numpy as np
import pandas
import pyarrow.parquet as pq
import pytest
import shapely

from model.errors import BadRequest, Unavailable
from model.takeaway import Label, Origin, facts, file_name, foot
from model.texts import words
from services.takeaway import FORMATS, Table, TooMuch, format_named, made, making, safe_cell, table
from services.takeaway.table import GEOMETRY, Column, bounded

PARIS = ZoneInfo("Europe/Paris")
ORIGIN = Origin("Val", "val", "Europe/Paris", 'Ville de "Val", service éclairage', "ODbL 1.0", "https://odbl")
LABEL = Label(
    ORIGIN, "Énergie, =1+1", "Val, la rivière", datetime(2026, 10, 24, tzinfo=PARIS),
    datetime(2026, 10, 26, tzinfo=PARIS), datetime(2026, 11, 27, 20, tzinfo=PARIS), "kWh", 0.5,
    "hours", "/history?x",
)  # fmt: skip
COLUMNS = (
    Column("name", "text"),
    Column("at", "instant"),
    Column("value", "number", "kWh"),
    Column("on", "yes"),
)
NAMES = [
    'a, "quoted" name', "line\nbreak; =1+1", "=HYPERLINK(1)", "+33", "-2", "@sum", "\ttab", "\uff1d1+1",
    "💡 lampe", "مرحبا 12", "# no comment",
]  # fmt: skip
# Both sides of the hour that comes twice, and a fraction of a second.
AT = [datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp() + 3600 * n + 0.25 for n in range(len(NAMES))]
VALUES = [0.1 + 0.2, np.nan, -3.0, 1e-17, 12345678.875, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
POLYGON = shapely.to_wkb(shapely.Polygon([(5, 47), (6, 47), (6, 48), (5, 48)]))
SHAPES = [shapely.to_wkb(shapely.Point(5.0123456, 47.3)), None, POLYGON, *[POLYGON] * (len(NAMES) - 3)]


def rows(count: int = len(NAMES)) -> Table:
    """The rows above, in two batches; or none."""
    batches = [
        {"name": NAMES[s], "at": AT[s], "value": VALUES[s], "on": [True] * len(NAMES[s]), GEOMETRY: SHAPES[s]}
        for s in (slice(0, min(4, count)), slice(4, count))
        if len(NAMES[s])
    ]
    return Table(LABEL, COLUMNS, batches)


def written(kind: str, what: Table) -> bytes:
    with made(what, FORMATS[kind]) as file:
        return file.read()


def read_csv(raw: bytes) -> Any:
    return pandas.read_csv(
        io.BytesIO(raw), comment="#", float_precision="round_trip", keep_default_na=False, na_values=[""]
    )


def harmless(name: str) -> str:
    return safe_cell(name)


def unchanged(name: str) -> str:
    return name


READERS: dict[str, tuple[Callable[[bytes], Any], Callable[[str], str]]] = {
    "csv": (read_csv, harmless),
    "geojson": (lambda raw: geopandas.read_file(io.BytesIO(raw)), unchanged),
    "geoparquet": (lambda raw: geopandas.read_parquet(io.BytesIO(raw)), unchanged),
}


@pytest.mark.parametrize("kind", READERS)
def test_every_value_comes_back_through_pandas_and_geopandas(kind: str) -> None:
    read, name_of = READERS[kind]
    found = read(written(kind, rows()))
    assert found["name"].tolist() == [name_of(name) for name in NAMES]
    assert np.array_equal(found["value"].to_numpy("f8"), np.array(VALUES), equal_nan=True)
    assert found["on"].tolist() == [True] * len(NAMES)
    utc = pandas.to_datetime(found["at_utc"], utc=True)
    assert [at.timestamp() for at in utc] == AT
    local = pandas.to_datetime(found["at_local"], utc=True)
    assert (local == utc).all()


@pytest.mark.parametrize("kind", ["geojson", "geoparquet"])
def test_places_come_back_in_wgs84(kind: str) -> None:
    found = READERS[kind][0](written(kind, rows()))
    assert found.crs.to_authority() in (("OGC", "CRS84"), ("EPSG", "4326"))
    assert found.geometry.iloc[0].equals(shapely.Point(5.0123456, 47.3))
    assert found.geometry.iloc[1] is None
    assert found.geometry.iloc[2].exterior.is_ccw


def label_in(kind: str, raw: bytes) -> dict[str, str]:
    """The label as each format carries it."""
    if kind == "csv":
        lines = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
        return {cells[0][2:]: cells[1] for cells in lines if cells[0].startswith("# ") and len(cells) == 2}
    told = (
        json.loads(raw)
        if kind == "geojson"
        else json.loads(pq.read_schema(io.BytesIO(raw)).metadata[b"vigie"])
    )
    units = {column["name"]: column.get("unit") for column in told["columns"]}
    assert units["value"] == "kWh"
    found: dict[str, str] = told["takeaway"]
    return found


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("count", [0, len(NAMES)])
def test_the_label_is_there_with_or_without_rows(kind: str, count: int) -> None:
    raw = written(kind, rows(count))
    assert label_in(kind, raw) == facts(LABEL)
    assert facts(LABEL)["period_start"] == "2026-10-24T00:00:00+02:00"
    assert facts(LABEL)["period_end"] == "2026-10-26T00:00:00+01:00"
    assert {"source", "licence", "time_zone", "coverage", "unit", "made_at", "question"} <= set(facts(LABEL))
    assert len(READERS[kind][0](raw)) == count


def test_parquet_keeps_the_zone_and_the_units() -> None:
    schema = pq.read_schema(io.BytesIO(written("geoparquet", rows())))
    assert str(schema.field("at_local").type) == "timestamp[us, tz=Europe/Paris]"
    assert schema.field("value").metadata[b"unit"] == b"kWh"


def test_a_csv_opens_in_a_spreadsheet_without_running_anything() -> None:
    raw = written("csv", rows())
    assert raw.startswith(b"\xef\xbb\xbf")
    for cells in csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")):
        if cells[0].startswith("#"):
            assert not cells[1].startswith(("=", "+", "-", "@"))
        else:
            # Numbers may be negative; no text may begin like a formula.
            assert not cells[0].startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))
    assert b"2026-10-25T02:30:00.250000+02:00" in raw
    assert b"2026-10-25T02:30:00.250000+01:00" in raw


def test_a_name_says_what_and_when_in_any_file_system() -> None:
    name = file_name(LABEL, "Débit: été/=x", "csv")
    assert name == "vigie-val-debit-ete-x-20261024T0000-20261026T0000.csv"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_foot_of_a_picture_names_source_licence_coverage_and_date(language: str) -> None:
    told = " ".join(foot(words(language), LABEL))
    for part in (ORIGIN.source, "ODbL 1.0", "50", "27", "2026", "hours"):
        assert part in told
    assert "⟦" not in told


def test_too_many_rows_are_refused_and_leave_nothing_behind() -> None:
    with pytest.raises(TooMuch, match="one area or one domain"):
        list(bounded(rows(), rows=5))


def test_a_file_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(0, 1_000, 20))
    monkeypatch.setattr(table.time, "monotonic", lambda: next(ticks))
    with pytest.raises(Unavailable, match="shorter period"):
        list(bounded(rows(), deadline_s=30))


def test_an_unknown_format_is_refused_by_name() -> None:
    with pytest.raises(BadRequest, match="csv, geojson, geoparquet"):
        format_named("xlsx")


def test_only_so_many_are_made_at_once() -> None:
    with making.a_place(), making.a_place(), pytest.raises(Unavailable, match="in a moment"):
        made(rows(), FORMATS["csv"])
    assert written("csv", rows())
