"""Hiding small cells, and as many others as it takes that no published total gives one of them away.

A hidden value is null and its row is marked; it is never zero. Rows that sum to a published total are a
group: in each, what is hidden must be two rows at least, of k units together, none of them nearly all.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from model.datasets import Dataset, Grain, Place, Secrecy, Span
from model.publications import Draft, Release
from services.publishing.linting.cells import MARK, dominated_cells, small_cells
from services.publishing.linting.row_space import recovered

Labels = Sequence[object]
"""For each row the total it is counted in; None: in none of this kind."""


def suppress(
    table: pa.Table,
    secrecy: Secrecy,
    totals: Sequence[Labels] | None = None,
    decimals: Mapping[str, int] | None = None,
    *,
    earlier: pa.Table | None = None,
    key: tuple[str, ...] = ("day", "area_code"),
    secondary: bool = True,
) -> pa.Table:
    """``table`` with small and dominated cells hidden, and those that would give them away.

    ``totals`` are the published sums its rows go into (``margins`` makes them); None: the one the register
    names. ``decimals`` rounds values as they are published. ``earlier`` is what the last version said of
    rows of the same ``key``: what it hid stays hidden, what it showed is known and hides nothing.
    ``secondary`` False leaves the second step out, as only a test does that wants the attack to succeed.
    """
    values = _values(table, secrecy)
    hidden = (small_cells(table, secrecy) | dominated_cells(table, secrecy)) & np.isfinite(values)
    if secondary and (hidden.any() or earlier is not None):
        counts = np.asarray(pc.fill_null(pc.cast(table[secrecy.counted], pa.float64()), 0.0))
        groups = _groups([own_total(table, secrecy)] if totals is None else totals, np.isfinite(values))
        shown, hidden_before = _earlier(table, earlier, key)
        hidden |= hidden_before & np.isfinite(values)
        hidden = _Hiding(values, counts, secrecy, groups, hidden.copy(), shown).done()
    return _written(table, secrecy, hidden, decimals or {})


def _earlier(
    table: pa.Table, earlier: pa.Table | None, key: tuple[str, ...]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which rows of ``table`` an earlier version showed, and which it hid."""
    nothing = np.zeros(len(table), bool)
    if earlier is None:
        return nothing, nothing
    marks = dict(zip(_keys(earlier, key), earlier[MARK].to_pylist(), strict=True))
    known = [marks.get(one) for one in _keys(table, key)]
    return np.array([mark is False for mark in known]), np.array([mark is True for mark in known])


def _keys(table: pa.Table, key: tuple[str, ...]) -> list[tuple[object, ...]]:
    return list(zip(*(table[name].to_pylist() for name in key), strict=True))


def own_total(table: pa.Table, secrecy: Secrecy) -> Labels:
    """The total the register says rows of a dataset go into: those that share a column, or all."""
    held = secrecy.total in table.column_names
    return table[secrecy.total].to_pylist() if held else [""] * len(table)


def margins(
    table: pa.Table,
    dataset: Dataset,
    releases: Sequence[Release | Draft],
    codes: Mapping[int, str],
    grain: Grain | None = None,
) -> list[Labels]:
    """The sums that ``releases`` of ``dataset`` publish of the rows of ``table``, which has ``grain`` (None:
    the dataset's own).

    ``codes`` gives the code of each area id. The register's own total is always among them.
    """
    secrecy, finest = dataset.secrecy, grain or dataset.grain
    found: list[Labels] = [own_total(table, secrecy)] if secrecy else []
    times, places = _times(table, dataset), _places(table)
    for one in releases:
        if not one.grain.finer_than(finest) and one.grain != finest:
            inside = None if one.areas is None else {codes[area] for area in one.areas if area in codes}
            found.append(
                [
                    (
                        months(time) if one.grain.span is Span.MONTH else time,
                        "" if one.grain.place is Place.CITY else place,
                    )
                    if inside is None or place in inside
                    else None
                    for time, place in zip(times, places, strict=True)
                ]
            )
    return found


def months(time: str) -> str:
    """The month of an ISO day or instant."""
    return time[:7]


def _times(table: pa.Table, dataset: Dataset) -> list[str]:
    name = next((one for one in ("day", "hour", "month") if one in dataset.key), "")
    return [str(value) for value in table[name].to_pylist()] if name else [""] * len(table)


