"""Published states as GBFS 2.3 and GTFS-Realtime 2.0: what is known, and nothing that is not published."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.transit import gtfs_realtime_pb2 as gtfs

from model.datasets import DATASETS, Sensitivity
from services.publishing import Store
from services.publishing.outlets import outlets_of
from tests.open_data import DAYS, NOW, PARKING, ROADS, days, parking, publish, roads, visitor

ALERTS = f"/gtfs-realtime/{ROADS}/alerts.pb"


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with car parks, roads, and a dataset that is neither."""
    folder = tmp_path_factory.mktemp("var")
    store = Store(folder / "artefacts")
    for name, table in ((PARKING, parking()), (ROADS, roads()), (DAYS, days())):
        publish(store, name, table)
    return folder


@pytest.fixture
async def api(var: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who asks."""
    async with visitor(var) as client:
        yield client


async def feed(api: httpx.AsyncClient, name: str) -> Any:
    """The data of a feed of the car parks, within the frame every feed has."""
    told = (await api.get(f"/gbfs/{PARKING}/{name}.json")).json()
    assert (told["version"], told["ttl"], told["last_updated"]) == ("2.3", 60, int(NOW.timestamp()))
    return told["data"]


async def test_the_feeds_are_discovered(api: httpx.AsyncClient) -> None:
    (language,) = (discovered := await feed(api, "gbfs"))
    for one in discovered[language]["feeds"]:
        assert (await api.get(one["url"])).status_code == 200
    system = await feed(api, "system_information")
    assert {"system_id", "language", "name", "timezone"} <= set(system)
    assert system["language"] == language


async def test_stations_and_their_status(api: httpx.AsyncClient) -> None:
    stations = (await feed(api, "station_information"))["stations"]
    assert [(one["station_id"], one["name"], one["lon"]) for one in stations] == [
        ("P1", "Gare", 3.88), ("P2", "Comédie", 3.87), ("P3", "P3", 3.86)
    ]  # fmt: skip
    found = (await feed(api, "station_status"))["stations"]
    told = [(one["station_id"], one["num_docks_available"], one["is_returning"]) for one in found]
    assert told == [("P1", 120, True), ("P2", 4, False)]
    assert not any(one["is_renting"] or one["num_bikes_available"] for one in found)
    assert found[1]["last_reported"] == int(NOW.timestamp()) - 180


async def test_closed_roads_are_alerts(api: httpx.AsyncClient) -> None:
    answer = await api.get(ALERTS)
    assert answer.headers["content-type"] == "application/x-protobuf"
    message = gtfs.FeedMessage.FromString(answer.content)
    assert message.header.timestamp == int(NOW.timestamp())
    (entity,) = message.entity
    assert entity.id == "R2"
    texts = {one.language: one.text for one in entity.alert.header_text.translation}
    assert "Quai du Verdanson" in texts["fr"]
    assert texts["en"] == "Road closed: Quai du Verdanson"
    assert entity.alert.informed_entity[0].route_type == 3


@pytest.mark.parametrize(
    "path",
    [f"/gbfs/{PARKING}/free_bike_status.json", f"/gbfs/{PARKING}/gbfs", f"/gbfs/{DAYS}/gbfs.json",
     "/gbfs/nothing/gbfs.json", f"/gtfs-realtime/{PARKING}/alerts.pb",
     "/gtfs-realtime/vehicle-positions/alerts.pb", "/gtfs-realtime/traffic-now/vehicle_positions.pb"],
)  # fmt: skip
async def test_what_is_told_of_nothing_else(api: httpx.AsyncClient, path: str) -> None:
    assert (await api.get(path)).status_code == 404


async def test_an_unknown_parameter_is_refused(api: httpx.AsyncClient) -> None:
    assert (await api.get(ALERTS, params={"format": "json"})).status_code == 400


def test_no_outlet_tells_where_somebody_on_duty_is() -> None:
    for dataset in DATASETS:
        if any(one.sensitivity is Sensitivity.DUTY_POSITION for one in dataset.columns):
            assert not dataset.publishable
    told = {"name": ROADS, "dataset": ROADS, "columns": [{"name": "id", "shape": "code"}]}
    assert outlets_of(told) == ()
