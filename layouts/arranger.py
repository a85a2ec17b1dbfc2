"""The grid of a composed board: shown as it is, or arranged by pointer and by keyboard."""

from collections.abc import Sequence
from typing import Any

from dash.development.base_component import Component

from layouts.components import COMMON, VigieComponent


class Arranger(VigieComponent):
    """Tiles in a grid of three columns; drawn by ``assets/board/arranger.js``.

    ``tiles`` ``[{"key", "width", "kind", "text", …}]`` in order, each shown around the child of the same
    place; ``names`` what each is called, by key. With ``editing`` they are dragged, or moved, widened and
    removed with buttons and arrow keys, and texts are written in place. ``arranged`` *out*: the tiles as they
    stand now; ``kept`` the number of the last save (the arrangement then counts as saved).
    """

    _type = "Arranger"
    _children_props = ["children"]  # noqa: RUF012 - as Dash declares it
    PROPS = ("children", "tiles", "names", "editing", "arranged", "kept")

    def __init__(self, children: Sequence[Component] = (), **properties: Any) -> None:
        """Take the contents of the tiles and the properties the class lists."""
        self._prop_names = [*COMMON, *self.PROPS]
        self.available_properties = self._prop_names
        super().__init__(children=list(children), **properties)
