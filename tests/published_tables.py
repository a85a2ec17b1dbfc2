"""Invented published tables for tests of panels, and panels published from them: a city of four communes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
from shapely import box

from services.publishing import Store
from services.publishing.drawing_panels import make_current
from services.publishing.panels import PANELS, CityFacts, Outlines, Tables
from tests.published import NOW, PARIS

LAST = date(2026, 11, 26)
COMMUNES = (
    ("21231", "Valmont", 18_000),
    ("21355", "Longeray", 6_000),
    ("21166", "Chenove", 700),
    ("21540", "Sel", 40),
)
FACTS = CityFacts("Valmont-sur-Arce", True, "Ville inventée", "CC0-1.0", PARIS)
OUTLINES: Outlines = {
    code: box(5 + 0.05 * (at % 2), 47.3 + 0.04 * (at // 2), 5.05 + 0.05 * (at % 2), 47.34 + 0.04 * (at // 2))
    for at, (code, _, _) in enumerate(COMMUNES)
}


def days(count: int) -> list[date]:
    """The ``count`` days up to ``LAST``, oldest first."""
    return [LAST - timedelta(days=back) for back in range(count - 1, -1, -1)]


def failures(count: int = 30, **changes: Any) -> pa.Table:
    """Daily failure rates of the communes; ``changes`` by code replace the rate on the last day."""
    rows = [
        {
            "day": day, "area": name, "area_code": code, "points": points, "coverage": 96.0,
            "failure_rate": changes.get(f"c{code}", 0.4 * (at + 1)) if day == LAST else 0.5,
        }
        for day in days(count)
        for at, (code, name, points) in enumerate(COMMUNES)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)


def availability(low: float = 97.5) -> pa.Table:
    """Thirty days at 99.5 but for ``low`` on the tenth."""
    values = [low if at == 9 else 99.5 for at in range(30)]
    return pa.table({"day": days(30), "points": [269] * 30, "availability": values, "coverage": [98.0] * 30})


def saved(day: date) -> float:
    """kWh less in each commune in the last week."""
    return 50.0 if day > LAST - timedelta(days=7) else 0.0


def energy(withheld: str = "21540") -> pa.Table:
    """Fourteen days of kWh; ``withheld`` is suppressed every day."""
    rows = [
        {
            "day": day, "area": name, "area_code": code, "delivery_points": 12, "coverage": 99.0,
            "energy": None if code == withheld else 1_000.0 + 100 * at - saved(day),
        }
        for day in days(14)
        for at, (code, name, _) in enumerate(COMMUNES)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)


def inventory(kind: str, each: int) -> pa.Table:
    """``each`` pieces of ``kind`` in the first commune, one less in each further one."""
    rows = [
        {"id": f"{kind}-{code}-{number}", "type": kind, "area": name, "area_code": code}
        for at, (code, name, _) in enumerate(COMMUNES)
        for number in range(max(0, each - at))
    ]
    return pa.Table.from_pylist(rows)


def traffic(states: tuple[str, ...] = ("free_flow",) * 6 + ("heavy", "congested", "no_data")) -> pa.Table:
    """One segment a state, over the communes in turn."""
    at = datetime(2026, 11, 27, 13, 2, tzinfo=UTC)
    rows = [
        {
            "id": f"S{number}", "area": COMMUNES[number % 4][1], "area_code": COMMUNES[number % 4][0],
            "state": state, "measured_at": at - timedelta(minutes=number),
        }
        for number, state in enumerate(states)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)


def cameras() -> pa.Table:
    """How many cameras each commune has."""
    codes, names = ([commune[at] for commune in COMMUNES] for at in (0, 1))
    return pa.table({"area_code": codes, "area": names, "cameras": [200, 40, 20, 9]})


def key_figures(*keys: str, withheld: str = "repair_time") -> pa.Table:
    """Thirteen months to October of ``keys``, of the city (no area) and each commune; in the last month
    ``withheld`` is withheld in the last commune."""
    months = [date(2025 + (9 + n) // 12, (9 + n) % 12 + 1, 1) for n in range(13)]
    places = [(None, None), *((name, code) for code, name, _ in COMMUNES)]
    rows = [
        {
            "day": month, "area": name, "area_code": code, "figure": key, "coverage": 96.0,
            "value": None if (key, at, n) == (withheld, len(places) - 1, 12) else 1.0 + at + n / 10,
        }
        for key in keys
        for n, month in enumerate(months)
        for at, (name, code) in enumerate(places)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)


def tables() -> Tables:
    """Everything published."""
    return {
        "lighting-failures": failures(),
        "video-availability": availability(),
        "access-availability": availability(98.9),
        "energy-by-area": energy(),
        "lighting-points": inventory("streetlight", 40),
        "traffic-equipment": inventory("junction", 9),
        "public-buildings": inventory("building", 12),
        "video-systems": cameras(),
        "traffic-now": traffic(),
        "lighting-key-figures": key_figures("failure_rate", "repair_time"),
        "traffic-key-figures": key_figures("junction_availability"),
    }


def publish(store: Store, *names: str) -> None:
    """Publish the panels ``names`` in ``store``, of the city and of each commune where there is one."""
    for panel in (one for one in PANELS if one.name in names):
        drawn = list(panel.everywhere(tables(), FACTS, OUTLINES))
        make_current(store, panel.name, panel.every_s, drawn, NOW)
