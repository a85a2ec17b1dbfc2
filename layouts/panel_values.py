"""One live value of the asset panel: how much, how old, how far to be believed, what was sent. Pure."""

from datetime import datetime
from typing import Any

import numpy as np
from dash import html
from dash.development.base_component import Component

from layouts.ages import age
from layouts.symbols import freshness_symbol, icon
from model.domains import ASSET_TYPES
from model.observations import Quality, doubts_of, quality_of
from model.registry import LatestValue
from model.states import Freshness, freshness_of
from model.texts import Words


def value_freshness(value: LatestValue, now: float) -> Freshness:
    """How far ``value`` may be taken for of now, from its own time and the period of its datastream."""
    seen = np.array([value.at.timestamp() if value.at else 0], "u4")
    return Freshness(int(freshness_of(seen, np.array([value.period_s], "f8"), now)[0]))


def value_row(
    say: Words, value: LatestValue, asset_type: str, now: float, at: datetime | None = None
) -> Component:
    """One value: label, number with unit, trend, freshness and age; stale ones are called last known.

    ``now`` epoch s; ``at`` the instant of the past it is told of, when that is not now.
    """
    fresh = value_freshness(value, now)
    declared = ASSET_TYPES[asset_type].by_property.get(value.observed_property)
    number = say.number(value.value, declared.decimals if declared else 1)
    shown: list[Any] = [
        html.Span(number, className="value-number"),
        html.Span(value.unit, className="value-unit"),
    ]
    known = [html.Span(say("panel.last_known"), className="value-known")] if fresh is Freshness.STALE else []
    doubts = value_doubts(say, value)
    return html.Li(
        [
            html.Span(say(f"property.{value.observed_property}"), className="value-name"),
            html.Span(shown, className="value-shown"),
            html.Span(_trend(say, value), className="value-trend"),
            html.Span(_freshness(say, value, fresh, at), className="value-age"),
            *known,
            *([html.Span(", ".join(doubts), className="value-doubts")] if doubts else []),
            *_sent(say, value),
            *_known_later(say, value, at),
        ],
        className=f"live-value value-{fresh.key}" + (" value-doubtful" if doubts else ""),
    )


def value_doubts(say: Words, value: LatestValue) -> list[str]:
    """Why ``value`` is not simply good, in words: its quality, then each doubt."""
    if value.at is None:
        return []
    quality = quality_of(value.quality)
    said = [] if quality is Quality.GOOD else [say(f"quality.{quality.name.lower()}")]
    return said + [say(f"doubt.{str(doubt.name).lower()}") for doubt in doubts_of(value.quality)]


def _sent(say: Words, value: LatestValue) -> list[Component]:
    """What was sent, where the door converted it."""
    if value.raw is None or not np.isfinite(value.raw):
        return []
    number = say.number(value.raw, 0 if value.raw.is_integer() else 2)
    text = say("panel.sent_as", value=number, unit=value.raw_unit or "").strip()
    return [html.Span(text, className="value-sent")]


def _known_later(say: Words, value: LatestValue, at: datetime | None) -> list[Component]:
    """Since when the city knew it, where a past instant shows what came in long after."""
    if at is None or value.received_at is None or not value.known_later:
        return []
    text = say("past_panel.known_since", time=say.soon(value.received_at))
    return [html.Span(text, className="value-known")]


def _trend(say: Words, value: LatestValue) -> list[Component]:
    if value.value is None or value.previous is None:
        return []
    name = "flat" if value.value == value.previous else "up" if value.value > value.previous else "down"
    return [icon(name, 13, say(f"panel.trend_{name}"))]


def _freshness(say: Words, value: LatestValue, fresh: Freshness, at: datetime | None) -> list[Any]:
    if value.at is None:
        return [freshness_symbol("never", 14), say("panel.no_measure")]
    sign = [] if fresh is Freshness.LIVE else [freshness_symbol(fresh.key, 14, say(f"freshness.{fresh.key}"))]
    return [*sign, age(say, value.at.timestamp(), at)]
