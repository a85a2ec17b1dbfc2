"""Keys to ask open data more often: their list below the register of datasets, and their dialogs. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import form_parts as form
from layouts.ids import OpenKeys
from layouts.partners import what_is_wrong
from layouts.people_forms import at_fields, day_field, end_of_day
from layouts.people_words import act_button, plus_button, until_day
from layouts.steady import Steady
from layouts.view import PageView
from model.errors import BadField
from model.open_keys import CONTACT_MOST, HOLDER_MOST, RATE_LEAST, RATE_MOST, OpenKey, OpenKeyDraft
from model.roles import OPEN_KEY_KEEPERS, OPEN_KEY_READERS
from model.texts import Words

FIELDS = ("holder", "contact", "rate", "until")
FORM_IDS = (OpenKeys.HOLDER, OpenKeys.CONTACT, OpenKeys.RATE, OpenKeys.UNTIL)


def keys_part(say: Words, view: PageView) -> list[Component]:
    """The list and its dialogs, for those who may read it; nothing for others."""
    role = view.viewer.role if view.viewer else None
    if role not in OPEN_KEY_READERS:
        return []
    listed = Steady(id=OpenKeys.LIST, tree=html.Div(), className="people-part")
    return [listed, dcc.Store(id=OpenKeys.CHANGED), *(_dialogs(say) if role in OPEN_KEY_KEEPERS else [])]


def key_list(say: Words, keys: Sequence[OpenKey], now: datetime, *, keeps: bool) -> Component:
    """Who holds a key, those in force first; ``keeps``: may she hand out and end some."""
    add = [plus_button(say("open_keys.add"), "openkey")] if keeps else []
    rows = [_key(say, one, now, keeps) for one in keys]
    body = html.Ul(rows, className="held") if rows else html.P(say("open_keys.none"))
    part = html.Section(
        [
            html.Div([html.H3(say("open_keys.title")), *add], className="section-head"),
            html.P(say("open_keys.lead"), className="quiet"),
            body,
        ],
        className="sheet-section",
    )
    return html.Div(part, className="open-keys")


def keys_away(say: Words, why: str) -> Component:
    """In place of the list when it cannot be read."""
    return html.Div(
        html.P(say("open_keys.away", why=why), className="quiet", role="status"), className="open-keys"
    )


def _key(say: Words, one: OpenKey, now: datetime, keeps: bool) -> Component:
    told = [
        say("open_keys.per_minute", n=say.number(one.rate_per_minute)),
        _standing(say, one, now),
        one.contact,
        say("partners.key_made", day=say.day(one.made_at, "medium"), by=one.made_by),
    ]
    lines = [
        html.Div([html.Strong(one.holder), html.Code(f"{one.prefix}…", className="quiet")]),
        html.Div(" · ".join(told), className="quiet"),
    ]
    running = one.in_force(now)
    label = say("open_keys.end_this", holder=one.holder)
    end = [act_button(say("partners.end_key"), f"endkey:{one.id}", label, quiet=True)]
    return html.Li(
        [html.Div(lines), *(end if keeps and running else [])],
        key=f"k{one.id}", className="" if running else "gone",
    )  # fmt: skip


def _standing(say: Words, one: OpenKey, now: datetime) -> str:
    if one.revoked_at is not None:
        day = say.day(one.revoked_at, "medium")
        return say("partners.key_revoked", day=day, by=one.revoked_by or "")
    until = until_day(say, one.valid_until)
    return say("open_keys.until_day" if one.in_force(now) else "open_keys.over", day=until)


# --- dialogs ----------------------------------------------------------------------------------------------


def _dialogs(say: Words) -> list[Component]:
    fields: list[Any] = [
        form.text_field(
            OpenKeys.HOLDER, say("open_keys.holder"), HOLDER_MOST,
            description=say("open_keys.holder_hint"), **{"data-autofocus": True},
        ),
        form.text_field(
            OpenKeys.CONTACT, say("open_keys.contact"), CONTACT_MOST,
            description=say("open_keys.contact_hint"),
        ),
        html.Div(
            [
                dmc.TextInput(
                    id=OpenKeys.RATE, label=say("open_keys.rate"), value="", size="sm",
                    description=say("open_keys.rate_hint", least=say.number(RATE_LEAST)),
                    inputProps={
                        "type": "number", "min": RATE_LEAST, "max": RATE_MOST, "inputMode": "numeric"
                    },
                ),
                day_field(OpenKeys.UNTIL, say("partners.until"), say("open_keys.until_hint")),
            ],
            className="dialog-pair",
        ),
        form.ends(say, OpenKeys.DIALOG, OpenKeys.SAVE, say("partners.key_save"), OpenKeys.TOLD),
    ]  # fmt: skip
    asked = [
        dcc.Store(id=OpenKeys.END_ACT),
        html.P(id=OpenKeys.END_SENTENCE, className="confirm-sentence"),
        form.ends(say, OpenKeys.END_DIALOG, OpenKeys.END_DO, say("open_keys.end"), OpenKeys.END_TOLD),
    ]
    return [
        form.dialog(say, OpenKeys.DIALOG, say("open_keys.form_title"), fields),
        form.dialog(say, OpenKeys.END_DIALOG, say("open_keys.end"), asked, size="md"),
        form.dialog(say, OpenKeys.SECRET_DIALOG, say("open_keys.secret_title"),
                    [html.Div(id=OpenKeys.SECRET)]),
    ]  # fmt: skip


def key_draft(say: Words, values: Sequence[Any]) -> OpenKeyDraft:
    """What was typed, in the order of ``FIELDS``. Raises BadField for what is no rate or day."""
    holder, contact, rate, until = values
    text = str(rate or "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise BadField("rate", "bad_rate", least=RATE_LEAST, most=RATE_MOST)
    end = end_of_day(say, "until", until)
    if end is None:
        raise BadField("until", "empty")
    return OpenKeyDraft(holder or "", contact or "", int(text), end)


def wrong_at(say: Words, error: BadField | None) -> list[str | None]:
    """What stands at each field of the form."""
    if error is None:
        return at_fields(say, FIELDS, None)
    return [what_is_wrong(say, error) if error.field == name else None for name in FIELDS]
