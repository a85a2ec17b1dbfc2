"""Tables by declaration: CSV, GeoJSON and JSON whose ``[reading]`` says what every column is.

Nothing is guessed: delimiter, decimal sign, zone and the order of day and month are declared, and what does
not fit the declaration is refused, row by row. docs/feeds/table.md has every key with examples.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from model.domains import ASSET_TYPES
from model.errors import BadObservation, BadRequest
from model.observations import Observation, Quality
from services.live.items import (
    Items,
    Number,
    Seen,
    When,
    converted,
    declared,
    from_epoch,
    instant,
    measured,
    number,
    placed,
    received,
)
from services.live.naming import Names, asset_named
from services.live.parsed import BYTE_ORDER_MARK, EXCERPT, PLAIN, Parsed, Reading, check_depth

FORMATS = ("csv", "geojson", "json")
Row = Mapping[str, Any]


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"values": "in"}):
    """Holds for a row whose ``column`` is one of ``in``, or is a number ``below`` or ``above`` a bound."""

    column: str
    values: list[str] = msgspec.field(default_factory=list)
    below: float | None = None
    above: float | None = None


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column that is a property. ``unit`` is the source's; ``factor`` turns it where no table of ours does.

    ``no_data`` are the texts that mean nothing was measured (``-1``), beside empty and ``NaN``.
    """

    column: str
    property: str
    unit: str | None = None
    factor: float | None = None
    no_data: list[str] = msgspec.field(default_factory=list)


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column that is the state: every word it may hold, and the state of ours it means (empty: none)."""

    column: str
    map: dict[str, str]


class Profile(Names, frozen=True, forbid_unknown_fields=True):
    """What a source declares of its table, beside names (see ``Names``)."""

    format: str = ""
    asset_type: str = ""
    asset_column: str = ""
    delimiter: str = ","
    encoding: str = "utf-8"
    decimal: str = "."
    thousands: str = ""
    rows: str = ""
    time: str = "given"
    time_column: str = ""
    time_format: str = "iso"
    values: list[Value] = msgspec.field(default_factory=list)
    state: State | None = None
    skip: list[Condition] = msgspec.field(default_factory=list)
    uncertain: list[Condition] = msgspec.field(default_factory=list)

    def __post_init__(self) -> None:
        """Refuse a table that says too little, or what its asset type does not declare."""
        super().__post_init__()
        if not self.format:
            return
        if self.format not in FORMATS:
            raise ValueError(f"`format` is one of {', '.join(FORMATS)}")
        if self.asset_type not in ASSET_TYPES or not self.asset_column:
            raise ValueError("`asset_type` (as model/domains has it) and `asset_column` are needed")
        if bool(self.time_column) == (self.time == "received"):
            raise ValueError('give `time_column`, or `time = "received"` where the table has no time')
        _check_values(self)


def _check_values(profile: Profile) -> None:
    kind = ASSET_TYPES[profile.asset_type]
    unknown = [one.property for one in profile.values if one.property not in kind.by_property]
    states = set(profile.state.map.values()) - {""} if profile.state else set()
    unknown += sorted(states - {state.name for state in kind.states})
    if unknown:
        raise ValueError(f"{profile.asset_type} declares no {', '.join(unknown)}")
    if not profile.values and profile.state is None:
        raise ValueError("`values` or `state` is needed: no column would be read")


def parse(payload: bytes, reading: Reading = PLAIN) -> Parsed:
    """The observations of the rows of ``payload``; BadRequest when it is not the table declared."""
    profile = declared(reading, Profile)
    if not profile.format:
        raise BadRequest("the source declares no table: its [reading] has no `format`")
    items = Items()
    for place, row in enumerate(_rows(payload, profile)):
        with items.item(place, lambda row=row: _alone(row, profile)):  # type: ignore[misc]
            _take(items, row, profile, reading)
    return items.parsed()


# From bytes to rows -----------------------------------------------------------------------------


def _rows(payload: bytes, profile: Profile) -> Iterator[Row]:
    if profile.format == "csv":
        return _lines(payload, profile)
    return _features(payload, profile)


def _lines(payload: bytes, profile: Profile) -> Iterator[Row]:
    try:
        text = payload.removeprefix(BYTE_ORDER_MARK).decode(profile.encoding)
        rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=profile.delimiter, strict=True)
        missing = _columns(profile) - set(rows.fieldnames or ())
        if missing:
            raise BadRequest(f"columns are missing: {', '.join(sorted(missing))}")
        yield from rows
    except (UnicodeDecodeError, LookupError) as error:
        raise BadRequest(f"not {profile.encoding}: {error}") from None
    except (csv.Error, TypeError) as error:
        raise BadRequest(f"not CSV with {profile.delimiter!r}: {error}") from None


def _columns(profile: Profile) -> set[str]:
    named = {profile.asset_column, profile.time_column, *(one.column for one in profile.values)}
    named |= {one.column for one in (*profile.skip, *profile.uncertain)}
    named |= {profile.state.column} if profile.state else set()
    return named - {""}


def _features(payload: bytes, profile: Profile) -> Iterator[Row]:
    check_depth(payload)
    try:
        found = json.loads(payload.removeprefix(BYTE_ORDER_MARK), parse_constant=_nothing)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"not JSON: {str(error)[:EXCERPT]}") from None
    path = profile.rows or ("features" if profile.format == "geojson" else "")
    for step in filter(None, path.split(".")):
        found = found.get(step) if isinstance(found, dict) else None
    if not isinstance(found, list):
        raise BadRequest(f"no list of rows at {path or 'the top'!r}")
    for one in found:
        yield _properties(one) if profile.format == "geojson" else one


def _nothing(_name: str) -> None:
    """NaN and Infinity are no JSON; files have NaN where nothing was measured."""


def _properties(feature: Any) -> Any:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        return feature
    return {"id": feature.get("id"), **feature["properties"]}


def _alone(row: Any, profile: Profile) -> bytes:
    """``row`` as a payload of its own, so that it can be read again."""
    if profile.format == "csv":
        out = io.StringIO()
        lines = csv.writer(out, delimiter=profile.delimiter)
        lines.writerow([name for name in row if name is not None])
        lines.writerow([value for name, value in row.items() if name is not None] + row.get(None, []))
        return out.getvalue().encode(profile.encoding, "replace")
    whole: Any = [{"properties": row}] if profile.format == "geojson" else [row]
    path = profile.rows or ("features" if profile.format == "geojson" else "")
    for step in reversed([step for step in path.split(".") if step]):
        whole = {step: whole}
    return json.dumps(whole, ensure_ascii=False).encode("utf-8", "replace")


def _cell(row: Row, column: str) -> Any:
    """The cell of ``column``; ``a.b`` goes into an object where no column has that very name."""
    if column in row:
        return row[column]
    found: Any = row
    for step in column.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def _text(row: Row, column: str) -> str:
    cell = _cell(row, column)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


# From rows to observations ----------------------------------------------------------------------


def _take(items: Items, row: Row, profile: Profile, reading: Reading) -> None:
    if not isinstance(row, dict):
        raise BadObservation("malformed", "a row is an object")
    if None in row or (profile.format == "csv" and None in row.values()):
        raise BadObservation("malformed", "the row has more or fewer columns than the first line")
    if any(_holds(one, row, profile) for one in profile.skip):
        items.notes["rows skipped, as declared"] += 1
        return
    asset = asset_named(profile, _text(row, profile.asset_column))
    seen = Seen(asset, profile.asset_type, _when(row, profile, reading))
    doubtful = any(_holds(one, row, profile) for one in profile.uncertain)
    quality = Quality.UNCERTAIN if doubtful else Quality.GOOD
    before = len(items.observations) + len(items.rejects)
    _take_state(items, row, profile, seen, quality)
    for one in profile.values:
        value = _value(row, one, profile)
        if value is not None:
            items.observations.append(_observation(seen, one, value, quality))
    if len(items.observations) + len(items.rejects) == before:
        items.notes["rows without a value"] += 1


def _take_state(items: Items, row: Row, profile: Profile, seen: Seen, quality: Quality) -> None:
    word = _text(row, profile.state.column) if profile.state else ""
    if not word or profile.state is None:
        return
    state = profile.state.map.get(word)
    if state is None:
        raise BadObservation("unknown_state", f"{seen.asset}: {word[:80]!r} is not in reading.state.map")
    if state:
        when = seen.when
        items.observations.append(
            Observation(seen.asset, "state", state, when.at, int(quality), int(when.doubts))
        )


def _value(row: Row, one: Value, profile: Profile) -> Number | None:
    cell = _cell(row, one.column)
    if _text(row, one.column) in one.no_data:
        return None
    if isinstance(cell, str) and profile.thousands:
        cell = cell.replace(profile.thousands, "")
    return number(cell, profile.decimal)


def _observation(seen: Seen, one: Value, value: Number, quality: Quality) -> Observation:
    declared_unit = ASSET_TYPES[seen.kind].by_property[one.property].unit
    if one.factor is not None:
        unit = one.unit or value.unit
        return converted(seen, one.property, value.value, one.factor, unit, quality=quality)
    unit = declared_unit if one.unit is None else one.unit
    return measured(seen, one.property, value, unit, quality=quality)


def _holds(one: Condition, row: Row, profile: Profile) -> bool:
    text = _text(row, one.column)
    if one.values and text in one.values:
        return True
    if one.below is None and one.above is None:
        return False
    found = number(text, profile.decimal)
    if found is None:
        return False
    low = one.below is not None and found.value < one.below
    return low or (one.above is not None and found.value > one.above)


def _when(row: Row, profile: Profile, reading: Reading) -> When:
    if profile.time == "received":
        return received(reading)
    text = _text(row, profile.time_column)
    if not text:
        raise BadObservation("no_time", f"column {profile.time_column} is empty")
    if profile.time_format == "iso":
        return instant(text, reading)
    if profile.time_format in ("epoch_s", "epoch_ms"):
        return from_epoch(float(text) / (1000 if profile.time_format == "epoch_ms" else 1))
    return placed(datetime.strptime(text, profile.time_format), reading)  # noqa: DTZ007 - placed gives the zone