def _places(table: pa.Table) -> list[str]:
    held = "area_code" in table.column_names
    return [str(code) for code in table["area_code"].to_pylist()] if held else [""] * len(table)


def _values(table: pa.Table, secrecy: Secrecy) -> npt.NDArray[np.float64]:
    """What the largest of a row's secret values is; NaN where none was measured."""
    columns = [
        np.asarray(pc.fill_null(pc.cast(table[name], pa.float64()), float("nan")))
        for name in secrecy.values
        if name in table.column_names
    ]
    return np.fmax.reduce(columns) if columns else np.full(len(table), np.nan)


def _groups(totals: Sequence[Labels], valid: npt.NDArray[np.bool_]) -> list[list[int]]:
    found: dict[tuple[int, object], list[int]] = {}
    for kind, labels in enumerate(totals):
        for row, label in enumerate(labels):
            if label is not None and valid[row]:
                found.setdefault((kind, label), []).append(row)
    return list(found.values())


class _Hiding:
    """One table being made safe: which rows are hidden, and the groups that must not tell one of them."""

    def __init__(
        self,
        values: npt.NDArray[np.float64],
        counts: npt.NDArray[np.float64],
        secrecy: Secrecy,
        groups: list[list[int]],
        hidden: npt.NDArray[np.bool_],
        shown: npt.NDArray[np.bool_],
    ) -> None:
        self.shown = shown
        self.values, self.counts, self.secrecy = values, counts, secrecy
        self.groups, self.hidden = groups, hidden
        self.groups_of: dict[int, list[int]] = {}
        for number, rows in enumerate(groups):
            for row in rows:
                self.groups_of.setdefault(row, []).append(number)

    def done(self) -> npt.NDArray[np.bool_]:
        """Hide until no group is unsafe and no hidden row follows from all of them together."""
        waiting = list(range(len(self.groups)))
        while waiting:
            while waiting:
                waiting += self._make_safe(waiting.pop())
            waiting = [
                number for number in self._telling() if self._hide_one(self.groups[number]) is not None
            ]
        return self.hidden

    def _make_safe(self, number: int) -> Iterator[int]:
        """Hide in group ``number`` until it tells nothing; the other groups that touches."""
        rows = self.groups[number]
        while self._unsafe(rows):
            row = self._hide_one(rows)
            if row is None:
                return
            yield from (other for other in self.groups_of[row] if other != number)

    def _unsafe(self, rows: list[int]) -> bool:
        held = [row for row in rows if self.hidden[row]]
        if not held:
            return False
        values = np.abs(self.values[held])
        together = float(values.sum())
        few = len(held) < 2 or float(self.counts[held].sum()) < self.secrecy.k
        return few or together == 0 or float(values.max()) > self.secrecy.dominance * together

    def _hide_one(self, rows: list[int]) -> int | None:
        """Hide one more row of a group: in the fewest groups with nothing hidden yet, and the smallest."""
        free = [row for row in rows if not self.hidden[row] and not self.shown[row]]
        if not free:
            return None
        row = min(free, key=self._cost)
        self.hidden[row] = True
        return row

    def _cost(self, row: int) -> tuple[bool, int, float]:
        return bool(self.values[row] == 0), self._disturbed(row), abs(float(self.values[row]))

    def _disturbed(self, row: int) -> int:
        return sum(not self.hidden[self.groups[number]].any() for number in self.groups_of[row])

    def _telling(self) -> list[int]:
        """Groups with a hidden row that follows from all sums together, one for each such row."""
        unknown = {int(row): at for at, row in enumerate(np.flatnonzero(self.hidden))}
        sums = [[unknown[row] for row in rows if row in unknown] for rows in self.groups]
        told = recovered(sums, len(unknown))
        back = list(unknown)
        return sorted({self.groups_of[back[one]][0] for one in told})


def _written(
    table: pa.Table, secrecy: Secrecy, hidden: npt.NDArray[np.bool_], decimals: Mapping[str, int]
) -> pa.Table:
    mask = pa.array(hidden)
    for name in secrecy.values:
        if name in table.column_names:
            column = table[name]
            if name in decimals and pa.types.is_floating(column.type):
                column = pc.round(column, decimals[name])
            column = pc.if_else(mask, pa.scalar(None, column.type), column)
            table = table.set_column(table.column_names.index(name), name, column)
    at = table.column_names.index(MARK) if MARK in table.column_names else None
    return table.append_column(MARK, mask) if at is None else table.set_column(at, MARK, mask)
