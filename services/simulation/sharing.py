"""Who speaks by which feed: every report of the simulated city leaves by exactly one door.

Detectors and road segments are polled from their providers, so what they report is not sent; some
communes' lighting is told by a context broker; field gateways speak MQTT; the rest pushes over HTTP.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from model.domains import ASSET_TYPES
from services.simulation.broker import Gateway
from services.simulation.context import MODELS, TOLD
from services.simulation.imperfections import Flaw, Imperfections
from services.simulation.outbox import Outbox
from services.simulation.reports import Report
from services.simulation.world import World

BY_BROKER = ("gateway", "camera", "access_point", "bollard")
"""Asset types whose gateways speak MQTT where there is a broker; the others push over HTTP."""
BY_POLL = ("detector",)
"""Asset types that are fetched from a provider where one is running (segments are nowhere else)."""
CONTEXT_COMMUNES = slice(1, 7)
"""Of the communes in order: those whose lighting a context broker reports."""


@dataclass
class Doors:
    """Where reports leave: by plain push, and where there are, by context broker and MQTT gateway."""

    push: Outbox
    context: Outbox | None = None
    gateway: Gateway | None = None


@dataclass
class Sharing:
    """Hands each report of ``world`` to its door, now and then with a mistake beside it.

    With ``polled`` the providers are running, and what they publish is not sent as well.
    """

    world: World
    doors: Doors
    flaws: Imperfections
    polled: bool = False
    _by_context: frozenset[str] = field(init=False)
    _gateways: list[str] = field(init=False)
    _strangers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Choose the communes that have a context broker."""
        city = self.world.city
        lit = np.concatenate([city.of(kind) for kind in MODELS])
        chosen = np.unique(city.communes[lit])[CONTEXT_COMMUNES]
        rows = lit[np.isin(city.communes[lit], chosen)]
        self._by_context = frozenset(city.external_ids[row] for row in rows.tolist())
        self._gateways = [city.external_ids[row] for row in city.of("gateway").tolist()]

    def type_of(self, asset: str) -> str:
        """The asset type of an external id, of one the city never heard of too."""
        return self._strangers[asset] if asset in self._strangers else self.world.type_of(asset)

    def hand_out(self, reports: Iterable[Report], now: float) -> None:
        """Each report of ``now`` (s) to its door; to the intake's own while the broker is away."""
        pushed: list[Report] = []
        context: list[Report] = []
        published: dict[str, list[Report]] = {}
        connected = self.doors.gateway is not None and self.doors.gateway.connected
        for owner, report in self._as_sent(reports, now):
            kind = self.world.type_of(owner)
            if self.doors.context is not None and self._told(owner, report):
                context.append(report)
            elif connected and kind in BY_BROKER:
                published.setdefault(kind, []).append(report)
            else:
                pushed.append(report)
        self.doors.push.put(pushed)
        if self.doors.context is not None:
            self.doors.context.put(context)
        if self.doors.gateway is not None and published:
            self.doors.gateway.publish(published)

    def _told(self, owner: str, report: Report) -> bool:
        """Whether a context broker reports it."""
        return owner in self._by_context and report.property in TOLD

    def _as_sent(self, reports: Iterable[Report], now: float) -> Iterable[tuple[str, Report]]:
        """What leaves, each with the asset that sends it: mistakes and wrong clocks included."""
        wrong = self.flaws.clock_ahead(now, len(self._gateways))
        hasty, ahead = (self._gateways[wrong[0]], wrong[1]) if wrong else ("", 0.0)
        for report in reports:
            owner, kind = report.asset, self.world.type_of(report.asset)
            if self.polled and kind in BY_POLL:
                continue
            yield owner, report._replace(at=report.at + ahead) if owner == hasty else report
            flaw = self.flaws.strike()
            if flaw:
                yield owner, self._spoilt(report, kind, flaw)

    def _spoilt(self, report: Report, kind: str, flaw: Flaw) -> Report:
        """A report gone wrong: of an asset not in the inventory yet, absurd, or without its time zone."""
        measures = ASSET_TYPES[kind].properties
        if flaw is Flaw.TIME_WITHOUT_ZONE:
            return report._replace(zoned=False)
        if flaw is Flaw.OUT_OF_RANGE and measures:
            return Report(report.asset, measures[0].name, measures[0].high * 40.0, report.at)
        stranger = re.sub(r"\d", "9", report.asset)
        self._strangers[stranger] = kind
        return report._replace(asset=stranger)
