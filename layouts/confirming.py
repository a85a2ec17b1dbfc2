"""What is asked before something ends, and what is shown this once: the dialogs of management pages. Pure."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts import form_parts as form
from layouts.ids import Confirming
from layouts.symbols import icon
from model.texts import Words


def confirming_dialogs(say: Words) -> Component:
    """The dialog that says what will happen and asks, and the one that shows a secret; once on a page."""
    parts = [
        html.P(id=Confirming.SENTENCE, className="confirm-sentence"),
        _ends(say),
    ]
    return html.Div(
        [
            dcc.Store(id=Confirming.ACT),
            dcc.Store(id=Confirming.DONE),
            form.dialog(say, Confirming.DIALOG, say("people.confirm_title"), parts, size="md"),
            form.dialog(
                say, Confirming.SECRET_DIALOG, say("people.code_title"),
                [html.Div(id=Confirming.SECRET)], size="lg",
            ),
        ]
    )  # fmt: skip


def _ends(say: Words) -> Component:
    """Cancel stands first and has the focus: Enter pressed by habit ends nothing."""
    return html.Div(
        [
            html.P(id=Confirming.TOLD, className="dialog-told", role="alert"),
            html.Button(
                say("people.cancel"), type="button", className="button",
                **{"data-close-dialog": Confirming.DIALOG.value, "data-autofocus": "true"},
            ),
            html.Button("", id=Confirming.DO, type="button", className="button primary"),
        ],
        className="dialog-ends",
    )  # fmt: skip


def secret_shown(
    say: Words, title: str, secret: str, explained: Sequence[Any], dialog: str = Confirming.SECRET_DIALOG
) -> Component:
    """A code or key with the button that copies it, what it is for, and that it is shown only now."""
    copy = html.Button(
        [icon("share", 16), html.Span(say("people.copy"), className="copy-text")],
        type="button", className="button",
        **{"data-copy": secret, "data-copied": say("people.copied"), "data-autofocus": "true"},
    )  # fmt: skip
    return html.Div(
        [
            html.P(html.Strong(title)),
            html.Div([html.Code(secret, className="secret"), copy], className="secret-line"),
            html.P(list(explained)),
            html.Div(
                html.Button(
                    say("people.done"), type="button", className="button primary",
                    **{"data-close-dialog": str(dialog)},
                ),
                className="dialog-ends",
            ),
        ],
        className="secret-part",
    )  # fmt: skip
