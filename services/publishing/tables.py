"""The publication as data: JSON for programs, CSV for spreadsheets. Language-free, values as shown."""

import csv
import io
import json
from typing import Any

from services.publishing.cells import text_cell
from services.publishing.licences import licence
from services.publishing.lighting import OBSERVED_PROPERTY, PUBLICATION, LightingStatus

COLUMNS = ("day", "failure_rate_percent", "coverage_percent", "city", "generated", "licence")


def as_json(status: LightingStatus) -> bytes:
    """The publication as UTF-8 JSON: percentages as numbers, days as ISO dates, gaps as null."""
    return (json.dumps(_table(status), ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def _table(status: LightingStatus) -> dict[str, Any]:
    return {
        "publication": PUBLICATION,
        "city": status.city,
        "area": status.area or None,
        "area_code": status.area_code or None,
        "generated": status.generated,
        "producer": status.city,
        "attribution": status.attribution,
        "licence": {"id": licence(status.licence).key, "url": licence(status.licence).url or None},
        "observed_property": OBSERVED_PROPERTY,
        "time_zone": status.zone.key,
        "data_time": status.data_time.isoformat() if status.data_time else None,
        "points": status.points,
        "points_out_of_order": status.out_of_order,
        "failure_rate_percent": status.headline,
        "change_points": status.change,
        "target": _target(status),
        "days": [
            {
                "day": day.day.isoformat(),
                "failure_rate_percent": day.rate,
                "coverage_percent": day.coverage,
            }
            for day in status.days
        ],
    }


def _target(status: LightingStatus) -> dict[str, Any] | None:
    if status.target is None:
        return None
    return {
        "failure_rate_percent": status.target.rate,
        "met": status.target_met,
        "source": status.target.source,
        "date": status.target.since,
    }


def as_csv(status: LightingStatus) -> bytes:
    """The days as UTF-8 CSV, one header row, CRLF; a day without measure has an empty rate.

    Text that a spreadsheet would take for a formula is written after an apostrophe; numbers never are.
    """
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(COLUMNS)
    where = (text_cell(status.city), str(status.generated).lower(), text_cell(licence(status.licence).key))
    for day in status.days:
        rate = "" if day.rate is None else f"{day.rate:.2f}"
        writer.writerow((day.day.isoformat(), rate, f"{day.coverage:.0f}", *where))
    return sheet.getvalue().encode()
