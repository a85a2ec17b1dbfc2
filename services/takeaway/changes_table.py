"""Every state change between two instants as rows, in order of time, each with its asset's place."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine, text

from geodata.asking import asking
from geodata.assets import Columns
from model.states import Status
from model.takeaway import Label
from services.history import Changes, History
from services.takeaway.state_table import ASSET_COLUMNS, Chosen, Moment, asset_cells, state_names, wanted
from services.takeaway.table import MOST_ROWS, ROWS, Batch, Column, Table, TooMuch

COLUMNS = (Column("time", "instant"), *ASSET_COLUMNS, Column("status", "text"), Column("state", "text"))
NOBODY = np.empty(0, np.int64)
WINDOW = timedelta(hours=1)
"""Read at once: a dusk of 35,000 lamps lies in one."""


def changes_table(
    engine: Engine,
    history: History,
    label: Label,
    moment: Moment,
    a: datetime,
    b: datetime,
    chosen: Chosen,
    closed: npt.NDArray[np.int64] = NOBODY,
) -> Table:
    """The changes with a < time <= b of the assets ``chosen`` lets through; ``moment`` tells their names.

    Assets no longer in the layout are left out: they have no place any more. ``chosen.statuses`` keeps the
    changes into those statuses. Those ``closed`` (ids) are left out: their record is protected, and every
    change of it is the record. TooMuch at once where nothing is filtered and there are too many.
    """
    if chosen == Chosen() and _count(engine, a, b) > MOST_ROWS:
        raise TooMuch(f"more than {MOST_ROWS} rows: ask for a shorter period, one area or one domain")
    return Table(label, COLUMNS, _batches(engine, history, moment, a, b, chosen, closed))


_COUNT = text("SELECT count(*) FROM state_change WHERE phenomenon_time > :a AND phenomenon_time <= :b")


def _count(engine: Engine, a: datetime, b: datetime) -> int:
    with asking(engine) as connection:
        return int(connection.scalar(_COUNT, {"a": a, "b": b}) or 0)


def _batches(
    engine: Engine,
    history: History,
    moment: Moment,
    a: datetime,
    b: datetime,
    chosen: Chosen,
    closed: npt.NDArray[np.int64],
) -> Iterator[Batch]:
    kept = wanted(moment.columns, chosen) & ~np.isin(moment.columns.ids, closed)
    start = a
    while start < b:
        end = min(start + WINDOW, b)
        found = history.changes(start, end)
        at, rows = _placed(moment.columns, found, kept, chosen)
        for first in range(0, len(rows), ROWS):
            part = slice(first, first + ROWS)
            yield _batch(engine, moment, found, at[part], rows[part])
        start = end


def _placed(
    columns: Columns, found: Changes, kept: npt.NDArray[np.bool_], chosen: Chosen
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Live index of each change that is wanted, and its place in ``found``."""
    if not len(columns) or not len(found):
        return np.empty(0, np.intp), np.empty(0, np.intp)
    at = np.minimum(np.searchsorted(columns.ids, found.asset_ids), len(columns) - 1)
    good = (columns.ids[at] == found.asset_ids) & kept[at]
    if chosen.statuses is not None:
        keys = np.array([status.key for status in Status], "O")[found.status]
        good &= np.isin(keys, list(chosen.statuses))
    return at[good], np.flatnonzero(good)


def _batch(
    engine: Engine,
    moment: Moment,
    found: Changes,
    at: npt.NDArray[np.intp],
    rows: npt.NDArray[np.intp],
) -> Batch:
    cells = asset_cells(engine, moment.columns, at, moment.areas)
    return {
        "time": found.times[rows],
        **cells,
        "status": [Status(code).key for code in found.status[rows].tolist()],
        "state": state_names(moment.columns.types[at], found.status[rows], found.state[rows]),
    }
