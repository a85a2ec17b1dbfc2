"""A storm over the demo city: what is struck, and what goes with it.

It knows nothing of how alarms are explained and shares no figure with that: substations, supply areas,
batteries and how late each thing notices are drawn here. Times are seconds from the storm's beginning.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geodata.demo_city import DemoCity
from model.domains import DOMAIN_OF, TYPE_ORDER

Rng = np.random.Generator
SUPPLIED = ("control_cabinet", "junction", "camera", "gateway", "building", "bollard", "car_park")
"""What has a supply of its own; everything else hangs on one of these."""
ON_A_STATION = 5
"""Equipment with a supply of its own that one substation feeds, on average."""
FEEDER_LEAST = 8
"""A feeder of fewer lamps is not worth a storm."""
AREA = -1


class Outage(NamedTuple):
    """One asset in a state from ``start`` to ``end``: when it, or who watches it, notices."""

    row: int
    state: str
    start: float
    end: float


@dataclass
class Strike:
    """One thing that happened: its kind, the asset it happened to (AREA: to many), from ``start`` to ``end``,
    and everything that went with it."""

    kind: str
    row: int
    start: float
    end: float
    outages: list[Outage] = field(default_factory=list)


def draw_storm(
    city: DemoCity, rng: Rng, *, spread_s: float, lasts_s: float, share: float = 1.0
) -> list[Strike]:
    """The strikes of one storm, most of them within ``spread_s`` and each repaired after about ``lasts_s``.

    Two or three power cuts over areas, and with ``share`` 1 six to ten tripped cabinets, three to five lost
    feeders, gateways, junctions and buildings; a small city has as many as it can.
    """
    return _Storm(city, rng, spread_s, lasts_s).strikes(share)


@dataclass
class _Storm:
    """A storm being drawn; ``hit`` marks what something happened to already."""

    city: DemoCity
    rng: Rng
    spread_s: float
    lasts_s: float

    def __post_init__(self) -> None:
        self.hit = np.zeros(len(self.city), bool)
        self.types = [TYPE_ORDER[t] for t in self.city.types]
        self.children: dict[int, list[int]] = {}
        for child, parent in enumerate(self.city.parents.tolist()):
            self.children.setdefault(parent, []).append(child)
        middle = self.city.lonlat.mean(axis=0)
        self.xy = (self.city.lonlat - middle) * [111_320 * np.cos(np.radians(middle[1])), 110_574]
        self._strikes: list[Strike] = []

    def strikes(self, share: float) -> list[Strike]:
        """Everything, area cuts first: they take what they find whole."""
        for happens, low, high in (
            (self._power_cut, 2, 3),
            (self._trip, 6, 10),
            (self._feeder, 3, 5),
            (self._cabinet_unheard, 1, 2),
            (self._gateway, 2, 3),
            (self._junction, 3, 5),
            (self._building, 3, 5),
        ):
            number = self.rng.integers(low, high + 1)
            for _ in range(max(1, round(float(number) * share))):
                happens()
        return sorted(self._strikes, key=lambda strike: strike.start)

    def _trip(self) -> None:
        cabinet = self._one("control_cabinet")
        if cabinet is not None:
            strike = self._begin("trip", cabinet)
            self._lose(strike, cabinet, "breaker_tripped", 1.0)
            self._dark(strike, cabinet, "no_supply")

    def _cabinet_unheard(self) -> None:
        cabinet = self._one("control_cabinet")
        if cabinet is not None:
            strike = self._begin("cabinet_unheard", cabinet)
            self._lose(strike, cabinet, "no_contact", 25.0)
            self._dark(strike, cabinet, "no_contact")

    def _feeder(self) -> None:
        """A fuse of one feeder; the cabinet does not notice."""
        cabinet = self._one("control_cabinet", least=FEEDER_LEAST)
        if cabinet is None:
            return
        named = Counter(self.city.attributes[lamp].get("feeder") for lamp in self._of(cabinet, "streetlight"))
        feeders = [feeder for feeder, lamps in named.items() if lamps >= FEEDER_LEAST]
        if feeders:
            state = str(self.rng.choice(["no_supply", "no_supply", "no_contact"]))
            strike = self._begin("feeder", cabinet)
            self._dark(strike, cabinet, state, feeders[int(self.rng.integers(len(feeders)))])

    def _gateway(self) -> None:
        gateway = self._one("gateway", least=3)
        if gateway is not None:
            strike = self._begin("gateway", gateway)
            self._lose(strike, gateway, str(self.rng.choice(["no_contact", "hardware_fault"])), 20.0)
            self._silence(strike, gateway)

    def _junction(self) -> None:
        junction = self._one("junction", least=2)
        if junction is not None:
            strike = self._begin("junction", junction)
            self._lose(strike, junction, str(self.rng.choice(["dark", "no_contact"])), 10.0)
            self._silence(strike, junction)

    def _building(self) -> None:
        building = self._one("building", least=2)
        if building is not None:
            strike = self._begin("building", building)
            self._lose(strike, building, "power_cut", 5.0)
            self._silence(strike, building)

    def _power_cut(self) -> None:
        """One to three neighbouring substations go, with all they supply; batteries keep some talking."""
        lost = self._lost_supply()
        if lost is None:
            return
        strike = self._begin("power_cut", AREA)
        for row in lost:
            getattr(self, f"_cut_{self.types[row]}", self._cut_other)(strike, row)
            self.hit[row] = True

    def _lost_supply(self) -> list[int] | None:
        """What neighbouring substations supply: equipment of several domains. None where none does."""
        supplied = np.flatnonzero(np.isin(self.types, SUPPLIED) & ~self.hit)
        number = max(1, len(supplied) // ON_A_STATION)
        for _ in range(200):
            stations = self.xy[self.rng.choice(supplied, number, replace=False)]
            away = np.square(self.xy[supplied][:, None] - stations[None]).sum(axis=2)
            first = stations[self.rng.integers(len(stations))]
            near = np.square(stations - first).sum(axis=1).argsort()[: self.rng.integers(1, 4)]
            lost: list[int] = supplied[np.isin(away.argmin(axis=1), near)].tolist()
            if len({DOMAIN_OF[self.types[row]].name for row in lost}) >= 2 and len(lost) >= 4:
                return lost
        return None

    def _cut_control_cabinet(self, strike: Strike, row: int) -> None:
        says = str(self.rng.choice(["no_contact", "breaker_tripped", ""], p=[0.6, 0.25, 0.15]))
        if says:
            self._lose(strike, row, says, 15.0)
        self._dark(strike, row, str(self.rng.choice(["no_supply", "no_contact"])))

    def _cut_junction(self, strike: Strike, row: int) -> None:
        self._lose(strike, row, str(self.rng.choice(["dark", "no_contact"], p=[0.6, 0.4])), 10.0)
        self._silence(strike, row)

    def _cut_gateway(self, strike: Strike, row: int) -> None:
        if self.rng.random() < 0.5:
            self._lose(strike, row, "no_contact", 20.0)
            self._silence(strike, row)

    def _cut_building(self, strike: Strike, row: int) -> None:
        self._lose(strike, row, str(self.rng.choice(["power_cut", "no_contact"], p=[0.7, 0.3])), 10.0)
        for child in self.children.get(row, ()):
            if self.types[child] == "meter" or self.rng.random() < 0.5:
                self._lose(strike, child, "no_contact", 20.0)

    def _cut_other(self, strike: Strike, row: int) -> None:
        if self.types[row] != "camera" or self.rng.random() < 0.8:
            self._lose(strike, row, "no_contact", 20.0)

    def _begin(self, kind: str, row: int) -> Strike:
        """A strike of its own; the front passes, then it calms."""
        start = float(self.rng.beta(2, 3)) * self.spread_s
        end = start + float(self.rng.gamma(3.0, self.lasts_s / 6)) + self.lasts_s / 2
        self._strikes.append(Strike(kind, row, start, end))
        return self._strikes[-1]

    def _one(self, kind: str, least: int = 0) -> int | None:
        """An asset of ``kind`` with ``least`` children, none of them hit yet; None where there is none."""
        rows = [row for row in self.city.of(kind).tolist() if not self.hit[row]]
        free = [row for row in rows if self._whole(row, least)]
        if not free:
            return None
        row = int(free[self.rng.integers(len(free))])
        self.hit[row] = True
        return row

    def _whole(self, row: int, least: int) -> bool:
        mine = self.children.get(row, [])
        return len(mine) >= least and not self.hit[mine].any()

    def _of(self, parent: int, kind: str) -> list[int]:
        return [row for row in self.children.get(parent, ()) if self.types[row] == kind and not self.hit[row]]

    def _dark(self, strike: Strike, cabinet: int, state: str, feeder: object = None) -> None:
        for lamp in self._of(cabinet, "streetlight"):
            if feeder is None or self.city.attributes[lamp].get("feeder") == feeder:
                self._lose(strike, lamp, state, 12.0)

    def _silence(self, strike: Strike, parent: int) -> None:
        for child in self.children.get(parent, ()):
            self._lose(strike, child, "no_contact", 20.0)

    def _lose(self, strike: Strike, row: int, state: str, noticed_s: float) -> None:
        """An asset goes with a strike: seen to be lost some seconds after it, and back after its end."""
        if self.hit[row] and row != strike.row:
            return
        self.hit[row] = True
        late: npt.NDArray[np.float64] = self.rng.exponential(noticed_s, 2)
        strike.outages.append(Outage(row, state, strike.start + float(late[0]), strike.end + float(late[1])))
