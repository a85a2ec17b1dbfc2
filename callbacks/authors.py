"""Who writes: the name typed last in this browser, filled in when a dialog opens. The server keeps no list.

One place for it until people sign in; ``assets/author.js`` remembers the name and nothing else.
"""

from dash import Dash, Input, Output, State

from callbacks.wiring import in_browser
from model.roles import STAFF


def remember(app: Dash, dialog: str, field: str) -> None:
    """Fill ``field`` with the remembered name when ``dialog`` opens, unless something stands there."""
    in_browser(
        app, "vigie_author.fill",
        Output(field, "value"), Input(dialog, "opened"), State(field, "value"), may=STAFF,
    )  # fmt: skip


def remember_always(app: Dash, field: str) -> None:
    """Fill ``field`` with the remembered name as soon as it is on the page."""
    in_browser(
        app, "vigie_author.fill_at_once",
        Output(field, "value"), Input(field, "id"), State(field, "value"), may=STAFF,
    )  # fmt: skip
