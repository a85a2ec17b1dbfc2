"""A part of the live city: what one scope sees of the hub, shared by everybody of that scope.

It holds no assets but its own. Every tick of the hub is narrowed once for the scope, however many consoles
follow it; a console that comes back is told what it missed from the hub's own frames, narrowed then.
"""

import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from geodata.assets import Columns
from model.errors import Unavailable
from model.states import RECORD, Bytes
from model.viewer import Scope
from services.live.consoles import Consoles
from services.live.frames import Event, event, frame, packed
from services.live.geometry import Geometry, geometry, geometry_path
from services.live.movements import Movements
from services.live.narrowing import Indices, Narrowing, narrowed
from services.live.notices import notices, worth_telling
from services.live.part_movements import PartMovements
from services.live.picture import Picture, Snapshot, attention_moved
from services.live.state import Records

Facts = Mapping[str, Any]
NOTHING = Geometry(b"", b"", b"")


class Whole(Protocol):
    """What a part asks of the hub it is a part of."""

    movements: Movements
    frame_time: float

    @property
    def areas(self) -> Sequence[tuple[int, str]]:
        """Id and name of the areas assets are counted under."""

    @property
    def picture(self) -> Picture | None:
        """The picture of the layout in force."""

    @property
    def sequence(self) -> str:
        """The newest stream id."""

    @property
    def source(self) -> str:
        """Where the picture comes from."""

    def missed(self, last_id: str, newest_id: str) -> list[Event] | None:
        """The hub's frames after ``last_id``; None when they are not all kept."""

    def beat_facts(self) -> Facts:
        """What a heartbeat says now."""


class Laid(NamedTuple):
    """A part as it is to be laid out: of which picture, the narrowing, and its packed geometry."""

    picture: Picture
    narrowing: Narrowing
    geometry: Geometry


class Known(NamedTuple):
    """The records and times of a scope as of a revision of the city's picture."""

    revision: int
    records: Records
    since: npt.NDArray[np.uint32]


NOTHING_KNOWN = Known(-1, np.zeros(0, RECORD), np.zeros(0, "u4"))


