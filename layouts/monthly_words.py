"""How the figures of a monthly report are written: values, changes, targets, why one is missing. Pure."""

from datetime import date, datetime

from layouts.board_figures import amount, percent, unit
from model.kpis import Good, KpiResult, Target, Verdict
from model.monthly import MonthlyReport, to_decide
from model.texts import Words


def month_name(say: Words, month: date) -> str:
    """The month in words: octobre 2026."""
    return say.month(_noon(say, month))


def month_short(say: Words, month: date) -> str:
    """The month in a few characters: 10/26."""
    return f"{month:%m/%y}"


def _noon(say: Words, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=say.zone)


def day_name(say: Words, day: date) -> str:
    """The day in words: 1 janvier 2026."""
    return say.day(_noon(say, day))


def name(say: Words, result: KpiResult) -> str:
    """What the figure is called."""
    return say(f"kpi.{result.kpi.key}.name")


def value(say: Words, result: KpiResult, told: float | None = None) -> str:
    """A value of the figure with its unit, by default the result's own; a dash where there is none."""
    shown = result.value if told is None else told
    return "–" if shown is None else amount(say, say.number(shown, result.kpi.decimals), result.kpi.unit)


def bare(say: Words, result: KpiResult, told: float | None) -> str:
    """A value without its unit, for a column that states it."""
    return say.number(told, result.kpi.decimals)


def limit(say: Words, result: KpiResult, target: Target) -> str:
    """The target as a limit: at most 1.5 %."""
    key = "monthly.at_most" if result.kpi.good is Good.LOW else "monthly.at_least"
    return say(key, limit=amount(say, say.exact(target.value), result.kpi.unit))


def change(say: Words, result: KpiResult, told: float | None) -> str:
    """A change in percent, or in points where the figure says so; a dash where it cannot be told."""
    if told is None:
        return "–"
    if result.kpi.change_in_points:
        return amount(say, say.number(told, max(1, result.kpi.decimals), signed=True), "pt")
    return amount(say, say.number(told, 1, signed=True), "%")


def why_withheld(say: Words, result: KpiResult) -> str:
    """Why there is no value, in words."""
    return say(
        f"monthly.withheld_{result.withheld or 'nothing'}",
        coverage=percent(say, result.coverage), floor=percent(say, result.kpi.coverage_floor),
        n=say.number(result.n),
    )  # fmt: skip


def heading(say: Words, report: MonthlyReport) -> str:
    """What the document is called: the place and the month."""
    return say("monthly.document", place=report.place, month=month_name(say, report.board.start))


def lead(say: Words, report: MonthlyReport) -> list[tuple[str, str]]:
    """The month in a few sentences, each with its weight: what holds its target, what misses it, what is
    missing. It says nothing of causes: the figures do not know them."""
    told = report.told
    held = sum(result.verdict is Verdict.HELD for result in told)
    missed = [name(say, result) for result in to_decide(report)]
    hidden = [name(say, result) for result in told if result.value is None]
    judged = held + len(missed)
    key = "no_target" if not judged else "all_held" if not missed else "none_held" if not held else "held"
    if judged == 1:
        key = "one_held" if held else "one_missed"
    values = {"n": say.number(judged), "held": say.number(held)}
    month = month_name(say, report.board.start)
    said = [(say(f"monthly.lead_{key}", month=month, **values), "plain")]
    if missed:
        said.append((say("monthly.lead_missed", names=", ".join(missed)), "strong"))
    if hidden:
        said.append((say("monthly.lead_hidden", names=", ".join(hidden)), "quiet"))
    return said


__all__ = [
    "amount", "bare", "change", "day_name", "heading", "lead", "limit", "month_name", "month_short", "name",
    "percent", "unit", "value", "why_withheld",
]  # fmt: skip
