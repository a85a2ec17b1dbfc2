"""What every adapter does with an item: gather what it becomes, read its times and numbers, convert once."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

import msgspec

from model.domains import ASSET_TYPES
from model.errors import BadObservation, BadProfile
from model.observations import Doubt, Observation, Position, Quality
from services.live.parsed import EXCERPT, Parsed, Reading
from services.live.quality import Reject

ITEM_MOST = 65_536
"""Bytes of an item that its dead letter keeps."""
NOTHING = frozenset(("", "nan", "null", "none", "n/a", "na", "-"))
"""Words for no value; nothing of the sort is ever 0 (standards.md T22)."""
_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?)\s*([A-Za-z%°µ]\S*(?: \S+)*)?\s*")

Profile = TypeVar("Profile", bound=msgspec.Struct)


class When(NamedTuple):
    """An aware instant, and what is doubted about it."""

    at: datetime
    doubts: int = 0


class Items:
    """Gathers what a payload becomes; see ``Parsed``."""

    def __init__(self) -> None:
        self.observations: list[Observation] = []
        self.positions: list[Position] = []
        self.rejects: list[Reject] = []
        self.notes: Counter[str] = Counter()

    @contextmanager
    def item(self, row: int, raw: Callable[[], bytes] = bytes) -> Iterator[None]:
        """One item: whatever is wrong with it inside becomes its reject, and the next goes on.

        ``raw`` gives the item's own bytes, and is asked only then.
        """
        try:
            yield
        except BadObservation as refused:
            self.refuse(row, refused.reason, refused.detail, raw())
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
            self.refuse(row, "malformed", str(error), raw())

    def refuse(self, row: int, reason: str, detail: str, raw: bytes = b"") -> None:
        """Count the item at ``row`` under ``reason``."""
        self.rejects.append(Reject(row, reason, detail[:EXCERPT], raw[:ITEM_MOST]))

    def parsed(self) -> Parsed:
        """Everything gathered."""
        return Parsed(self.observations, self.rejects, self.positions, dict(self.notes))


def declared(reading: Reading, kind: type[Profile]) -> Profile:
    """The source's ``[reading]`` table as ``kind``; BadProfile names the key that is wrong."""
    try:
        return msgspec.convert(dict(reading.profile), kind)
    except msgspec.ValidationError as error:
        raise BadProfile(f"[reading]: {error}") from None


# Times ------------------------------------------------------------------------------------------


def instant(text: object, reading: Reading) -> When:
    """An ISO 8601 time, aware. Without a zone it gets the source's declared one, and is marked.

    Raises BadObservation: ``malformed``, or ``time_without_zone`` where none is declared or the clock was
    put back or forward then, so that the local time is no single instant.
    """
    try:
        moment = datetime.fromisoformat(str(text).strip())
    except ValueError:
        raise BadObservation("malformed", f"no time: {str(text)[:60]!r}") from None
    return placed(moment, reading)


def placed(moment: datetime, reading: Reading) -> When:
    """``moment`` aware: as it is, or in the source's declared zone; raises as ``instant`` does."""
    if moment.tzinfo is not None:
        return When(moment)
    if reading.zone is None:
        raise BadObservation("time_without_zone", moment.isoformat())
    local = moment.replace(tzinfo=reading.zone)
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise BadObservation("time_without_zone", f"{moment.isoformat()}: the clock changed in that hour")
    return When(local, Doubt.ZONE_ASSUMED)


def from_epoch(seconds: float) -> When:
    """The instant ``seconds`` after 1970; BadObservation ``malformed`` beyond every calendar."""
    try:
        return When(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):
        raise BadObservation("malformed", f"no time: {seconds}") from None


def received(reading: Reading) -> When:
    """The instant of receipt as the time of an item that has none; ``no_time`` where it is not known."""
    at = reading.fields.get("received_at")
    if at is None:
        raise BadObservation("no_time", "the transport does not say when it came")
    return When(datetime.fromisoformat(at), Doubt.RECEIPT_TIME)


