"""Components of the control room's own: the list of what needs somebody, the search, the last 24 hours.

Drawn by ``assets/room/``. Like the live components they take words as ``labels`` and report what was picked.
"""

from layouts.components import VigieComponent


class AlarmList(VigieComponent):
    """The alarms that want an answer, causes first; it asks the desk itself and acts through its doors.

    The domains and the area of the room's own filters apply; those of priority, handling and words are its
    own and are kept for the person. Drawn by ``assets/alarms/``; never more than 200 rows are in the page.

    ========= ====================================================================================
    zone      the city's
    me        the person's name, as acts of hers are signed
    acts      whether her role acknowledges; else it can only be read
    selected  external id of the selected asset, or None
    alarm     id of the alarm that is picked, or None
    hidden    address of what is hidden now, or None where she may not see it
    picked    *out*: ``{"alarm": id, "asset": external id, "n"}``
    asked     *out*: ``{"verb": "shelve", "dossier" or "comment", "id": alarm, "n"}``: a dialog of the panel's
    ========= ====================================================================================
    """

    _type = "AlarmList"
    PROPS = ("zone", "me", "acts", "selected", "alarm", "hidden", "picked", "asked")


class AlarmSheet(VigieComponent):
    """What is selected as an alarm: what, since, what to do, who must respond, cause, thread, and the acts.

    It asks the desk itself, acts through its doors, and opens the dialogs and the dossier.

    ======= ======================================================================================
    zone    the city's
    acts    what her role may: ``alarm``, ``alarm_supervise``
    asset   external id of the selected asset, or None
    alarm   id of the alarm that is picked, or None
    asked   ``{"verb", "id", "n"}``: a dialog to open, when ``n`` changes
    shown   *out*: ``{"id", "by_hand"}`` of the alarm it shows; ``by_hand``: it was chosen there
    ======= ======================================================================================
    """

    _type = "AlarmSheet"
    PROPS = ("zone", "acts", "asset", "alarm", "asked", "shown")


class AlarmsHidden(VigieComponent):
    """What is hidden now, oldest first, each lifted or seconded from here; ``acts`` what her role may."""

    _type = "AlarmsHidden"
    PROPS = ("zone", "acts", "me")


class AlarmDossierPage(VigieComponent):
    """The dossier of ``alarm``, the id its address names, or None: what lies near in place and time."""

    _type = "AlarmDossierPage"
    PROPS = ("zone", "alarm")


class AlarmWindows(VigieComponent):
    """Windows of works: to come, running, over; a new one, from planned works or not.

    ``areas`` ``[{"value", "label"}]`` and ``domains`` alike are what one may be planned for.
    """

    _type = "AlarmWindows"
    PROPS = ("zone", "acts", "areas", "domains")


class Search(VigieComponent):
    """Find an asset by name, id or street: a combobox that asks ``address`` as one types.

    ``picked`` *out*: ``{"asset": external id, "n"}``.
    """

    _type = "Search"
    PROPS = ("address", "picked")


class DayStrip(VigieComponent):
    """The last 24 hours: alarms upwards by priority with the line of a flood, all changes of state downwards.

    ``times`` starts of the steps in epoch seconds, ``step`` their length; ``changes`` counts; ``alarms``
    ``{"times", "step", "counts": [[p1, p2, p3, p4], …], "threshold"}`` in ten minutes; ``days``
    ``[[sunrise, sunset], …]``; ``zone`` the city's; ``now`` the end; ``href`` where a step leads, ``{at}``
    its ISO time; ``state`` ``ready``, ``loading`` or ``away``.
    """

    _type = "DayStrip"
    PROPS = ("times", "step", "changes", "alarms", "days", "zone", "now", "href", "state")
