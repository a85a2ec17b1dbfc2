"""Text into typed values, by declaration: nothing is guessed, what can be read two ways is refused."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from geodata.importer.profile import NULLS, Value

PLAIN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
DIGITS = re.compile(r"[+-]?[0-9.,\s'’]*[0-9][0-9.,\s'’]*\Z")
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?\Z")
SOME_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\Z")
BLANKS = " \u00a0\u202f\u2009"
GROUPED = r"[+-]?[0-9]{{1,3}}({mark}[0-9]{{3}})+({point}[0-9]*)?([eE][+-]?[0-9]+)?\Z"


@dataclass(frozen=True)
class Wrong:
    """A value that cannot be taken: the reason its row is counted under."""

    reason: str


Parsed = str | int | float | datetime | None | Wrong


def parse_all(texts: list[str], value: Value, zone: ZoneInfo) -> list[Parsed]:
    """Every text as ``value`` declares it: None where nothing is known, Wrong where it cannot be taken."""
    parse = _PARSERS[value.kind]
    nothing = {*NULLS, *(word.lower() for word in value.null)}
    table = {
        text: None if text.lower() in nothing else parse(text, value, zone) for text in dict.fromkeys(texts)
    }
    return [table[text] for text in texts]


def parse_number(text: str, value: Value) -> float | Wrong:
    """``text`` as a finite number with the declared separators.

    ``1,234`` without a declared comma, or ``1.234`` where the point groups thousands but groups are not
    of three, is ``ambiguous_number``; anything else ``not_a_number``.
    """
    plain = _ungrouped(text.strip(), value)
    if PLAIN_NUMBER.match(plain):
        number = float(plain)
        return number if math.isfinite(number) else Wrong("not_finite")
    if plain.lower().lstrip("+-") in ("inf", "infinity", "nan"):
        return Wrong("not_finite")
    return Wrong("ambiguous_number" if DIGITS.match(text) else "not_a_number")


def _ungrouped(text: str, value: Value) -> str:
    """``text`` with a decimal point and no thousands separators; "?" where grouping is not by three."""
    if value.thousands:
        mark = f"[{BLANKS}]" if value.thousands in BLANKS else re.escape(value.thousands)
        if re.search(mark, text):
            if not re.match(GROUPED.format(mark=mark, point=re.escape(value.decimal)), text):
                return "?"
            text = re.sub(mark, "", text)
    if value.decimal != ".":
        text = "?" if "." in text else text.replace(value.decimal, ".")
    return text


def parse_date(text: str, value: Value, zone: ZoneInfo) -> datetime | Wrong:
    """``text`` as an aware UTC moment; local midnight of ``zone`` for a bare day.

    Without a declared format only ISO days and times are taken: 03/04/2013 is ``ambiguous_date``.
    """
    try:
        if value.format:
            moment = datetime.strptime(text, value.format)  # noqa: DTZ007 - the zone is given below
        elif ISO_DAY.match(text):
            moment = datetime.fromisoformat(text)
        else:
            return Wrong("ambiguous_date" if SOME_DATE.match(text) else "bad_date")
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return Wrong("bad_date")


def _number(text: str, value: Value, _zone: ZoneInfo) -> Parsed:
    number = parse_number(text, value)
    if isinstance(number, float) and number.is_integer() and abs(number) < 1e15:
        return int(number)
    return number


def _integer(text: str, value: Value, zone: ZoneInfo) -> Parsed:
    number = _number(text, value, zone)
    return Wrong("not_an_integer") if isinstance(number, float) else number


def _text(text: str, _value: Value, _zone: ZoneInfo) -> Parsed:
    return text


_PARSERS: dict[str, Callable[[str, Value, ZoneInfo], Parsed]] = {
    "text": _text,
    "number": _number,
    "integer": _integer,
    "date": parse_date,
}
