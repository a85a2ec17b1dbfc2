"""The open alarms as an array, and what explaining them says."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

OPEN = np.dtype(
    [
        ("id", "<i8"),
        ("rule", "<i4"),
        ("index", "<i8"),
        ("raised", "<f8"),
        ("returned", "<f8"),
        ("noticed", "<f8"),
        ("active", "?"),
        ("annunciated", "?"),
        ("closed", "?"),
        ("cause", "<i8"),
        ("by_hand", "?"),
    ]
)
"""One alarm. ``rule`` its place in the rules; ``index`` its asset's live index, -1 of an area's; ``raised``
when its condition last began and ``returned`` when it ended (NaN: it lasts), ``noticed`` when the city knew
(NaN: not known), epoch s; ``cause`` the id of what explains it or 0; ``by_hand``: a person put it there.
``closed``: it left the list within the last ``KEPT_S``; such rows only show what is over just now."""

KEPT_S = 900.0
"""How long after its closing an alarm is still given, s: longer than any ``after_s`` of the rules."""

Open = npt.NDArray[np.void]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]
Times = npt.NDArray[np.float64]


class Inferred(NamedTuple):
    """An alarm nobody told, to be raised: its class, the live index of its asset, when it began (epoch s),
    and the ids of the alarms it explains. ``rule`` is its place in the rules."""

    rule_key: str
    anchor: int
    raised: float
    members: tuple[int, ...]
    rule: int


class Explained(NamedTuple):
    """What changes. ``links``: the new cause of each alarm whose cause changes, 0 where it stands by itself.

    ``inferred`` are to be raised as alarms, with their members under them; call again until there is none.
    ``ended`` are inferred alarms that are over. ``wait`` are not yet to be put before anybody.
    """

    links: dict[int, int]
    inferred: tuple[Inferred, ...]
    ended: tuple[int, ...]
    wait: frozenset[int]


def blank(count: int) -> Open:
    """``count`` rows of alarms that last, known at no particular time, explained by nothing."""
    rows = np.zeros(count, OPEN)
    rows["returned"] = rows["noticed"] = np.nan
    rows["active"] = True
    return rows
