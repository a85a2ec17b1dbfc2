"""Files GDAL reads (Shapefile, GeoPackage, GeoJSON, KML, OSM PBF), in batches of bounded memory.

A format without random access is first copied, as a stream, into a GeoPackage of our own: skipping rows in
such a file would mean reading it from its start for every batch.
"""

import gc
import itertools
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
from pyogrio.errors import CRSError, DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError
from pyogrio.raw import read

from geodata.importer.batch import BATCH, Batch
from model.errors import BadFile

BROKEN = (
    DataSourceError,
    DataLayerError,
    FeatureError,
    FieldError,
    GeometryError,
    CRSError,
    UnicodeDecodeError,
    ValueError,
    RuntimeError,
)
COPY_LAYER = "rows"
COLLECT_EVERY = 4
"""Batches between collections: pyogrio leaves what it read in reference cycles, 25 MB in 100,000 rows, which
Python would otherwise keep until it happens to look."""


class VectorSource:
    """One layer of a file; ``crs`` is its WKT or ``EPSG:...``, None when it says none."""

    def __init__(self, path: Path, layer: str | None, encoding: str, scratch: Path, shown: str) -> None:
        self._path, self._scratch, self._shown = path, scratch, shown
        self._encoding = encoding or None
        self.notes: list[tuple[str, dict[str, str]]] = []
        with self._explained():
            self._layer = self._chosen(layer)
            info = pyogrio.read_info(path, layer=self._layer, encoding=self._encoding)
        self.driver: str = info["driver"]
        self.crs: str | None = info["crs"] or None
        self.columns = tuple(str(name) for name in info["fields"])
        self.count: int | None = info["features"] if info["features"] >= 0 else None
        self._random: bool = info["capabilities"]["fast_set_next_by_index"]
        self._geometry_type: str = info["geometry_type"] or "Unknown"

    def _chosen(self, layer: str | None) -> str:
        names = [str(name) for name, _ in pyogrio.list_layers(self._path)]
        if layer in names:
            return str(layer)
        # A single layer needs no name; the name given was then the archive member's.
        if len(names) == 1:
            return names[0]
        raise BadFile(f'{self._shown}: has the layers {", ".join(names)}; name one by layer = "..."')

    def batches(self, columns: frozenset[str], size: int = BATCH) -> Iterator[Batch]:
        """The rows in file order; ``rows`` counts features from 1."""
        wanted = [name for name in self.columns if name in columns]
        with self._explained():
            path, layer = (self._path, self._layer) if self._random else self._copied(wanted)
        for start in itertools.count(0, size):
            batch = self._read(path, layer, wanted, start, size)
            if len(batch):
                yield batch
            if len(batch) < size:
                return
            if start // size % COLLECT_EVERY == 0:
                gc.collect()

    def _read(self, path: Path, layer: str, wanted: list[str], start: int, size: int) -> Batch:
        with self._explained():
            meta, _, shapes, arrays = read(
                path,
                layer=layer,
                columns=wanted,
                encoding=self._encoding if path == self._path else None,
                force_2d=True,
                skip_features=start,
                max_features=size,
            )
        columns: dict[str, Any] = {str(n): a for n, a in zip(meta["fields"], arrays, strict=True)}
        count = len(shapes) if shapes is not None else len(next(iter(columns.values()), ()))
        return Batch(np.arange(start + 1, start + 1 + count), columns, shapes)

    def _copied(self, wanted: list[str]) -> tuple[Path, str]:
        target = self._scratch / "rows.gpkg"
        with pyogrio.open_arrow(
            self._path, layer=self._layer, columns=wanted, encoding=self._encoding, use_pyarrow=False
        ) as (meta, stream):
            pyogrio.write_arrow(
                stream,
                target,
                driver="GPKG",
                layer=COPY_LAYER,
                crs=meta["crs"],
                geometry_type="Unknown",
                geometry_name=meta["geometry_name"] or "wkb_geometry",
                FID="vigie_row",
                SPATIAL_INDEX="NO",
            )
        return target, COPY_LAYER

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn GDAL's errors into BadFile, and its warnings into notes of the report."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                yield
            except BROKEN as error:
                raise BadFile(f"{self._shown}: cannot be read: {str(error)[:300]}") from None
        said = {str(warning.message)[:200] for warning in caught if warning.category is RuntimeWarning}
        known = {values["message"] for _, values in self.notes}
        self.notes += [("gdal", {"message": text}) for text in sorted(said - known)]
