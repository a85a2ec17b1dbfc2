"""What each simulated provider publishes, and when: every document at most once in its period."""

from collections.abc import Callable
from dataclasses import dataclass, field

from services.simulation import datex_measured, datex_situations, gtfs, rennes
from services.simulation.driving import Fleet
from services.simulation.imperfections import Imperfections
from services.simulation.measuring import STEP_S as MEASURED_S
from services.simulation.measuring import measured
from services.simulation.segments import STEP_S as TRAFFIC_S
from services.simulation.segments import Segments
from services.simulation.shelf import Shelf
from services.simulation.situations import situations
from services.simulation.world import World

TRAFFIC = "/rennes/etat-du-trafic-en-temps-reel.csv"
MEASURED = "/datex2/measured.xml"
SITUATIONS = "/datex2/situations.xml"
POSITIONS = "/gtfs-rt/vehicle-positions.pb"
SITUATIONS_S, POSITIONS_S = 60, 5


@dataclass(frozen=True)
class Provider:
    """One provider: where its document lies, of what type, how often it is new, and who writes it."""

    path: str
    media_type: str
    period_s: int
    render: Callable[[float], bytes]


@dataclass
class Documents:
    """Keeps ``shelf`` filled with what the providers of one city know of ``world`` and its ``fleet``."""

    world: World
    fleet: Fleet
    shelf: Shelf
    flaws: Imperfections
    _segments: Segments = field(init=False)
    _done: dict[str, int] = field(default_factory=dict)
    providers: tuple[Provider, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Name the providers."""
        self._segments = Segments(self.world.physics)
        self.providers = (
            Provider(TRAFFIC, "text/csv; charset=utf-8", TRAFFIC_S, self._traffic),
            Provider(MEASURED, "application/xml", MEASURED_S, self._measured),
            Provider(SITUATIONS, "application/xml", SITUATIONS_S, self._situations),
            Provider(POSITIONS, "application/x-protobuf", POSITIONS_S, self._positions),
        )

    def refresh(self, now: float) -> None:
        """Write the documents whose period is over at ``now`` (s), and see who is away."""
        for provider in self.providers:
            period = int(now) // provider.period_s
            if self._done.get(provider.path) != period:
                self._done[provider.path] = period
                self.shelf.put(provider.path, provider.render(now), provider.media_type, now)
        away = self.flaws.away(now, len(self.providers))
        self.shelf.send_away(None if away is None else self.providers[away].path)

    def _traffic(self, now: float) -> bytes:
        # Where something has happened its situation says how the segment is, and nobody else.
        happened = {one.segment for one in situations(now, len(self._segments.rows)) if not one.over}
        return rennes.render(self._segments, self._segments.traffic(now), self.flaws, happened)

    def _measured(self, now: float) -> bytes:
        return datex_measured.render(self.world, measured(self.world, now), self.flaws)

    def _situations(self, now: float) -> bytes:
        standing = situations(now, len(self._segments.rows))
        return datex_situations.render(self._segments, standing, now, self.flaws)

    def _positions(self, now: float) -> bytes:
        return gtfs.render(self.fleet.seen(now), now, self.flaws)
