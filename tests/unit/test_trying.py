"""What `feed test` and `feed list` say of a payload and of a city's sources, without and with a database."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from geodata.assets import Columns
from geodata.profiles import read_profile
from model.domains import TYPE_ORDER
from model.errors import NotFound
from model.texts import words
from services.live import find_feed, in_words, listed, named_source, try_payload
from services.live.sources import Source
from services.live.trying import Trial
from tests.contract.test_gtfs_rt import WHOLE, wire
from tests.payloads.datex2 import SOAP_MEASURED

NOW = datetime.fromisoformat("2026-11-06T17:43:00Z")
EN = words("en")


def told(trial: Trial, shown: int = 20) -> str:
    return "\n".join(in_words(trial, EN, shown))


def tried(adapter: str, payload: bytes, file: str = "a.bin", columns: Columns | None = None) -> Trial:
    return try_payload(Source(adapter, find_feed(adapter), "push"), payload, Path(file), NOW, columns)


@pytest.fixture
def detectors() -> Columns:
    """A city of two detectors."""
    zeros = np.zeros(2)
    texts = np.array(["", ""], object)
    return Columns(
        1, np.array([1, 2]), np.array(["BC-001.1", "BC-001.3"], object), texts, texts, zeros, zeros,
        np.array([TYPE_ORDER.index("detector")] * 2, "u1"), np.array([-1, -1], "i4"), zeros.astype("i4"),
        zeros,
    )  # fmt: skip


def test_without_a_database_everything_but_the_assets_is_said() -> None:
    text = told(tried("datex2", SOAP_MEASURED))
    assert "not judged" in text
    assert "BC-001.1  flow = 0.0 veh/h · 2026-11-06T18:40:00+01:00 · live · good" in text
    assert "BC-001.1  occupancy = 0.125 · sent as 12.5 % ·" in text
    assert "BC-001.3  speed = 48.0" in text
    assert "bad, left out of figures" in text
    assert "[1] malformed (Malformed): no time: 'soon'" in text
    assert "nothing measured: 1" in text


def test_freshness_goes_by_the_period_of_the_one_type_that_fits() -> None:
    line = b'{"asset": "%s", "property": "%s", "value": 1, "phenomenon_time": "%s"}'
    old = (NOW - timedelta(minutes=11)).isoformat().encode()
    text = told(
        tried("http_push", b"[" + line % (b"D", b"flow", old) + b"," + line % (b"X", b"speed", old) + b"]")
    )
    assert "D  flow = 1.0 veh/h · 2026-11-06T17:32:00+00:00 · late" in text
    assert "X  speed = 1.0 · 2026-11-06T17:32:00+00:00 · period unknown" in text


def test_with_a_database_the_judge_has_its_say(detectors: Columns) -> None:
    fast = SOAP_MEASURED.replace(b"<speed>48.0", b"<speed>480.0").replace(b"BC-001.2", b"BC-001.1").replace(
        b"soon", b"2026-11-06T18:41:00+01:00"
    )  # fmt: skip
    trial = tried("datex2", fast.replace(b'"BC-001.3"', b'"nobody"', 1), columns=detectors)
    assert "Judged against" in told(trial)
    assert [(r.reason, r.detail) for r in trial.rejects] == [("unknown_asset", "nobody")]
    assert "outside the plausible range" in told(tried("datex2", fast, columns=detectors))


def test_positions_say_whether_they_are_shown() -> None:
    text = told(tried("gtfs_rt", wire(WHOLE)))
    assert "BUS-0101  5.01000, 47.31000 · 36.0 km/h · L3 · 2025-11-06T16:41:50+00:00 · on duty" in text
    assert "off duty: neither shown nor stored" in text
    assert "trip_update not taken: 1" in text


def test_long_lists_are_cut_and_files_of_lines_are_lines() -> None:
    line = b'{"asset": "L-%d", "property": "power", "value": 1, "phenomenon_time": "2026-11-06T17:42:00Z"}\n'
    text = told(tried("http_push", b"".join(line % n for n in range(30)), "a.ndjson"), shown=3)
    assert "30 observations" in text
    assert "… and 27 more" in text


def test_what_cannot_be_read_says_why() -> None:
    trial = tried("datex2", b"<html>")
    assert "Nothing of it can be read: not XML" in told(trial)
    assert trial.refused


def test_a_name_is_a_source_or_an_adapter() -> None:
    demo = read_profile("demo")
    assert named_source(demo, "datex_measured", 8080).reading == {"measured_state": "counting"}
    assert named_source(demo, "datex2", 8080).feed.name == "datex2"
    with pytest.raises(NotFound, match=r"carrier_pigeon.*datex2.*datex_measured"):
        named_source(demo, "carrier_pigeon", 8080)


def test_the_list_says_where_each_comes_from() -> None:
    text = "\n".join(listed(read_profile("demo"), EN, 8123))
    assert "bus_positions: gtfs_rt by poll, every 5 s http://127.0.0.1:8123/gtfs-rt" in text
    assert "ngsi: ngsi by push, every 300 s POST /ingest/ngsi" in text
