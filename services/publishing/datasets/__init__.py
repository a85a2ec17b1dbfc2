"""Datasets read from the database as tables of what a release lets out, and of nothing beyond it.

    table = read(engine, profile, release, now)

One reader a dataset, by its name. Every table has exactly the release's columns, in its areas, at its grain,
no younger than its delay; the publisher writes files of it.
"""

from collections.abc import Callable
from datetime import datetime

import pyarrow as pa
from sqlalchemy import Engine

from geodata.profiles import CityProfile
from model.publications import Release
from services.publishing.datasets.area_figures import area_figures
from services.publishing.datasets.asked import Asked, CannotCoarsen
from services.publishing.datasets.counts import counts
from services.publishing.datasets.inventory import cameras, inventory
from services.publishing.datasets.key_figures import key_figures
from services.publishing.datasets.now import now as now_states
from services.publishing.datasets.shaping import is_located
from services.publishing.datasets.times import Times, times_of
from services.publishing.datasets.vehicles import vehicles

READERS: dict[str, Callable[[Asked], pa.Table]] = {
    "lighting-points": inventory,
    "lighting-failures": area_figures,
    "lighting-key-figures": key_figures,
    "traffic-equipment": inventory,
    "traffic-counts": counts,
    "traffic-now": now_states,
    "car-parks-now": now_states,
    "traffic-key-figures": key_figures,
    "video-systems": cameras,
    "video-availability": area_figures,
    "public-buildings": inventory,
    "energy-by-area": area_figures,
    "access-availability": area_figures,
    "vehicles-in-service": vehicles,
}


def read(engine: Engine, profile: CityProfile, release: Release, now: datetime) -> pa.Table:
    """What ``release`` lets out as of ``now`` (aware), in order of its dataset's key.

    Raises Unavailable when the database is away or too slow, CannotCoarsen where the dataset cannot be told
    at the release's grain, KeyError for a dataset without a reader.
    """
    return READERS[release.dataset.name](Asked(engine, profile, release, now))


__all__ = ["READERS", "Asked", "CannotCoarsen", "Times", "is_located", "read", "times_of"]
