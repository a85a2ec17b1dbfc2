"""The last look at a table before it becomes files. To be replaced by the privacy linter.

Until then: the values of cells with fewer units than the dataset's rule wants are withheld. Secondary
suppression and dominance are the linter's.
"""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from model.publications import Release

Guard = Callable[[pa.Table, Release], pa.Table]


class Unguarded(ValueError):
    """The table lacks the column its secrecy is judged by."""


def small_cells_withheld(table: pa.Table, release: Release) -> pa.Table:
    """``table`` without the values of small cells; Unguarded where it cannot be told which these are."""
    secrecy = release.dataset.secrecy
    if secrecy is None:
        return table
    if secrecy.counted not in table.column_names:
        raise Unguarded(f"{release.name}: without {secrecy.counted} no small cell can be told")
    enough = pc.fill_null(pc.greater_equal(table[secrecy.counted], secrecy.k), False)
    for name in secrecy.values:
        if name in table.column_names:
            field = table.schema.field(name)
            withheld = pc.if_else(enough, table[name], pa.scalar(None, field.type))
            table = table.set_column(table.column_names.index(name), field, withheld)
    return table
