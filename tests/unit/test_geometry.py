"""The packed geometry reads back as a browser reads it, and stays small."""

import base64
import gzip
import json
import struct
from typing import Any

import brotli
import numpy as np

from services.live.geometry import geometry
from tests.unit.live_columns import columns

TYPES = {"u16": "<u2", "u8": "u1", "i32": "<i4"}


def read(raw: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """As assets/ reads it: header, then wrap-around differences, each column padded to 4 bytes."""
    (length,) = struct.unpack_from("<I", raw)
    header = json.loads(raw[4 : 4 + length])
    at = 4 + length + -(4 + length) % 4
    found = {}
    for name, kind in header["columns"]:
        steps = np.frombuffer(raw, TYPES[kind], header["count"], at)
        found[name] = np.cumsum(steps, dtype=steps.dtype)
        at += steps.nbytes + -steps.nbytes % 4
    assert at == len(raw)
    return header, found


def test_it_reads_back() -> None:
    city = columns(["control_cabinet", "streetlight", "camera"], [-1, 0, -1], [3, 9, 0])
    packed = geometry(city, [(9, "Aval"), (3, "Été")])
    assert gzip.decompress(packed.gz) == packed.raw == brotli.decompress(packed.br)
    header, found = read(packed.raw)
    west, south, east, north = header["box"]
    lon = west + found["lon"] / 65_535 * (east - west)
    lat = south + found["lat"] / 65_535 * (north - south)
    assert np.allclose(lon, city.lon, atol=1e-5)
    assert np.allclose(lat, city.lat, atol=1e-5)
    assert [header["types"][code]["name"] for code in found["type"]] == [
        "control_cabinet", "streetlight", "camera"]  # fmt: skip
    assert [header["areas"][0], header["areas"][1]] == [{"id": 9, "name": "Aval"}, {"id": 3, "name": "Été"}]
    assert found["area"].tolist() == [1, 0, 255]
    assert found["parent"].tolist() == [-1, 0, -1]


def test_a_city_without_assets_has_a_geometry() -> None:
    header, found = read(geometry(columns([]), []).raw)
    assert header["count"] == 0
    assert all(len(column) == 0 for column in found.values())


def test_35000_assets_fit_in_200_kb_with_their_states() -> None:
    """Even for positions without any order, which no real city has."""
    dice = np.random.default_rng(3)
    kinds = ["control_cabinet", *["streetlight"] * 59] * 584
    parents = [-1 if n % 60 == 0 else n - n % 60 for n in range(len(kinds))]
    city = columns(kinds[:35_000], parents[:35_000], dice.integers(1, 23, 35_000).tolist())
    city.lon[:], city.lat[:] = dice.random(35_000) * 0.3 + 5, dice.random(35_000) * 0.2 + 47
    codes = dice.choice([1, 2, 18], 35_000, p=[0.05, 0.9, 0.05]).astype("u1")
    states = gzip.compress(base64.b64encode(codes.tobytes()))
    assert len(geometry(city, [(n, f"Area {n}") for n in range(1, 24)]).gz) + len(states) < 200_000
