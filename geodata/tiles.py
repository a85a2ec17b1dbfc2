"""A city's own tiles under the streets: a PMTiles file read here, so that no page asks anybody else."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import Compression, MagicNumberNotFound, SpecVersionUnsupported, TileType

from model.errors import BadSettings

MEDIA = {
    TileType.MVT: "application/vnd.mapbox-vector-tile",
    TileType.PNG: "image/png",
    TileType.JPEG: "image/jpeg",
    TileType.WEBP: "image/webp",
    TileType.AVIF: "image/avif",
}


@dataclass(frozen=True)
class TileFile:
    """An open PMTiles file: what its tiles are, the zooms it has, and the layers of a vector one."""

    vector: bool
    media_type: str
    encoding: str | None
    least: int
    most: int
    layers: tuple[str, ...]
    _get: Callable[[int, int, int], bytes | None]

    def tile(self, zoom: int, x: int, y: int) -> bytes | None:
        """The tile as it is stored (``encoding`` says how), None where the file has none."""
        inside = self.least <= zoom <= self.most and 0 <= x < 2**zoom and 0 <= y < 2**zoom
        return self._get(zoom, x, y) if inside else None


def open_tiles(path: Path) -> TileFile:
    """Open the PMTiles file at ``path``. BadSettings says what is wrong with it."""
    try:
        with path.open("rb") as file:
            reader = Reader(MmapSource(file))
        header = reader.header()
    except (OSError, ValueError, MagicNumberNotFound, SpecVersionUnsupported) as error:
        raise BadSettings(f"VIGIE_TILES_URL: {path.name} is no readable PMTiles file ({error})") from None
    kind, packed = header["tile_type"], header["tile_compression"]
    if kind not in MEDIA or packed not in (Compression.NONE, Compression.GZIP):
        raise BadSettings(f"VIGIE_TILES_URL: {path.name} holds tiles of an unknown kind or compression")
    described = reader.metadata().get("vector_layers", ())
    return TileFile(
        vector=kind is TileType.MVT,
        media_type=MEDIA[kind],
        encoding="gzip" if packed is Compression.GZIP else None,
        least=header["min_zoom"],
        most=header["max_zoom"],
        layers=tuple(layer["id"] for layer in described),
        _get=reader.get,
    )
