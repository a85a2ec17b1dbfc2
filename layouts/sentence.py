"""What a board says of its period in plain language: only what its figures carry, as they are shown. Pure.

A direction is said of a change that does not vanish when it is rounded; how many communes are beyond a limit
is counted on the values one can read; *the* worst commune is named when no other shows the same value. That a
commune *stays* anywhere is never said: a board holds one period of each commune.
"""

from collections.abc import Sequence

from layouts.board_figures import (
    alone,
    beyond,
    board_period,
    change_decimals,
    change_text,
    limit_text,
    name_of,
    period_text,
    shown,
    target_text,
    value_text,
    why_withheld,
)
from model.board import Phrase
from model.kpis import Good, KpiBoard, KpiResult, Period, Verdict
from model.texts import Words

SPELT = 12
"""Up to this count a number is a word."""
STREAK = 3
"""Steps in the bad direction, one after the other, from which on a figure is said to be getting worse."""


def sentence(say: Words, board: KpiBoard) -> tuple[Phrase, ...]:
    """What holds and what does not; the figure that matters most; the one that gets worse for longest."""
    phrases = [Phrase(_counts(say, board))]
    lead = leading(board.results)
    if lead is not None:
        phrases.append(Phrase(" " + _lead(say, board, lead), "strong"))
    declining = worsening(board.results, lead)
    if declining is not None:
        phrases.append(Phrase(" " + _streak(say, board, *declining), "quiet"))
    return tuple(phrases)


def figure_sentence(say: Words, result: KpiResult, period: Period) -> str:
    """One figure in one sentence: its value, its changes, its target, and its communes' ends."""
    name = name_of(say, result.kpi)
    if result.value is None:
        return say("sentence.figure", name=name, rest=f"{say('board.withheld')}, {why_withheld(say, result)}")
    parts = [value_text(say, result.kpi, result.value), *_changes(say, result, period)]
    parts = [", ".join(parts), *_judged(say, result), *_ends(say, result)]
    return say("sentence.figure", name=name, rest=say("sentence.and_then").join(parts))


# --- how many hold ----------------------------------------------------------------------------------------


def _counts(say: Words, board: KpiBoard) -> str:
    """Every figure is in exactly one of four: held, missed, without a target, withheld."""
    kinds = [_kind(result) for result in board.results]
    told = [
        say(f"sentence.{kind}_{'one' if count == 1 else 'many'}", n=spelt(say, count))
        for kind in ("held", "missed", "free", "withheld")
        if (count := kinds.count(kind))
    ]
    period = board_period(say, board)
    when = period[:1].upper() + period[1:]
    key = "sentence.of_one" if len(kinds) == 1 else "sentence.of_many"
    return say(key, n=spelt(say, len(kinds)), told=listed(say, told), when=when)


def _kind(result: KpiResult) -> str:
    if result.value is None:
        return "withheld"
    return {Verdict.HELD: "held", Verdict.MISSED: "missed"}.get(result.verdict, "free")


def spelt(say: Words, count: int) -> str:
    """A count as a word up to twelve, else in digits."""
    return say(f"sentence.number_{count}") if 0 < count <= SPELT else say.number(count)


def listed(say: Words, parts: Sequence[str]) -> str:
    """``a, b and c``."""
    if len(parts) < 2:
        return "".join(parts)
    return say("sentence.last_two", first=", ".join(parts[:-1]), last=parts[-1])


# --- the figure that matters most -------------------------------------------------------------------------


def leading(results: Sequence[KpiResult]) -> KpiResult | None:
    """The figure furthest from the target it misses; of none that does, the one that changed most."""
    missed = [r for r in results if r.verdict is Verdict.MISSED and r.value is not None]
    if missed:
        return max(missed, key=gap)
    moved = [r for r in results if r.value is not None and moves(r)]
    return max(moved, key=lambda r: abs(r.before or 0), default=None)


def gap(result: KpiResult) -> float:
    """How far a value is from its target, as a share of the target."""
    if result.target is None or result.value is None:
        return 0.0
    return abs(result.value - result.target.value) / (abs(result.target.value) or 1.0)


def moves(result: KpiResult) -> bool:
    """Whether the change against the period before is one as it is shown."""
    return result.before is not None and bool(round(result.before, change_decimals(result.kpi)))


