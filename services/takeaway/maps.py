"""The city at one instant as points and marks in a box: quiet assets recede, abnormal ones stand out."""

from collections.abc import Mapping
from datetime import datetime

import numpy as np
import numpy.typing as npt

from model.domains import ASSET_TYPES, TYPE_ORDER
from model.report import MapOfInstant, Mark
from services.takeaway.ground import Frame
from services.takeaway.state_table import Moment, class_names

QUIET = ("out_of_service", "unknown", "normal", "active")
"""Drawn as points, the quietest first."""

LOUD = ("maintenance", "consequence", "degraded", "comms_lost", "fault")
"""Drawn as symbols, the gravest last and so on top."""

GRAIN = 3.0
"""Units of the box: on paper a quarter of a millimetre."""

_MOVING = np.array([ASSET_TYPES[name].moving for name in TYPE_ORDER])


def map_of(
    moment: Moment, at: datetime, frame: Frame, fresh: Mapping[str, int] | None = None
) -> MapOfInstant:
    """``moment`` in the box of ``frame``; marks of ``fresh`` (external id: how many it took with it) weigh.

    What moves is left out: it has no place of its own.
    """
    columns = moment.columns
    classes = class_names(moment.codes)
    here = np.isfinite(columns.lon) & ~_MOVING[columns.types]
    x, y = frame.place(columns.lon, columns.lat)
    here &= (x >= 0) & (x <= frame.width) & (y >= 0) & (y <= frame.height)
    quiet = {name: points(x, y, here & (classes == name)) for name in QUIET}
    marks = []
    for name in LOUD:
        for index in np.flatnonzero(here & (classes == name)).tolist():
            weight = _weight((fresh or {}).get(str(columns.external_ids[index])))
            place = float(round(x[index], 1)), float(round(y[index], 1))
            marks.append(Mark(*place, name, str(columns.names[index]), weight))
    marks.sort(key=lambda mark: mark.weight)
    counted = dict(zip(*np.unique(classes.astype("U"), return_counts=True), strict=True))
    counts = {str(name): int(n) for name, n in counted.items()}
    return MapOfInstant(at, {k: p for k, p in quiet.items() if p}, tuple(marks), counts, moment.known)


def _weight(taken: int | None) -> int:
    """0 for what is not new, 1 for what is, 2 where it took others with it."""
    return 0 if taken is None else 2 if taken else 1


def points(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], kept: npt.NDArray[np.bool_]) -> str:
    """The kept places as one path of dots (lines without length); those ``GRAIN`` apart are told once."""
    places = np.unique((np.column_stack([x[kept], y[kept]]) / GRAIN).round(0), axis=0) * GRAIN
    return "".join(f"M{a:g} {b:g}h0" for a, b in places.tolist())
