"""A record the law protects: what it is, what is missing to see it, and the form that says what for. Pure.

The server decides (``services/access/looks.py``); what stands here grants nothing.
"""

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts import form_parts as form
from layouts.ids import Look
from layouts.symbols import icon
from model.looks import PURPOSES, REFERENCE_MOST, VALID, Need, Standing
from model.texts import Words

MINUTES = int(VALID.total_seconds() // 60)


def protected(say: Words, standing: Standing) -> Component:
    """Instead of the record: what is protected, and the purpose form or the right that is missing."""
    if standing.need is Need.PURPOSE:
        return _card(say, standing, [html.P(say("looks.purpose_body")), _form(say, standing)])
    missing = [
        html.P(say(f"looks.{standing.need.value}_body")),
        html.P(say(f"looks.{standing.need.value}_who"), className="quiet"),
    ]
    return _card(say, standing, missing)


def away(say: Words) -> Component:
    """Whether it may be shown cannot be asked now, and so it is not."""
    return html.Div(
        [
            html.P([icon("lock", 16), say("looks.kind")], className="protected-kind"),
            html.H3(say("looks.away")),
            html.P(say("looks.away_body")),
        ],
        className="protected-record state-broken",
        role="status",
    )


def _card(say: Words, standing: Standing, parts: list[Any]) -> Component:
    return html.Section(
        [
            html.P([icon("lock", 16), say("looks.kind")], className="protected-kind"),
            html.H3(say(f"looks.{standing.guarded}_title", name=standing.name)),
            *parts,
            html.P(say("looks.still"), className="quiet"),
        ],
        className="protected-record",
        **{"aria-label": say("looks.kind")},
    )


def _form(say: Words, standing: Standing) -> Component:
    offered = [
        {"value": purpose.value, "label": say(f"looks.purpose.{purpose}")}
        for purpose in PURPOSES[standing.guarded]
    ]
    return html.Div(
        [
            form.select_field(
                Look.PURPOSE, say("looks.purpose_label"), offered, None, placeholder=say("looks.choose")
            ),
            form.text_field(
                Look.REFERENCE,
                say("looks.reference"),
                REFERENCE_MOST,
                description=say("looks.reference_hint"),
            ),
            html.P(id=Look.TOLD, className="dialog-told", role="alert"),
            html.Button(
                say("looks.look", n=MINUTES), id=Look.SAY, type="button", className="button primary"
            ),
            dcc.Store(id=Look.ASSET, data=standing.asset_id),
        ],
        className="protected-form",
    )  # fmt: skip


def shown_for(say: Words, standing: Standing) -> Component:
    """Above a record that is shown: for which purpose, and until when."""
    assert standing.until is not None  # noqa: S101 - an open standing of a guarded record has an end
    purpose = say(f"looks.purpose.{standing.purpose}")
    reference = f" ({standing.reference})" if standing.reference else ""
    told = say("looks.shown_for", purpose=f"{purpose}{reference}", time=say.time(standing.until))
    return html.P([icon("lock", 16), html.Span(told)], className="shown-for")


def chart_closed(say: Words) -> Component:
    """Where the chart of a protected record would be."""
    return html.Div(html.P(say("looks.chart"), className="quiet"), className="no-stream")
