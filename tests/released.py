"""Releases for tests: a dataset whole, as a city begins with it, with what a test changes."""

from datetime import UTC, datetime
from typing import Any

from model.datasets import BY_NAME, Grain, Place, Span
from model.publications import LONGEST_RELEASE, Release

APPROVED = datetime(2026, 1, 1, tzinfo=UTC)


def released(dataset: str, **changes: Any) -> Release:
    """The release of all of ``dataset``, with ``changes``."""
    declared = BY_NAME[dataset]
    facts: dict[str, Any] = {
        "name": declared.name,
        "version": 1,
        "dataset": declared,
        "columns": tuple(declared.by_name),
        "areas": None,
        "grain": declared.grain,
        "delay_s": declared.delay_s,
        "cadence_s": declared.every_s,
        "licence": "etalab-2.0",
        "approved_by": "Camille Roux",
        "approved_at": APPROVED,
        "valid_until": APPROVED + LONGEST_RELEASE,
    }
    return Release(**(facts | changes))


def grain(place: Place, span: Span) -> dict[str, Grain]:
    """``changes`` that make a release coarser."""
    return {"grain": Grain(place, span)}
