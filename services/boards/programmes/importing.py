"""A list of works as CSV, read line by line: every mistake is told with its row and its column."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, text

from model.errors import BadField
from model.programmes import StepLine
from model.typed import typed_text

COLUMNS = ("asset", "area", "done_on", "kind")
"""Of the first line, in any order: ``asset`` an external id or ``area`` a code, the day, what was done."""
LINES_MOST, KIND_MOST = 20_000, 80
TEXT_MOST = 2_000_000

_ASSETS = text("SELECT external_id, id FROM asset WHERE external_id = ANY (:keys) AND removed_at IS NULL")
_AREAS = text("SELECT code, id FROM area WHERE kind = :kind AND code = ANY (:codes)")


def read_list(connection: Connection, listed: str, area_kind: str, today: date) -> tuple[StepLine, ...]:
    """Every line of ``listed`` (``,`` or ``;`` between columns), resolved to assets and areas that are seen.

    Rows are numbered as in a spreadsheet: the names of the columns are row 1. Raises BadField for what is no
    such list at all: no line, a column missing, too long.
    """
    rows = _rows(listed)
    assets = _known(connection, _ASSETS, keys=[row["asset"] for _, row in rows if row["asset"]])
    codes = [row["area"] for _, row in rows if row["area"]]
    areas = _known(connection, _AREAS, codes=codes, kind=area_kind)
    seen: dict[tuple[str, str, str], int] = {}
    lines = []
    for number, row in rows:
        line = _line(number, row, assets, areas, today)
        same = (row["asset"], row["area"], row["kind"])
        if line.problem is None and same in seen:
            line = StepLine(number, problem=("asset" if row["asset"] else "area", "twice", str(seen[same])))
        seen.setdefault(same, number)
        lines.append(line)
    return tuple(lines)


def _rows(listed: str) -> Sequence[tuple[int, dict[str, str]]]:
    if len(listed) > TEXT_MOST:
        raise BadField("list", "too_long", most=TEXT_MOST)
    text_ = listed.lstrip("\ufeff").strip("\r\n")
    head = text_.splitlines()[0] if text_ else ""
    reader = csv.reader(io.StringIO(text_), delimiter=";" if ";" in head else ",")
    names = [name.strip().lower() for name in next(reader, [])]
    missing = [name for name in ("done_on", "kind") if name not in names]
    if not {"asset", "area"} & set(names):
        missing.insert(0, "asset")
    if missing:
        raise BadField("list", "no_column", column=missing[0])
    found = []
    for number, cells in enumerate(reader, 2):
        if any(cell.strip() for cell in cells):
            told = dict(zip(names, (cell.strip() for cell in cells), strict=False))
            found.append((number, {name: told.get(name, "") for name in COLUMNS}))
    if not found:
        raise BadField("list", "no_line")
    if len(found) > LINES_MOST:
        raise BadField("list", "too_many", most=LINES_MOST)
    return found


def _known(connection: Connection, question: object, **asked: object) -> dict[str, int]:
    return {row[0]: int(row[1]) for row in connection.execute(question, asked)}  # type: ignore[call-overload]


def _line(
    number: int, row: Mapping[str, str], assets: Mapping[str, int], areas: Mapping[str, int], today: date
) -> StepLine:
    problem = _where(row, assets, areas) or _when(row["done_on"], today) or _what(row["kind"])
    if problem:
        return StepLine(number, problem=problem)
    return StepLine(
        number, assets.get(row["asset"]), areas.get(row["area"]),
        date.fromisoformat(row["done_on"]) if row["done_on"] else None, row["kind"],
        row["asset"] or row["area"],
    )  # fmt: skip


def _where(
    row: Mapping[str, str], assets: Mapping[str, int], areas: Mapping[str, int]
) -> tuple[str, str, str] | None:
    asset, area = row["asset"], row["area"]
    if asset and area:
        return "area", "both", area
    if not asset and not area:
        return "asset", "neither", ""
    if asset and asset not in assets:
        return "asset", "unknown_asset", asset
    return ("area", "unknown_area", area) if area and area not in areas else None


def _when(told: str, today: date) -> tuple[str, str, str] | None:
    if not told:
        return None
    try:
        day = date.fromisoformat(told)
    except ValueError:
        return "done_on", "no_date", told
    return ("done_on", "ahead", told) if day > today else None


def _what(told: str) -> tuple[str, str, str] | None:
    try:
        typed_text("kind", told, KIND_MOST)
    except BadField as bad:
        return "kind", bad.reason, told[:KIND_MOST]
    return None
