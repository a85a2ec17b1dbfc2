"""What one explaining has found so far: the cause of each row, what is inferred, what is over."""

from collections.abc import Sequence

import numpy as np

from model.alarm_rules import Rule
from services.alarms.causes.rows import Explained, Flags, Inferred, Open, Places

NONE = -1


class Ledger:
    """The causes being found of ``rows`` (OPEN). ``cause`` holds the row of each one's cause, -1 for none."""

    def __init__(self, rules: Sequence[Rule], rows: Open, told: Places, now: float) -> None:
        """``told`` (n) are the rows of the causes that rules name; what people grouped comes before."""
        self.rules, self.rows, self.now = rules, rows, now
        self._present = _row_of(rows, rows["cause"])
        fixed = rows["by_hand"] | rows["closed"]
        # What is over stays where it was, unless its cause was told meanwhile.
        over = ~rows["active"] & (told < 0)
        self.cause = np.where(fixed | over, self._present, told)
        self._claimed = np.zeros(len(rows), bool)
        self._inferred: list[Inferred] = []
        self._ended: set[int] = set()

    def free(self, classes: Places) -> Places:
        """Rows of ``classes`` (places in the rules) that last and that nothing explains yet."""
        open_ = self.rows["active"] & ~self.rows["closed"] & ~self.rows["by_hand"] & (self.rows["index"] >= 0)
        mine = np.isin(self.rows["rule"], classes)
        return np.flatnonzero(open_ & mine & (self.cause < 0) & ~self._claimed & ~self._over())

    def standing(self, place: int) -> dict[int, int]:
        """The rows of the inferred alarms of the class ``place`` that last, by the live index of their asset,
        in the order in which they began."""
        rows = self.rows
        mine = np.flatnonzero((rows["rule"] == place) & rows["active"] & ~rows["closed"])
        order = mine[np.lexsort((rows["id"][mine], rows["raised"][mine]))]
        return {int(rows["index"][row]): int(row) for row in order}

    def link(self, members: Places, cause: int) -> None:
        """Put ``members`` under the row ``cause``."""
        self.cause[members] = cause

    def infer(self, inferred: Inferred, members: Places) -> None:
        """Raise an alarm nobody told over ``members``; they are explained from then on."""
        self._inferred.append(inferred)
        self._claimed[members] = True

    def end(self, row: int) -> None:
        """Say that an inferred alarm is over: what it still holds stands by itself."""
        self._ended.add(row)
        members = self.cause == row
        self.cause[members & self.rows["active"] & ~self.rows["by_hand"]] = NONE

    def back(self, row: int) -> Places:
        """The rows directly under ``row`` that are over, as far as they are still given."""
        return np.flatnonzero((self.rows["cause"] == self.rows["id"][row]) & ~self.rows["active"])

    def back_lately(self, row: int, within_s: float) -> bool:
        """Whether anything under the row, or one step further down, came back within ``within_s`` seconds:
        others may follow."""
        below = np.concatenate([[row], np.flatnonzero(self.cause == row)])
        under = np.isin(self.rows["cause"], self.rows["id"][below]) & ~self.rows["active"]
        return bool((under & (self.rows["returned"] > self.now - within_s)).any())

    def _over(self) -> Flags:
        over = np.zeros(len(self.rows), bool)
        over[list(self._ended)] = True
        return over

    def close(self) -> Explained:
        """What changed, without circles."""
        rows = self.rows
        self._open_circles()
        ids = np.where(self.cause >= 0, rows["id"][self.cause], 0)
        # A cause that is not among the rows is let go of by what lasts, and kept by what is over.
        lost = (self.cause < 0) & ~rows["active"]
        settled = rows["by_hand"] | rows["closed"] | self._claimed | lost
        changed = np.flatnonzero(~settled & (ids != rows["cause"]))
        links = dict(zip(rows["id"][changed].tolist(), ids[changed].tolist(), strict=True))
        ended = tuple(sorted(int(rows["id"][row]) for row in self._ended))
        return Explained(links, tuple(self._inferred), ended, self._waiting())

    def _open_circles(self) -> None:
        """Let what began first in each circle of causes stand by itself, by hand or not."""
        while (circle := _in_circles(self.cause)).size:
            loose = circle[~self.rows["by_hand"][circle]]
            if not loose.size:
                return
            began = self.rows[loose]
            first = loose[np.lexsort((began["index"], began["rule"], began["raised"]))[0]]
            self.cause[first] = NONE

    def _waiting(self) -> frozenset[int]:
        """What nothing explains yet, and whose cause may still be told."""
        rows = self.rows
        hold = np.array([rule.hold_s for rule in self.rules], "f8")
        known = np.where(np.isnan(rows["noticed"]), rows["raised"], rows["noticed"])
        young = self.now < known + hold[rows["rule"]] if len(rows) else np.zeros(0, bool)
        held = rows["active"] & ~rows["closed"] & ~rows["annunciated"] & (self.cause < 0) & young
        return frozenset(rows["id"][held].tolist())


def _row_of(rows: Open, ids: Places) -> Places:
    """The row of each of ``ids``; -1 where it is 0 or not among them."""
    order = np.argsort(rows["id"])
    known = rows["id"][order]
    at = np.minimum(np.searchsorted(known, ids), max(len(rows) - 1, 0))
    return np.where((ids > 0) & (known[at] == ids), order[at], NONE) if len(rows) else np.empty(0, "i8")


def _in_circles(cause: Places) -> Places:
    """The rows that come back to themselves when causes are followed."""
    inside = cause >= 0
    for _ in range(len(cause)):
        # Whoever is nobody's cause, or has none, is in no circle; peeled off until nothing changes.
        has_cause = inside & inside[cause]
        is_cause = np.zeros(len(cause), bool)
        is_cause[cause[inside]] = True
        left = has_cause & is_cause
        if (left == inside).all():
            break
        inside = left
    return np.flatnonzero(inside)
