"""The address of the page of the past: what is shown can be bookmarked and sent. Pure.

``?series=asset:EP-0255`` or ``?series=area:12:detector:flow`` (area 0: the whole city), ``&p=7d`` or
``&t0=2026-11-01&t1=2026-11-08`` (local days, the last included), ``&compare=1``; ``?at=`` an instant.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from model.domains import ASSET_TYPES, DOMAINS
from model.errors import BadRequest

PRESETS = {
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
    "13m": timedelta(days=396),
}
CUSTOM = "custom"
FIRST_YEAR, LAST_YEAR = 1971, 9998
"""Instants outside cannot be moved by hours or zones without leaving the calendar."""
FIRST_TYPE = "streetlight"
SHARES = {"streetlight": ("fault_share", "lit_share")}
SHARE = ("fault_share",)


@dataclass(frozen=True)
class Chosen:
    """What the page shows: one asset, or a type and property in an area (0: the whole city), and when."""

    asset: str | None = None
    area: int = 0
    asset_type: str = FIRST_TYPE
    observed_property: str = "fault_share"
    preset: str = "7d"
    days: tuple[str, str] | None = None
    compare: bool = False


def properties_of(asset_type: str) -> tuple[str, ...]:
    """What can be shown of a type in an area: shares of states, then what its assets measure."""
    declared = tuple(ASSET_TYPES[asset_type].by_property) if asset_type in ASSET_TYPES else ()
    return SHARES.get(asset_type, SHARE) + declared


def read_chosen(address: Mapping[str, str]) -> Chosen:
    """What ``address`` asks for; anything it gets wrong is as if it were not there."""
    kind, _, rest = address.get("series", "").partition(":")
    preset, days = address.get("p", ""), _days(address)
    chosen = Chosen(
        asset=rest if kind == "asset" and rest else None,
        preset=CUSTOM if days else preset if preset in PRESETS else "7d",
        days=days,
        compare=address.get("compare") == "1",
    )
    return _with_area(chosen, rest) if kind == "area" else chosen


def chosen_in(chosen: Chosen, domains: Collection[str] | None) -> Chosen:
    """``chosen``, or the first type of ``domains`` (None: all) where its type is of another domain."""
    offered = [kind for domain in DOMAINS if domains is None or domain.name in domains
               for kind in domain.asset_types]  # fmt: skip
    if chosen.asset or not offered or chosen.asset_type in {kind.name for kind in offered}:
        return chosen
    kind = offered[0].name
    return replace(chosen, asset_type=kind, observed_property=properties_of(kind)[0])


def _with_area(chosen: Chosen, rest: str) -> Chosen:
    parts = rest.split(":")
    if len(parts) != 3 or not parts[0].isdigit() or parts[2] not in properties_of(parts[1]):
        return chosen
    return Chosen(None, int(parts[0]), parts[1], parts[2], chosen.preset, chosen.days, chosen.compare)


def _days(address: Mapping[str, str]) -> tuple[str, str] | None:
    first, last = address.get("t0", "")[:10], address.get("t1", "")[:10]
    try:
        ordered = date.fromisoformat(first) <= date.fromisoformat(last)
    except ValueError:
        return None
    return (first, last) if ordered else None


def write_chosen(chosen: Chosen) -> str:
    """The query of the address that shows ``chosen``."""
    what = (
        f"asset:{chosen.asset}"
        if chosen.asset
        else f"area:{chosen.area}:{chosen.asset_type}:{chosen.observed_property}"
    )
    when = f"t0={chosen.days[0]}&t1={chosen.days[1]}" if chosen.days else f"p={chosen.preset}"
    return f"?series={what}&{when}{'&compare=1' if chosen.compare else ''}"


def period_of(chosen: Chosen, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The period (aware, UTC) ``chosen`` asks for at ``now``; it never reaches past ``now``.

    BadRequest when its dates lie in the future.
    """
    if not chosen.days:
        return now - PRESETS.get(chosen.preset, PRESETS["7d"]), now
    first, last = (date.fromisoformat(day) for day in chosen.days)
    t0 = datetime.combine(first, time(), zone).astimezone(UTC)
    t1 = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
    if t0 >= now:
        raise BadRequest("the period has not begun yet")
    return t0, min(t1, now)


def read_instant(text: str | None, now: datetime) -> datetime | None:
    """The instant ``text`` (ISO 8601 with a zone) names, at most ``now``; None when it names none."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    if at.tzinfo is None or not FIRST_YEAR <= at.year <= LAST_YEAR:
        return None
    return min(at.astimezone(UTC), now)


def iso(at: datetime) -> str:
    """An instant (aware) as the address carries it: whole seconds, UTC."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
