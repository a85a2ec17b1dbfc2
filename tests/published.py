"""An invented publication for tests: thirty days with a storm and a gap, and a store it is published in."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from services.publishing.artefacts import Store
from services.publishing.drawing_panels import make_current
from services.publishing.panels.lighting_figures import LightingDay, LightingStatus
from services.publishing.panels.lighting_status import EVERY_S, NAME, drawn
from services.publishing.panels.story import CityFacts, Target

PARIS = ZoneInfo("Europe/Paris")
FIRST = date(2025, 10, 8)
NOW = datetime(2025, 11, 7, 9, 0, tzinfo=UTC)
RATES: tuple[float | None, ...] = (
    2.05, 1.84, 1.94, 1.80, 1.98, 1.87, 1.85, 1.73, 1.74, 1.79, 1.66, 1.60, 2.47, 2.37, 1.74,
    1.74, 1.55, 1.63, 1.49, 1.58, None, None, 1.46, 1.28, 1.51, 1.32, 1.48, 1.41, 1.27, 1.20,
)  # fmt: skip


def lighting_days(rates: tuple[float | None, ...] = RATES, first: date = FIRST) -> tuple[LightingDay, ...]:
    return tuple(
        LightingDay(first + timedelta(days=i), rate, 96.0 if rate is not None else 12.0)
        for i, rate in enumerate(rates)
    )


def example(**changes: Any) -> LightingStatus:
    """The status of the tests, with ``changes``."""
    facts = {
        "city": "Valmont-sur-Arce",
        "generated": True,
        "attribution": "Ville inventée",
        "licence": "CC0-1.0",
        "zone": PARIS,
    }
    said: dict[str, Any] = {
        "points": 29_969,
        "days": lighting_days(),
        "target": Target(1.5, "exemple", "2026-01-01"),
    }
    of_city = {name: value for name, value in changes.items() if name in facts}
    return LightingStatus(
        facts=CityFacts(**(facts | of_city)),  # type: ignore[arg-type]
        **(said | {name: value for name, value in changes.items() if name not in facts}),
    )


def published(var: Path, status: LightingStatus | None = None, now: datetime = NOW) -> Store:
    """A store under ``var`` in which ``status`` is published, as the publisher does it."""
    store = Store(var / "artefacts")
    make_current(store, NAME, EVERY_S, [drawn(status or example())], now)
    return store
