"""Long raw series drawn on few pixels: the readings that shape the line stay, extremes among them."""

import numpy as np
import numpy.typing as npt

from services.history.figures.buckets import with_gaps

Floats = npt.NDArray[np.float64]

_KEPT = 4
"""Readings kept a column: the first, the least, the greatest and the last."""


def thinned(times: Floats, values: Floats, points: int) -> tuple[Floats, Floats]:
    """At most ``points`` of the readings (``times`` ascending, no NaN): those that draw the same line.

    The period is cut into columns; of each the first, least, greatest and last reading stay (M4: Jugel et
    al., "M4: a visualization-oriented time series data aggregation", VLDB 2014). Fewer readings than
    ``points`` are returned as they are.
    """
    if len(times) <= points:
        return times, values
    columns = max(1, points // _KEPT)
    width = (times[-1] - times[0]) / columns or 1.0
    column = np.minimum(((times - times[0]) / width).astype("i8"), columns - 1)
    first = np.flatnonzero(np.append(True, column[1:] != column[:-1]))
    last = np.append(first[1:], len(times)) - 1
    by_value = np.lexsort((values, column))
    kept = np.unique(np.concatenate([first, last, by_value[first], by_value[last]]))
    return times[kept], values[kept]


def thinned_with_gaps(times: Floats, values: Floats, period_s: float, points: int) -> tuple[Floats, Floats]:
    """As ``thinned``, with a NaN in every silence that shows, ``points`` in all at most.

    A silence of less than two columns is hardly a pixel wide, and is not drawn.
    """
    if len(times) <= points:
        return with_gaps(times, values, period_s)
    columns = max(1, points // (_KEPT + 1))
    kept_times, kept_values = thinned(times, values, columns * _KEPT)
    width = (times[-1] - times[0]) / columns
    return with_gaps(kept_times, kept_values, max(period_s, width))
