"""A part of a page that is asked again every few seconds, redrawn in place.

What a callback puts into ``children`` is mounted anew: focus, scroll and what was unfolded are lost, every
five seconds. ``Steady`` takes the same components as its ``tree`` and lets the browser change only what
differs. Drawn by ``assets/panels/steady.js``.
"""

import json
from typing import Any

from dash.development.base_component import Component
from plotly.utils import PlotlyJSONEncoder

from layouts.components import VigieComponent


class Steady(VigieComponent):
    """Redraws ``tree`` in place: components of ``dash.html`` (no ids, no callbacks) and of our own.

    A row that may move carries ``key``. A link within Vigie changes the address without loading the page, and
    so does a click on what has ``data-go`` (a row: the mouse's larger target beside a link of its own). A
    button with ``data-act`` reports itself.

    ``acted`` *out*: ``{"act": value of data-act, "n"}`` of the button pressed.
    """

    _type = "Steady"
    PROPS = ("tree", "acted")

    def __init__(self, tree: Component, **properties: Any) -> None:
        """Begin with ``tree``: written out, for Dash takes components as children only."""
        super().__init__(tree=json.loads(json.dumps(tree, cls=PlotlyJSONEncoder)), **properties)
