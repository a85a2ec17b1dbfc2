"""A publication's table as files, each the same bytes for the same table: the store names them by content."""

from typing import NamedTuple

from services.publishing.files import csv_file, flatgeobuf_file, geojson_file, json_file, parquet_file
from services.publishing.files.told import GEOMETRY, Told, Write


class Format(NamedTuple):
    """How a table is written: the end of the file's name, its media type, and the writer."""

    extension: str
    media_type: str
    write: Write


CSV = Format("csv", "text/csv; charset=utf-8", csv_file.write)
GEOJSON = Format("geojson", "application/geo+json", geojson_file.write)
PARQUET = Format("parquet", "application/vnd.apache.parquet", parquet_file.write)
FLATGEOBUF = Format("fgb", "application/flatgeobuf", flatgeobuf_file.write)
JSON = Format("json", "application/json", json_file.write)

OF_PLACES = (CSV, GEOJSON, PARQUET, FLATGEOBUF)
OF_TABLES = (CSV, JSON, PARQUET)
OF_SERIES = (CSV, PARQUET)


def formats_of(told: Told) -> tuple[Format, ...]:
    """The formats a publication comes in: a series is no map, and would repeat each place every hour."""
    if told.located and not told.timed:
        return OF_PLACES
    return OF_SERIES if told.located else OF_TABLES


__all__ = ["CSV", "FLATGEOBUF", "GEOJSON", "GEOMETRY", "JSON", "PARQUET", "Format", "Told", "formats_of"]
