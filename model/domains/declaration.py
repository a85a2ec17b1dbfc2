"""What a domain declares: asset types, what each observes, and how its states become a status.

Adding a domain is one file with one ``DOMAIN``, named in ``model/domains/__init__.py``; no core code
changes. Every label is a key of the catalogues: ``domain.<d>``, ``type.<t>``, ``property.<p>`` and
``state.<t>.<name>``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from model.alarm_rules import Rule
from model.states import Status


@dataclass(frozen=True)
class Property:
    """An observed property: its unit, the plausible range in that unit, and how hours add up.

    ``adds_up`` is True for quantities whose hourly figure is a sum (energy, counts), False for means.
    ``rate`` is how fast it can change at most, in its unit a second; ``stuck_s`` how long one value other
    than 0 may last before the sensor is doubted. None: not judged. ``period_s`` is how often it is reported
    where that is not as often as the asset's state. ``kept`` names the class of retention of its raw values
    (``retention_rule``); None: no rule, they are kept as long as the city wants. Hourly and daily figures
    are not touched by it.
    """

    name: str
    unit: str
    low: float
    high: float
    adds_up: bool = False
    decimals: int = 1
    rate: float | None = None
    stuck_s: float | None = None
    period_s: int | None = None
    kept: str | None = None


@dataclass(frozen=True)
class State:
    """One value of an asset type's ``state`` property: its code on the wire, name and status."""

    code: int
    name: str
    status: Status


@dataclass(frozen=True)
class AssetType:
    """A class of equipment.

    ``period_s`` is how often a healthy one reports; ``main`` the property shown beside its name;
    ``glyph`` names its symbol; ``parents`` the asset types that may feed or command it. ``priority``
    ranks the response to its fault from 1 (critical) to 4 (low). ``moving`` types have no place of their
    own: they are where their newest position says, and nowhere without one. ``guarded`` names what the law
    protects of its record: ``video`` (CSI title V: named persons and a purpose), ``personal`` (GDPR: a
    purpose), empty for nothing. Status and place are the equipment's and not guarded.
    """

    name: str
    glyph: str
    period_s: int
    states: tuple[State, ...]
    properties: tuple[Property, ...] = ()
    main: str | None = None
    parents: tuple[str, ...] = ()
    priority: int = 3
    moving: bool = False
    guarded: str = ""
    by_code: Mapping[int, State] = field(init=False, repr=False, compare=False)
    by_property: Mapping[str, Property] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index states by code and properties by name, so that look-ups on the hot path are one hop."""
        object.__setattr__(self, "by_code", MappingProxyType({s.code: s for s in self.states}))
        object.__setattr__(self, "by_property", MappingProxyType({p.name: p for p in self.properties}))

    def state_named(self, name: str) -> State:
        """The state called ``name``; KeyError when the type declares none."""
        for state in self.states:
            if state.name == name:
                return state
        raise KeyError(f"{self.name} declares no state {name!r}")


@dataclass(frozen=True)
class Domain:
    """A field of the city's work, such as lighting; ``glyph`` stands for it in switches and lists.

    ``alarms`` are the rules it begins with: which of its conditions somebody must answer, and how soon.
    """

    name: str
    glyph: str
    asset_types: tuple[AssetType, ...]
    alarms: tuple[Rule, ...] = ()


STATE = "state"
"""The property that carries an asset's operating state as a code of its type."""
