"""The last facts of the asset panel: what it did when, and what became known only later. Pure."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.state_words import state_label
from layouts.story import Story
from model.observations import moment
from model.registry import Fact
from model.texts import Words


def when(say: Words, story: Story, seconds: float) -> str:
    """An instant (epoch s) beside the story's own: the time on the same day, the day otherwise."""
    then, now = moment(seconds), moment(story.now)
    return say.time(then, seconds=True) if say.local(then).date() == say.local(now).date() else say.soon(then)


def facts_list(say: Words, story: Story) -> Component:
    """The last changes of state, newest first; none is said too."""
    if not story.facts:
        return html.P(say("panel.no_facts"), className="quiet")
    return html.Ul([_fact(say, story, fact) for fact in story.facts], className="last-facts")


def _fact(say: Words, story: Story, fact: Fact) -> Component:
    state = html.Span(state_label(say, story.asset_type, fact.state), className=f"fact-{fact.status.key}")
    parts: list[Any] = [
        html.Time(when(say, story, fact.at.timestamp()), dateTime=fact.at.isoformat()),
        state,
    ]
    if story.at is not None and fact.known_later and fact.received_at is not None:
        parts.append(html.Em(_known(say, story, fact), className="fact-known"))
    return html.Li(parts)


def _known(say: Words, story: Story, fact: Fact) -> str:
    assert fact.received_at is not None  # noqa: S101 - asked for only of what was known later
    return say("past_panel.known_since", time=when(say, story, fact.received_at.timestamp()))


def known_later(say: Words, story: Story) -> list[Any]:
    """That the state shown was not known at the instant it is shown at, and since when it was."""
    newest = story.facts[0] if story.facts else None
    if story.at is None or newest is None or newest.received_at is None or not newest.known_later:
        return []
    return [" · ", html.Em(_known(say, story, newest), className="fact-known")]
