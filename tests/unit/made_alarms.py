"""Open alarms made by hand, and a small city they are of, for tests of what explains what."""

from collections.abc import Iterable
from itertools import count
from typing import Any

import numpy as np

from geodata.assets import Columns
from model.alarm_rules import Explained, Rule, StateIs
from model.domains import ASSET_TYPES, DOMAIN_OF, TYPE_ORDER
from model.domains.presumed import CAMERAS_LOST, FEEDER_LOST, POWER_CUT
from services.alarms.causes import OPEN, Open, Topology, blank, settle

HOLD_S = 60.0
_TOLD: dict[str, tuple[str, ...]] = {
    "control_cabinet.breaker_tripped": (),
    "control_cabinet.no_contact": (),
    "control_cabinet.feeder_open": (),
    "streetlight.no_supply": (
        "control_cabinet.breaker_tripped",
        "control_cabinet.no_contact",
        "control_cabinet.feeder_open",
    ),
    "streetlight.no_contact": ("control_cabinet.breaker_tripped", "control_cabinet.no_contact"),
    "streetlight.lamp_failure": (),
    "junction.dark": (),
    "junction.no_contact": (),
    "detector.no_contact": ("junction.dark", "junction.no_contact"),
    "gateway.no_contact": (),
    "gateway.hardware_fault": (),
    "camera.no_contact": ("gateway.no_contact", "gateway.hardware_fault"),
    "camera.no_image": (),
    "building.power_cut": (),
    "meter.no_contact": ("building.power_cut",),
    "access_point.no_contact": ("building.power_cut",),
}


def _told(key: str, by: tuple[str, ...]) -> Rule:
    kind, state = key.split(".")
    return Rule(
        key=key,
        domain=DOMAIN_OF[kind].name,
        asset_type=kind,
        condition=StateIs(states=(state,)),
        priority=ASSET_TYPES[kind].priority,
        hold_s=HOLD_S if by else 0.0,
        explained=tuple(Explained(by=cause) for cause in by),
    )


RULES: tuple[Rule, ...] = (*(_told(k, by) for k, by in _TOLD.items()), FEEDER_LOST, CAMERAS_LOST, POWER_CUT)
PLACE = {rule.key: place for place, rule in enumerate(RULES)}


class Town:
    """A city laid out by hand, in metres from 5° E 47° N, whose alarms are looked at as the engine does."""

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.parents: list[int] = []
        self.feeder: list[str | None] = []
        self.supply: list[str | None] = []
        self.at: list[tuple[float, float]] = []
        self.rows: Open = np.zeros(0, OPEN)
        self.wait: frozenset[int] = frozenset()
        self._ids = count(1)

    def add(
        self,
        kind: str,
        at: tuple[float, float] = (0, 0),
        parent: int = -1,
        feeder: str | None = None,
        supply: str | None = None,
    ) -> int:
        """One asset; its live index."""
        for column, value in (
            (self.kinds, kind),
            (self.at, at),
            (self.parents, parent),
            (self.feeder, feeder),
            (self.supply, supply),
        ):
            column.append(value)  # type: ignore[attr-defined]
        return len(self.kinds) - 1

    def lamps(self, cabinet: int, number: int, feeder: str | None = "1") -> list[int]:
        """Lamps of one feeder, along a street that begins at the cabinet."""
        x, y = self.at[cabinet]
        return [self.add("streetlight", (x + 25 * n, y), cabinet, feeder) for n in range(number)]

    def columns(self) -> Columns:
        """The city as columns."""
        number = len(self.kinds)
        at = np.array(self.at, "f8").reshape(-1, 2)
        return Columns(
            version=1,
            ids=np.arange(1, number + 1, dtype="i8"),
            external_ids=np.array([f"X-{n}" for n in range(number)], "O"),
            names=np.array([f"Asset {n}" for n in range(number)], "O"),
            streets=np.array([""] * number, "O"),
            lon=5.0 + at[:, 0] / (111_195 * np.cos(np.radians(47))),
            lat=47.0 + at[:, 1] / 111_195,
            types=np.array([TYPE_ORDER.index(kind) for kind in self.kinds], "u1"),
            parents=np.array(self.parents, "i4"),
            areas=np.zeros(number, "i4"),
            periods=np.array([ASSET_TYPES[kind].period_s for kind in self.kinds], "f8"),
        )

    def topology(self) -> Topology:
        """What hangs on what."""
        return Topology.of(self.columns(), self.feeder, self.supply)

    def alarm(self, key: str, index: int, raised: float, **fields: Any) -> int:
        """One more open alarm; its id."""
        row = blank(1)
        row["id"], row["rule"], row["index"] = next(self._ids), PLACE[key], index
        row["raised"] = row["noticed"] = raised
        for name, value in fields.items():
            row[name] = value
        self.rows = np.concatenate([self.rows, row])
        return int(row["id"][0])

    def over(self, alarms: Iterable[int], returned: float) -> None:
        """End the condition of alarms; as the table does, those under a cause are closed."""
        mine = np.isin(self.rows["id"], list(alarms))
        self.rows["active"][mine], self.rows["returned"][mine] = False, returned
        self.rows["closed"][mine & (self.rows["cause"] > 0)] = True

    def look(self, now: float) -> None:
        """Explain everything, as the engine does."""
        self.rows, self.wait = settle(self.topology(), RULES, self.rows, now, lambda: next(self._ids))

    def row(self, alarm: int) -> Any:
        """One alarm."""
        return self.rows[self.rows["id"] == alarm][0]

    def cause(self, alarm: int) -> int:
        """What explains it, 0 for nothing."""
        return int(self.row(alarm)["cause"])

    def listed(self) -> list[tuple[str, int]]:
        """What the list shows: class and asset of each open alarm that nothing explains."""
        shown = self.rows[~self.rows["closed"] & (self.rows["cause"] == 0) & self.rows["active"]]
        return sorted((RULES[row["rule"]].key, int(row["index"])) for row in shown)

    def under(self, key: str, index: int) -> list[int]:
        """The ids directly under the open alarm of a class on an asset."""
        mine = (self.rows["rule"] == PLACE[key]) & (self.rows["index"] == index) & ~self.rows["closed"]
        (alarm,) = self.rows["id"][mine].tolist()
        return sorted(self.rows["id"][self.rows["cause"] == alarm].tolist())
