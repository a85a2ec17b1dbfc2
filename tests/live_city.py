"""A very small city for tests of the live wing: two cabinets with lamps, a junction, a meter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from sqlalchemy import Engine, text

from geodata.transit import BusLine, store_lines
from model.observations import Observation
from services.live import Parsed
from tests.clock import began

_AREA = text(
    "INSERT INTO area (id, kind, code, name, geometry, source) VALUES (1, 'commune', '99001', 'Val', "
    "ST_Multi(ST_MakeEnvelope(5.0, 47.3, 5.1, 47.4, 4326)), 'test')"
)
_ASSET = text(
    "INSERT INTO asset (id, external_id, source, domain, asset_type, name, street, geometry, commune_id, "
    "parent_id) VALUES (:id, :ext, 'test', :domain, :type, :ext, 'rue des Tests', "
    "ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), 1, :parent)"
)


@dataclass(frozen=True)
class Row:
    """One asset of the small city."""

    id: int
    ext: str
    domain: str
    type: str
    lon: float
    lat: float
    parent: int | None = None


def rows(lamps: int) -> list[Row]:
    """Cabinet A-1 (id 10) with ``lamps`` lamps L-1..., cabinet A-2, junction C-1 and meter M-1."""
    fixed = [
        Row(10, "A-1", "lighting", "control_cabinet", 5.01, 47.31),
        Row(11, "A-2", "lighting", "control_cabinet", 5.02, 47.32),
        Row(12, "C-1", "traffic", "junction", 5.03, 47.33),
        Row(13, "M-1", "energy", "meter", 5.04, 47.34),
    ]
    fed = [
        Row(100 + n, f"L-{n}", "lighting", "streetlight", 5.01 + n % 300 * 1e-4, 47.31 + n // 300 * 1e-4, 10)
        for n in range(1, lamps + 1)
    ]
    return fixed + fed


def lay_out(engine: Engine, lamps: int = 5) -> None:
    """Put the small city into an empty database."""
    with engine.begin() as connection:
        connection.execute(_AREA)
        connection.execute(_ASSET, [vars(row) for row in rows(lamps)])
        connection.execute(text("UPDATE layout SET version = version + 1"))


def lay_out_buses(engine: Engine, buses: int = 2) -> None:
    """Add the buses BUS-1... (ids from 5,001) on line L1, a way of about 5 km from west to east."""
    with engine.begin() as connection:
        added = [
            Row(5_000 + n, f"BUS-{n}", "transport", "bus", 5.01, 47.31 + n * 1e-3)
            for n in range(1, buses + 1)
        ]
        connection.execute(_ASSET, [vars(row) for row in added])
        path = np.array([[5.02, 47.35], [5.05, 47.35], [5.09, 47.35]])
        store_lines(connection, [BusLine("L1", "Ouest – Est", 400, path)], "test")
        connection.execute(text("UPDATE layout SET version = version + 1"))


def seen(asset: str, value: float | str, seconds: float = 0, what: str = "state") -> Observation:
    """An observation of ``asset``, ``seconds`` after a fixed instant a minute ago."""
    return Observation(asset, what, value, began() - timedelta(minutes=1) + timedelta(seconds=seconds))


def sent(observations: Sequence[Observation]) -> Parsed:
    """``observations`` as one sending."""
    return Parsed(observations, [])
