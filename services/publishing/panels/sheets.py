"""A panel's values as data: JSON for programs, CSV for spreadsheets. Language-free, values as shown."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.publishing.licences import licence
from services.publishing.panels.story import CityFacts

Value = str | int | float | None
Files = Mapping[str, tuple[bytes, str]]
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def sheet_files(
    name: str,
    facts: CityFacts,
    data_time: datetime | None,
    columns: Sequence[str],
    rows: Iterable[Sequence[Value]],
    said: Mapping[str, Any] | None = None,
) -> Files:
    """``rows`` of ``columns`` by extension, bytes with media type. A missing value is null, an empty cell.

    ``said`` is what the panel says beside its rows; only the JSON holds it.
    """
    kept = [tuple(row) for row in rows]
    about = {
        "publication": name,
        "city": facts.city,
        "generated": facts.generated,
        "area": facts.area or None,
        "area_code": facts.area_code or None,
        "producer": facts.city,
        "attribution": facts.attribution,
        "licence": {"id": licence(facts.licence).key, "url": licence(facts.licence).url or None},
        "time_zone": facts.zone.key,
        "data_time": data_time.isoformat() if data_time else None,
        **(said or {}),
        "rows": [dict(zip(columns, row, strict=True)) for row in kept],
    }
    body = json.dumps(about, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    return {
        "json": (body.encode(), "application/json"),
        "csv": (_csv(facts, columns, kept), "text/csv; charset=utf-8"),
    }


def _csv(facts: CityFacts, columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> bytes:
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow((*columns, "city", "generated", "licence"))
    where = (text_cell(facts.city), str(facts.generated).lower(), text_cell(licence(facts.licence).key))
    for row in rows:
        writer.writerow((*(_cell(value) for value in row), *where))
    return sheet.getvalue().encode()


def _cell(value: Value) -> Value:
    if value is None:
        return ""
    return text_cell(value) if isinstance(value, str) else value


def text_cell(text: str) -> str:
    """``text`` for a CSV cell, made harmless where it begins like a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
