"""One batch, judged: what of it the history must store, what its senders are told, what the screens show.

Pure: memory in, plan out. Nothing here waits for anybody.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from model.observations import Observation, Position
from services.live.fleet import Fleet, JudgedFleet
from services.live.judge import Judge
from services.live.letters import KEPT_A_BATCH, UNKEPT, letter_of, storable
from services.live.memory import CityMemory, Saved, Taken
from services.live.moving import Moves
from services.live.parsed import Parsed
from services.live.plan import Account, Letter, Plan, Refusals
from services.live.quality import STATE_SLOT, Judged, Reject
from services.live.state import Records, packed_changes
from services.live.watch import NOBODY, Watch


class Part(NamedTuple):
    """One sending: its feed and that feed's number, what it understood, and how many messages it took.

    ``shared``: every ingest process of the city hears the feed, so what another one takes in is not ours
    to count.
    """

    feed: str
    number: int
    shared: bool
    parsed: Parsed
    messages: int = 1


@dataclass(frozen=True)
class Outcome:
    """What became of one part: ``duplicate`` items known before the history was asked, and its refusals
    in the sender's own numbering."""

    duplicate: int
    rejects: list[Reject]


class Undo(NamedTuple):
    """What a batch changed, as it was before."""

    memory: Saved
    watch: Saved


@dataclass
class Batch:
    """A judged batch: its plan, what each part is told, what the screens will be shown (CHANGE records and
    moves), and how to take it back."""

    plan: Plan
    outcomes: list[Outcome]
    changes: Records
    moves: Moves | None
    part_of: npt.NDArray[np.intp] = field(repr=False)
    """The part each row came in."""
    undo: Undo = field(repr=False)


@dataclass
class City:
    """What is known of one layout, and who judges what comes.

    ``periods`` f8 s, how often each datastream speaks, as the watch's columns.
    """

    memory: CityMemory
    watch: Watch
    periods: npt.NDArray[np.float64]
    judge: Judge
    fleet: Fleet

    def take(self, parts: Sequence[Part], trace: str, now: float) -> Batch:
        """Judge ``parts`` received at ``now`` (epoch s) and move the memory on."""
        observations = [o for part in parts for o in part.parsed.observations]
        positions = [p for part in parts for p in part.parsed.positions]
        judged, refused = self.judge.judge(observations, now)
        fleet = self.fleet.judge(positions, now) if positions else None
        everything = judged if fleet is None else np.concatenate([judged, self._said(fleet, now)])
        touched = np.unique(everything["index"]).astype("i8")
        undo = Undo(self.memory.save(touched), self.watch.save(touched))
        part_of = _part_of(parts)
        book = _Book(parts, part_of, observations, positions)
        with self._or_as_before(undo):
            self._watched(everything, part_of, parts)
            taken = self.memory.take(everything)
            book.enter(judged, refused, fleet, taken, now)
            plan = self._plan(book, everything, taken, fleet, trace, now)
        if fleet is not None:
            self.fleet.keep(fleet)
        changes = packed_changes(touched, self.memory.records)
        return Batch(plan, book.outcomes(), changes, fleet.moves if fleet else None, part_of, undo)

    @contextmanager
    def _or_as_before(self, undo: Undo) -> Iterator[None]:
        """What fails on its way leaves the memory as it was."""
        try:
            yield
        except BaseException:
            self._put_back(undo)
            raise

    def take_back(self, batches: Sequence[Batch]) -> None:
        """Undo ``batches``, the newest first: they did not become durable."""
        for batch in reversed(batches):
            self._put_back(batch.undo)

    def _put_back(self, undo: Undo) -> None:
        self.memory.put_back(undo.memory)
        self.watch.put_back(undo.watch)

    def _said(self, fleet: JudgedFleet, now: float) -> Judged:
        """What positions say of states: nobody's items, so their rows are nobody's."""
        said, _ = self.judge.judge(fleet.states, now)
        said["row"] = -1
        return said

    def _watched(self, judged: Judged, part_of: npt.NDArray[np.intp], parts: Sequence[Part]) -> None:
        self.watch.doubt(judged, self.memory.columns.types[judged["index"]])
        # What positions say of states is their feed's, though nobody's item.
        moving = next((part.number for part in parts if part.parsed.positions), NOBODY)
        number_of = np.array([*(part.number for part in parts), moving], "u1")
        feeds = number_of[np.where(judged["row"] >= 0, part_of[judged["row"]], len(parts))]
        self.watch.take(judged, feeds)

    def _plan(
        self,
        book: "_Book",
        judged: Judged,
        taken: Taken,
        fleet: JudgedFleet | None,
        trace: str,
        now: float,
    ) -> Plan:
        ids = self.memory.columns.ids
        values, states = judged[judged["slot"] != STATE_SLOT], taken.array()
        plan = Plan(
            trace, now, values, ids[values["index"]], states, ids[states["index"]],
            book.accounts(), book.owner(), book.refusals(), book.letters, book.raws(values),
        )  # fmt: skip
        if fleet is not None and len(fleet.accepted):
            plan.positions = fleet.accepted.copy()
            plan.positions["row"] += len(book.observations)
            plan.position_ids = ids[plan.positions["index"]]
        return plan


def _part_of(parts: Sequence[Part]) -> npt.NDArray[np.intp]:
    """The part of each row: of every observation, then of every position; one more for nobody's."""
    places = np.arange(len(parts))
    seen = np.repeat(places, [len(part.parsed.observations) for part in parts])
    moved = np.repeat(places, [len(part.parsed.positions) for part in parts])
    return np.concatenate([seen, moved, [len(parts)]]).astype("i8")