class Part:
    """What one scope sees of the live city; read like the hub. ``columns`` is None until it was laid out."""

    def __init__(self, whole: Whole, scope: Scope, merged: Callable[[], object]) -> None:
        self.scope = scope
        self._whole = whole
        self._picture: Picture | None = None
        self._narrowing: Narrowing | None = None
        self._geometry = NOTHING
        self._codes: Bytes = np.zeros(0, "u1")
        self._known = NOTHING_KNOWN
        self._types: frozenset[str] = frozenset()
        self._consoles = Consoles(merged, self._missed)
        self.movements = PartMovements(whole.movements)
        self.attention_version = 0
        self.asked_at = time.monotonic()

    def __len__(self) -> int:
        """How many consoles follow it."""
        return len(self._consoles)

    # reading -----------------------------------------------------------------------------------------

    @property
    def columns(self) -> Columns | None:
        """The scope's assets; None while none were read."""
        return self._narrowing.columns if self._narrowing else None

    @property
    def records(self) -> Records:
        """RECORD (n): the newest known state."""
        return self._now().records

    @property
    def codes(self) -> Bytes:
        """Display codes u1 (n)."""
        return self._codes

    @property
    def since(self) -> npt.NDArray[np.uint32]:
        """When the status last changed, u4 (n) epoch s, 0 unknown."""
        return self._now().since

    def _now(self) -> "Known":
        """What is known now, cut out of the city's once for all who ask until something becomes known."""
        if self._picture is None or self._narrowing is None:
            return NOTHING_KNOWN
        if self._known.revision != self._picture.revision:
            index = self._narrowing.index
            self._known = Known(
                self._picture.revision, self._picture.records[index], self._picture.since[index]
            )
        return self._known

    @property
    def source(self) -> str:
        """As the hub's; ``none`` while this part is not of the layout in force, so that nothing moves."""
        return self._whole.source if self.in_step else "none"

    @property
    def frame_time(self) -> float:
        """When the city was last drawn, epoch s."""
        return self._whole.frame_time

    @property
    def in_step(self) -> bool:
        """Whether it is laid out as the city is now."""
        return self._picture is not None and self._picture is self._whole.picture

    @property
    def geometry_path(self) -> str:
        """The address of its geometry."""
        version = self._narrowing.columns.version if self._narrowing else 0
        return geometry_path(version, self.scope.key)

    def snapshot(self) -> Snapshot:
        """What a console starts from."""
        version, now = self._narrowing.columns.version if self._narrowing else 0, time.time()
        moves = self.movements.document(now)
        return Snapshot(
            version, self._whole.sequence, now, self._codes.copy(), self.source, self.geometry_path, moves
        )

    def geometry(self) -> Geometry:
        """The packed geometry (gz, br, raw) of its layout."""
        return self._geometry

    def subscribe(self, last_id: str | None = None) -> AsyncGenerator[Event]:
        """Events as they come, first what changed after ``last_id``, or ``resync`` when that is not known."""
        return self._consoles.subscribe(
            last_id, lambda: self._whole.sequence, lambda: self._beat_event(self._whole.beat_facts())
        )

    def _missed(self, last_id: str, newest_id: str) -> list[Event] | None:
        frames = self._whole.missed(last_id, newest_id) if self.in_step else None
        if frames is None or self._narrowing is None:
            return None
        at = self._narrowing.touched([one.changes for one in frames if one.changes is not None])
        return [frame(newest_id, time.time(), packed(at, self._codes), again=True)] if len(at) else []

    # following the hub -------------------------------------------------------------------------------

    def laid(self, ids: npt.NDArray[np.int64], version: int) -> Laid:
        """How it will be laid out with the assets ``ids`` of layout ``version``. Blocks for some 100 ms.

        Unavailable when the hub follows another layout by now.
        """
        picture = self._whole.picture
        if picture is None or picture.columns.version != version:
            raise Unavailable("the city is being laid out anew")
        found = narrowed(picture.columns, ids)
        return Laid(picture, found, geometry(found.columns, self._areas(found.columns)))

    def _areas(self, columns: Columns) -> list[tuple[int, str]]:
        if self.scope.areas is None:
            return list(self._whole.areas)
        shown = self.scope.areas | set(np.unique(columns.areas).tolist())
        return [area for area in self._whole.areas if area[0] in shown]

    def lay_out(self, laid: Laid) -> None:
        """Begin anew as ``laid``; consoles are told to take a new snapshot."""
        again = self._narrowing is not None
        self._picture, self._narrowing, self._geometry = laid
        self._types = self._narrowing.types
        self._codes = self._narrowing.codes(self._picture.codes)
        self._known = NOTHING_KNOWN
        self.movements.lay_out(self._narrowing)
        self.attention_version += 1
        if again:
            told = {"version": self._narrowing.columns.version}
            self._consoles.send(event("reload", self._whole.sequence, told))

    def show(self, indices: Indices, now: float, trace: str, *, again: bool) -> None:
        """Take over what the hub drew anew at ``indices`` (its own), and send what of it is in the scope."""
        if not self.in_step or self._narrowing is None or self._picture is None:
            return
        at = self._narrowing.own(indices)
        codes = self._narrowing.codes_at(self._picture.codes, at)
        turned = codes != self._codes[at]
        at, codes = at[turned], codes[turned]
        if not len(at):
            return
        before, self._codes = self._codes, self._codes.copy()
        self._codes[at] = codes
        self.attention_version += attention_moved(at, before, self._codes)
        sequence = self._whole.sequence
        self._consoles.send(frame(sequence, now, packed(at, self._codes), trace, again=again))
        if worth_telling(before[at], codes).any():
            told = notices(self._narrowing.columns, self.records, before, self._codes, at)
            self._consoles.send(event("notices", sequence, told))

    def moved(self, one: Event) -> None:
        """Take over a moves event of the hub."""
        own = self.movements.own(one) if self.in_step and len(self._consoles) else None
        if own is not None:
            self._consoles.send(own)

    def tell(self, one: Event) -> None:
        """Send an event that holds nothing of any place."""
        self._consoles.send(one)

    def beat(self, facts: Facts) -> None:
        """Tell every console that this process lives."""
        if len(self._consoles):
            self._consoles.send(self._beat_event(facts))

    def _beat_event(self, facts: Facts) -> Event:
        late = [one for one in facts["late"] if one["type"] in self._types]
        return event("beat", self._whole.sequence, {**facts, "source": self.source, "late": late})

    def close(self) -> None:
        """End every subscription."""
        self._consoles.close()
