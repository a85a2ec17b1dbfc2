"""What a judged batch means for the history: everything the recorder writes, in one piece.

A plan holds decisions, not payloads, so that it can wait in the spool and still come out right: by asset
id it survives a new layout, by its own id it is never applied nor counted twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np
import numpy.typing as npt

from services.live.memory import STATE_ROW
from services.live.moving import POSITION
from services.live.quality import JUDGED, Judged

Rows = npt.NDArray[np.void]


class Letter(msgspec.Struct, frozen=True):
    """A dead letter to keep: ``item`` in ``form`` observation, position or payload."""

    feed: str
    reason: str
    detail: str
    asset: str
    item: bytes
    form: str


class Account(msgspec.Struct):
    """One feed's part of a batch, as far as it is known before the history is asked.

    ``lag_sum`` and ``lag_max`` are seconds from phenomenon_time to receipt of what was accepted.
    """

    feed: str
    messages: int
    received: int
    duplicate: int
    dead: int
    lag_sum: float
    lag_max: float


class Refusals(msgspec.Struct):
    """How many items of ``feed`` were refused for ``reason``, with the last excerpt."""

    feed: str
    reason: str
    count: int
    excerpt: str


@dataclass
class Plan:
    """One batch on its way to the history. Rows number its observations, then its positions.

    ``id`` is its trace; ``received_at`` epoch s; ``values`` JUDGED without states and ``value_ids`` the
    asset id of each (i8); ``states`` STATE_ROW and ``state_ids``; ``raws`` are (row, raw, unit) of values
    converted at the door; ``positions`` POSITION and ``position_ids``; ``owner`` i4, the place of each
    row's account.
    """

    id: str
    received_at: float
    values: Judged
    value_ids: npt.NDArray[np.int64]
    states: Rows
    state_ids: npt.NDArray[np.int64]
    accounts: Sequence[Account]
    owner: npt.NDArray[np.int32]
    refusals: Sequence[Refusals] = ()
    letters: Sequence[Letter] = ()
    raws: Sequence[tuple[int, float, str]] = ()
    positions: Rows = field(default_factory=lambda: np.zeros(0, POSITION))
    position_ids: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, "i8"))

    @property
    def items(self) -> int:
        """How many items it accounts for."""
        return sum(account.received for account in self.accounts)


class _Wire(msgspec.Struct, array_like=True):
    id: str
    received_at: float
    values: bytes
    value_ids: bytes
    states: bytes
    state_ids: bytes
    accounts: list[Account]
    owner: bytes
    refusals: list[Refusals]
    letters: list[Letter]
    raws: list[tuple[int, float, str]]
    positions: bytes
    position_ids: bytes


_DECODER = msgspec.msgpack.Decoder(_Wire)


def packed(plan: Plan) -> bytes:
    """``plan`` as bytes for the spool (MessagePack; arrays as they lie in memory)."""
    return msgspec.msgpack.encode(
        _Wire(
            plan.id, plan.received_at, plan.values.tobytes(), plan.value_ids.tobytes(),
            plan.states.tobytes(), plan.state_ids.tobytes(), list(plan.accounts), plan.owner.tobytes(),
            list(plan.refusals), list(plan.letters), list(plan.raws), plan.positions.tobytes(),
            plan.position_ids.tobytes(),
        )
    )  # fmt: skip


def unpacked(blob: bytes) -> Plan:
    """The plan in ``blob``; msgspec.DecodeError when it is none."""
    wire = _DECODER.decode(blob)
    return Plan(
        wire.id, wire.received_at,
        np.frombuffer(wire.values, JUDGED), np.frombuffer(wire.value_ids, "i8"),
        np.frombuffer(wire.states, STATE_ROW), np.frombuffer(wire.state_ids, "i8"),
        wire.accounts, np.frombuffer(wire.owner, "i4"), wire.refusals, wire.letters, wire.raws,
        np.frombuffer(wire.positions, POSITION), np.frombuffer(wire.position_ids, "i8"),
    )  # fmt: skip
