"""Accounts of feeds made by hand, one of each standing, and what a component says."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import plotly
from dash.development.base_component import Component

from layouts.view import PageView
from model.feeds import (
    FeedAccount,
    FeedStatus,
    Fresh,
    Minute,
    Overview,
    Recent,
    Standing,
    Tally,
)
from model.texts import words

FR, EN = words("fr"), words("en")
NOW = datetime(2026, 11, 23, 17, 42, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TODAY = Tally(9, 90, 80, 7, 3)
VIEW = PageView("Valmont", "Europe/Paris", (4.8, 47.2, 5.2, 47.4))


def drawn(component: Component) -> str:
    return json.dumps(component.to_plotly_json(), cls=plotly.utils.PlotlyJSONEncoder, ensure_ascii=False)


def said(component: Any) -> str:
    """All the words of a component, in order."""
    if isinstance(component, Component):
        return said(getattr(component, "children", None))
    if isinstance(component, (list, tuple)):
        return "".join(map(said, component))
    return "" if component is None else str(component)


def hour(*received: int, dead: int = 0) -> tuple[Minute, ...]:
    """Accounts of the last minutes, the newest last; none where 0."""
    first = NOW.replace(second=0) - (len(received) - 1) * MINUTE
    return tuple(
        Minute(first + n * MINUTE, Tally(1, count, count - dead, 0, dead))
        for n, count in enumerate(received)
        if count
    )


def feed(name: str = "f", today: Tally = TODAY, **given: Any) -> FeedAccount:
    """A feed of the given status; well unless said otherwise."""
    status = FeedStatus(
        "mqtt", "mqtt", 60, "ok", "", NOW, NOW - timedelta(hours=7), NOW, NOW, 0.1,
        Fresh(10, 2, 1, 1), 0, 0,
    )  # fmt: skip
    status = replace(status, **given)
    return FeedAccount(
        name, status, status.standing(NOW), Recent(1.5, 1.2, 4.5, Tally(3, 30, 29, 0, 1)), today, hour(5, 6)
    )


def overview(*feeds_: FeedAccount) -> Overview:
    return Overview(NOW, NOW - timedelta(hours=18), feeds_)


STRAY = FeedAccount("stray", None, Standing.UNTOLD, Recent(), Tally(), ())
EVERY = overview(
    feed("well"),
    feed("starting", state="starting"),
    feed("silent", last_received_at=NOW - timedelta(hours=1)),
    feed("never", last_received_at=None, last_phenomenon_time=None),
    feed("away", state="away", detail="no answer"),
    feed("refused", state="refused", detail="401"),
    feed("untold", updated_at=NOW - MINUTE),
    feed("dropping", dropped=17, spooled=1_204, skew_s=-41.0),
    feed("unbalanced", Tally(1, 10, 4, 1, 1)),
    STRAY,
)
