"""How the feeds page says its figures: rates, lengths, counts, what is up with a feed. Pure."""

from dash import html
from dash.development.base_component import Component

from layouts.ages import age
from layouts.components import Symbol
from layouts.symbols import freshness_symbol, status_symbol
from model.feeds import FeedAccount, Standing, Trouble, worst
from model.states import Status
from model.texts import Words

MINUTE_S = 60
SIGNS: dict[Standing | Trouble, Status | str] = {
    Standing.REFUSED: Status.FAULT,
    Standing.AWAY: Status.COMMS_LOST,
    Standing.UNTOLD: Status.UNKNOWN,
    Standing.STARTING: Status.UNKNOWN,
    Trouble.INGEST: Status.COMMS_LOST,
    Trouble.UNBALANCED: Status.FAULT,
    Trouble.DROPPED: Status.FAULT,
    Trouble.REFUSED: Status.FAULT,
    Trouble.AWAY: Status.COMMS_LOST,
    Trouble.UNTOLD: Status.UNKNOWN,
    Trouble.SPOOLING: Status.DEGRADED,
    Trouble.REJECTING: Status.DEGRADED,
}
"""The status whose sign stands for each; silence has the sign of a stale value, what is well its dot."""


def sign(one: Standing | Trouble, size: int = 20, title: str | None = None) -> Symbol:
    """The symbol of a standing or a trouble: shape, letter and colour of the status it amounts to."""
    if one in (Standing.SILENT, Trouble.SILENT):
        return freshness_symbol("stale", size, title)
    if one is Standing.OK:
        return freshness_symbol("live", size, title)
    return status_symbol(SIGNS[one], size, title)


def rate_text(say: Words, rate: float) -> tuple[str, str]:
    """Items a second as number and unit; a slow feed by the minute, for nobody reads 0.003 /s."""
    if 0 < rate < 1:
        return say.number(rate * MINUTE_S, 1), say("feeds.per_minute")
    return say.number(rate, 1 if 0 < rate < 100 else 0), say("feeds.per_second")


def length_text(say: Words, seconds: float | None) -> str:
    """A lag: 0.8 s, 42 s, 4 min; an en dash when there is none to tell."""
    if seconds is None:
        return say.number(None)
    return f"{say.number(seconds, 1)} s" if abs(seconds) < 10 else say.age(seconds)


def standing_word(say: Words, feed: FeedAccount) -> str:
    """What is up with ``feed``, in a word or two: the worst of it."""
    trouble = worst(feed)
    if feed.status is None and not feed.ours:
        return say("feeds.undeclared")
    if feed.ours and not trouble:
        return say("feeds.ours")
    return say(f"feeds.word_{trouble.value}" if trouble else f"feeds.standing_{feed.standing.value}")


def feed_sign(feed: FeedAccount, size: int) -> Symbol:
    """The symbol of the worst that is up with ``feed``."""
    return sign(worst(feed) or (Standing.OK if feed.ours else feed.standing), size)


def standing_detail(say: Words, feed: FeedAccount) -> list[str | Component]:
    """Since when, and what its transport says of it."""
    status = feed.status
    if status is None:
        return [say("feeds.ours_body" if feed.ours else "feeds.undeclared_body")]
    if feed.standing is Standing.UNTOLD:
        return [say("feeds.no_account", time=say.time(status.updated_at, seconds=True))]
    if feed.standing is Standing.SILENT:
        expected = say("feeds.expected", period=say.age(status.period_s))
        key = "feeds.nothing_for" if status.last_received_at else "feeds.nothing_ever"
        return [say(key), " ", age(say, status.heard.timestamp()), f" · {expected}"]
    since: list[str | Component] = [say("feeds.for"), " ", age(say, status.state_since.timestamp())]
    return [*since, f" · {status.detail}"] if status.detail else since


def skew_text(say: Words, skew_s: float | None) -> str:
    """How far the source's clock is from ours, in words."""
    if skew_s is None:
        return say("feeds.skew_unknown")
    key = "feeds.skew_ahead" if skew_s >= 0 else "feeds.skew_behind"
    return say(key, length=length_text(say, abs(skew_s)))


def reason_word(say: Words, reason: str) -> str:
    """A reason in words; its code where there are none (an adapter from outside may bring its own)."""
    return say(f"feeds.reason_{reason}") if say.has(f"feeds.reason_{reason}") else reason


def reason_help(say: Words, reason: str) -> str:
    """What would help against a reason."""
    key = f"feeds.help_{reason}"
    return say(key) if say.has(key) else say("feeds.help")


def counted(number: str, word: str, name: str = "") -> Component:
    """A number and what it counts."""
    return html.Span([html.Strong(number), " ", word], className=f"counted {name}".strip())