# Numbers and units ------------------------------------------------------------------------------

UNITS: Mapping[str, str] = {
    "WTT": "W", "KWT": "kW", "MAW": "MW", "WHR": "Wh", "KWH": "kWh", "MWH": "MWh", "VLT": "V", "KMH": "km/h",
    "MTS": "m/s", "P1": "%", "C62": "", "CEL": "°C", "SEC": "s", "MIN": "min", "HUR": "h", "MSE": "ms",
    "C26": "ms", "watt": "W", "kilowatt": "kW", "volt": "V", "percent": "%",
}  # fmt: skip
"""Names of units, those of UN/CEFACT first, to how the domains write them."""

FACTORS: Mapping[tuple[str, str], float] = {
    ("W", "kW"): 1e-3, ("kW", "W"): 1e3, ("MW", "kW"): 1e3, ("MW", "W"): 1e6,
    ("Wh", "kWh"): 1e-3, ("MWh", "kWh"): 1e3, ("kV", "V"): 1e3, ("mV", "V"): 1e-3,
    ("m/s", "km/h"): 3.6, ("mph", "km/h"): 1.609344, ("%", ""): 0.01, ("", "%"): 100.0,
    ("s", "ms"): 1e3, ("ms", "s"): 1e-3, ("min", "s"): 60.0, ("h", "s"): 3600.0,
}  # fmt: skip
"""From a unit to another: what to multiply by."""


class Number(NamedTuple):
    """A number and the unit written beside it (empty: none)."""

    value: float
    unit: str = ""


def number(value: object, decimal: str = ".") -> Number | None:
    """The number ``value`` is or spells, with its unit; None for nothing (null, empty, ``NaN``), never 0.

    Raises BadObservation: ``not_a_number`` (also for true and false) or ``not_finite``.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise BadObservation("not_a_number", repr(value)[:80])
    found = _spelt(value, decimal) if isinstance(value, str) else Number(_float(value))
    if found is None or math.isnan(found.value):
        return None
    if math.isinf(found.value):
        raise BadObservation("not_finite", str(value)[:80])
    return found


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _spelt(text: str, decimal: str) -> Number | None:
    if text.strip().lower() in NOTHING:
        return None
    foreign = decimal != "." and "." in text
    match = None if foreign else _NUMBER.fullmatch(text.replace(decimal, "."))
    if match is None:
        raise BadObservation("not_a_number", text[:80])
    return Number(float(match[1]), match[2] or "")


class Seen(NamedTuple):
    """Whose observation it is, of what, and when; ``kind`` is the asset type, which knows the unit."""

    asset: str
    kind: str
    when: When


def measured(
    seen: Seen, name: str, found: Number, unit: str = "", *, quality: int = Quality.GOOD, doubts: int = 0
) -> Observation:
    """An observation of property ``name``, converted once to the unit its type declares, the raw kept.

    The unit is the one written beside the number, else ``unit``. BadObservation ``unknown_unit`` where
    neither can be turned into the declared one.
    """
    wanted = ASSET_TYPES[seen.kind].by_property[name].unit
    given = UNITS.get(found.unit, found.unit) or UNITS.get(unit, unit)
    if given == wanted:
        return Observation(
            seen.asset, name, found.value, seen.when.at, int(quality), int(doubts | seen.when.doubts)
        )
    factor = FACTORS.get((given, wanted))
    if factor is None:
        raise BadObservation("unknown_unit", f"{seen.asset} {name}: {given!r} is not {wanted!r}")
    return converted(seen, name, found.value, factor, given, quality=quality, doubts=doubts)


def converted(
    seen: Seen,
    name: str,
    raw: float,
    factor: float,
    raw_unit: str,
    *,
    quality: int = Quality.GOOD,
    doubts: int = 0,
) -> Observation:
    """An observation of ``raw * factor`` that keeps ``raw`` and the unit it came in."""
    value = round(raw * factor, 9)
    return Observation(
        seen.asset, name, value, seen.when.at, int(quality), int(doubts | seen.when.doubts), raw, raw_unit
    )
