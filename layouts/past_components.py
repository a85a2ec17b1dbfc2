"""Components of the past's own: the timeline, what the difference of two instants is, what instant is shown.

Drawn by ``assets/past/``. They share one clock in the browser (``window.vigie.clock``) and the past store
(``window.vigie.past``): no callback carries the city, none is asked for a frame.
"""

from layouts.components import VigieComponent


class PastTimeline(VigieComponent):
    """The one clock of the past: density of changes, a hand, flags A and B, steps, play, typed instants.

    ========= ====================================================================================
    at        *in, out*: the instant shown, ISO 8601 UTC; *out* once it rests, every 2 s while playing
    a, b      *in, out*: the flags, ISO 8601 UTC or None
    speed     *in, out*: 1, 10, 60, 600 or 3,600
    span      *in, out*: seconds of the timeline seen, 3,600 (1 h) to 34,560,000 (400 days)
    asset     *in*: external id of the selected asset, for the address
    zone      the city's
    address   *out*: the query of the address that shows the same (contract: ``at``, ``a``, ``b``,
              ``speed``, ``asset``, ``domains``, ``statuses``, ``area``, ``span``)
    ========= ====================================================================================

    It asks ``/history/density`` itself and keeps the page's address in step.
    """

    _type = "PastTimeline"
    PROPS = ("at", "a", "b", "speed", "span", "asset", "zone", "address")


class AsOf(VigieComponent):
    """The instant shown, in words: ``full`` for the bar (word, day, time), else a short note on a panel."""

    _type = "AsOf"
    PROPS = ("zone", "full")


class DifferenceLegend(VigieComponent):
    """What each sign of the difference A → B means, with its count through the filters; rows switch signs.

    Empty while no difference is shown; the ``Legend`` of states stands there then.
    """

    _type = "DifferenceLegend"
    PROPS = ("zone",)


class ChangedList(VigieComponent):
    """What changed between A and B, worst first: a listbox. ``picked`` *out*: ``{"asset", "n"}``;
    ``selected`` external id of the selected asset; ``zone`` the city's."""

    _type = "ChangedList"
    PROPS = ("zone", "selected", "picked")


class AlarmsThen(VigieComponent):
    """The alarm list as it was at an instant: read only, one listbox.

    ========= ====================================================================================
    found     the list (``callbacks/past_alarms.py: then_document``): rows, what was learnt later, what ended
              between A and B, counts, flood; None before the first
    rows      the rows again, with ``cons``, for the names on the map
    at        the instant they are of, epoch s, which may lag behind a hand that moves
    state     ``ready``, ``loading`` or ``away``
    selected  external id of the selected asset, or None
    zone      the city's
    picked    *out*: ``{"asset": external id, "alarm": id, "n"}``
    again     *out*: rises every five seconds while ``away``: ask again
    ========= ====================================================================================
    """

    _type = "AlarmsThen"
    PROPS = ("found", "rows", "at", "state", "selected", "zone", "picked", "again")
