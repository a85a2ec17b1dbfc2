"""A table of areas that its reader sorts by any column, beside the map that shows the same."""

from layouts.components import VigieComponent


class AreaTable(VigieComponent):
    """One row an area, sorted in the browser; drawn by ``assets/board/area_table.js``.

    ``caption``; ``heads`` ``[{"key", "text", "number"}]``; ``rows``
    ``[{"area", "cells", "sort", "missing"}]``, ``sort`` of a row the values its cells stand for, None for
    none (always last); ``sort`` *in, out*: the key of the column, with a minus before it from high to low.
    """

    _type = "AreaTable"
    PROPS = ("caption", "heads", "rows", "sort")
