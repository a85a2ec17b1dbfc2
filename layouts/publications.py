"""The page of publications: the register of datasets in one table, what proposes and decides. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import form_parts as form
from layouts.ids import Publications
from layouts.open_keys import keys_part
from layouts.people_forms import day_field, several_field
from layouts.people_words import area_choices, counted
from layouts.publications_words import address_of, state_mark, state_of, title_of
from layouts.shell import state_card, top_bar
from layouts.steady import Steady
from layouts.view import PageView
from model.datasets import DATASETS, Dataset, Place, Span
from model.datasets.boards import COMPOSED_BOARDS
from model.publications import Finding, Publication
from model.texts import Words

HEADS = ("dataset", "owner", "kind", "state")
NAME_MOST, WHY_MOST, MINUTES_MOST = 64, 500, 366 * 1440
LISTED = (*DATASETS, COMPOSED_BOARDS)
"""The register, and after it the boards that people composed and proposed."""
Judged = Mapping[tuple[str, int], tuple[Finding, ...]]
"""What the linter has against the versions that wait, by name and number."""


def page(say: Words, view: PageView) -> Component:
    """The page before anything was read."""
    loading = state_card("loading", say("publications.loading"), "")
    return html.Div(
        [
            top_bar(say, view),
            html.H1(say("page.publications"), className="unseen"),
            html.Div(
                [
                    html.Section(
                        [
                            Steady(id=Publications.LIST, tree=loading, className="people-part"),
                            *keys_part(say, view),
                        ],
                        className="people-list", **{"aria-label": say("publications.list_region")},
                    ),
                    html.Section(
                        Steady(id=Publications.SHEET, tree=html.Div(), className="people-part"),
                        className="people-sheet", **{"aria-label": say("publications.sheet_region")},
                    ),
                ],
                className="people-columns",
            ),
            dcc.Store(id=Publications.CHANGED),
            _proposal_dialog(say, view),
            _decision_dialog(say),
        ],
        id=Publications.PAGE,
        className=page_class(bool(view.address.get("dataset"))),
    )  # fmt: skip


def page_class(chosen: bool) -> str:
    """The page's css classes: with a dataset open a phone shows it alone."""
    return "manage publications people-chosen" if chosen else "manage publications"


# --- the register ---------------------------------------------------------------------------------------


def register_list(
    say: Words, held: Sequence[Publication], judged: Judged, chosen: str, now: datetime
) -> Component:
    """The sums, and a row for each dataset of the register, closed ones too."""
    of = {one.name: [p for p in held if p.dataset == one.name] for one in LISTED}
    heads = [
        html.Th(say(f"publications.head_{name}"), scope="col", className=f"col-{name}") for name in HEADS
    ]
    return html.Div(
        [
            _head(say, [state_of(one, of[one.name], now) for one in DATASETS], held, judged, now),
            html.Table(
                [
                    html.Caption(say("publications.caption"), className="unseen"),
                    html.Thead(html.Tr(heads)),
                    html.Tbody([_row(say, one, of[one.name], chosen, now) for one in LISTED]),
                ],
                className="people-table publications-table",
            ),
        ]
    )


def _head(
    say: Words, states: Sequence[str], held: Sequence[Publication], judged: Judged, now: datetime
) -> Component:
    sums = {
        "out": say.number(sum(state.startswith("out") for state in states)),
        "waiting": say.number(sum(state.endswith("waiting") for state in states)),
        "closed": say.number(states.count("closed")),
    }
    waiting = sum(one.waiting(now) is not None for one in held)
    against = sum(bool(found) for found in judged.values())
    alerts = [
        html.Li(counted(say, f"publications.alert_{name}", count))
        for name, count in (("waiting", waiting), ("findings", against))
        if count
    ]
    count = say("publications.count", n=say.number(len(states)))
    told = [html.P(say("publications.sums", **sums)), html.Ul(alerts, className="people-alerts")]
    return html.Header([html.Div([html.H2(count), *told])], className="people-head")


