"""Our own Dash components: the live map and the panels that move with it, drawn by ``assets/``.

They share one live store in the browser (``window.vigie.live``) or one past store (``window.vigie.past``),
so a callback never carries the city: it receives what the operator did and says what to show. Each class
lists its properties; *out* marks those the browser sets and a callback may take as ``Input``.

Positions are WGS84 degrees, instants seconds since 1970 or ISO 8601 with zone. An ``index`` is an asset's
live index and holds for one layout ``version`` (given beside it). ``labels`` come from
``layouts.live_labels``.
"""

from typing import Any, ClassVar

from dash.development.base_component import Component

COMMON = ("id", "className", "labels", "language", "mode")
"""``mode`` is ``live`` (default) or ``past``: which store the component draws."""


class VigieComponent(Component):
    """A component of the browser namespace ``vigie``; ``PROPS`` are its own properties beside ``COMMON``."""

    _namespace = "vigie"
    _type = "VigieComponent"
    _children_props: ClassVar[list[str]] = []
    _base_nodes: ClassVar[list[str]] = []
    _valid_wildcard_attributes: ClassVar[list[str]] = ["data-", "aria-"]
    available_wildcard_properties: ClassVar[list[str]] = ["data-", "aria-"]
    PROPS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **properties: Any) -> None:
        """Take the properties the class lists; TypeError names any other."""
        self._prop_names = [*COMMON, *self.PROPS]
        self.available_properties = self._prop_names
        super().__init__(**{name: value for name, value in properties.items() if value is not None})


class CityMap(VigieComponent):
    """The map of the whole city: base map, every asset, what is wrong, the selection and its children.

    It carries its own zoom buttons, scale, tooltip, and what it says while it loads or cannot be drawn.

    ========== =================================================================================
    theme      ``past`` in the past, else the page's; recolours without losing the camera
    zone       the city's time zone, for the tooltip
    at         mode ``past``: the instant shown, ISO 8601
    bounds     ``[west, south, east, north]`` the first view fits
    part       whether ``bounds`` are those of a part of the city and the view shall stay with them
    tiles      own tiles under the streets, or None: ``{"url": "…{z}/{x}/{y}…", "kind": "raster"}`` or
               ``"vector"`` with its ``layers``; ``minzoom``, ``maxzoom``
    attribution  text at the lower right
    domains    *in, out*: names of the domains shown, None for all
    statuses   *in, out*: status keys (and ``consequence``, ``stale``) shown, None for all
    area       *in, out*: area id the map is drilled down to, None for the whole city
    selected   *in, out*: live index of the selected asset, None for none
    command    ``{"fly": [lon, lat, zoom], "n": k}`` or ``{"fit": [w, s, e, n], "n": k}``; acts when n changes
    names      ``[[index, name], …]`` of large abnormal assets, for their labels on the map
    clicked    *out*: ``{"index", "version", "n"}``; n rises with each click
    hovered    *out*: ``{"index", "n"}``, index None when the pointer leaves; at most four a second
    viewport   *out*: ``{"center": [lon, lat], "zoom", "bounds"}`` after the camera rests
    ========== =================================================================================
    """

    _type = "CityMap"
    PROPS = (
        "theme",
        "zone",
        "at",
        "bounds",
        "part",
        "tiles",
        "attribution",
        "domains",
        "statuses",
        "area",
        "selected",
        "command",
        "names",
        "clicked",
        "hovered",
        "viewport",
    )


class Legend(VigieComponent):
    """The state panel: each row a symbol, a status, its count, and a switch that hides it from the map.

    ``statuses`` *in, out*: keys shown (``fault``, ``consequence``, ``degraded``, ``comms_lost``,
    ``maintenance``, ``out_of_service``, ``unknown``, ``stale``, ``active``, ``normal``); None for all.
    ``zone`` the city's, for the title of the past.
    """

    _type = "Legend"
    PROPS = ("statuses", "zone")


class DomainSwitches(VigieComponent):
    """The domains across the top: glyph, name, total, what is abnormal; each switches its domain.

    ``domains`` *in, out*: names shown, None for all. ``area`` narrows the counts to one area id.
    """

    _type = "DomainSwitches"
    PROPS = ("domains", "area")


class Clock(VigieComponent):
    """The city's clock, set by the server's heartbeat, and whether the screen is live.

    ``zone`` is the city's; in mode ``past`` it stands at ``at``.
    """

    _type = "Clock"
    PROPS = ("zone", "at")


class StaleBanner(VigieComponent):
    """Says what is not fresh: the link is cut, the live memory is away, a feed is late; else it is empty.

    ``zone`` is the city's.
    """

    _type = "StaleBanner"
    PROPS = ("zone",)


class Ticker(VigieComponent):
    """The last state changes, newest first; it can be paused.

    ``rows`` how many (8); ``zone`` the city's; ``picked`` *out*: ``{"index", "version", "n"}`` of the row
    taken.
    """

    _type = "Ticker"
    PROPS = ("zone", "rows", "picked")


class Pulse(VigieComponent):
    """Draws nothing: tells callbacks that the live city changed enough to ask again.

    ``attention`` *out*: rises, at most once a second, when the set of abnormal assets changes;
    ``link`` *out*: ``starting``, ``live``, ``database``, ``none``, ``cut``; ``version`` *out*: the layout's;
    ``alarms`` *out*: differs when anything about alarms changed.
    """

    _type = "Pulse"
    PROPS = ("attention", "link", "version", "alarms")


class Age(VigieComponent):
    """How long ago ``since`` (seconds since 1970) was by the server's clock, counting: 4 s, 11 min."""

    _type = "Age"
    PROPS = ("since",)


class Loupe(VigieComponent):
    """A close look at the selected asset and what it feeds, while the map keeps the whole city.

    ``selected`` live index or None (nothing drawn); ``theme`` as for the map; ``title`` instead of "Loupe";
    ``zone`` the city's.
    """

    _type = "Loupe"
    PROPS = ("selected", "theme", "title", "zone")


class Keys(VigieComponent):
    """The keyboard's help, opened with ``?``; the keys themselves work wherever ``keyboard.js`` is loaded."""

    _type = "Keys"


class Symbol(VigieComponent):
    """One symbol of ``model/symbols.json``: ``group`` (``status``, ``glyph``, ``priority``, ``freshness``,
    ``icon``, ``mark``), ``name`` in it, ``size`` px (20), ``title`` for a screen reader (none: decoration).

    ``layouts.symbols`` has a short function for each group.
    """

    _type = "Symbol"
    PROPS = ("group", "name", "size", "title")
