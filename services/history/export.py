"""Series as a CSV file that a spreadsheet opens safely: units, zone and coverage beside every value."""

import csv
import io
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import numpy as np

from model.observations import moment
from model.series import Series

COLUMNS = (
    "series", "place", "time_utc", "time_local", "value", "unit", "low", "high", "coverage", "source",
)  # fmt: skip
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(text: str) -> str:
    """``text`` for a cell; what a spreadsheet would take for a formula is written after an apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def series_csv(named: Iterable[tuple[str, str, Series]], zone: ZoneInfo) -> str:
    """(name, place, series) as UTF-8 text with one header row and CRLF line ends.

    Times are ISO 8601, in UTC and in ``zone``; numbers have a decimal point; a gap is an empty cell.
    """
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(COLUMNS)
    for name, place, series in named:
        texts = safe_cell(name), safe_cell(place)
        for at in range(len(series)):
            writer.writerow((*texts, *_cells(series, at, zone)))
    return sheet.getvalue()


def _cells(series: Series, at: int, zone: ZoneInfo) -> tuple[str, ...]:
    when = moment(float(series.times[at]))
    return (
        when.isoformat(),
        when.astimezone(zone).isoformat(),
        _number(series.values[at]),
        series.unit,
        _number(series.low[at]),
        _number(series.high[at]),
        f"{series.coverages[at]:.3f}",
        series.source,
    )


def _number(value: float) -> str:
    return f"{value:.6g}" if np.isfinite(value) else ""
