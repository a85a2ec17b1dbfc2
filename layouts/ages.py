"""How long ago something was, counting by the server's clock, or as it was at an instant of the past."""

from datetime import datetime

from dash import html
from dash.development.base_component import Component

from layouts.components import Age
from layouts.live_labels import age_labels
from model.texts import Words


def age(say: Words, since: float, at: datetime | None = None) -> Component:
    """How long ago ``since`` (seconds since 1970) was: 4 s, 11 min; at ``at`` (aware), if given, for good."""
    if at is not None:
        return html.Span(say.age(at.timestamp() - since), className="age")
    return Age(since=since, labels=age_labels(say), language=say.language)
