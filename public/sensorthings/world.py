"""Everything that is published, as the eight entity sets and their relations, of one version of each part."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from public.features.collection import BETWEEN_KEYS
from public.features.documents import text_of
from public.sensorthings.parts import Document, Ints, Part, Stream, Thing
from public.sensorthings.times import iso, iso_span
from public.sensorthings.units import NO_UNIT, unit_of

THINGS, LOCATIONS, HISTORY = "Things", "Locations", "HistoricalLocations"
DATASTREAMS, SENSORS, PROPERTIES = "Datastreams", "Sensors", "ObservedProperties"
OBSERVATIONS, FEATURES = "Observations", "FeaturesOfInterest"
SETS = (THINGS, LOCATIONS, HISTORY, DATASTREAMS, SENSORS, PROPERTIES, OBSERVATIONS, FEATURES)

FIELDS: dict[str, tuple[str, ...]] = {
    THINGS: ("name", "description", "properties"),
    LOCATIONS: ("name", "description", "encodingType", "location", "properties"),
    HISTORY: ("time",),
    DATASTREAMS: (
        "name", "description", "unitOfMeasurement", "observationType", "observedArea", "phenomenonTime",
        "resultTime", "properties",
    ),
    SENSORS: ("name", "description", "encodingType", "metadata", "properties"),
    PROPERTIES: ("name", "definition", "description", "properties"),
    OBSERVATIONS: (
        "phenomenonTime", "resultTime", "result", "resultQuality", "validTime", "parameters",
    ),
    FEATURES: ("name", "description", "encodingType", "feature", "properties"),
}  # fmt: skip
"""The properties of each set, in the order of the answers."""

OBJECTS = ("properties", "unitOfMeasurement", "resultQuality")
"""Those that hold others, which can be named by a path."""

_OM = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_"
_COUNT, _MEASURE, _CATEGORY = f"{_OM}CountObservation", f"{_OM}Measurement", f"{_OM}CategoryObservation"
_GEOJSON = "application/geo+json"


@dataclass(frozen=True)
class Relation:
    """From an entity of one set to one or several of another; ``of`` gives their places, in order."""

    target: str
    many: bool
    of: Callable[[int], Sequence[int] | range | Ints]


@dataclass(frozen=True)
class Table:
    """One set but that of observations: its entities' ids and properties, and its relations."""

    ids: Sequence[str]
    entities: Sequence[Document]
    relations: dict[str, Relation]
    places: dict[str, int]


def version_of(parts: Sequence[Part]) -> str:
    """What tells one world from another: its parts' names and versions."""
    told = "\n".join(f"{one.name} {one.version}" for one in parts)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


