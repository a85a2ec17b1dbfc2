"""Judging the rows themselves: what a text column holds, cells of too few, columns nobody approved."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from model.datasets import Secrecy
from model.publications import Finding, Release, Rule
from services.publishing.linting.contents import counted_kinds

MARK = "suppressed"
"""The column that says that values of a row are hidden: null there is not "not measured", and never zero."""


def lint_table(table: pa.Table, release: Release) -> tuple[Finding, ...]:
    """Everything that speaks against letting ``table`` out as ``release``; empty: it may leave."""
    return (*_beyond(table, release), *_contents(table), *_cells(table, release.dataset.secrecy))


def _beyond(table: pa.Table, release: Release) -> Iterator[Finding]:
    approved = " ".join(release.columns)
    for name in table.column_names:
        if name not in release.columns and name != MARK:
            yield Finding(Rule.UNKNOWN_COLUMN, name, "known_columns", (("columns", approved),))


def _contents(table: pa.Table) -> Iterator[Finding]:
    for field in table.schema:
        column = table[field.name]
        if pa.types.is_dictionary(field.type):
            column = pa.chunked_array([pc.unique(column).dictionary], type=field.type.value_type)
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            for kind, rows in counted_kinds(pc.unique(column).to_pylist()).items():
                said = (("holds", f"content.{kind}"), ("rows", rows))
                yield Finding(Rule.CONTENT, field.name, "clean_column", said)


def _cells(table: pa.Table, secrecy: Secrecy | None) -> Iterator[Finding]:
    if secrecy is None:
        return
    shown = [name for name in secrecy.values if name in table.column_names]
    if shown and secrecy.counted not in table.column_names:
        yield Finding(Rule.COUNT_MISSING, secrecy.counted, "add_column", (("k", secrecy.k),))
        return
    small, dominated = small_cells(table, secrecy), dominated_cells(table, secrecy)
    for name in shown:
        told = np.asarray(pc.is_valid(table[name]))
        if count := int((told & small).sum()):
            yield Finding(Rule.SMALL_CELL, name, "suppress", (("k", secrecy.k), ("cells", count)))
        if count := int((told & dominated).sum()):
            said = (("percent", round(100 * secrecy.dominance)), ("cells", count))
            yield Finding(Rule.DOMINATED_CELL, name, "suppress", said)


def small_cells(table: pa.Table, secrecy: Secrecy) -> np.ndarray:
    """The rows of fewer than k units; a count that is not known counts as none."""
    counted = np.asarray(pc.fill_null(pc.cast(table[secrecy.counted], pa.float64()), 0.0))
    return np.asarray(counted < secrecy.k)


def dominated_cells(table: pa.Table, secrecy: Secrecy) -> np.ndarray:
    """The rows in which one unit makes up more than the allowed share, where shares are known."""
    if not secrecy.largest or secrecy.largest not in table.column_names:
        return np.zeros(len(table), bool)
    largest = np.asarray(pc.fill_null(pc.cast(table[secrecy.largest], pa.float64()), 1.0))
    return np.asarray(largest > secrecy.dominance)
