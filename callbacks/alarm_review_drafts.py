"""The form of a rule, opened on what its review proposes: ``/alarms/rules?rule=<key>&proposed=<review>``."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, State, no_update

from callbacks.alarm_rule_drafts import form_of, form_outputs
from callbacks.people import speak
from callbacks.shell import read_address
from callbacks.wiring import on
from layouts import alarm_rule_reading as reading
from layouts.alarm_review_words import reason_words
from layouts.ids import Shell
from model.errors import VigieError
from model.roles import RULE_KEEPERS
from model.texts import Words
from services.alarms import Reviews
from services.city import City


async def open_proposed(city: City, search: str | None, language: str | None) -> Any:
    """The form as the review proposes; nothing where it was answered or closed meanwhile."""
    asked = read_address(search)
    key, review = asked.get("rule"), asked.get("proposed")
    if not key or not review:
        return no_update
    try:
        return await asyncio.to_thread(_proposed, city, speak(city, language), key, review)
    except VigieError:
        return no_update


def _proposed(city: City, say: Words, key: str, review: str) -> Any:
    found = Reviews(city.engine).of(key, datetime.now(UTC))
    # What was tried is what was seen; before it was, what its figures say now.
    rule = found.proposal.rule if found.proposal else found.proposed
    if rule is None or str(found.id) != review or found.drafted:
        return no_update
    reason = reason_words(say, len(found.said), found.proposal and found.proposal.trial)
    held = reading.filled(say, rule) | {"reason": reason}
    return form_of(say, key, found.version, rule, held)


def register(app: Dash, city: City) -> None:
    """Wire it: the address is there before the form is."""
    on(
        app, city, open_proposed, *form_outputs(again=True),
        Input(Shell.LOCATION, "search"), State(Shell.LANGUAGE, "data"),
        may=RULE_KEEPERS, prevent_initial_call="initial_duplicate",
    )  # fmt: skip
