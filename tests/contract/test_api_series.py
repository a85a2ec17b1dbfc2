"""Time series out of published tables: recounted by pandas, in the city's zone, bounded."""

from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pyarrow as pa
import pytest

from tests.open_data import COUNTS, DAYS, INSTANT, LIGHTS, OUTLINES, counts, days, open_data, publish, visitor

SERIES = f"/api/collections/{COUNTS}/series"


async def told(api: httpx.AsyncClient, path: str, **query: str) -> dict[Any, dict[str, tuple[float, int]]]:
    """By group, by time: the value and of how many rows."""
    answer = await api.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return {
        one["group"]: dict(zip(one["times"], zip(one["values"], one["counts"], strict=True), strict=True))
        for one in answer.json()["series"]
    }


def recounted(frame: pd.DataFrame, every: str, aggregate: str, by: str | None) -> dict[Any, Any]:
    """The same by pandas."""
    local = frame["hour"].dt.tz_convert("Europe/Paris")
    if every == "hour":
        frame["time"] = frame["hour"].dt.floor("h").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    else:
        frame["time"] = local.dt.strftime({"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}[every])
    frame["group"] = frame[by] if by else "all"
    found: dict[Any, Any] = {}
    for (group, time), rows in frame.dropna(subset=["flow"]).groupby(["group", "time"]):
        value = round(float(rows["flow"].agg(aggregate)), 6)
        found.setdefault(group if by else None, {})[time] = (value, len(rows))
    return found


@pytest.mark.parametrize("every", ["hour", "day", "month", "year"])
@pytest.mark.parametrize("aggregate", ["mean", "sum", "min", "max"])
@pytest.mark.parametrize("by", ["area_code", None])
async def test_series_are_what_pandas_counts(
    api: httpx.AsyncClient, every: str, aggregate: str, by: str | None
) -> None:
    question = {"value": "flow", "every": every, "aggregate": aggregate, **({"by": by} if by else {})}
    assert await told(api, SERIES, **question) == recounted(counts().to_pandas(), every, aggregate, by)


async def test_days_are_those_of_the_city(api: httpx.AsyncClient) -> None:
    """The first hour, 22:00 UTC, is the first of May in Paris."""
    found = await told(api, SERIES, value="flow")
    assert list(found[None]) == ["2026-05-01", "2026-05-02"]


async def test_a_series_of_a_part(api: httpx.AsyncClient) -> None:
    frame = counts().to_pandas()
    part = frame[(frame["id"] == "loop-1") & (frame["hour"] >= "2026-05-02T00:00:00Z")].copy()
    found = await told(
        api, SERIES, value="flow", every="hour", id="loop-1", datetime="2026-05-02T00:00:00Z/.."
    )
    assert found == recounted(part, "hour", "mean", None)
    boxed = await told(api, SERIES, value="flow", bbox="3.805,43,3.815,44")
    filtered = await told(api, SERIES, value="flow", filter="id = 'loop-1'")
    assert boxed == filtered != {}


async def test_tables_of_days(api: httpx.AsyncClient) -> None:
    path = f"/api/collections/{DAYS}/series"
    found = await told(api, path, value="failure_rate", every="month", aggregate="max", by="area_code")
    frame = days().to_pandas()
    assert {code: one["2026-04"][0] for code, one in found.items()} == dict(
        frame.groupby("area_code")["failure_rate"].max()
    )
    refused = await api.get(path, params={"value": "failure_rate", "every": "hour"})
    assert refused.json()["description"].startswith("every: ")


@pytest.mark.parametrize(
    ("query", "name"),
    [({}, "value"), ({"value": "id"}, "value"), ({"value": "flow", "by": "flow"}, "by"),
     ({"value": "flow", "every": "week"}, "every"), ({"value": "flow", "aggregate": "median"}, "aggregate"),
     ({"value": "flow", "limit": "3"}, "limit"), ({"value": "flow", "datetime": "x"}, "datetime")],
)  # fmt: skip
async def test_what_cannot_be_told_is_refused_by_name(
    api: httpx.AsyncClient, query: dict[str, str], name: str
) -> None:
    answer = await api.get(SERIES, params=query)
    assert answer.status_code == 400
    assert answer.json()["description"].startswith(f"{name}: ")


@pytest.mark.parametrize("name", [LIGHTS, OUTLINES, "no-such"])
async def test_what_has_no_time_has_no_series(api: httpx.AsyncClient, name: str) -> None:
    assert (await api.get(f"/api/collections/{name}/series?value=power")).status_code == 404


async def test_the_page_has_the_same_values(api: httpx.AsyncClient) -> None:
    page = (await api.get(SERIES, params={"value": "flow", "by": "area_code", "f": "html"})).text
    for one in (await told(api, SERIES, value="flow", by="area_code")).values():
        for value, count in one.values():
            assert f"<td>{value:g}</td><td>{count}</td>" in page


async def test_a_series_too_long_says_what_would_pass(tmp_path: Path) -> None:
    store = open_data(tmp_path)
    publish(store, COUNTS, counts(hours=5_000, loops=5))
    async with visitor(tmp_path) as client:
        answer = await client.get(SERIES, params={"value": "flow", "every": "hour", "by": "id"})
        assert answer.status_code == 400
        assert "are the most" in answer.text
        assert (await client.get(SERIES, params={"value": "flow", "by": "id"})).status_code == 200


async def test_a_row_without_a_group_has_one_of_its_own(tmp_path: Path) -> None:
    store = open_data(tmp_path)
    table = counts(hours=2)
    codes = pa.array([None, *table["area_code"].to_pylist()[1:]], pa.string())
    publish(store, COUNTS, table.set_column(2, "area_code", codes))
    async with visitor(tmp_path) as client:
        found = await told(client, SERIES, value="flow", by="area_code", aggregate="sum")
    assert set(found) == {"34172", "34057"} | ({None} if table["flow"][0].as_py() is not None else set())


async def test_the_hour_the_clock_goes_back_is_two_hours(tmp_path: Path) -> None:
    store = open_data(tmp_path)
    table = counts(hours=3, loops=1)
    hours = pa.array(pd.to_datetime(["2025-10-26T00:00Z", "2025-10-26T01:00Z", "2025-10-26T02:00Z"]), INSTANT)
    table = table.set_column(0, "hour", hours).set_column(3, "flow", pa.array([1.0, 2.0, 3.0]))
    publish(store, COUNTS, table)
    async with visitor(tmp_path) as client:
        found = await told(client, SERIES, value="flow", every="hour")
        by_day = await told(client, SERIES, value="flow", every="day", aggregate="sum")
    assert [value for value, _ in found[None].values()] == [1.0, 2.0, 3.0]
    assert by_day == {None: {"2025-10-26": (6.0, 3)}}
