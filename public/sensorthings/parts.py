"""One collection as things, datastreams and observations: made once a version, then asked without its table.

A thing is what rows are of beside their time: a loop, a commune, or the whole city. A datastream is one
column of numbers, or of states, of one thing; an observation one cell of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt

from public.features.about import About, Told
from public.features.collection import BETWEEN_KEYS, Features
from public.features.columns import Column, Kind, kind_of
from public.sensorthings.times import Millis, ends_of, span_of, starts_of
from services.publishing.outlets import QUALITY, observed_columns

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Document = dict[str, Any]


@dataclass(frozen=True)
class Thing:
    """What is observed: its id, name, what else the rows say of it, and its place where it has one."""

    id: str
    name: str
    told: dict[str, str]
    place: Document | None


@dataclass(frozen=True)
class Stream:
    """One column of one thing: their places in their lists, and from when to when it has observations."""

    id: str
    column: int
    thing: int
    first: int
    last_start: int
    last: int


@dataclass(frozen=True)
class Part:
    """The observations of one version of a collection, ordered by datastream and time.

    ``stream`` says of which each is, ``start`` when it begins (ms since 1970), ``result`` its number or the
    place of its word in ``words``, ``quality`` its coverage in percent (NaN where it is not told).
    ``bounds[i]`` and ``bounds[i + 1]`` are where datastream ``i`` begins and ends.
    """

    name: str
    version: str
    about: About
    columns: tuple[Told, ...]
    things: tuple[Thing, ...]
    streams: tuple[Stream, ...]
    stream: Small
    start: Millis
    result: npt.NDArray[np.float64]
    quality: npt.NDArray[np.float32]
    words: tuple[str, ...]
    bounds: Ints
    span: str
    zone: ZoneInfo
    at_id: dict[str, int] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        self.at_id.update({one.id: place for place, one in enumerate(self.streams)})

    @property
    def nbytes(self) -> int:
        """Memory held, about."""
        arrays = (self.stream, self.start, self.result, self.quality, self.bounds)
        return sum(one.nbytes for one in arrays) + 900 * (len(self.streams) + len(self.things))

    def ends(self, start: Millis) -> Millis:
        """When what began at ``start`` ended."""
        return ends_of(start, self.span, self.zone)

    def in_words(self, column: int) -> bool:
        """Whether column ``column`` is observed in words."""
        return kind_of(self.columns[column]) is Kind.TEXT

    @property
    def extent(self) -> Document | None:
        """The box of the publication as GeoJSON."""
        if not self.about.bbox:
            return None
        west, south, east, north = self.about.bbox
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        return {"type": "Polygon", "coordinates": [ring]}


def observed(about: About) -> tuple[Told, ...]:
    """The columns of a publication that are observed; none where its rows have no time."""
    names = observed_columns([(one.name, one.shape) for one in about.columns], about.key)
    return tuple(one for one in about.fields if one.name in names)


def part_of(features: Features) -> Part:
    """``features`` as observations."""
    about = features.about
    timed = about.timed
    assert timed is not None  # noqa: S101 - the caller asked for what is observed
    zone, time = ZoneInfo(about.time_zone), features.columns[timed.name]
    key = [name for name in about.key if name in features.columns and name != timed.name]
    thing, firsts = _grouped([features.columns[name] for name in key], features.rows)
    things = tuple(_thing(features, key, int(row)) for row in firsts)
    starts, columns = starts_of(time, zone), observed(about)
    order = np.lexsort((starts, thing))
    found = [
        (order[(features.columns[told.name].known & time.known)[order]], place)
        for place, told in enumerate(columns)
    ]
    return _ordered(features, columns, things, thing, starts, found, zone)


def _grouped(key: Sequence[Column], rows: int) -> tuple[Ints, Ints]:
    """Of which thing each row is, in order of appearance, and the first row of each."""
    codes = np.zeros(rows, "i8")
    for column in key:
        _, mine = np.unique(column.values, return_inverse=True)
        _, codes = np.unique(codes * (int(mine.max(initial=0)) + 1) + mine, return_inverse=True)
    _, firsts = np.unique(codes, return_index=True)
    return codes.astype("i8"), firsts.astype("i8")


def _thing(features: Features, key: Sequence[str], row: int) -> Thing:
    told: Document = msgspec.json.decode(bytes(features.rendered.some(np.array([row]))))
    said = {name: value for name, value in told["properties"].items() if isinstance(value, str) and value}
    cells = ["" if (cell := told["properties"][name]) is None else str(cell) for name in key]
    observed_too = {one.name for one in observed(features.about)}
    timed = features.about.timed
    words = {
        name: value for name, value in said.items()
        if name not in observed_too and (timed is None or name != timed.name)
    }  # fmt: skip
    name = said.get("name") or said.get("area") or BETWEEN_KEYS.join(filter(None, cells))
    return Thing(BETWEEN_KEYS.join((features.name, *cells)), name, words, told["geometry"])


def _ordered(
    features: Features, columns: tuple[Told, ...], things: tuple[Thing, ...], thing: Ints, starts: Millis,
    found: Sequence[tuple[Ints, int]], zone: ZoneInfo,
) -> Part:  # fmt: skip
    rows = np.concatenate([mine for mine, _ in found]) if found else np.zeros(0, "i8")
    column = np.concatenate([np.full(len(mine), place) for mine, place in found]) if found else rows
    cells, stream, counts = np.unique(
        column * len(things) + thing[rows], return_inverse=True, return_counts=True
    )
    bounds = np.concatenate(([0], np.cumsum(counts))).astype("i8")
    begins, span = starts[rows], span_of(features.about)
    ends = ends_of(begins[bounds[1:] - 1], span, zone)
    streams = tuple(
        Stream(
            BETWEEN_KEYS.join((things[cell % len(things)].id, columns[cell // len(things)].name)),
            cell // len(things), cell % len(things),
            int(begins[bounds[at]]), int(begins[bounds[at + 1] - 1]), int(ends[at]),
        )
        for at, cell in enumerate(cells.tolist())
    )  # fmt: skip
    results, words = _results(features, columns, found)
    quality = features.columns.get(QUALITY)
    covered = quality.values[rows] if quality else np.full(len(rows), np.nan)
    return Part(
        features.name, features.version, features.about, columns, things, streams,
        stream.astype("i4"), begins, results, np.asarray(covered, "f4"), words, bounds, span, zone,
    )  # fmt: skip


def _results(
    features: Features, columns: Sequence[Told], found: Sequence[tuple[Ints, int]]
) -> tuple[npt.NDArray[np.float64], tuple[str, ...]]:
    results, words = [], list[str]()
    for rows, place in found:
        column = features.columns[columns[place].name]
        shift = len(words) if column.words is not None else 0
        words += column.words.to_pylist() if column.words is not None else []
        results.append(np.asarray(column.values[rows], "f8") + shift)
    return (np.concatenate(results) if results else np.zeros(0)), tuple(words)
