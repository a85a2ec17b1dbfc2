"""Passing a commune's board on: its link, and the public panel of the same figures. Pure."""

from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from layouts.board_address import COMMUNE
from layouts.board_communes import copy_link
from layouts.symbols import icon
from model.texts import Words

PANEL = "commune-board"
"""The public panel of the figures of the month (``services/publishing/panels/commune_board.py``)."""
HEIGHT_PX = 590


def sharing(say: Words, public: str, code: str, name: str, *, published: bool) -> Component:
    """The link to the board of the commune ``code``, and the code that places its panel on another site.

    ``public`` is where visitors reach the public door; ``published``: the panel can be had there.
    """
    link = html.Div(
        [
            html.Code(f"{COMMUNE}/{code}", className="secret"),
            copy_link(say, f"{COMMUNE}/{code}", name),
        ],
        className="share-row",
    )
    return html.Section(
        [
            html.H2(say("communes.share")),
            html.H3(say("communes.share_link")),
            html.P(say("communes.share_link_body"), className="quiet"),
            link,
            html.H3(say("communes.share_panel")),
            *(_panel(say, public, code, name) if published else [html.P(say("communes.not_published"))]),
        ],
        className="sharing",
    )


def _panel(say: Words, public: str, code: str, name: str) -> list[Component]:
    address = f"{public}/embed/{PANEL}?{urlencode({'area': code, 'lang': say.language})}"
    title = say("communes.panel_title", name=name).replace('"', "&quot;")
    frame = (
        f'<iframe src="{address.replace("&", "&amp;")}" title="{title}" width="100%" height="{HEIGHT_PX}" '
        'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads" '
        'style="border:0" loading="lazy" referrerpolicy="no-referrer"></iframe>'
    )
    copy = html.Button(
        [icon("share", 16), html.Span(say("communes.copy_code"), className="copy-text")],
        type="button", className="board-copy", **{"data-copy": frame, "data-copied": say("communes.copied")},
    )  # fmt: skip
    return [
        html.P(
            [
                say("communes.share_panel_body"),
                " ",
                html.A(address, href=address, target="_blank", rel="noopener"),
            ],
            className="quiet",
        ),
        html.Div([html.Code(frame, className="secret"), copy], className="share-row"),
    ]
