"""The city at one instant as rows: every asset that the filters let through, with its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine

from geodata.assets import Columns
from model.domains import ASSET_TYPES, DOMAIN_OF, GUARDED, TYPE_ORDER
from model.states import CONSEQUENCE_BIT, Status
from model.takeaway import Label
from services.takeaway.open_alarms import open_alarms
from services.takeaway.places import asset_shapes
from services.takeaway.table import GEOMETRY, ROWS, Batch, Column, Table

CONSEQUENCE = "consequence"

ASSET_COLUMNS = (
    Column("asset", "text"), Column("name", "text"), Column("type", "text"), Column("domain", "text"),
    Column("area", "text"), Column("street", "text"), Column("lon", "number", "°"),
    Column("lat", "number", "°"), Column("parent", "text"),
)  # fmt: skip
COLUMNS = (
    *ASSET_COLUMNS, Column("status", "text"), Column("state", "text"), Column("consequence", "yes"),
    Column("seen", "instant"), Column("open_alarms", "whole"), Column("worst_priority", "whole"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the reader had filtered: domain names, status classes (a status key or ``consequence``), an area
    id; None for all."""

    domains: frozenset[str] | None = None
    statuses: frozenset[str] | None = None
    area: int | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Moment:
    """The city at an instant on its layout: ``records`` (model.states.RECORD) and display ``codes`` u1, of
    length n; ``areas`` names by id."""

    columns: Columns
    records: npt.NDArray[np.void]
    codes: npt.NDArray[np.uint8]
    areas: Mapping[int, str]

    @property
    def known(self) -> float:
        """The share of the assets whose status was known."""
        return float(np.mean(self.records["status"] != Status.UNKNOWN)) if len(self.records) else 0.0


_GUARDED = [TYPE_ORDER[code] for code in GUARDED]
_DOMAIN = np.array([DOMAIN_OF[name].name for name in TYPE_ORDER], "O")


def class_names(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.object_]:
    """What each asset is drawn as: ``consequence``, or its status key."""
    keys = np.array([status.key for status in Status], "O")[codes & 7]
    return np.where((codes & CONSEQUENCE_BIT) != 0, CONSEQUENCE, keys).astype("O")


def wanted(columns: Columns, chosen: Chosen) -> npt.NDArray[np.bool_]:
    """Which assets lie in the chosen domains and area."""
    kept = np.ones(len(columns), "?")
    if chosen.domains is not None:
        kept &= np.isin(_DOMAIN[columns.types], list(chosen.domains))
    if chosen.area is not None:
        kept &= columns.areas == chosen.area
    return kept


def state_table(engine: Engine, label: Label, moment: Moment, chosen: Chosen, at: datetime) -> Table:
    """The state of every asset of ``moment``, which is at ``at`` (aware), that ``chosen`` lets through, with
    the alarms then open on it; in the layout's order."""
    kept = wanted(moment.columns, chosen)
    if chosen.statuses is not None:
        kept &= np.isin(class_names(moment.codes), list(chosen.statuses))
    return Table(label, COLUMNS, _batches(engine, moment, np.flatnonzero(kept), at))


def _batches(
    engine: Engine, moment: Moment, indices: npt.NDArray[np.intp], instant: datetime
) -> Iterator[Batch]:
    for start in range(0, len(indices), ROWS):
        yield _batch(engine, moment, indices[start : start + ROWS], instant)


def _batch(engine: Engine, moment: Moment, at: npt.NDArray[np.intp], instant: datetime) -> Batch:
    records = moment.records[at]
    seen = records["time"].astype("f8")
    alarms = open_alarms(engine, instant, moment.columns.ids[at].tolist(), _GUARDED)
    return asset_cells(engine, moment.columns, at, moment.areas) | {
        "status": [Status(int(code) & 7).key for code in moment.codes[at]],
        "state": state_names(moment.columns.types[at], records["status"], records["state"]),
        "consequence": ((moment.codes[at] & CONSEQUENCE_BIT) != 0).tolist(),
        "seen": np.where(seen > 0, seen, np.nan),
        "open_alarms": [one.number for one in alarms],
        "worst_priority": [one.worst for one in alarms],
    }


def state_names(
    types: npt.NDArray[np.uint8], statuses: npt.NDArray[np.uint8], states: npt.NDArray[np.uint8]
) -> list[str]:
    """The asset types' own names of ``states``; empty where the status is unknown."""
    return [
        state_name(TYPE_ORDER[kind], int(state)) if status != Status.UNKNOWN else ""
        for kind, status, state in zip(types.tolist(), statuses.tolist(), states.tolist(), strict=True)
    ]


def state_name(asset_type: str, state: int) -> str:
    """The name ``asset_type`` gives to a state code; empty for a code it no longer declares."""
    known = ASSET_TYPES[asset_type].by_code.get(state)
    return known.name if known else ""


def asset_cells(
    engine: Engine, columns: Columns, at: npt.NDArray[np.intp], areas: Mapping[int, str]
) -> dict[str, Any]:
    """The cells of ``ASSET_COLUMNS`` and the geometry, of the assets at live indices ``at``."""
    kinds = [TYPE_ORDER[code] for code in columns.types[at].tolist()]
    parents = columns.parents[at].tolist()
    return {
        "asset": columns.external_ids[at].tolist(),
        "name": columns.names[at].tolist(),
        "type": kinds,
        "domain": [DOMAIN_OF[kind].name for kind in kinds],
        "area": [areas.get(area, "") for area in columns.areas[at].tolist()],
        "street": columns.streets[at].tolist(),
        "lon": columns.lon[at],
        "lat": columns.lat[at],
        "parent": ["" if p < 0 else str(columns.external_ids[p]) for p in parents],
        GEOMETRY: asset_shapes(engine, columns.ids[at].tolist()),
    }