def _row(say: Words, one: Dataset, held: Sequence[Publication], chosen: str, now: datetime) -> Component:
    here = {"aria-current": "true"} if one.name == chosen else {}
    link = html.A(title_of(say, one.name), href=address_of(one.name), className="account-link", **here)
    domain = say(f"domain.{one.domain}")
    cells = [
        html.Th(
            [html.Div(link, className="cell-first"), html.Div(html.Code(one.name), className="cell-second")],
            scope="row", className="col-dataset",
        ),
        html.Td(domain, className="col-owner", **{"data-label": say("publications.head_owner")}),
        html.Td(
            say(f"openness.{one.openness}"), className="col-kind",
            **{"data-label": say("publications.head_kind")},
        ),
        html.Td(state_mark(say, state_of(one, held, now)), className="col-state"),
    ]  # fmt: skip
    name = "account chosen" if one.name == chosen else "account"
    return html.Tr(cells, key=one.name, className=name, **{"data-go": address_of(one.name)})


# --- dialogs ----------------------------------------------------------------------------------------------


def _proposal_dialog(say: Words, view: PageView) -> Component:
    def words_of(parts: Sequence[Place | Span]) -> list[dict[str, str]]:
        return [{"value": one.name, "label": say(f"grain.{one.name.lower()}")} for one in parts]

    parts: list[Any] = [
        html.P(id=Publications.OF, className="quiet"),
        form.text_field(
            Publications.NAME, say("publications.field_name"), NAME_MOST,
            description=say("publications.field_name_hint"), **{"data-autofocus": True},
        ),
        several_field(
            Publications.COLUMNS, say("publications.field_columns"), [],
            say("publications.field_columns_hint"), say("publications.pick"),
        ),
        several_field(
            Publications.AREAS, say("people.areas"), area_choices(view.areas),
            say("publications.field_areas_hint"), say("people.whole_city"),
        ),
        _pair(
            form.select_field(
                Publications.PLACE, say("publications.field_place"), words_of(list(Place)), "CITY"
            ),
            form.select_field(
                Publications.SPAN, say("publications.field_span"), words_of(list(Span)), "DAY"
            ),
        ),
        _pair(
            _minutes(Publications.DELAY, say("publications.field_delay"), 0),
            _minutes(Publications.CADENCE, say("publications.field_cadence"), 1),
        ),
        _pair(
            form.select_field(Publications.LICENCE, say("publications.field_licence"), [], None),
            day_field(
                Publications.UNTIL, say("publications.field_until"), say("publications.field_until_hint")
            ),
        ),
        form.area_field(
            Publications.WHY, say("publications.field_why"), WHY_MOST,
            description=say("publications.field_why_hint"),
        ),
        html.Div(id=Publications.AGAINST, role="alert"),
        form.ends(
            say, Publications.DIALOG, Publications.SAVE, say("publications.save"), Publications.TOLD
        ),
    ]  # fmt: skip
    return form.dialog(say, Publications.DIALOG, say("publications.form_title"), parts, size="xl")


def _minutes(id_: str, label: str, least: int) -> Component:
    return dmc.TextInput(
        id=id_, label=label, description=" ", value="", size="sm",
        inputProps={"type": "number", "min": least, "max": MINUTES_MOST, "inputMode": "numeric"},
    )  # fmt: skip


def _pair(*parts: Component) -> Component:
    return html.Div(list(parts), className="dialog-pair")


def _decision_dialog(say: Words) -> Component:
    """What will happen, the public reason where one is needed, and the button that does it."""
    why = form.area_field(
        Publications.DECIDE_WHY, say("publications.why"), WHY_MOST, description=say("publications.why_hint")
    )
    parts = [
        dcc.Store(id=Publications.DECIDE_ACT),
        html.P(id=Publications.DECIDE_SENTENCE, className="confirm-sentence"),
        html.Div(why, id=Publications.DECIDE_REASON),
        _decision_ends(say),
    ]
    return form.dialog(say, Publications.DECIDE_DIALOG, say("publications.decide_title"), parts, size="md")


def _decision_ends(say: Words) -> Component:
    """Cancel stands first and has the focus: Enter pressed by habit opens nothing to the public."""
    return html.Div(
        [
            html.P(id=Publications.DECIDE_TOLD, className="dialog-told", role="alert"),
            html.Button(
                say("people.cancel"), type="button", className="button",
                **{"data-close-dialog": Publications.DECIDE_DIALOG.value, "data-autofocus": "true"},
            ),
            html.Button("", id=Publications.DECIDE_DO, type="button", className="button primary"),
        ],
        className="dialog-ends",
    )  # fmt: skip
