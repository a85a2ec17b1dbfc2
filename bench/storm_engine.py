"""The alarm engine in virtual time: reports in, open alarms out, as the city's own does it, without database
or clock. The rules are the domains' own, the watching and the explaining are the city's own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np

from bench.storm_night import WELL, Report
from geodata.assets import Columns
from geodata.demo_city import DemoCity, status_table
from geodata.profiles import CityProfile
from model.alarm_rules import INFERRED, Rule
from model.domains import ASSET_TYPES, TYPE_ORDER
from services.alarms.causes import KEPT_S, OPEN, Open, Topology, blank, settle
from services.alarms.watching import CHANGES, READINGS, Sky, Watcher


def columns_of(city: DemoCity) -> Columns:
    """The drawn city as the columns its database would give; rows are live indices."""
    count = len(city)
    return Columns(
        version=1,
        ids=np.arange(1, count + 1, dtype="i8"),
        external_ids=np.array(city.external_ids, "O"),
        names=np.array(city.names, "O"),
        streets=np.array(city.street_names, "O"),
        lon=city.lonlat[:, 0],
        lat=city.lonlat[:, 1],
        types=city.types,
        parents=city.parents,
        areas=city.communes.astype("i4") + 2,
        periods=np.array([ASSET_TYPES[t].period_s for t in TYPE_ORDER], "f8")[city.types],
    )


def sky_of(profile: CityProfile) -> Sky:
    """The sun over the middle of the city."""
    bounds = profile.bounds
    return Sky((bounds.west + bounds.east) / 2, (bounds.south + bounds.north) / 2)


def topology_of(city: DemoCity, columns: Columns) -> Topology:
    """What hangs on what in the drawn city."""
    named = [about.get("feeder") for about in city.attributes]
    return Topology.of(columns, [None if name is None else str(name) for name in named])


@dataclass
class Shown:
    """What became of one alarm: its place in the rules, its asset, when it was raised, whether it was put
    before somebody, and the root of its causes from each instant on (s) while it lasted."""

    rule: int
    index: int
    raised: float
    annunciated: bool = False
    roots: list[tuple[float, int]] = field(default_factory=list)

    def root_at(self, now: float) -> int:
        """The root of its causes at ``now``; the first there was where that is later."""
        before = [root for at, root in self.roots if at <= now]
        return before[-1] if before else self.roots[0][1]


@dataclass
class VirtualEngine:
    """Takes reports as they arrive and keeps the open alarms ``rows``; ``shown`` by id."""

    rules: Sequence[Rule]
    columns: Columns
    topology: Topology
    watcher: Watcher
    began: float
    rows: Open = field(default_factory=lambda: np.zeros(0, OPEN))
    shown: dict[int, Shown] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The city is well to begin with."""
        self._ids = count(1)
        self._status = status_table()
        self._codes = [{state.name: state.code for state in ASSET_TYPES[name].states} for name in TYPE_ORDER]
        types = self.columns.types
        well = np.array(
            [self._codes[t].get(WELL.get(name, ""), 0) for t, name in enumerate(TYPE_ORDER)], "u1"
        )
        state = well[types]
        since = np.full(len(types), self.began - 86_400.0)
        self.watcher.begin(self.began, self._status[types, state], state, since, {})

    def step(self, now: float, reports: Iterable[Report]) -> None:
        """Take what arrived up to ``now`` (s) and look once."""
        changes = np.array([self._change(report) for report in reports], CHANGES)
        changes = changes[np.argsort(changes["time"], kind="stable")]
        for turn in self.watcher.take(changes, np.zeros(0, READINGS), now, None):
            self._turn(turn, now)
        self.rows, wait = settle(self.topology, self.rules, self.rows, now, lambda: next(self._ids))
        shown = self.rows["active"] & (self.rows["cause"] == 0) & ~self.rows["annunciated"]
        shown &= ~np.isin(self.rows["id"], list(wait))
        self.rows["annunciated"] |= shown
        self._remember(now)
        gone = self.rows["closed"] & ~(self.rows["returned"] > now - KEPT_S)
        self.rows = self.rows[~gone]

    def _change(self, report: Report) -> tuple[int, float, int, int]:
        kind = int(self.columns.types[report.row])
        code = self._codes[kind][report.state]
        return report.row, self.began + report.at, int(self._status[kind, code]), code

    def _turn(self, turn: Any, now: float) -> None:
        """One condition began or ended. An operator acknowledges at once: what is over leaves the list."""
        if turn["index"] < 0:
            return
        mine = (
            (self.rows["rule"] == turn["rule"]) & (self.rows["index"] == turn["index"]) & ~self.rows["closed"]
        )
        if not turn["active"]:
            self.rows["active"][mine], self.rows["returned"][mine] = False, turn["time"]
            self.rows["closed"][mine] = True
        elif not mine.any():
            row = blank(1)
            row["id"], row["rule"], row["index"] = next(self._ids), turn["rule"], turn["index"]
            row["raised"], row["noticed"] = turn["time"], now
            self.rows = np.concatenate([self.rows, row])

    def _remember(self, now: float) -> None:
        root = _roots(self.rows)
        top = self.rows["id"][root]
        facts = zip(*(self.rows[name].tolist() for name in ("id", "active", "annunciated")), strict=True)
        for place, (alarm, active, annunciated) in enumerate(facts):
            known = self.shown.get(alarm)
            if known is None:
                row = self.rows[place]
                known = Shown(int(row["rule"]), int(row["index"]), float(row["raised"]))
                self.shown[alarm] = known
            known.annunciated = annunciated
            moved = not known.roots or known.roots[-1][1] != top[place]
            if moved and (active or not known.roots or top[place] != alarm):
                known.roots.append((now, int(top[place])))

    def listed(self) -> int:
        """How many rows the list has now."""
        return int((self.rows["active"] & (self.rows["cause"] == 0) & self.rows["annunciated"]).sum())

    def told(self) -> int:
        """How many rows it would have if nothing explained anything."""
        guessed = [place for place, rule in enumerate(self.rules) if isinstance(rule.condition, INFERRED)]
        return int((self.rows["active"] & ~np.isin(self.rows["rule"], guessed)).sum())


def _roots(rows: Open) -> np.ndarray:
    """The row at the end of each row's causes."""
    order = np.argsort(rows["id"])
    ids = rows["id"][order]
    at = np.minimum(np.searchsorted(ids, rows["cause"]), max(len(rows) - 1, 0))
    here = np.arange(len(rows))
    up = np.where((rows["cause"] > 0) & (ids[at] == rows["cause"]), order[at], here) if len(rows) else here
    for _ in range(8):
        up = up[up]
    return up
