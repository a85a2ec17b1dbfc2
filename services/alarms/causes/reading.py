"""Reading the relations of the assets from the database."""

import logging

import numpy as np
from sqlalchemy import Engine, text

from geodata.assets import Columns
from services.alarms.causes.flaws import BROKEN, flaws_told
from services.alarms.causes.topology import Topology

log = logging.getLogger(__name__)

_NAMED = text(
    """
    SELECT a.id, a.attributes ->> 'feeder', a.attributes ->> 'supply', coalesce(a.parent_id, 0)
    FROM asset a WHERE a.removed_at IS NULL AND a.geometry IS NOT NULL
    AND (a.attributes ? 'feeder' OR a.attributes ? 'supply' OR a.parent_id IS NOT NULL) ORDER BY a.id
    """
)


def read_topology(engine: Engine, columns: Columns) -> Topology:
    """The relations of ``columns``, with the feeder and the substation that assets name.

    Assets that came or went since ``columns`` was read are left out; the next layout has them. What is
    broken is said in the log.
    """
    feeder: list[str | None] = [None] * len(columns)
    supply: list[str | None] = [None] * len(columns)
    parent = np.zeros(len(columns), "i8")
    with engine.connect() as connection:
        for asset_id, its_feeder, its_supply, its_parent in connection.execute(_NAMED):
            at = columns.index_of(asset_id)
            if at >= 0:
                feeder[at], supply[at], parent[at] = its_feeder, its_supply, its_parent
    gone = np.flatnonzero((parent > 0) & (columns.parents < 0))
    topology = Topology.of(columns, feeder, supply, gone.tolist())
    for line in flaws_told(topology, columns, BROKEN):
        log.warning("what hangs on what: %s", line)
    return topology
