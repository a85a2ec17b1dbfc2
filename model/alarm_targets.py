"""What the load of an alarm position is held against: targets with their source (field.md (d)).

The texts were read in secondary copies; a target no second copy confirmed is marked ``sure=False`` and shown
as such. A city sets its own in its profile, table ``[alarms.targets]``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from model.alarm_quality import AlarmQuality
from model.errors import BadProfile

Kind = Literal["rate", "count", "share"]
Verdict = Literal["met", "above", "over", "none"]


@dataclass(frozen=True, slots=True)
class Target:
    """Up to ``value`` is acceptable, above ``most`` it cannot be kept up; ``least``: at least ``value``."""

    value: float
    most: float
    source: str
    sure: bool = False
    least: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure with its target; ``name`` is the catalogues' ``alarm_quality.measure_<name>``."""

    name: str
    value: float
    kind: Kind
    target: Target | None

    @property
    def verdict(self) -> Verdict:
        """How the figure stands to its target."""
        if self.target is None:
            return "none"
        if self.target.least:
            return "met" if self.value >= self.target.value else "above"
        if self.value <= self.target.value:
            return "met"
        return "above" if self.value <= self.target.most else "over"


TARGETS: dict[str, Target] = {
    "per_ten_minutes": Target(1, 2, "EEMUA 191, ISA-18.2", sure=True),
    "per_hour": Target(6, 12, "ISA-18.2"),
    "per_day": Target(150, 300, "ISA-18.2"),
    "peak_hour": Target(15, 15, "EEMUA 191", sure=True),
    "peak_bin": Target(10, 10, "EEMUA 191, ISA-18.2", sure=True),
    "in_flood": Target(0.01, 0.01, "ISA-18.2"),
    "share_low": Target(0.8, 0.8, "EEMUA 191, ISA-18.2", sure=True, least=True),
    "share_medium": Target(0.15, 0.3, "EEMUA 191, ISA-18.2", sure=True),
    "share_high": Target(0.05, 0.1, "EEMUA 191, ISA-18.2", sure=True),
    "offenders_share": Target(0.05, 0.05, "ISA-18.2"),
    "chattering": Target(0, 0, "ISA-18.2"),
    "fleeting": Target(0, 0, "ISA-18.2"),
    "stale_a_day": Target(4, 4, "ISA-18.2"),
}
"""What holds where a city says nothing. ``value`` and ``most`` in the unit of the measure, shares 0 to 1."""

RESPONSE_S = {1: 300.0, 2: 900.0, 3: 1_800.0}
"""By when an alarm of a priority is answered, seconds: one published example (faults.md 8)."""


def targets_of(table: Mapping[str, Any]) -> dict[str, Target]:
    """The targets of a city: the defaults with what its profile's ``[alarms.targets]`` says otherwise.

    Each has ``value`` and ``source``, may have ``most``. BadProfile names what cannot be.
    """
    found = dict(TARGETS)
    for name, said in table.get("targets", {}).items():
        if name not in TARGETS:
            raise BadProfile(f"[alarms.targets] {name}: known are {', '.join(TARGETS)}")
        value, source = said.get("value"), said.get("source")
        if not isinstance(value, int | float) or value < 0 or not isinstance(source, str) or not source:
            raise BadProfile(f"[alarms.targets.{name}]: value (a number) and source (a text) are needed")
        most = said.get("most", value)
        found[name] = Target(float(value), float(most), source, sure=True, least=TARGETS[name].least)
    return found


def measures(found: AlarmQuality, targets: Mapping[str, Target]) -> tuple[Measure, ...]:
    """Every figure of the board with its target, in the order they are shown."""
    told: tuple[tuple[str, float, Kind], ...] = (
        ("per_ten_minutes", found.per_ten_minutes, "rate"),
        ("per_hour", found.per_hour, "rate"),
        ("per_day", found.per_day, "rate"),
        ("peak_bin", found.peak_bin, "count"),
        ("peak_hour", found.peak_hour, "count"),
        ("in_flood", found.in_flood, "share"),
        ("share_high", found.share(1) + found.share(2), "share"),
        ("share_medium", found.share(3), "share"),
        ("share_low", found.share(4), "share"),
        ("offenders_share", found.offenders_share, "share"),
        ("chattering", len(found.chattering), "count"),
        ("fleeting", found.fleeting, "count"),
        ("stale_a_day", found.stale, "count"),
        ("shelved", found.shelved, "count"),
        ("suppressed", found.suppressed, "count"),
        ("outcome", found.outcome, "share"),
        ("useless", found.useless, "share"),
    )
    unknown = not found.total
    return tuple(
        Measure(name, value, kind, None if unknown and kind == "share" else targets.get(name))
        for name, value, kind in told
    )


def overall(found: AlarmQuality, targets: Mapping[str, Target]) -> str:
    """Whether the position is overloaded, in one word: ``unwatched``, ``calm``, ``busy`` or ``overloaded``.

    Overloaded: more an hour than can be kept up, or more of the time in flood than is acceptable. Where
    nobody watched there is no rate, whatever was found afterwards.
    """
    if not found.watched:
        return "unwatched"
    by = {one.name: one.verdict for one in measures(found, targets)}
    if by["per_hour"] == "over" or by["in_flood"] in ("above", "over"):
        return "overloaded"
    return "busy" if by["per_hour"] == "above" else "calm"
