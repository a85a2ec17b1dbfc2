"""Which rows of a collection a question is about: box, time, properties and filter, all of them together."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from public.features import cql
from public.features.about import About
from public.features.asked import BadParameter
from public.features.collection import Features
from public.features.columns import Kind, kind_of
from public.features.cql.tree import Comparison, day_of, instant_of
from public.features.places import Mask
from public.features.references import CRS84, REFERENCES, Box, Reference, east_first
from public.features.times import Interval, in_interval, interval

PARAMETERS = ("bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs")
FARTHEST = 1e9
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\s*", re.ASCII)
IN_THREAD = 50_000
"""Rows from which judging is done beside the event loop."""


@dataclass(frozen=True)
class Boxed:
    """A box, east first, in a system; ``west`` more than ``east`` goes through the antimeridian."""

    box: Box
    reference: Reference


@dataclass(frozen=True)
class Selection:
    """What rows must be; ``key`` is the same for the same question."""

    key: tuple[tuple[str, str], ...]
    box: Boxed | None = None
    time: Interval | None = None
    wanted: tuple[cql.Node, ...] = ()


def selection(given: Mapping[str, str], about: About) -> Selection:
    """The selection ``given`` parameters say. BadParameter names the first that is wrong."""
    told = {one.name: one for one in about.fields if one.name not in PARAMETERS}
    key = tuple(sorted((name, value) for name, value in given.items() if name in (*PARAMETERS, *told)))
    wanted = [_equal(kind_of(told[name]), name, value) for name, value in given.items() if name in told]
    filtering = _filter(given)
    return Selection(
        key,
        _box(given),
        interval(given["datetime"]) if "datetime" in given else None,
        (*wanted, *([filtering] if filtering is not None else [])),
    )


def selected(features: Features, wanted: Selection) -> npt.NDArray[np.int64] | None:
    """The rows of ``features`` that are ``wanted``, in order; None for all of them."""
    if not (wanted.box or wanted.time or wanted.wanted):
        return None
    known = features.found.get(wanted.key)
    if known is None:
        known = np.flatnonzero(_mask(features, wanted)).astype("i8")
        features.remember(wanted.key, known)
    return known


def _mask(features: Features, wanted: Selection) -> Mask:
    mask = np.ones(features.rows, bool)
    if wanted.box and features.places:
        mask &= _inside(features, wanted.box) | features.places.missing
    if wanted.time:
        timed = in_interval(features, wanted.time)
        mask &= mask if timed is None else timed
    for node in wanted.wanted:
        mask &= _judged(node, features)
    return mask


def _judged(node: cql.Node, features: Features) -> Mask:
    try:
        return cql.judged(node, features)
    except cql.BadFilter as error:
        raise BadParameter("filter", str(error)) from None


def _inside(features: Features, boxed: Boxed) -> Mask:
    assert features.places is not None  # noqa: S101 - the caller looked
    west, south, east, north = boxed.box
    if west <= east:
        return features.places.inside(boxed.box, boxed.reference)
    before = features.places.inside((west, south, 180.0, north), boxed.reference)
    return before | features.places.inside((-180.0, south, east, north), boxed.reference)


# Parameters ---------------------------------------------------------------------------------------


def reference_of(given: Mapping[str, str], name: str) -> Reference:
    """The coordinate reference system of parameter ``name``; CRS84 when it is not given."""
    if name not in given:
        return CRS84
    found = REFERENCES.get(given[name].strip("[]"))
    if found is None:
        raise BadParameter(name, "none of the systems of this collection: " + ", ".join(REFERENCES))
    return found


def _box(given: Mapping[str, str]) -> Boxed | None:
    reference = reference_of(given, "bbox-crs")
    if "bbox" not in given:
        return None
    sides = [_side(part) for part in given["bbox"].split(",")]
    if len(sides) not in (4, 6):
        raise BadParameter("bbox", "four numbers with commas between, or six with heights")
    half = len(sides) // 2
    box = east_first((sides[0], sides[1], sides[half], sides[half + 1]), reference)
    _check_box(box, reference)
    return Boxed(box, reference)


def _check_box(box: Box, reference: Reference) -> None:
    west, south, east, north = box
    degrees = reference.name in ("OGC:CRS84", "EPSG:4326")
    if south > north or (west > east and not degrees):
        raise BadParameter("bbox", "the lower corner comes first")
    if degrees and not (south >= -90 and north <= 90 and -180 <= west <= 180 and -180 <= east <= 180):
        raise BadParameter("bbox", "longitudes are from -180 to 180, latitudes from -90 to 90")


def _side(text: str) -> float:
    number = _number(text)
    if not abs(number) < FARTHEST:
        raise BadParameter(
            "bbox", "numbers with commas between, none of them farther than the earth is round"
        )
    return number


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise BadParameter("bbox", "numbers with commas between")
    return float(text)


def _filter(given: Mapping[str, str]) -> cql.Node | None:
    language = given.get("filter-lang", "cql2-text")
    if language not in cql.LANGUAGES:
        raise BadParameter("filter-lang", " or ".join(cql.LANGUAGES))
    reference = reference_of(given, "filter-crs")
    if "filter" not in given:
        return None
    try:
        return cql.read(given["filter"], language, reference)
    except cql.BadFilter as error:
        raise BadParameter("filter", str(error)) from None


def _equal(kind: Kind, name: str, text: str) -> cql.Node:
    """A property that is to be what its own parameter says."""
    return Comparison(name, "=", _value(kind, name, text))


def _value(kind: Kind, name: str, text: str) -> Any:
    try:
        if kind is Kind.TEXT:
            return text
        if kind is Kind.NUMBER:
            return _number(text)
        return day_of(text) if kind is Kind.DAY else _instant(text)
    except (cql.BadFilter, BadParameter):
        raise BadParameter(name, f"no {kind.value}") from None


def _instant(text: str) -> date:
    return instant_of(text)
