"""The dialogs of composed boards: a new one, who sees it, and proposing it to the public. Pure."""

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import form_parts as form
from layouts.ids import Composing
from layouts.people_forms import several_field
from layouts.publications_forms import what_is_wrong as of_publications
from model.composed import TITLE_MOST, Audience, Sees
from model.datasets.boards import PREFIX
from model.errors import BadField
from model.roles import BOARD_READERS, Role
from model.texts import Words

NAME_MOST, WHY_MOST = 50, 500


def dialogs(say: Words) -> list[Component]:
    """All three, closed."""
    return [_new(say), _share(say), _propose(say)]


def _new(say: Words) -> Component:
    parts: list[Any] = [
        dcc.Store(id=Composing.NEW_OF),
        form.text_field(
            Composing.NEW_TITLE,
            say("composed.field_title"),
            TITLE_MOST,
            description=say("composed.title_hint"),
            **{"data-autofocus": True},
        ),
        form.ends(say, Composing.NEW_DIALOG, Composing.NEW_SAVE, say("composed.make"), Composing.NEW_TOLD),
    ]
    return form.dialog(say, Composing.NEW_DIALOG, say("composed.new"), parts, size="md")


def _share(say: Words) -> Component:
    roles = [{"value": role.value, "label": say(f"role.{role}")} for role in Role if role in BOARD_READERS]
    sees = [{"value": one.value, "label": say(f"composed.sees_{one}")} for one in Sees]
    parts: list[Any] = [
        dcc.Store(id=Composing.SHARED),
        form.select_field(Composing.SEES, say("composed.field_sees"), sees, Sees.OWNER.value),
        several_field(Composing.PEOPLE, say("composed.field_people"), [], say("composed.people_hint"), ""),
        dmc.Switch(id=Composing.EDITS, label=say("composed.field_edits"), checked=False, size="sm"),
        form.select_field(Composing.ROLE, say("composed.field_role"), roles, None),
        html.P(say("composed.share_note"), className="quiet"),
        form.ends(
            say, Composing.SHARE_DIALOG, Composing.SHARE_SAVE, say("composed.share_do"), Composing.SHARE_TOLD
        ),
    ]
    return form.dialog(say, Composing.SHARE_DIALOG, say("composed.share_title"), parts, size="md")


def _propose(say: Words) -> Component:
    parts: list[Any] = [
        dcc.Store(id=Composing.PROPOSED),
        html.P(say("composed.propose_note"), className="quiet"),
        form.text_field(
            Composing.NAME,
            say("composed.field_name"),
            NAME_MOST,
            leftSection=PREFIX,
            leftSectionWidth=64,
            description=say("composed.name_hint", prefix=PREFIX),
            **{"data-autofocus": True},
        ),
        form.select_field(Composing.LICENCE, say("publications.field_licence"), [], None),
        form.area_field(
            Composing.WHY, say("publications.field_why"), WHY_MOST, description=say("composed.why_hint")
        ),
        form.ends(
            say,
            Composing.PROPOSE_DIALOG,
            Composing.PROPOSE_SAVE,
            say("composed.propose_do"),
            Composing.PROPOSE_TOLD,
        ),
    ]
    return form.dialog(say, Composing.PROPOSE_DIALOG, say("composed.propose"), parts, size="md")


def audience_of(sees: Any, people: Sequence[Any] | None, role: Any, edits: Any) -> Audience:
    """What was chosen of who sees a board. Raises BadField."""
    if sees not in set(Sees):
        raise BadField("sees", "empty")
    named = tuple(int(one) for one in people or () if str(one).isdigit())
    return Audience(Sees(sees), named, str(role or ""), bool(edits))


def what_is_wrong(say: Words, error: BadField) -> str:
    """Why something was not taken, in words."""
    own = f"composed.bad_{error.reason}"
    values = dict(error.values)
    if "holds" in values:
        values["holds"] = say(f"content.{values['holds']}")
    return say(own, **values) if say.has(own) else of_publications(say, error)
