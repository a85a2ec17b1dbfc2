"""Published datasets for tests of the portal: what the publisher leaves in the store, a few rows long."""

import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from geodata.profiles import read_profile
from model.datasets import BY_NAME
from model.texts import LANGUAGES, words
from services.publishing import ABOUT_FILE, REGISTERS, REGISTERS_FILE, TABLE_FILE, Store
from services.publishing.previews import previews
from tests.published_tables import OUTLINES
from tests.released import released

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
ROWS = "day,area,area_code,points,failure_rate,coverage\r\n" + "".join(
    f"2026-11-{day:02},Valmont,21231,18000,{0.4 + day / 100:.2f},97.0\r\n" for day in range(1, 27)
)
KEPT: dict[str, Any] = {
    "kept": [
        {"class": "loop_data", "basis": "Règle proposée", "months": 1, "days": 0},
        {"class": "house_rule", "basis": "Délibération", "months": 0, "days": 45},
    ],
    "shared": [
        {
            "partner": "Atelier d’urbanisme",
            "kind": "public",
            "purpose": "Plan lumière",
            "datasets": ["lighting-assets"],
            "valid_from": "2026-01-01T00:00:00+00:00",
            "valid_until": "2027-01-01T00:00:00+00:00",
        }
    ],
}


def about(name: str = "lighting-failures", **changes: Any) -> dict[str, Any]:
    """``about.json`` of the dataset ``name`` published whole, with ``changes``."""
    dataset = BY_NAME[name]
    told: dict[str, Any] = {
        "name": name,
        "version": 1,
        "dataset": name,
        "domain": dataset.domain,
        "producer": "Valmont-sur-Arce",
        "city": "Valmont-sur-Arce",
        "generated": True,
        "attribution": "Ville inventée",
        "licence": {
            "id": "CC0-1.0",
            "name": "CC0 1.0",
            "url": "https://creativecommons.org/publicdomain/zero/1.0/",
        },
        "approved_at": "2026-01-02T00:00:00+00:00",
        "valid_until": "2031-01-01T00:00:00+00:00",
        "grain": {"place": dataset.grain.place.name.lower(), "span": dataset.grain.span.name.lower()},
        "delay_s": dataset.delay_s,
        "cadence_s": dataset.every_s,
        "high_value": dataset.high_value or None,
        "columns": [{"name": column.name} for column in dataset.columns],
        "rows": 26,
        "data_time": "2026-11-26T23:00:00Z",
        "temporal": {"from": "2026-10-31T23:00:00Z", "to": "2026-11-26T23:00:00Z"},
        "bbox": [4.86, 47.22, 5.2, 47.42],
        "coverage_percent": 97.0,
        "gaps": [{"from": "2026-11-03T23:00:00Z", "to": "2026-11-04T23:00:00Z"}],
        "files": [
            {
                "name": f"{name}.csv",
                "format": "csv",
                "media_type": "text/csv; charset=utf-8",
                "bytes": len(ROWS.encode()),
                "sha256": "ab" * 32,
            }
        ],
    }
    return told | changes


def publish_dataset(
    store: Store, name: str = "lighting-failures", table: pa.Table | None = None, **changes: Any
) -> None:
    """Publish the dataset ``name`` in ``store``, with previews of ``table``."""
    told = about(name, **changes)
    files = {
        ABOUT_FILE: store.put(json.dumps(told).encode(), "application/json"),
        TABLE_FILE.format("csv"): store.put(ROWS.encode(), "text/csv; charset=utf-8"),
    }
    if table is not None:
        for file, made in previews(released(name), read_profile("demo"), table, OUTLINES).items():
            files[file] = store.put(made.body, made.media_type)
    shown = {
        "city": told["city"],
        "time_zone": "Europe/Paris",
        "titles": {language: words(language)(f"dataset.{name}_title") for language in LANGUAGES},
    }
    store.publish(name, files, about=shown, data_time=NOW, now=NOW)


def publish_registers(store: Store, **changes: Any) -> None:
    """Publish the registers in ``store``."""
    files = {REGISTERS_FILE: store.put(json.dumps(KEPT | changes).encode(), "application/json")}
    store.publish(REGISTERS, files, about={"city": "Valmont-sur-Arce"}, data_time=None, now=NOW)
