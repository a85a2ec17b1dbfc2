"""What sums give away of their parts: which unknowns follow from sums that are known.

An unknown is told exactly when its unit vector lies in the row space of the sums (with P the projection onto
it: P e = e), and nearly when what is not negative leaves it too little room.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
EXACT = 1e-7
ROUNDS = 50


def parts(sums: Sequence[Sequence[int]], unknowns: int) -> list[tuple[list[int], list[int]]]:
    """The sums that share no unknown, apart: the numbers of the sums and the unknowns of each part."""
    root = list(range(unknowns))

    def top(one: int) -> int:
        while root[one] != one:
            root[one] = root[root[one]]
            one = root[one]
        return one

    for members in sums:
        for other in members[1:]:
            root[top(other)] = top(members[0])
    found: dict[int, tuple[list[int], list[int]]] = {}
    for one in range(unknowns):
        found.setdefault(top(one), ([], []))[1].append(one)
    for number, members in enumerate(sums):
        if members:
            found[top(members[0])][0].append(number)
    return list(found.values())


def matrix(sums: Sequence[Sequence[int]], unknowns: Sequence[int]) -> Floats:
    """The sums as rows of 0 and 1 over ``unknowns``."""
    place = {one: at for at, one in enumerate(unknowns)}
    made = np.zeros((len(sums), len(unknowns)))
    for row, members in enumerate(sums):
        made[row, [place[one] for one in members]] = 1.0
    return made


def told_exactly(rows: Floats, asked: Floats) -> npt.NDArray[np.bool_]:
    """Which rows of ``asked`` follow from ``rows`` by adding and subtracting alone."""
    if not rows.size:
        return np.asarray(~asked.any(axis=1))
    _, sizes, directions = np.linalg.svd(rows, full_matrices=False)
    basis = directions[sizes > EXACT * max(1.0, sizes[0])]
    left = asked - (asked @ basis.T) @ basis
    return np.asarray(np.abs(left).max(axis=1, initial=0.0) < EXACT)


def recovered(sums: Sequence[Sequence[int]], unknowns: int) -> set[int]:
    """The unknowns (0 to ``unknowns`` - 1) that follow exactly from ``sums``, each a list of its parts."""
    found: set[int] = set()
    for numbers, members in parts(sums, unknowns):
        if numbers:
            told = told_exactly(matrix([sums[n] for n in numbers], members), np.eye(len(members)))
            found.update(one for one, is_told in zip(members, told, strict=True) if is_told)
    return found


def bounds(rows: Floats, totals: Floats) -> tuple[Floats, Floats]:
    """The least and most each unknown can be, none of them negative: narrowed sum by sum until nothing moves.

    They hold for certain; somebody who solves for the extremes could narrow them a little more.
    """
    width = rows.shape[1]
    low, high = np.zeros(width), np.full(width, np.inf)
    for _ in range(ROUNDS):
        before = (low.copy(), high.copy())
        for row, total in zip(rows, totals, strict=True):
            members = np.flatnonzero(row)
            least = float(low[members].sum())
            high[members] = np.minimum(high[members], np.maximum(total - (least - low[members]), 0.0))
            rest = np.array([high[members[members != one]].sum() for one in members])
            low[members] = np.maximum(low[members], np.where(np.isfinite(rest), total - rest, 0.0))
        if np.array_equal(before[0], low) and np.array_equal(before[1], high):
            break
    return low, high
