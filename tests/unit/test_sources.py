"""What a city declares of its sources: every city has two, and a file that cannot be right names its mend."""

from dataclasses import replace
from pathlib import Path

import pytest

from geodata.profiles import CityProfile, known_cities, read_profile
from model.errors import BadProfile
from services.live.sources import LARGEST, MEGABYTE, TOPICS, Source, read_sources

POLLED = 'adapter = "datex2"\ntransport = "poll"\nurl = "https://supplier.example/a.xml"\n'


@pytest.fixture
def city(tmp_path: Path) -> CityProfile:
    """A real city, with an empty folder of sources of its own."""
    (tmp_path / "feeds").mkdir()
    return replace(read_profile("rennes"), folder=tmp_path)


def declare(city: CityProfile, text: str, name: str = "one") -> dict[str, Source]:
    (city.folder / "feeds" / f"{name}.toml").write_text(text)
    return {source.name: source for source in read_sources(city, 8123)}


def test_every_city_has_http_push_and_mqtt(city: CityProfile) -> None:
    push, mqtt = read_sources(city)
    assert (push.name, push.transport, push.path, push.feed.name) == (
        "http_push", "push", "observations", "http_push")  # fmt: skip
    assert (mqtt.name, mqtt.transport, mqtt.topics) == ("mqtt", "mqtt", TOPICS)


@pytest.mark.parametrize("name", known_cities())
def test_every_city_of_ours_is_declared_right(name: str) -> None:
    assert {"http_push", "mqtt"} <= {source.name for source in read_sources(read_profile(name))}


def test_the_demo_city_asks_its_suppliers_on_loopback() -> None:
    sources = {source.name: source for source in read_sources(read_profile("demo"), 8123)}
    polled = {s.name: (s.feed.name, s.url, s.every_s) for s in sources.values() if s.transport == "poll"}
    at = "http://127.0.0.1:8123"
    assert polled == {
        "rennes_traffic": ("rennes_traffic", f"{at}/rennes/etat-du-trafic-en-temps-reel.csv", 60),
        "datex_measured": ("datex2", f"{at}/datex2/measured.xml", 300),
        "datex_situations": ("datex2", f"{at}/datex2/situations.xml", 120),
        "bus_positions": ("gtfs_rt", f"{at}/gtfs-rt/vehicle-positions.pb", 5),
    }
    assert sources["ngsi"].path == "ngsi"


def test_a_file_says_otherwise(city: CityProfile) -> None:
    sources = declare(city, 'adapter = "http_push"\ntransport = "push"\nenabled = false\n', "http_push")
    assert list(sources) == ["mqtt"]


def test_what_is_declared_is_what_is_read(city: CityProfile) -> None:
    more = 'every_s = 90\nzone = "Europe/Paris"\nindex = "*.xml"\n[reading]\nmeasured_state = "counting"\n'
    one = declare(city, POLLED + more)["one"]
    assert (one.every_s, str(one.zone), one.index, one.max_bytes) == (90, "Europe/Paris", "*.xml", LARGEST)
    assert one.read({}).profile == {"measured_state": "counting"}
    assert one.read({"asset": "L-1"}).fields == {"asset": "L-1"}


PUSH = 'adapter = "ngsi"\ntransport = "push"\n'
BAD = [
    ('transport = "poll"\n', "adapter"),
    (POLLED + "colour = 3\n", "colour"),
    (POLLED + 'every_s = "often"\n', "every_s"),
    (POLLED + "every_s = 0\n", "every_s"),
    (POLLED + "max_bytes = 99999999999\n", "max_bytes"),
    (POLLED + 'zone = "Paris"\n', "zone"),
    (POLLED + "[reading]\ncolour = 3\n", r"\[reading\].*colour"),
    (POLLED + '[reading]\nid = "x"\n', r"\[reading\].*asset"),
    (POLLED.replace("datex2", "carrier_pigeon"), "carrier_pigeon.*datex2"),
    (POLLED.replace("poll", "pull"), "transport"),
    (POLLED.replace("https", "http"), "plain_http"),
    (POLLED.replace("https", "ftp"), "url"),
    (POLLED.replace("https://", "https://me:secret@"), "password"),
    (POLLED + "loopback = true\n", "loopback"),
    (POLLED + 'path = "a"\n', "path"),
    (POLLED + 'topics = ["a"]\n', "topics"),
    (PUSH + 'url = "https://supplier.example"\n', "url"),
    (PUSH + 'path = "../etc"\n', "path"),
    (PUSH + 'path = "observations"\n', "path"),
    ('adapter = "mqtt"\ntransport = "mqtt"\n', "topics"),
    ('adapter = "mqtt"\ntransport = "mqtt"\ntopics = ["a/{what}"]\n', "what"),
    ('adapter = "mqtt"\ntransport = "mqtt"\ntopics = ["a"]\nurl = "http://x"\n', "mqtt://"),
    ("adapter = \n", "TOML"),
]


@pytest.mark.parametrize(("text", "named"), BAD)
def test_a_declaration_that_cannot_be_right_names_file_key_and_mend(
    city: CityProfile, text: str, named: str
) -> None:
    with pytest.raises(BadProfile, match=f"(?s){named}") as raised:
        declare(city, text)
    assert "feeds" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_only_an_invented_city_may_ask_this_machine(city: CityProfile) -> None:
    invented = replace(city, generated=True)
    here = POLLED.replace("https://supplier.example", "http://127.0.0.1:{simulator}")
    assert declare(invented, here + "loopback = true\n")["one"].url == "http://127.0.0.1:8123/a.xml"
    with pytest.raises(BadProfile, match="loopback"):
        declare(invented, here)
    with pytest.raises(BadProfile, match="not this machine"):
        declare(invented, POLLED + "loopback = true\n")


def test_the_name_of_the_file_is_the_name_of_the_source(city: CityProfile) -> None:
    with pytest.raises(BadProfile, match="lower-case"):
        declare(city, POLLED, "Über uns")


def test_a_pusher_may_send_a_megabyte(city: CityProfile) -> None:
    assert declare(city, PUSH)["one"].max_bytes == MEGABYTE