class World:
    """The entities of ``parts``; ``base`` is the public address, ``language`` that of the texts."""

    def __init__(self, parts: Sequence[Part], base: str, language: str) -> None:
        self.parts = tuple(parts)
        self.version = version_of(parts)
        self._base, self._language = base, language
        self.things = _offsets(len(part.things) for part in parts)
        self.streams = _offsets(len(part.streams) for part in parts)
        self.observations = _offsets(len(part.start) for part in parts)
        self._thing = [(part, one) for part in parts for one in part.things]
        self._stream = [(part, one) for part in parts for one in part.streams]

    @cached_property
    def tables(self) -> dict[str, Table]:
        """Every set but that of observations."""
        properties = list(dict.fromkeys(told.name for part in self.parts for told in part.columns))
        property_of = {name: place for place, name in enumerate(properties)}
        of_thing = [list[int]() for _ in self._thing]
        of_property = [list[int]() for _ in properties]
        for place, (part, stream) in enumerate(self._stream):
            of_thing[self._thing_of(place)].append(place)
            of_property[property_of[part.columns[stream.column].name]].append(place)
        located = [place for place, (_, one) in enumerate(self._thing) if one.place]
        at = {thing: place for place, thing in enumerate(located)}
        ids = [one.id for _, one in self._thing]
        here = [ids[place] for place in located]

        def location(thing: int) -> list[int]:
            return [at[thing]] if thing in at else []

        def located_thing(place: int) -> list[int]:
            return [located[place]]

        def itself(place: int) -> list[int]:
            return [place]

        return {
            THINGS: _table(ids, [self._thing_told(place) for place in range(len(ids))], {
                "Locations": Relation(LOCATIONS, True, location),
                "HistoricalLocations": Relation(HISTORY, True, location),
                "Datastreams": Relation(DATASTREAMS, True, of_thing.__getitem__),
            }),
            LOCATIONS: _table(here, [self._location_told(place) for place in located], {
                "Things": Relation(THINGS, True, located_thing),
                "HistoricalLocations": Relation(HISTORY, True, itself),
            }),
            HISTORY: _table(here, [self._history_told(of_thing[place]) for place in located], {
                "Thing": Relation(THINGS, False, located_thing),
                "Locations": Relation(LOCATIONS, True, itself),
            }),
            DATASTREAMS: _table(
                [one.id for _, one in self._stream],
                [self._stream_told(part, one) for part, one in self._stream], {
                "Thing": Relation(THINGS, False, lambda place: [self._thing_of(place)]),
                "Sensor": Relation(SENSORS, False, lambda place: [self._part_of(place)]),
                "ObservedProperty": Relation(PROPERTIES, False, lambda place: [
                    property_of[self._stream[place][0].columns[self._stream[place][1].column].name]
                ]),
                "Observations": Relation(OBSERVATIONS, True, self.of_stream),
            }),
            SENSORS: _table([part.name for part in self.parts], [self._sensor_told(p) for p in self.parts], {
                "Datastreams": Relation(
                    DATASTREAMS, True, lambda place: range(self.streams[place], self.streams[place + 1])
                ),
            }),
            PROPERTIES: _table(properties, [self._property_told(name) for name in properties], {
                "Datastreams": Relation(DATASTREAMS, True, of_property.__getitem__),
            }),
            FEATURES: _table(ids, [self._feature_told(place) for place in range(len(ids))], {
                "Observations": Relation(OBSERVATIONS, True, lambda place: np.concatenate(
                    [np.zeros(0, "i8"), *(np.asarray(self.of_stream(one)) for one in of_thing[place])]
                )),
            }),
        }  # fmt: skip

    @cached_property
    def of_observation(self) -> dict[str, Relation]:
        """The relations of an observation."""
        return {
            "Datastream": Relation(DATASTREAMS, False, lambda place: [self.stream_of(place)]),
            "FeatureOfInterest": Relation(
                FEATURES, False, lambda place: [self._thing_of(self.stream_of(place))]
            ),
        }

    def relations(self, name: str) -> dict[str, Relation]:
        """The relations of the entities of a set, by the name in an address."""
        return self.of_observation if name == OBSERVATIONS else self.tables[name].relations

    def size(self, name: str) -> int:
        """How many entities a set has."""
        return int(self.observations[-1]) if name == OBSERVATIONS else len(self.tables[name].ids)

    def place(self, name: str, identity: str) -> int | None:
        """The place of the entity of that id in its set; None for no such entity."""
        if name != OBSERVATIONS:
            return self.tables[name].places.get(identity)
        stream, _, time = identity.rpartition(BETWEEN_KEYS)
        place = self.tables[DATASTREAMS].places.get(stream)
        if place is None:
            return None
        part, first, start = self._slice(place)
        found = next((at for at, one in enumerate(part.start[first]) if iso(int(one)) == time), None)
        return None if found is None else start + found

    def identity(self, name: str, place: int) -> str:
        """The id of an entity."""
        if name != OBSERVATIONS:
            return self.tables[name].ids[place]
        part, at = self.observation(place)
        return BETWEEN_KEYS.join((part.streams[int(part.stream[at])].id, iso(int(part.start[at]))))

    def entity(self, name: str, place: int) -> Document:
        """The properties of an entity."""
        return self._observation_told(place) if name == OBSERVATIONS else self.tables[name].entities[place]

    def observation(self, place: int) -> tuple[Part, int]:
        """The part an observation is in, and its place there."""
        which = int(np.searchsorted(self.observations, place, "right")) - 1
        return self.parts[which], place - int(self.observations[which])

    def stream_of(self, place: int) -> int:
        """The datastream of an observation."""
        which = int(np.searchsorted(self.observations, place, "right")) - 1
        at = place - int(self.observations[which])
        return int(self.streams[which]) + int(self.parts[which].stream[at])

    def of_stream(self, place: int) -> range:
        """The observations of a datastream."""
        _, mine, start = self._slice(place)
        return range(start, start + mine.stop - mine.start)

    # --- places ---------------------------------------------------------------------------------------------

    def _part_of(self, stream: int) -> int:
        return int(np.searchsorted(self.streams, stream, "right")) - 1

    def _thing_of(self, stream: int) -> int:
        return int(self.things[self._part_of(stream)]) + self._stream[stream][1].thing

    def _slice(self, stream: int) -> tuple[Part, slice, int]:
        which = self._part_of(stream)
        part, at = self.parts[which], stream - int(self.streams[which])
        first = int(part.bounds[at])
        return part, slice(first, int(part.bounds[at + 1])), int(self.observations[which]) + first

    # --- what is told ---------------------------------------------------------------------------------------

    def _text(self, texts: dict[str, str]) -> str:
        return text_of(texts, self._language)

    def _title(self, part: Part) -> str:
        return self._text(part.about.title) or part.name

    def _name(self, part: Part, one: Thing) -> str:
        return one.name or self._title(part)

    def _source(self, part: Part) -> Document:
        about = part.about
        return {
            "dataset": f"{self._base}/datasets/{part.name}",
            "producer": about.producer,
            "attribution": about.attribution,
            "licence": about.licence.url or about.licence.id,
        }

    def _thing_told(self, place: int) -> Document:
        part, one = self._thing[place]
        return {
            "name": self._name(part, one),
            "description": self._title(part),
            "properties": {**one.told, **self._source(part)},
        }

    def _location_told(self, place: int) -> Document:
        part, one = self._thing[place]
        return {
            "name": self._name(part, one), "description": self._title(part), "encodingType": _GEOJSON,
            "location": one.place, "properties": self._source(part),
        }  # fmt: skip

    def _history_told(self, streams: Sequence[int]) -> Document:
        firsts = [self._stream[one][1].first for one in streams]
        return {"time": iso(min(firsts)) if firsts else None}

    def _feature_told(self, place: int) -> Document:
        part, one = self._thing[place]
        return {
            "name": self._name(part, one), "description": self._title(part), "encodingType": _GEOJSON,
            "feature": one.place or part.extent, "properties": self._source(part),
        }  # fmt: skip

    def _stream_told(self, part: Part, one: Stream) -> Document:
        told, thing = part.columns[one.column], part.things[one.thing]
        meaning, worded = self._text(told.meaning) or told.name, part.in_words(one.column)
        kind = _CATEGORY if worded else _COUNT if told.shape == "count" else _MEASURE
        return {
            "name": f"{meaning} · {self._name(part, thing)}",
            "description": f"{self._title(part)} · {meaning}",
            "unitOfMeasurement": NO_UNIT if worded else unit_of(told.unit),
            "observationType": kind,
            "observedArea": thing.place or part.extent,
            "phenomenonTime": iso_span(one.first, one.last),
            "resultTime": iso_span(int(part.ends(np.array([one.first]))[0]), one.last),
            "properties": {"column": told.name, **self._source(part)},
        }

    def _sensor_told(self, part: Part) -> Document:
        return {
            "name": self._title(part),
            "description": self._text(part.about.how) or self._text(part.about.what) or self._title(part),
            "encodingType": "text/html",
            "metadata": f"{self._base}/datasets/{part.name}",
            "properties": self._source(part),
        }

    def _property_told(self, name: str) -> Document:
        part, told = next((p, one) for p in self.parts for one in p.columns if one.name == name)
        meaning = self._text(told.meaning) or name
        return {
            "name": meaning,
            "definition": f"{self._base}/datasets/{part.name}#columns",
            "description": meaning,
            "properties": {"column": name},
        }

    def _observation_told(self, place: int) -> Document:
        part, at = self.observation(place)
        start, result, quality = int(part.start[at]), float(part.result[at]), float(part.quality[at])
        end = int(part.ends(part.start[at : at + 1])[0])
        column = part.streams[int(part.stream[at])].column
        return {
            "phenomenonTime": iso_span(start, end),
            "resultTime": iso(end),
            "result": _result(part, column, result),
            "resultQuality": _quality(quality),
            "validTime": None,
            "parameters": None,
        }


def _result(part: Part, column: int, result: float) -> Any:
    if part.in_words(column):
        return part.words[int(result)]
    return int(result) if part.columns[column].shape == "count" and result.is_integer() else result


def _quality(covered: float) -> Document | None:
    """How much of its time a value rests on, as a quality element of ISO 19157."""
    if not np.isfinite(covered):
        return None
    value = round(covered, 1)
    return {"nameOfMeasure": "coverage", "DQ_Result": {"value": value, "valueUnit": "%"}}


def _table(ids: Sequence[str], entities: Sequence[Document], relations: dict[str, Relation]) -> Table:
    return Table(ids, entities, relations, {one: place for place, one in enumerate(ids)})


def _offsets(lengths: Any) -> Ints:
    return np.concatenate(([0], np.cumsum(np.fromiter(lengths, "i8")))).astype("i8")
