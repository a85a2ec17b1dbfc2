"""CSV files of series: every value comes back, and no text becomes a formula."""

import csv
import io
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from services.history import safe_cell, series_csv
from tests.unit.test_history_page import series


@pytest.mark.parametrize("text", ["=1+1", "+33", "-2", "@sum", "\tx", "\rx"])
def test_what_begins_like_a_formula_is_made_harmless(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    (row,) = csv.DictReader(
        io.StringIO(series_csv([(text, "x", series([1.5]))], ZoneInfo("Europe/Paris")), newline="")
    )
    assert row["series"][0] == "'"


def test_values_times_units_and_gaps_come_back() -> None:
    made = replace(series([1.5, np.nan, -3.0]), unit="kWh")
    rows = list(
        csv.DictReader(
            io.StringIO(series_csv([("Énergie", "Val", made)], ZoneInfo("Europe/Paris")), newline="")
        )
    )
    assert [row["value"] for row in rows] == ["1.5", "", "-3"]
    assert rows[0]["time_utc"] == "2026-11-20T00:00:00+00:00"
    assert rows[0]["time_local"] == "2026-11-20T01:00:00+01:00"
    assert {row["unit"] for row in rows} == {"kWh"}