class _Book:
    """Who sent what of a batch, and what became of it."""

    def __init__(
        self,
        parts: Sequence[Part],
        part_of: npt.NDArray[np.intp],
        observations: Sequence[Observation],
        positions: Sequence[Position],
    ) -> None:
        self.parts = parts
        self.part_of = part_of
        self.observations = observations
        self._positions = positions
        self.letters: list[Letter] = []
        self._feeds = list(dict.fromkeys(part.feed for part in parts))
        self._rejects: list[list[Reject]] = [list(part.parsed.rejects) for part in parts]
        self._duplicates = np.zeros(len(parts), "i8")
        self._elsewhere = np.zeros(len(parts), "i8")
        self._lag_sum = np.zeros(len(self._feeds))
        self._lag_max = np.zeros(len(self._feeds))
        self._counted: dict[tuple[str, str], Refusals] = {}
        seen = [len(part.parsed.observations) for part in parts]
        moved = [len(part.parsed.positions) for part in parts]
        self._first_seen = list(accumulate(seen, initial=0))
        self._first_moved = list(accumulate(moved, initial=len(observations)))
        self._sent_rows: dict[int, list[int]] = {}

    def enter(
        self,
        judged: Judged,
        refused: Sequence[Reject],
        fleet: JudgedFleet | None,
        taken: Taken,
        now: float,
    ) -> None:
        """Note what was refused, what was known already, and how late the rest came."""
        for part in self.parts:
            for reject in part.parsed.rejects:
                self._bury(part.feed, reject, None)
        for reject in refused:
            self._refuse(reject.row, reject, self.observations[reject.row])
        first = len(self.observations)
        for reject in fleet.rejects if fleet else ():
            self._refuse(first + reject.row, reject, self._positions[reject.row])
        known = np.array([row for row in taken.known if row >= 0], "i8")
        self._duplicates += np.bincount(self.part_of[known], minlength=len(self.parts))
        self._note_lag(self._owners()[self.part_of[judged["row"]]], np.maximum(0.0, now - judged["time"]))
        if fleet is not None:
            rows = first + fleet.accepted["row"]
            lag = np.maximum(0.0, now - fleet.accepted["time"])
            self._note_lag(self._owners()[self.part_of[rows]], lag)

    def _refuse(self, row: int, reject: Reject, seen: Observation | Position) -> None:
        place = int(self.part_of[row])
        if self.parts[place].shared and reject.reason in UNKEPT:
            self._elsewhere[place] += 1
            return
        # The detail is the sender's to read; the row is in the sender's own numbering.
        self._rejects[place].append(
            Reject(self._sent_row(place, row), reject.reason, reject.detail, reject.item, reject.asset)
        )
        self._bury(self.parts[place].feed, reject, seen)

    def _sent_row(self, place: int, row: int) -> int:
        """The row as its sender counted it."""
        if place not in self._sent_rows:
            self._sent_rows[place] = self.parts[place].parsed.sent_rows()
        own = len(self.parts[place].parsed.observations)
        seen = row < len(self.observations)
        within = row - self._first_seen[place] if seen else own + row - self._first_moved[place]
        return self._sent_rows[place][within]

    def _bury(self, feed: str, reject: Reject, seen: Observation | Position | None) -> None:
        fresh = Refusals(feed, reject.reason, 0, "")
        counted = self._counted.setdefault((feed, reject.reason), fresh)
        counted.count += 1
        counted.excerpt = reject.detail
        if counted.count <= KEPT_A_BATCH and reject.reason not in UNKEPT:
            self.letters.append(letter_of(feed, reject, seen))

    def _owners(self) -> npt.NDArray[np.int32]:
        """The account of each part, and -1 for nobody's."""
        return np.array([*(self._feeds.index(part.feed) for part in self.parts), -1], "i4")

    def _note_lag(self, owner: npt.NDArray[np.int32], lag: npt.NDArray[np.float64]) -> None:
        np.add.at(self._lag_sum, owner, lag)
        np.maximum.at(self._lag_max, owner, lag)

    def owner(self) -> npt.NDArray[np.int32]:
        """The account of each row."""
        return self._owners()[self.part_of[:-1]]

    def accounts(self) -> list[Account]:
        """One account a feed."""
        found = [
            Account(feed, 0, 0, 0, 0, float(self._lag_sum[at]), float(self._lag_max[at]))
            for at, feed in enumerate(self._feeds)
        ]
        for place, part in enumerate(self.parts):
            account = found[self._feeds.index(part.feed)]
            account.messages += part.messages
            account.received += len(part.parsed) - int(self._elsewhere[place])
            account.duplicate += int(self._duplicates[place])
            account.dead += len(self._rejects[place])
        return found

    def refusals(self) -> list[Refusals]:
        """How many were refused, by feed and reason."""
        return list(self._counted.values())

    def raws(self, values: Judged) -> list[tuple[int, float, str]]:
        """(row, raw, unit) of the accepted values that were converted at the door."""
        sent = {row: one for row, one in enumerate(self.observations) if one.raw is not None}
        if not sent:
            return []
        accepted = (row for row in values["row"].tolist() if row in sent)
        return [(row, float(sent[row].raw or 0.0), storable(sent[row].raw_unit)) for row in accepted]

    def outcomes(self) -> list[Outcome]:
        """What each part is told."""
        return [
            Outcome(int(known), rejects)
            for known, rejects in zip(self._duplicates, self._rejects, strict=True)
        ]


def ahead_of_clock(batch: Batch, now: float) -> float | None:
    """How far the newest time of ``batch`` is ahead of ``now``, s; None when nothing was accepted."""
    times = batch.plan.values["time"]
    return float(times.max() - now) if len(times) else None


def new_trace() -> str:
    """The name of a batch, 16 hex digits: from its messages to its frame."""
    return secrets.token_hex(8)
