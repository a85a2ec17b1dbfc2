"""What the asset panel tells, as one plain value: live state first, then what the registry knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from model.registry import AssetCard, Fact, LatestValue
from model.states import Freshness, Status


@dataclass(frozen=True)
class LiveState:
    """What the live memory knows of one asset. ``since`` and ``seen`` in epoch seconds, 0: not known."""

    status: Status
    state: int
    freshness: Freshness
    consequence: bool
    since: int
    seen: int


@dataclass(frozen=True)
class Crowd:
    """How many children of one type are in one state."""

    asset_type: str
    state: int
    status: Status
    count: int


@dataclass(frozen=True)
class Neighbour:
    """The next vehicle of a line: ``seconds`` away at the line's usual speed, ``planned`` seconds apart."""

    external_id: str
    name: str
    metres: float
    seconds: float
    planned: int


@dataclass(frozen=True)
class Motion:
    """What is known of something that moves. ``seen`` epoch seconds of its newest position, None when it is
    nowhere; ``speed`` km/h. Nothing but ``on_duty`` is told outside duty."""

    on_duty: bool
    line: str = ""
    speed: float | None = None
    seen: float | None = None
    ahead: Neighbour | None = None
    behind: Neighbour | None = None


@dataclass(frozen=True)
class Story:
    """One asset as the panel shows it.

    ``external_id``, ``name``, ``street``, ``asset_type``, ``area`` come from the live columns and are always
    there; ``card`` is None while the database is away. ``relatives`` gives the state of relatives by
    asset id; ``crowds`` counts the children, worst first; ``motion`` is there for what moves; ``now`` is the
    server's time, epoch seconds. ``at`` is the instant of the past it is told of, and then ``now`` too; None:
    the present.
    """

    external_id: str
    name: str
    street: str
    asset_type: str
    area: str
    now: float
    live: LiveState
    crowds: tuple[Crowd, ...] = ()
    consequences: int = 0
    card: AssetCard | None = None
    values: tuple[LatestValue, ...] = ()
    facts: tuple[Fact, ...] = ()
    relatives: Mapping[int, LiveState] = field(default_factory=dict)
    motion: Motion | None = None
    at: datetime | None = None
