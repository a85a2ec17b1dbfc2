"""The page of people: the list with one account beside it; who may what; privileged accounts. Pure."""

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.confirming import confirming_dialogs
from layouts.ids import People
from layouts.people_address import PRIVILEGED, RIGHTS, STATES, Shown, read_shown, view_of
from layouts.people_forms import people_dialogs
from layouts.people_words import area_choices, domain_choices, ways
from layouts.shell import state_card, top_bar
from layouts.steady import Steady
from layouts.view import PageView
from model.people import NAME_MOST
from model.roles import Role
from model.texts import Words

REFRESH_MS = 30_000


def page(say: Words, view: PageView) -> Component:
    """The list of accounts; the matrix or the inventory when the address asks for it."""
    which = view_of(view.address)
    if which:
        return _reading(say, view, which)
    shown = read_shown(view.address)
    return html.Div(
        [
            top_bar(say, view),
            html.H1(say("page.people"), className="unseen"),
            ways(say, "people"),
            html.Div(
                [
                    html.Section(
                        [_filters(say, view, shown), _steady(People.LIST, loading(say))],
                        className="people-list", **{"aria-label": say("people.list_region")},
                    ),
                    html.Section(
                        _steady(People.SHEET, html.Div()),
                        className="people-sheet", **{"aria-label": say("people.sheet_region")},
                    ),
                ],
                className="people-columns",
            ),
            dcc.Store(id=People.ADDRESS),
            dcc.Store(id=People.WRITTEN),
            dcc.Store(id=People.CHANGED),
            dcc.Interval(id=People.TICK, interval=REFRESH_MS),
            people_dialogs(say, view.areas),
            confirming_dialogs(say),
        ],
        id=People.PAGE,
        className=page_class(bool(shown.person)),
    )  # fmt: skip


def _steady(id_: People, first: Component) -> Component:
    return Steady(id=id_, tree=first, className="people-part")


def page_class(chosen: bool) -> str:
    """The page's css classes: with an account open a phone shows it alone."""
    return "manage people people-chosen" if chosen else "manage people"


def _reading(say: Words, view: PageView, which: str) -> Component:
    """One of the two views that are only read."""
    return html.Div(
        [
            top_bar(say, view),
            ways(say, which),
            html.Div(
                [
                    html.H1(say(f"people.{which}_title")),
                    html.P(say(f"people.{which}_body"), className="quiet"),
                    Steady(id=People.RIGHTS, tree=loading(say), className="people-part"),
                ],
                className="people-reading",
            ),
        ],
        className=f"manage people-{which}",
    )


def loading(say: Words) -> Component:
    """Nothing was read yet."""
    return state_card("loading", say("people.loading"), "")


def away(say: Words, what: str) -> Component:
    """The database did not answer."""
    return state_card("broken", say("people.away"), say("people.away_body", what=what))


# --- filters ------------------------------------------------------------------------------------------


def _filters(say: Words, view: PageView, shown: Shown) -> Component:
    roles = [role.value for role in Role if role is not Role.PARTNER]
    states = {state: say(_state_key(state)) for state in STATES}
    return html.Form(
        [
            dmc.TextInput(
                id=People.SEARCH, placeholder=say("people.search"), value=shown.q, size="sm",
                debounce=250, className="people-search",
                inputProps={"aria-label": say("people.search"), "maxLength": NAME_MOST, "type": "search"},
            ),
            _choice(
                say, People.ROLE, "role", shown.role,
                [{"value": role, "label": say(f"role.{role}")} for role in roles],
            ),
            _choice(say, People.AREA, "area", str(shown.area or ""), area_choices(view.areas)),
            _choice(say, People.DOMAIN, "domain", shown.domain, domain_choices(say)),
            _choice(
                say, People.STATE, "state", shown.state,
                [{"value": state, "label": label} for state, label in states.items()],
            ),
        ],
        className="people-filters",
        role="search",
    )  # fmt: skip


def _state_key(state: str) -> str:
    own = ("enabled", "video")
    return f"people.state_{state}" if state in own else f"people.standing_{state}"


def _choice(say: Words, id_: str, name: str, value: str, data: list[Any]) -> Component:
    """A filter whose first choice is all of them."""
    every = {"value": "", "label": say(f"people.any_{name}")}
    return dmc.Select(
        id=id_, data=[every, *data], value=value, allowDeselect=False, size="sm", searchable=name == "area",
        attributes={"input": {"aria-label": say(f"people.filter_{name}")}},
        comboboxProps={"shadow": "none"},
    )  # fmt: skip


__all__ = ["PRIVILEGED", "RIGHTS", "away", "loading", "page", "page_class"]
