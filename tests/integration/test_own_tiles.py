"""A city's own PMTiles file, raster or vector, served by the control room under its streets."""

import gzip
from pathlib import Path

import httpx
import pytest
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from callbacks import build
from callbacks.map_data import tiles_for
from geodata.tiles import open_tiles
from model.errors import BadSettings
from services.city import open_city
from services.settings import ROOT, Settings
from tests.room import remember
from tests.signing_in import made_up

PNG = b"\x89PNG one tile"


def write_tiles(path: Path, kind: TileType, body: bytes, packed: Compression) -> Path:
    """A file with the one tile 3/4/2."""
    with path.open("wb") as out:
        writer = Writer(out)
        writer.write_tile(zxy_to_tileid(3, 4, 2), body)
        header = {
            "tile_type": kind, "tile_compression": packed, "min_zoom": 3, "max_zoom": 3,
            "min_lon_e7": 0, "min_lat_e7": 0, "max_lon_e7": 10, "max_lat_e7": 10,
            "center_zoom": 3, "center_lon_e7": 0, "center_lat_e7": 0,
        }  # fmt: skip
        writer.finalize(header, {"vector_layers": [{"id": "water"}, {"id": "roads"}]})
    return path


def test_a_raster_file_gives_its_tile_and_nothing_elsewhere(tmp_path: Path) -> None:
    tiles = open_tiles(write_tiles(tmp_path / "own.pmtiles", TileType.PNG, PNG, Compression.NONE))
    assert (tiles.vector, tiles.media_type, tiles.encoding) == (False, "image/png", None)
    assert tiles.tile(3, 4, 2) == PNG
    assert tiles.tile(3, 4, 3) is None
    assert tiles.tile(2, 0, 0) is None
    assert tiles.tile(3, 99, 0) is None


def test_a_vector_file_names_its_layers(tmp_path: Path) -> None:
    body = gzip.compress(b"a vector tile")
    tiles = open_tiles(write_tiles(tmp_path / "own.pmtiles", TileType.MVT, body, Compression.GZIP))
    assert (tiles.vector, tiles.encoding, tiles.layers) == (True, "gzip", ("water", "roads"))
    assert tiles.tile(3, 4, 2) == body


@pytest.mark.parametrize("content", [b"", b"not tiles at all" * 20])
def test_another_file_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    wrong = tmp_path / "wrong.pmtiles"
    wrong.write_bytes(content)
    with pytest.raises(BadSettings, match=r"VIGIE_TILES_URL: wrong\.pmtiles"):
        open_tiles(wrong)
    with pytest.raises(BadSettings, match=r"gone\.pmtiles"):
        open_tiles(tmp_path / "gone.pmtiles")


async def test_the_control_room_serves_them(tmp_path: Path) -> None:
    file = write_tiles(tmp_path / "own.pmtiles", TileType.PNG, PNG, Compression.NONE)
    nowhere = {"database_url": "postgresql://nobody@/none?host=/nowhere", "redis_url": "unix:///nowhere"}
    city = open_city(Settings(tiles_url=str(file), **nowhere))  # type: ignore[arg-type]
    assert tiles_for(city) == {
        "url": "/map/tiles/{z}/{x}/{y}", "kind": "raster", "layers": ["water", "roads"],
        "minzoom": 3, "maxzoom": 3,
    }  # fmt: skip
    transport = httpx.ASGITransport(build(city, assets=ROOT / "assets"), client=("127.0.0.1", 1))
    known = made_up()
    remember(city, known)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8050", headers=known.headers
    ) as client:
        found = await client.get("/map/tiles/3/4/2")
        assert (found.status_code, found.content, found.headers["content-type"]) == (200, PNG, "image/png")
        assert (await client.get("/map/tiles/3/4/7")).status_code == 204
        assert (await client.get("/map/tiles/3/4/x")).status_code == 404


def test_an_address_of_a_tile_server_is_the_browsers_to_ask() -> None:
    settings = Settings(
        database_url="postgresql://nobody@/none?host=/nowhere",
        redis_url="unix:///nowhere",
        tiles_url="https://tiles.city.example/{z}/{x}/{y}.png",
    )
    assert tiles_for(open_city(settings)) == {"url": settings.tiles_url, "kind": "raster"}
