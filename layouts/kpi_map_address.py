"""The address of the map for officials: ``?kpi=failure_rate&month=2026-10&per=itself&view=months``. Pure.

``view`` is ``one`` (a map of one month), ``months`` (the same figure over twelve months) or ``figures`` (six
figures of one month, ``also`` naming them).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from model.area_maps import Per

FIGURES_SHOWN = 6
MONTHS_SHOWN = 12


class MapView(StrEnum):
    """How many maps, and of what."""

    ONE = "one"
    MONTHS = "months"
    FIGURES = "figures"


@dataclass(frozen=True)
class Shown:
    """What the page shows. ``kpi`` and ``month`` empty: the first figure, the last complete month."""

    kpi: str = ""
    month: date | None = None
    per: Per = Per.ITSELF
    view: MapView = MapView.ONE
    sort: str = ""


def read_month(text: str) -> date | None:
    """The first day of the month ``text`` (2026-10) names; None for nonsense."""
    try:
        return date.fromisoformat(f"{text[:7]}-01")
    except ValueError:
        return None


def read_shown(address: Mapping[str, str]) -> Shown:
    """What ``address`` asks for; anything it gets wrong is as if it were not there."""
    per, view = address.get("per", ""), address.get("view", "")
    return Shown(
        address.get("kpi", "")[:60],
        read_month(address.get("month", "")),
        Per(per) if per in set(Per) else Per.ITSELF,
        MapView(view) if view in set(MapView) else MapView.ONE,
        address.get("sort", "")[:20],
    )


def write_shown(shown: Shown) -> str:
    """The query of the address that shows ``shown``."""
    month = f"&month={shown.month:%Y-%m}" if shown.month else ""
    sort = f"&sort={shown.sort}" if shown.sort else ""
    return f"?kpi={shown.kpi}{month}&per={shown.per}&view={shown.view}{sort}"


def month_before(month: date, count: int) -> date:
    """The first day of the month ``count`` before that of ``month``."""
    whole = month.year * 12 + month.month - 1 - count
    return date(whole // 12, whole % 12 + 1, 1)


def six_of(keys: Sequence[str], first: str) -> tuple[str, ...]:
    """Six of ``keys`` beginning with ``first`` and going on round in their order."""
    at = keys.index(first) if first in keys else 0
    return tuple((*keys[at:], *keys[:at]))[:FIGURES_SHOWN]
