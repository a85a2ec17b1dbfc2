"""The simulated providers' server on a free port, asked with a real client."""

import json
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import httpx
import pytest
from lxml import etree

from model.errors import Unavailable
from services.launch.servers import free_port
from services.simulation.documents import MEASURED, POSITIONS, SITUATIONS, TRAFFIC, Documents
from services.simulation.imperfections import Imperfections
from services.simulation.providers import serving
from services.simulation.shelf import Shelf
from tests.simulated import MORNING, fleet, world_at

SIT = "http://datex2.eu/schema/3/situation"
PATHS = (TRAFFIC, MEASURED, SITUATIONS, POSITIONS)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def documents(shelf: Shelf) -> Documents:
    return Documents(world_at(), fleet(), shelf, Imperfections(1, 0.0))


@pytest.fixture
def client(shelf: Shelf) -> Iterator[httpx.Client]:
    port = free_port()
    with serving(port, shelf), httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as asking:
        yield asking


def test_every_document_is_there_with_its_type(client: httpx.Client, documents: Documents) -> None:
    documents.refresh(MORNING)
    answers = [client.get(path) for path in PATHS]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert [answer.headers["content-type"].split(";")[0] for answer in answers] == [
        "text/csv", "application/xml", "application/xml", "application/x-protobuf",
    ]  # fmt: skip
    assert all(len(answer.content) > 300 for answer in answers)


def test_who_has_the_document_is_told_so(client: httpx.Client, documents: Documents) -> None:
    documents.refresh(MORNING)
    first = client.get(MEASURED)
    again = client.get(MEASURED, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    listed = client.get(MEASURED, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert listed.status_code == 304
    dated = client.get(MEASURED, headers={"If-Modified-Since": first.headers["last-modified"]})
    assert dated.status_code == 304
    both = {"If-None-Match": '"other"', "If-Modified-Since": first.headers["last-modified"]}
    assert client.get(MEASURED, headers=both).status_code == 200
    assert parsedate_to_datetime(first.headers["last-modified"]).timestamp() == MORNING


def test_a_document_is_new_once_a_period_and_not_before(client: httpx.Client, documents: Documents) -> None:
    tags: dict[str, list[str]] = {path: [] for path in PATHS}
    for second in range(0, 1_800, 5):
        documents.refresh(MORNING + second)
        for path in PATHS:
            tag = client.get(path).headers["etag"]
            if not tags[path] or tags[path][-1] != tag:
                tags[path].append(tag)
    assert len(tags[TRAFFIC]) == 11
    assert len(tags[MEASURED]) == 6
    assert len(tags[SITUATIONS]) == 30
    assert len(tags[POSITIONS]) == 360


def test_a_provider_that_is_away_says_when_to_ask_again(client: httpx.Client, documents: Documents) -> None:
    documents.refresh(MORNING)
    documents.shelf.send_away(POSITIONS)
    answer = client.get(POSITIONS)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert client.get(TRAFFIC).status_code == 200
    documents.shelf.send_away(None)
    assert client.get(POSITIONS).status_code == 200


def test_away_is_what_the_mistakes_say(client: httpx.Client, shelf: Shelf) -> None:
    flaws = Imperfections(8)
    documents = Documents(world_at(), fleet(), shelf, flaws)
    now = next(MORNING + s for s in range(0, 80_000, 10) if flaws.away(MORNING + s, 4) is not None)
    documents.refresh(now)
    assert [client.get(path).status_code for path in PATHS].count(503) == 1


def test_nothing_else_is_there(client: httpx.Client, documents: Documents) -> None:
    documents.refresh(MORNING)
    assert client.get("/").status_code == 404
    assert client.get("/rennes/../etc/passwd").status_code == 404
    assert client.post(TRAFFIC, content=json.dumps({})).status_code == 501
    assert client.get(TRAFFIC).status_code == 200


def test_a_taken_port_is_named() -> None:
    port = free_port()
    taken = pytest.raises(Unavailable, match=f"{port}.*VIGIE_SIMULATOR_PORT")
    with serving(port, Shelf()), taken, serving(port, Shelf()):
        pass


def test_no_port_no_server() -> None:
    with serving(None, Shelf()):
        pass


def test_how_a_segment_is_comes_from_one_provider_at_a_time(documents: Documents) -> None:
    both = 0
    for step in range(40):
        documents.refresh(MORNING + 900 * step)
        traffic, events = (documents.shelf.find(path) for path in (TRAFFIC, SITUATIONS))
        assert traffic is not None and events is not None
        flowing = {line.split(";")[1] for line in traffic.content.decode().splitlines()[1:]}
        for situation in etree.fromstring(events.content).iter(f"{{{SIT}}}situation"):
            where = {str(e.get("id")) for e in situation.iter("{*}predefinedLocationReference")}
            told = etree.tostring(situation, encoding="unicode")
            ended = "Fin des travaux" in told or "Accident dégagé" in told
            both += ended
            assert ended or where.isdisjoint(flowing)
    assert both
