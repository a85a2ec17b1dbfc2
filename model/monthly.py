"""The monthly report of the city or of one commune: what it holds, and how its versions are told apart."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from model.kpis import KpiBoard, KpiResult, Verdict
from model.takeaway import Origin

WHOLE_CITY = 0
"""The place of a report of the whole city, as the stored figures know it."""
FIGURES_CHANGED = "figures"
"""The reason of a version that was made because what it shows had changed."""
FORMATS = ("html", "pdf", "pptx")
MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


@dataclass(frozen=True, slots=True)
class Corrected:
    """Readings of the month that were corrected, by kind of asset and property: never a single record.

    ``readings`` of ``assets`` assets are corrected now; ``withdrawn`` corrections were taken back.
    """

    asset_type: str
    observed_property: str
    readings: int
    assets: int
    withdrawn: int


@dataclass(frozen=True)
class MonthlyReport:
    """Everything one report says, before it has a language or a form.

    ``board`` is of its place and month, ``city`` of the whole city in the same month (None where the place is
    the whole city). ``keys`` are the figures told at length; the others stand in the table of all.
    ``made_at`` is aware; ``version`` counts from 1; ``reason`` is why it was made anew, if it was.
    """

    origin: Origin
    generated: bool
    board: KpiBoard
    city: KpiBoard | None
    keys: tuple[str, ...]
    corrected: tuple[Corrected, ...]
    made_at: datetime
    version: int
    reason: str

    @property
    def whole_city(self) -> bool:
        """Whether it is of the whole city."""
        return self.city is None

    @property
    def place(self) -> str:
        """The name of its place."""
        return self.origin.city if self.whole_city else self.board.area_name

    @property
    def told(self) -> tuple[KpiResult, ...]:
        """The figures told at length, in their order."""
        found = (self.board.result(key) for key in self.keys)
        return tuple(result for result in found if result is not None)

    @property
    def others(self) -> tuple[KpiResult, ...]:
        """Every other figure of the place."""
        return tuple(result for result in self.board.results if result.kpi.key not in self.keys)

    def of_city(self, key: str) -> KpiResult | None:
        """The whole city's result beside a commune's; None in the city's own report."""
        return self.city.result(key) if self.city else None


@dataclass(frozen=True, slots=True)
class Drawn:
    """One report in one language: ``page`` for a browser, ``paper`` to be set as PDF, ``slides`` as PPTX."""

    page: str
    paper: str
    slides: bytes


def withheld(report: MonthlyReport) -> tuple[KpiResult, ...]:
    """The figures of the place that are not told, those at length first."""
    return tuple(result for result in (*report.told, *report.others) if result.value is None)


def to_decide(report: MonthlyReport) -> tuple[KpiResult, ...]:
    """The figures told at length that miss their target, the furthest from it first."""
    missed = [result for result in report.told if result.verdict is Verdict.MISSED]
    return tuple(sorted(missed, key=_distance, reverse=True))


def _distance(result: KpiResult) -> float:
    if result.value is None or result.target is None:
        return 0.0
    return abs(result.value - result.target.value) / (abs(result.target.value) or 1.0)


def figures_shown(boards: Sequence[KpiBoard | None]) -> str:
    """What identifies the figures of ``boards`` as they are shown: hex SHA-256.

    Late data that moves no figure by as much as it is shown makes no new version of a report.
    """
    told = [_shown(result) for board in boards if board for result in board.results]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _shown(result: KpiResult) -> list[object]:
    digits = result.kpi.decimals

    def told(value: float | None) -> float | None:
        return None if value is None else round(value, digits)

    return [
        result.kpi.key, told(result.value), int(result.coverage * 100), result.withheld, result.verdict,
        [[step.start.isoformat(), told(step.value)] for step in result.trend],
        [[area.name, told(area.value)] for area in result.areas],
    ]  # fmt: skip


def inputs_of(boards: Sequence[KpiBoard | None]) -> str:
    """What identifies the rows the figures of ``boards`` were made from: hex SHA-256 of all of theirs."""
    told = sorted(result.inputs for board in boards if board for result in board.results)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def computed_at(boards: Sequence[KpiBoard | None]) -> datetime | None:
    """When the newest of the figures was computed (aware); None where none says so."""
    times = [r.computed_at for board in boards if board for r in board.results if r.computed_at]
    return max(times, default=None)


def stored_since(boards: Sequence[KpiBoard | None], end: datetime) -> bool:
    """Whether the figures of ``boards`` were stored, all of those there are, at ``end`` (aware) or later."""
    times = [r.computed_at for board in boards if board for r in board.results if r.computed_at]
    return bool(times) and min(times) >= end


def month_after(month: date) -> date:
    """The first day of the month after ``month``."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
