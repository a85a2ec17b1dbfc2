"""How often what is published was asked for: lines of the doors, counted by day, kept, and published in turn.

A line is a kind (``view``, ``download``, ``query``) and a name, in a file a day (UTC). A day is counted anew
from its files as long as they are there, so that counting twice counts once.
"""

import csv
import io
import json
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from geodata.asking import asking
from geodata.profiles import CityProfile
from services.publishing.artefacts import USE, USE_FILE, Manifest, Store

DAYS = 30
"""Whole days that pages tell the sum of."""
KEPT_DAYS = 2
"""Days whose lines stay after they were counted, for what a proxy writes late."""

_FILE = re.compile(r".*?(\d{4}-\d{2}-\d{2})\.log")
_LINE = re.compile(r"(view|download|query) ([a-z0-9-]{1,64})")
_COUNT = text(
    """
    INSERT INTO dataset_use (day, name, kind, counted) VALUES (:day, :name, :kind, :counted)
    ON CONFLICT (day, name, kind) DO UPDATE SET counted = excluded.counted
    WHERE dataset_use.counted < excluded.counted
    """
)
_COUNTED = text("SELECT day, name, kind, counted FROM dataset_use ORDER BY day, name, kind")
Use = tuple[date, str, str]


def collect(engine: Engine, folder: Path, known: set[str], now: datetime) -> None:
    """Keep the counts of every day there are lines of in ``folder``; those of ``known`` names alone.

    Lines of days that are over are deleted once kept. Raises Unavailable without a database, OSError when a
    file cannot be read.
    """
    files = {path: day for path in sorted(folder.glob("*.log")) if (day := _day_of(path.name))}
    counted: Counter[Use] = Counter()
    for path, day in files.items():
        counted += _counts(path, day, known)
    if counted:
        rows = [
            {"day": day, "name": name, "kind": kind, "counted": count}
            for (day, name, kind), count in sorted(counted.items())
        ]
        with asking(engine) as connection:
            connection.execute(_COUNT, rows)
            connection.commit()
    last = now.astimezone(UTC).date() - timedelta(days=KEPT_DAYS)
    for path, day in files.items():
        if day < last:
            path.unlink(missing_ok=True)


def _day_of(name: str) -> date | None:
    found = _FILE.fullmatch(name)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _counts(path: Path, day: date, known: set[str]) -> Counter[Use]:
    counted: Counter[Use] = Counter()
    with path.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            found = _LINE.fullmatch(line.rstrip("\n"))
            if found and found[2] in known:
                counted[day, found[2], found[1]] += 1
    return counted


def publish_use(engine: Engine, store: Store, profile: CityProfile, now: datetime) -> tuple[Manifest, bool]:
    """Make the counts current in ``store``: all as rows by day, and the sums of the last ``DAYS`` whole days.

    Raises Unavailable without a database, OSError when the store cannot be written.
    """
    with asking(engine) as connection:
        rows = [tuple(row) for row in connection.execute(_COUNTED)]
    today = now.astimezone(UTC).date()
    over = [row for row in rows if row[0] < today]
    files = {
        USE_FILE.format("json"): store.put(_sums(over, today), "application/json"),
        USE_FILE.format("csv"): store.put(_sheet(over), "text/csv; charset=utf-8"),
    }
    about = {"city": profile.title, "time_zone": profile.time_zone}
    return store.publish(USE, files, about=about, data_time=None, now=now, whole=2)


def _sums(rows: list[tuple[Any, ...]], today: date) -> bytes:
    first = today - timedelta(days=DAYS)
    sums: dict[str, Counter[str]] = {}
    for day, name, kind, counted in rows:
        if day >= first:
            sums.setdefault(name, Counter())[kind] += counted
    told = {"from": first.isoformat(), "days": DAYS, "use": {name: dict(one) for name, one in sums.items()}}
    return (json.dumps(told, indent=1, sort_keys=True) + "\n").encode()


def _sheet(rows: list[tuple[Any, ...]]) -> bytes:
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(("day", "publication", "kind", "count"))
    writer.writerows(rows)
    return sheet.getvalue().encode()