def _lead(say: Words, board: KpiBoard, result: KpiResult) -> str:
    value = value_text(say, result.kpi, result.value)
    told = [_step(say, result, board.period), say("sentence.at", value=value)]
    far = _communes(say, result) if board.area_id is None else []
    # How many communes are beyond it says the target already.
    parts = [", ".join(told), *(far or _judged(say, result))]
    name = name_of(say, result.kpi, "short")
    return say("sentence.figure", name=name, rest=say("sentence.and_then").join(parts))


def _communes(say: Words, result: KpiResult) -> list[str]:
    """How many communes are on the wrong side of the city's target."""
    far, told = beyond(result)
    if result.target is None or result.kpi.good is Good.NEITHER or not told:
        return []
    side = "above" if result.kpi.good is Good.LOW else "below"
    how = "none" if not far else "one" if len(far) == 1 else "many"
    limit = target_text(say, result.kpi, result.target)
    return [say(f"sentence.communes_{side}_{how}", n=spelt(say, len(far)), of=spelt(say, told), limit=limit)]


# --- directions -------------------------------------------------------------------------------------------


def _step(say: Words, result: KpiResult, period: Period) -> str:
    """Which way the figure went since the period before, and by how much."""
    return _moved(say, result, result.before, f"sentence.over_{period.value}")


def _moved(say: Words, result: KpiResult, change: float | None, over: str) -> str:
    since = say(over)
    if change is None:
        return say("sentence.unknown", over=since)
    told = round(change, change_decimals(result.kpi))
    way = "up" if told > 0 else "down" if told < 0 else "same"
    return say(f"sentence.{way}", by=change_text(say, result.kpi, change, signed=False), over=since)


def _changes(say: Words, result: KpiResult, period: Period) -> list[str]:
    told = []
    if result.before is not None:
        told.append(_step(say, result, period))
    if result.year_before is not None and period is not Period.YEAR:
        told.append(_moved(say, result, result.year_before, "sentence.over_year"))
    return told


def _judged(say: Words, result: KpiResult) -> list[str]:
    if result.target is None or result.verdict not in (Verdict.HELD, Verdict.MISSED):
        return []
    limit = limit_text(say, result.kpi, result.target)
    return [say(f"sentence.target_{result.verdict.value}", limit=limit)]


def _ends(say: Words, result: KpiResult) -> list[str]:
    """From the commune with the lowest value to the one with the highest, where each is alone there."""
    worst, best = result.worst, result.best
    if worst is None or best is None or not (alone(result, worst) and alone(result, best)):
        return []
    low, high = sorted((worst, best), key=lambda area: area.value or 0.0)
    return [
        say(
            "sentence.ends", low=value_text(say, result.kpi, low.value), low_name=low.name,
            high=value_text(say, result.kpi, high.value), high_name=high.name,
        )
    ]  # fmt: skip


# --- getting worse ----------------------------------------------------------------------------------------


def worsening(results: Sequence[KpiResult], but: KpiResult | None) -> tuple[KpiResult, int] | None:
    """The figure, not the one said already, that got worse over the most steps in a row, and how many."""
    counted = [(result, steps_worse(result)) for result in results if result is not but]
    long = [(result, steps) for result, steps in counted if steps >= STREAK]
    return max(long, key=lambda pair: pair[1], default=None)


def steps_worse(result: KpiResult) -> int:
    """Over how many steps up to the last the figure got worse each time, as it is shown; a gap ends it."""
    if result.kpi.good is Good.NEITHER or result.value is None:
        return 0
    sign = 1 if result.kpi.good is Good.LOW else -1
    values = [None if step.value is None else shown(result.kpi, step.value) for step in result.trend]
    steps = 0
    for earlier, later in zip(values[-2::-1], values[:0:-1], strict=True):
        if earlier is None or later is None or sign * (later - earlier) <= 0:
            return steps
        steps += 1
    return steps


def _streak(say: Words, board: KpiBoard, result: KpiResult, steps: int) -> str:
    way = "rising" if result.kpi.good is Good.LOW else "falling"
    since = period_text(say, board.period, result.trend[-1 - steps].start)
    worst = ""
    # Of one commune the others' extreme says nothing.
    if board.area_id is None and result.worst is not None and alone(result, result.worst):
        key = "sentence.highest" if result.kpi.good is Good.LOW else "sentence.lowest"
        worst = say(key, commune=result.worst.name, value=value_text(say, result.kpi, result.worst.value))
    rest = say(f"sentence.{way}", since=since) + worst
    return say("sentence.figure", name=name_of(say, result.kpi, "short"), rest=rest)
