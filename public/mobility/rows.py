"""The rows of a published state, as the mobility formats are made of them."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np

from public.features.collection import Features
from public.features.library import Entry

Row = dict[str, Any]


def rows_of(features: Features, places: np.ndarray[Any, Any] | None = None) -> list[Row]:
    """The rows at ``places`` (None: all), each with its properties and its point as ``lon`` and ``lat``."""
    wanted = np.arange(features.rows) if places is None else places
    told = msgspec.json.decode(b"[" + bytes(features.rendered.some(wanted)) + b"]")
    return [one["properties"] | _place(one["geometry"]) for one in told]


def _place(geometry: Row | None) -> Row:
    lon, lat = geometry["coordinates"] if geometry and geometry["type"] == "Point" else (None, None)
    return {"lon": lon, "lat": lat}


def as_of(entry: Entry) -> datetime:
    """The instant the rows are of; when they were published where they do not say."""
    told = entry.about.data_time
    return datetime.fromisoformat(told).astimezone(UTC) if told else entry.manifest.published_at
