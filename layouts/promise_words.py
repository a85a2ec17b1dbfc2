"""A promise in words: what was observed, where it leads, and why something is not said. Pure."""

from collections.abc import Sequence
from datetime import date, datetime

from model.board import Phrase
from model.promises import WINDOW_MONTHS, BaselineKind, Course, Promised, PromiseState
from model.texts import Words


def noon(say: Words, day: date) -> datetime:
    """The local ``day`` as an instant, to be written as a date."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=say.zone)


def percent(say: Words, share: float, decimals: int = 0) -> str:
    """A share in percent, as the language writes it; a coverage is never rounded up to 100."""
    value = 100 * share
    if not decimals and value < 100:
        value = min(value, 99.0) if round(value) >= 100 else value
    space = "" if say.language == "en" else "\u202f"
    return f"{say.number(value, decimals)}{space}%"


def gap(say: Words, saving: float, decimals: int = 1) -> str:
    """A saving as the difference to the baseline: a saving of half of it is −50.0 %."""
    space = "" if say.language == "en" else "\u202f"
    value = -100 * saving
    return f"{say.number(value, decimals, signed=bool(round(value, decimals)))}{space}%"


def month_text(say: Words, day: date) -> str:
    """The month of ``day``: octobre 2026."""
    return say.month(noon(say, day))


def statement(say: Words, state: PromiseState) -> tuple[Phrase, ...]:
    """What may be said of a promise, and no more: observed first, then where it leads, with its interval."""
    draft = state.commitment.draft
    title = Phrase(say("promises.title", title=state.commitment.title(say.language)))
    if state.withheld or state.saving is None:
        return title, Phrase(why_withheld(say, state), "strong"), *_used(say, state)
    observed = say(
        "promises.observed" if state.window == WINDOW_MONTHS else "promises.observed_some",
        saving=gap(say, state.saving), until=month_text(say, state.months[-1].start),
        n=say.number(state.window), target=gap(say, draft.target_share, 0),
        term=month_text(say, draft.target_on),
    )  # fmt: skip
    return title, Phrase(observed), *_leads(say, state)


def _leads(say: Words, state: PromiseState) -> Sequence[Phrase]:
    if state.course in (Course.KEPT, Course.BROKEN):
        return (Phrase(say(f"promises.course_{state.course.value}"), "strong"),)
    if state.projection is None:
        months = sum(month.saving is not None for month in state.months)
        return (Phrase(say(f"promises.unprojected_{state.unprojected}", n=say.number(months)), "quiet"),)
    ahead = state.projection.at_target
    return (
        Phrase(
            say(
                f"promises.course_{state.course.value}", middle=gap(say, ahead.middle),
                low=gap(say, ahead.low), high=gap(say, ahead.high),
            ),
            "strong",
        ),
    )  # fmt: skip


def _used(say: Words, state: PromiseState) -> Sequence[Phrase]:
    """The kWh alone, where no saving is told of them."""
    if not state.kwh or not state.months:
        return ()
    told = [month for month in state.months[-WINDOW_MONTHS:] if month.coverage > 0]
    return (
        Phrase(
            say(
                "promises.used_only", kwh=say.number(state.kwh), n=say.number(len(told)),
                until=month_text(say, state.months[-1].start),
            ),
            "quiet",
        ),
    )  # fmt: skip


def why_withheld(say: Words, state: PromiseState) -> str:
    """Why no saving is told."""
    coverage = state.baseline.coverage if state.withheld == "baseline_coverage" else state.coverage
    return say(f"promises.withheld_{state.withheld}", coverage=percent(say, coverage or 0.0))


def baseline_years(say: Words, state: PromiseState) -> str:
    """The baseline's period: 2018, or from one month to another."""
    first, last = state.baseline.first, state.baseline.last
    if first is None or last is None:
        return say("promises.no_baseline")
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
        return str(first.year)
    return say("promises.from_to", first=month_text(say, first), last=month_text(say, last))


def how_told(say: Words, state: PromiseState) -> str:
    """What stands under the chart: the band, how good the projection is, and the baseline."""
    parts = []
    if state.projection is not None:
        parts.append(say("promises.note_band", n=say.number(state.projection.months)))
        parts.append(error_text(say, state))
    if state.baseline.kind is not BaselineKind.NONE:
        for_what = "lighting" if state.commitment.draft.promised is Promised.LIGHTING_ENERGY else "buildings"
        parts.append(
            say(
                f"promises.note_baseline_{for_what}", period=baseline_years(say, state),
                coverage=percent(say, state.baseline.coverage or 0.0),
            )
        )  # fmt: skip
    return " ".join(parts)


def error_text(say: Words, state: PromiseState) -> str:
    """How far the projection was when tried on months already known, beside the naive reference."""
    tried = state.projection.tried if state.projection else None
    if tried is None or not tried.trials:
        return say("promises.error_untried")
    return say(
        "promises.error", error=say.number(tried.error, 1), naive=say.number(tried.naive, 1),
        trials=say.number(tried.trials), ahead=say.number(tried.ahead_months),
    )  # fmt: skip
