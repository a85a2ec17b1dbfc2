"""An adapter of another package registers itself: an entry point is enough, and a broken one harms nobody."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from geodata.profiles import read_profile
from model.errors import BadProfile, NotFound
from services.live import PLAIN, find_feed, read_sources
from services.live.feeds import feed_names

ADAPTER = """
from services.live import Feed
from model.observations import Observation, moment
from services.live.parsed import PLAIN, Parsed, Reading

def parse(payload: bytes, reading: Reading = PLAIN) -> Parsed:
    return Parsed([Observation("L-1", "power", float(payload), moment(0))], [])

FEED = Feed("talq", parse, "application/json", None)
"""
Install = Callable[[str, str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a package of one module and one entry point where Python finds it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def into(module: str, code: str, points: str) -> None:
        (tmp_path / f"{module}.py").write_text(code)
        about = tmp_path / f"{module}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[vigie.feeds]\n{points}\n")

    return into


def test_a_feed_or_a_bare_function_may_be_registered(install: Install) -> None:
    install("city_talq", ADAPTER, "talq = city_talq:FEED\ntalq_bare = city_talq:parse")
    assert {"talq", "talq_bare", "ngsi"} <= set(feed_names())
    for name in ("talq", "talq_bare"):
        feed = find_feed(name)
        assert (feed.name, feed.profile) == (name, None)
        assert feed.parse(b"12.5", PLAIN).observations[0].value == 12.5


def test_a_source_may_name_it(install: Install, tmp_path: Path) -> None:
    install("city_talq2", ADAPTER, "talq2 = city_talq2:FEED")
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "lamps.toml").write_text(
        'adapter = "talq2"\ntransport = "push"\n[reading]\nanything = 1\n'
    )
    sources = read_sources(replace(read_profile("rennes"), folder=tmp_path))
    assert {source.name: source.feed.name for source in sources}["lamps"] == "talq"


def test_ours_cannot_be_replaced(install: Install) -> None:
    install("city_cuckoo", ADAPTER, "ngsi = city_cuckoo:FEED")
    assert find_feed("ngsi").content == "application/ld+json"


def test_a_broken_one_is_refused_where_it_is_named_and_nowhere_else(install: Install, tmp_path: Path) -> None:
    install("city_broken", "raise RuntimeError('oops')", "broken = city_broken:FEED\nsilly = city_broken2:X")
    with pytest.raises(NotFound, match=r"broken.*RuntimeError: oops"):
        find_feed("broken")
    assert find_feed("ngsi").name == "ngsi"
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "lamps.toml").write_text('adapter = "broken"\ntransport = "push"\n')
    with pytest.raises(BadProfile, match=r"lamps\.toml.*broken"):
        read_sources(replace(read_profile("rennes"), folder=tmp_path))


def test_what_is_no_adapter_is_refused(install: Install) -> None:
    install("city_text", "FEED = 'text'", "text = city_text:FEED")
    with pytest.raises(NotFound, match="neither"):
        find_feed("text")
    with pytest.raises(NotFound, match=r"carrier_pigeon.*datex2"):
        find_feed("carrier_pigeon")
