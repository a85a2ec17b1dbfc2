"""What a rule declares: when a kind of equipment is in alarm, how soon somebody must answer, and what to do.

A rule is data (msgspec, JSON in ``alarm_rule_version.declaration``): a domain declares its own in
``model/domains/<domain>.py``, a city adds and changes them on screen. Names of states and properties are
those of the asset type; durations are seconds.
"""

from typing import Any, Literal

import msgspec


class StateIs(msgspec.Struct, frozen=True, tag="status", forbid_unknown_fields=True):
    """The asset is in one of ``states``."""

    states: tuple[str, ...]


class Beyond(msgspec.Struct, frozen=True, tag="threshold", forbid_unknown_fields=True):
    """``observed_property`` is above or below a limit, in its unit; over once ``deadband`` inside it."""

    observed_property: str
    above: float | None = None
    below: float | None = None
    deadband: float = 0.0


class Changing(msgspec.Struct, frozen=True, tag="rate", forbid_unknown_fields=True):
    """``observed_property`` rose or fell by that much within ``within_s``."""

    observed_property: str
    within_s: float
    rise: float | None = None
    fall: float | None = None


class Silent(msgspec.Struct, frozen=True, tag="silence", forbid_unknown_fields=True):
    """Nothing was heard of the asset for ``periods`` of its own, and at least ``least_s``."""

    periods: float = 3.0
    least_s: float = 30.0


class Stuck(msgspec.Struct, frozen=True, tag="stuck", forbid_unknown_fields=True):
    """``observed_property`` says one and the same value, other than 0, for ``for_s``."""

    observed_property: str
    for_s: float


class Unexpected(msgspec.Struct, frozen=True, tag="expected", forbid_unknown_fields=True):
    """In ``states`` when it is day, or night: lit by day, dark at night.

    ``margin_s`` after sunrise and before sunset (or the reverse) are left out.
    """

    when: Literal["day", "night"]
    states: tuple[str, ...]
    margin_s: float = 1800.0


class Following(msgspec.Struct, frozen=True, tag="sequence", forbid_unknown_fields=True):
    """``then`` within ``within_s`` after ``first``, on itself, its parent, a child or ``near_m`` away.

    ``first_type`` is the asset type of the first; ``then`` is of the rule's own.
    """

    first_type: str
    first: tuple[str, ...]
    then: tuple[str, ...]
    within_s: float
    relation: Literal["same", "parent", "child", "near"] = "same"
    near_m: float = 0.0


class Many(msgspec.Struct, frozen=True, tag="count", forbid_unknown_fields=True):
    """At least ``least`` assets of the type in one area came to be in ``states`` within ``within_s``."""

    states: tuple[str, ...]
    least: int
    within_s: float
    area: Literal["commune", "district"] = "commune"


class Together(msgspec.Struct, frozen=True, tag="together", forbid_unknown_fields=True):
    """Nothing tells it: it is inferred where what hangs on one asset of the rule's type goes dark together.

    At least ``least`` alarms of the classes ``of``, or ``share`` of a small group and never fewer than three,
    began within ``within_s``. A group is what has one and the same value of the attribute ``by`` under one
    asset; all of its children where they have none.
    """

    of: tuple[str, ...]
    least: int = 5
    share: float = 0.6
    within_s: float = 300.0
    by: str = "feeder"
    after_s: float = 120.0


class LostSupply(msgspec.Struct, frozen=True, tag="supply", forbid_unknown_fields=True):
    """Nothing tells it: it is inferred where alarms of several domains look like one lost supply.

    They began within ``within_s`` and ``near_m`` of one another, or name the same substation. ``sure``
    classes count two, ``likely`` ones one, each equipment with what hangs on it once; ``points`` are
    needed, from ``domains`` domains, that began within ``at_once_s``: a supply is lost at one moment, the
    rest is how late each notices. ``after_s``: how long what is left waits for its own return once the
    others are back.
    """

    sure: tuple[str, ...]
    likely: tuple[str, ...]
    points: int = 3
    domains: int = 2
    at_once_s: float = 60.0
    within_s: float = 120.0
    near_m: float = 500.0
    after_s: float = 180.0


Condition = (
    StateIs | Beyond | Changing | Silent | Stuck | Unexpected | Following | Many | Together | LostSupply
)

INFERRED = (Together, LostSupply)
"""Conditions that no report fulfils: ``services/alarms/causes`` concludes them from other alarms."""


class Explained(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An alarm of the class is a consequence where ``by`` (an alarm class) stands on the same asset or above.

    ``before_s``: how long the consequence may have begun before its cause; ``after_s``: how long it may
    outlast it before it is an alarm of its own.
    """

    by: str
    before_s: float = 300.0
    after_s: float = 120.0


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One class of alarm. ``key`` is ``<asset type>.<what>``; empty titles and actions are in the catalogues
    (``alarm.rule.<key>``, ``alarm.action.<key>``). ``wording`` are the titles as somebody wrote them, where
    they hold a place for the limit; ``title`` is then what they say of this version
    (``model/rule_titles.py``).

    ``hold_s`` is how long it waits for its cause before it is put before an operator; ``re_alarm_s`` after
    how long an acknowledged one that lasts comes back (0: never); ``escalate_s`` after how long without
    acknowledgement each further step is taken. ``highly_managed``: may be neither shelved nor disabled.
    ``outward`` names what may leave the room (``alarm_route.classes`` beside the key).
    """

    key: str
    domain: str
    asset_type: str
    condition: Condition
    priority: int = 3
    severity: int = 3
    on_delay_s: float = 0.0
    off_delay_s: float = 0.0
    hold_s: float = 0.0
    latching: bool = False
    re_alarm_s: float = 0.0
    max_shelve_s: float = 8 * 3600.0
    escalate_s: tuple[float, ...] = ()
    explained: tuple[Explained, ...] = ()
    highly_managed: bool = False
    title: dict[str, str] = {}
    action: dict[str, str] = {}
    wording: dict[str, str] = {}
    responder: str = "operator"


MINUTE, HOUR = 60.0, 3600.0


def state_rule(domain: str, asset_type: str, state: str, *also: str, **more: Any) -> Rule:
    """The rule of a state (and of those that mean the same): its class is ``<asset type>.<state>``."""
    return Rule(f"{asset_type}.{state}", domain, asset_type, StateIs((state, *also)), **more)
