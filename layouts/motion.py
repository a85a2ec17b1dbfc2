"""What the asset panel tells of something that moves: duty, line, speed, age, neighbours. Pure."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.story import Motion, Neighbour
from model.texts import Words

WHOLE_MIN = 3
"""From so many minutes on, tenths of one say nothing."""


def motion_rows(say: Words, motion: Motion, age: Any, link: Any) -> Component:
    """A list of what is known; ``age`` and ``link`` make the components of an instant and of an asset.

    Outside duty it says so, and nothing else: the position is hidden, not merely not drawn.
    """
    duty = _row(say("motion.duty"), say("motion.on_duty" if motion.on_duty else "motion.off_duty"))
    if not motion.on_duty:
        return html.Dl([duty], className="motion")
    if motion.seen is None:
        return html.Dl([duty, _row(say("motion.seen_at"), say("motion.nowhere"))], className="motion")
    speed = say("motion.not_told") if motion.speed is None else f"{say.number(motion.speed, 0)} km/h"
    rows = [
        duty,
        _row(say("motion.line"), motion.line or say("motion.no_line")),
        _row(say("motion.speed"), speed),
        _row(say("motion.seen_at"), age(motion.seen)),
    ]
    for name, neighbour in (("ahead", motion.ahead), ("behind", motion.behind)):
        if neighbour:
            rows.append(_row(say(f"motion.{name}"), link(neighbour.external_id, _gap(say, neighbour))))
    return html.Dl(rows, className="motion")


def _row(name: str, value: Any) -> Component:
    return html.Div([html.Dt(name), html.Dd(value)])


def _length(say: Words, metres: float) -> str:
    """No finer than the position it rests on: 810 m, 3.8 km."""
    return f"{say.number(round(metres, -1), 0)} m" if metres < 995 else f"{say.number(metres / 1_000, 1)} km"


def _gap(say: Words, neighbour: Neighbour) -> str:
    minutes = neighbour.seconds / 60
    return say(
        "motion.gap",
        name=neighbour.name,
        length=_length(say, neighbour.metres),
        minutes=say.number(minutes, 0 if minutes >= WHOLE_MIN else 1),
        planned=say.number(neighbour.planned / 60, 0),
    )
