"""A database cut down to one scope by hand: what a scoped question over the whole city must answer equally.

Everything outside is deleted here in plain SQL, from the words of ``model/viewer.py`` and nothing of the
product's policies, so that the same question, asked of the rest without any scope, is the truth.
"""

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, text

from model.domains import DOMAINS, MOVING, TYPE_ORDER
from model.viewer import Scope

OF_THE_MAKING = ("computed_at", "made_at", "inputs")
"""What tells of the making of an answer, and not of the city."""
ROAMING = [TYPE_ORDER[code] for code in sorted(MOVING)]

_OF_ASSETS = ("datastream", "state_change", "position")
_OF_STREAMS = ("observation", "rollup_hour", "rollup_day", "correction")


def cut(engine: Engine, scope: Scope) -> None:
    """Delete from ``engine``'s database (as its owner) what lies outside ``scope``, of communes."""
    areas = None if scope.areas is None else sorted(scope.areas)
    domains = [d.name for d in DOMAINS] if scope.domains is None else sorted(scope.domains)
    types = [t.name for d in DOMAINS for t in d.asset_types if d.name in domains]
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        told = {"areas": areas, "domains": domains, "roaming": ROAMING, "types": types}
        connection.execute(_INSIDE, {name: told[name] for name in ("areas", "domains", "roaming")})
        _rows_of_assets(connection)
        for table in ("area_hour", "area_day"):
            connection.execute(
                text(
                    f"DELETE FROM {table} WHERE NOT (asset_type = ANY (:types) AND ("
                    "CAST(:areas AS integer[]) IS NULL "
                    "OR (area_id = ANY (:areas) AND asset_type <> ALL (:roaming))))"
                ),
                {name: told[name] for name in ("types", "areas", "roaming")},
            )
        connection.execute(text("DELETE FROM annotation WHERE asset_id NOT IN (SELECT id FROM inside)"))
        if areas is not None:
            _notes_of_areas(connection, areas)
        if "transport" not in domains:
            connection.execute(text("DELETE FROM transit_line"))
        for table in ("feed_minute", "feed_status", "reject", "bookmark"):
            connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(text("DELETE FROM dead_letter WHERE asset NOT IN (SELECT external_id FROM asset)"))
        # Packed hours hold everybody: without them the changes themselves are read.
        connection.execute(text("DELETE FROM change_hour"))
        # Figures are of the whole city as well: they are to be computed anew of what is left.
        for table in ("kpi", "kpi_day", "kpi_value", "kpi_dirty"):
            connection.execute(text(f"DELETE FROM {table}"))


_INSIDE = text(
    """
    CREATE TEMP TABLE inside ON COMMIT DROP AS SELECT id FROM asset
    WHERE domain = ANY (:domains) AND (CAST(:areas AS integer[]) IS NULL
          OR (commune_id = ANY (:areas) AND asset_type <> ALL (:roaming)))
    """
)


def _rows_of_assets(connection: Connection) -> None:
    connection.execute(
        text(
            "CREATE TEMP TABLE stream_inside ON COMMIT DROP AS "
            "SELECT id FROM datastream WHERE asset_id IN (SELECT id FROM inside)"
        )
    )
    for table in _OF_STREAMS:
        connection.execute(
            text(f"DELETE FROM {table} WHERE datastream_id NOT IN (SELECT id FROM stream_inside)")
        )
    for table in _OF_ASSETS:
        connection.execute(text(f"DELETE FROM {table} WHERE asset_id NOT IN (SELECT id FROM inside)"))
    connection.execute(text("DELETE FROM asset WHERE id NOT IN (SELECT id FROM inside)"))


def _notes_of_areas(connection: Connection, areas: list[int]) -> None:
    """Notes of other communes go; those of the métropole and of the whole city are true here too."""
    connection.execute(
        text(
            "DELETE FROM annotation n USING area a WHERE a.id = n.area_id AND a.kind <> 'metropolis' "
            "AND a.id <> ALL (:areas)"
        ),
        {"areas": areas},
    )
    if not areas:
        connection.execute(text("DELETE FROM annotation"))
    connection.execute(
        text("DELETE FROM area WHERE kind <> 'metropolis' AND id <> ALL (:areas)"), {"areas": areas}
    )


def difference(one: Any, other: Any, at: str = "answer") -> str:
    """Where two answers differ first; empty when they are equal. Floats may differ in their last digits, and
    when something was computed does not count."""
    if type(one) is not type(other):
        return f"{at}: {one!r:.120} and {other!r:.120}"
    if is_dataclass(one):
        names = [field.name for field in fields(one) if field.name not in OF_THE_MAKING]
        pairs = [(getattr(one, name), getattr(other, name), f"{at}.{name}") for name in names]
    elif isinstance(one, dict):
        if one.keys() != other.keys():
            return f"{at}: {list(one)!r:.120} and {list(other)!r:.120}"
        pairs = [(one[key], other[key], f"{at}[{key!r}]") for key in one]
    elif isinstance(one, list | tuple):
        if len(one) != len(other):
            return f"{at}: {len(one)} and {len(other)} of them"
        pairs = [(a, b, f"{at}[{number}]") for number, (a, b) in enumerate(zip(one, other, strict=True))]
    else:
        return "" if _equal(one, other) else f"{at}: {one!r:.120} and {other!r:.120}"
    return next((found for a, b, where in pairs if (found := difference(a, b, where))), "")


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        if one.shape != other.shape or one.dtype != other.dtype:
            return False
        if one.dtype.kind == "f":
            return bool(np.allclose(one, other, rtol=1e-9, atol=1e-9, equal_nan=True))
        return (
            bool(np.array_equal(one, other)) if one.dtype.names is None else one.tobytes() == other.tobytes()
        )
    if isinstance(one, float):
        return bool(np.isclose(one, other, rtol=1e-9, atol=1e-9, equal_nan=True))
    return bool(one == other)
