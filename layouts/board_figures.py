"""Key figures in words: values with their units, changes, targets, periods, and why one is not told. Pure."""

from datetime import date, datetime

from model.kpis import AreaValue, Good, Kpi, KpiBoard, KpiResult, Period, Target
from model.texts import Words

COUNTED = frozenset({"few"})
"""Why a figure is withheld that is said with how many cases there are."""


def percent(say: Words, share: float) -> str:
    """A share from 0 to 1 in whole percent, never rounded up to 100."""
    whole = min(int(share * 100 + 0.5), 100 if share >= 0.9995 else 99)
    return amount(say, say.number(whole), "%")


def amount(say: Words, text: str, unit_name: str) -> str:
    """A number with its unit, as the language writes it: 1,22 % and 1.22%, 67,1 h in both."""
    space = "" if unit_name == "%" and say.language == "en" else "\u202f" if unit_name == "%" else "\u00a0"
    shown = unit(say, unit_name)
    return f"{text}{space}{shown}" if shown else text


def unit(say: Words, name: str) -> str:
    """A unit of figures in words; a figure without one (an index, a count) has none."""
    return say(f"figure_unit.{name}") if name else ""


def name_of(say: Words, kpi: Kpi, part: str = "name") -> str:
    """A figure in words: its ``name``, ``short`` or ``sub``."""
    return say(f"kpi.{kpi.key}.{part}")


def value_text(say: Words, kpi: Kpi, value: float | None) -> str:
    """A value of ``kpi`` with its unit; a dash where there is none."""
    return "–" if value is None else amount(say, say.number(value, kpi.decimals), kpi.unit)


def shown(kpi: Kpi, value: float) -> float:
    """``value`` as it is shown: what is said of it is said of this."""
    return round(value, kpi.decimals)


def change_decimals(kpi: Kpi) -> int:
    """How many decimals a change of ``kpi`` is shown with."""
    return max(1, kpi.decimals) if kpi.change_in_points else 1


def change_text(say: Words, kpi: Kpi, change: float | None, *, signed: bool = True) -> str:
    """A change in points or percent, ``+0,3 pt``; without its sign where words say which way. A dash for
    none."""
    if change is None:
        return "–"
    told = change if signed else abs(change)
    is_nothing = not round(change, change_decimals(kpi))
    text = say.number(told, change_decimals(kpi), signed=signed and not is_nothing)
    return amount(say, text, "pt" if kpi.change_in_points else "%")


def target_text(say: Words, kpi: Kpi, target: Target) -> str:
    """The target's value with its unit, with the decimals it was stated with."""
    return amount(say, say.exact(target.value), kpi.unit)


def limit_text(say: Words, kpi: Kpi, target: Target) -> str:
    """The target as a limit: at most 1.5 %."""
    key = "board.at_most" if kpi.good is Good.LOW else "board.at_least"
    return say(key, limit=target_text(say, kpi, target))


def why_withheld(say: Words, result: KpiResult) -> str:
    """Why there is no value."""
    return say(
        f"board.withheld_{result.withheld or 'nothing'}",
        coverage=percent(say, result.coverage),
        floor=percent(say, result.kpi.coverage_floor),
        n=say.number(result.n),
    )


def beyond(result: KpiResult) -> tuple[list[AreaValue], int]:
    """The communes on the wrong side of the city's target, as shown, and how many are measured at all."""
    told = [area for area in result.areas if area.value is not None]
    if result.target is None or result.kpi.good is Good.NEITHER:
        return [], len(told)
    return [area for area in told if is_beyond(result.kpi, area.value, result.target)], len(told)


def is_beyond(kpi: Kpi, value: float | None, target: Target) -> bool:
    """Whether ``value``, as it is shown, is on the wrong side of ``target``."""
    if value is None:
        return False
    at = shown(kpi, value)
    return at > target.value if kpi.good is Good.LOW else at < target.value


def alone(result: KpiResult, extreme: AreaValue | None) -> bool:
    """Whether no other commune is shown with the same value as ``extreme``: else it is not *the* worst."""
    if extreme is None or extreme.value is None:
        return False
    at = shown(result.kpi, extreme.value)
    same = [a for a in result.areas if a.value is not None and shown(result.kpi, a.value) == at]
    return len(same) == 1


# --- periods ----------------------------------------------------------------------------------------------


def moment_of(say: Words, day: date) -> datetime:
    """Noon of the local ``day``: on that day in every language's way of writing it."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=say.zone)


def period_text(say: Words, period: Period, start: date) -> str:
    """A period in words: October 2026, 22 November 2026, the twelve months to October 2026."""
    at = moment_of(say, start)
    if period is Period.DAY:
        return say.day(at)
    month = say.month(at)
    return month if period is Period.MONTH else say("board.year_to", month=month)


def board_period(say: Words, board: KpiBoard) -> str:
    """The period of ``board`` in words."""
    return period_text(say, board.period, board.start)


def short_period(say: Words, period: Period, start: date) -> str:
    """A step of a trend as a table's row head."""
    at = moment_of(say, start)
    return say.day(at, "medium") if period is Period.DAY else say.month(at)
