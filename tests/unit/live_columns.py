"""Columns made by hand, for tests that need no database."""

import numpy as np

from geodata.assets import Columns
from model.domains import ASSET_TYPES, TYPE_ORDER


def columns(kinds: list[str], parents: list[int] | None = None, areas: list[int] | None = None) -> Columns:
    """Columns of assets of ``kinds``; external ids X-0, X-1...; ids 100, 101..."""
    count = len(kinds)
    return Columns(
        version=7,
        ids=np.arange(100, 100 + count, dtype="i8"),
        external_ids=np.array([f"X-{n}" for n in range(count)], "O"),
        names=np.array([f"Asset {n}" for n in range(count)], "O"),
        streets=np.array(["rue des Tests"] * count, "O"),
        lon=np.linspace(5.0, 5.1, count),
        lat=np.linspace(47.3, 47.4, count),
        types=np.array([TYPE_ORDER.index(kind) for kind in kinds], "u1"),
        parents=np.array(parents or [-1] * count, "i4"),
        areas=np.array(areas or [0] * count, "i4"),
        periods=np.array([ASSET_TYPES[kind].period_s for kind in kinds], "f8"),
    )
