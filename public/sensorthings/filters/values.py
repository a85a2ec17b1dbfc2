"""Values of many entities at once, as filters compare them and lists are ordered by them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from public.features.places import Mask
from public.sensorthings.filters.tree import Span
from public.sensorthings.times import millis

NUMBER, TEXT, TIME, TRUTH, NOTHING, MIXED = "number", "text", "time", "truth", "nothing", "mixed"
Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Values:
    """One value an entity: ``first`` holds it, ``last`` the end of a time; ``known`` where there is one.

    Times are milliseconds since 1970. Mixed values are numbers in ``first`` and texts in ``last``, each where
    ``known`` and not where the other is.
    """

    kind: str
    first: Array
    known: Mask
    last: Array | None = None

    def taken(self, places: Array) -> "Values":
        """The values at ``places``."""
        last = None if self.last is None else self.last[places]
        return Values(self.kind, self.first[places], self.known[places], last)


def constant(value: str | float | bool | Span | None, size: int) -> Values:
    """``value`` for ``size`` entities."""
    known = np.full(size, value is not None)
    if isinstance(value, Span):
        return Values(TIME, np.full(size, millis(value.first)), known, np.full(size, millis(value.last)))
    if isinstance(value, bool):
        return Values(TRUTH, np.full(size, value), known)
    if isinstance(value, float):
        return Values(NUMBER, np.full(size, value), known)
    if isinstance(value, str):
        return Values(TEXT, np.full(size, value, object), known)
    return Values(NOTHING, np.zeros(size), known)


def gathered(values: Sequence[Any]) -> Values:
    """``values`` of JSON: numbers, texts or nothing; objects cannot be compared, and are unknown."""
    texts = np.array([isinstance(one, str) for one in values], bool)
    numbers = np.array([isinstance(one, int | float) and not isinstance(one, bool) for one in values], bool)
    as_texts = np.array([one if isinstance(one, str) else "" for one in values] or [""], object)[
        : len(values)
    ]
    as_numbers = np.array(
        [float(one) if known else np.nan for one, known in zip(values, numbers, strict=True)]
    )
    return mixed(as_numbers, numbers, as_texts, texts)


def mixed(numbers: Array, is_number: Mask, texts: Array, is_text: Mask) -> Values:
    """Numbers and texts as the one kind there is, or as both."""
    if not is_text.any():
        return Values(NUMBER if is_number.any() else NOTHING, numbers, is_number)
    if not is_number.any():
        return Values(TEXT, texts, is_text)
    return Values(MIXED, np.where(is_number, numbers, np.nan), is_number | is_text, texts)


def spans(starts: Array, ends: Array, known: Mask) -> Values:
    """Times from ``starts`` to ``ends``."""
    return Values(TIME, starts, known, ends)


def as_kind(values: Values, kind: str) -> Values:
    """``values`` as far as they are of ``kind``; unknown where they are not."""
    if values.kind == kind:
        return values
    if values.kind == MIXED and values.last is not None and kind in (NUMBER, TEXT):
        is_number = np.isfinite(values.first)
        if kind == NUMBER:
            return Values(NUMBER, values.first, values.known & is_number)
        return Values(TEXT, values.last, values.known & ~is_number)
    return Values(kind, np.zeros(len(values.known)), np.zeros(len(values.known), bool))


def ranked(values: Values, downwards: bool) -> Array:
    """Numbers to order by; what is unknown comes first, or last when ``downwards``."""
    kept = as_kind(values, NUMBER) if values.kind == MIXED else values
    if kept.kind == TEXT:
        _, order = np.unique(kept.first.astype(str), return_inverse=True)
    else:
        order = np.asarray(kept.first, "f8")
    rank = np.where(kept.known, order.astype("f8"), -np.inf)
    return -rank if downwards else rank


def texts_of(values: Iterable[Any]) -> Array:
    """``values`` as an array of texts."""
    found = list(values)
    kept = np.empty(len(found), object)
    kept[:] = found
    return kept
