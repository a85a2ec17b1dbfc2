"""What became of every asset between two instants as rows: history's own difference, worst first."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine

from model.states import CONSEQUENCE_BIT, Status
from model.takeaway import Label
from services.history import Difference, History, Kind, when
from services.takeaway.state_table import ASSET_COLUMNS, Chosen, Moment, asset_cells, class_names, wanted
from services.takeaway.table import Batch, Column, Table

COLUMNS = (
    *ASSET_COLUMNS, Column("difference", "text"), Column("status_a", "text"), Column("status_b", "text"),
    Column("consequence", "yes"), Column("at", "instant"),
)  # fmt: skip
ROWS = 1_000
"""Since when each has its status is asked for as many at once."""


def difference_table(
    engine: Engine, history: History, label: Label, moment: Moment, found: Difference, chosen: Chosen
) -> Table:
    """Every asset that is not unchanged and that ``chosen`` lets through; its statuses filter those at B.

    ``moment`` is the city at B, on whose layout ``found`` was made. ``at`` is when what is told happened,
    empty where that is before all records.
    """
    kept = wanted(moment.columns, chosen)
    if chosen.statuses is not None:
        kept &= np.isin(class_names(found.after), list(chosen.statuses))
    order = found.worst(moment.columns, len(moment.columns))
    return Table(label, COLUMNS, _batches(engine, history, moment, found, order[kept[order]]))


def _batches(
    engine: Engine, history: History, moment: Moment, found: Difference, rows: npt.NDArray[np.intp]
) -> Iterator[Batch]:
    for start in range(0, len(rows), ROWS):
        yield _batch(engine, history, moment, found, rows[start : start + ROWS])


def _batch(
    engine: Engine, history: History, moment: Moment, found: Difference, at: npt.NDArray[np.intp]
) -> Batch:
    ids = moment.columns.ids[at].tolist()
    since = history.since(found.b, ids, (found.after[at] & 7).tolist())
    moments = [when(found, i, since, asset_id) for i, asset_id in zip(at.tolist(), ids, strict=True)]
    return asset_cells(engine, moment.columns, at, moment.areas) | {
        "difference": [Kind(kind).key for kind in found.kinds[at].tolist()],
        "status_a": [Status(code & 7).key for code in found.before[at].tolist()],
        "status_b": [Status(code & 7).key for code in found.after[at].tolist()],
        "consequence": ((found.after[at] & CONSEQUENCE_BIT) != 0).tolist(),
        "at": [float("nan") if moment_ is None else moment_.timestamp() for moment_ in moments],
    }
