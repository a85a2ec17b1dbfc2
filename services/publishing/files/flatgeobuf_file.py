"""A located table as FlatGeobuf, with its spatial index: a map reads a neighbourhood of it over HTTP."""

from pathlib import Path

import pyarrow as pa
import pyogrio

from services.publishing.files.told import GEOMETRY, Told


def write(table: pa.Table, told: Told, path: Path) -> None:
    """Write ``table`` to ``path``."""
    plain = table.replace_schema_metadata(None)
    pyogrio.write_arrow(
        plain,
        path,
        layer=told.name,
        driver="FlatGeobuf",
        geometry_name=GEOMETRY,
        geometry_type="Point",
        crs="EPSG:4326",
        SPATIAL_INDEX="YES",
    )
