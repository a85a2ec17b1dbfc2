"""What a feed makes of a payload, and Vigie's own JSON of observations.

    {"asset": "EP-0255", "property": "power", "value": 12.5, "phenomenon_time": "2026-11-06T18:42:00+01:00"}

``property`` is ``state`` or one the asset's type declares; a state is given by name or by code; ``quality``
is optional. One such object, an array of them, or ``{"observations": [...]}``.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from model.errors import BadObservation, BadRequest
from model.observations import Observation, Position
from services.live.quality import Reject

DEPTH_MOST = 32
EXCERPT = 200
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Parsed:
    """The ``observations`` and ``positions`` of a payload in order, and the items that are none of them.

    Items are counted as observations, then positions, then rejects; a reject's row is its place in the
    payload. ``notes`` counts by a few words what was noticed and is no reject: kinds of item that are no
    business of the feed, and what it tolerated.
    """

    observations: Sequence[Observation]
    rejects: Sequence[Reject]
    positions: Sequence[Position] = ()
    notes: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many items: what ``received`` counts."""
        return len(self.observations) + len(self.positions) + len(self.rejects)

    def sent_rows(self) -> list[int]:
        """The row of each observation, then of each position, as its sender counted: the feed has taken
        its own refusals out."""
        gone = {reject.row for reject in self.rejects}
        return [row for row in range(len(self)) if row not in gone][: len(self) - len(self.rejects)]


@dataclass(frozen=True, slots=True)
class Reading:
    """How one source is read: what the city's declaration of it says, and what its address named.

    ``profile`` is the source's ``[reading]`` table; ``zone`` its declared zone, added to times that have
    none. ``fields`` is what the transport knows of this payload: names taken from the topic (``asset``,
    ``property``, ``asset_type``), ``format`` (``ndjson``) and ``received_at`` (ISO 8601 with a zone).
    """

    profile: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    zone: ZoneInfo | None = None


PLAIN = Reading()
"""Nothing declared, nothing named."""


class _Envelope(msgspec.Struct):
    observations: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_ITEMS = msgspec.json.Decoder(list[Observation])
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_ONE = msgspec.json.Decoder(Observation)
_ENVELOPE = msgspec.json.Decoder(_Envelope)
_ONCE_AN_ITEM = tuple(f'"{name}"'.encode() for name in ("asset", "property", "value", "phenomenon_time"))
_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"')
_STEPS = np.zeros(256, "i1")
_STEPS[list(b"[{")], _STEPS[list(b"]}")] = 1, -1
_LONG_NUMBER = re.compile(rb"[0-9]{400}")


def parse_json(payload: bytes) -> Parsed:
    """The observations of ``payload``; BadRequest when it is not JSON of them as a whole.

    NaN, Infinity, numbers without end and more than 32 levels are refused whole. One bad item is rejected
    with its row and never stops the others.
    """
    check_depth(payload)
    try:
        return _parsed(_array(payload))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise BadRequest(f"not JSON of observations: {str(error)[:EXCERPT]}") from None


def parse_lines(payload: bytes) -> Parsed:
    """NDJSON, one observation a line; a row is a line that holds something. One bad line stops no other."""
    lines = [line for line in payload.removeprefix(BYTE_ORDER_MARK).splitlines() if line.strip()]
    joined = parse_joined(lines)
    return joined if joined is not None else _one_by_one([msgspec.Raw(line) for line in lines])


def parse_joined(payloads: Sequence[bytes]) -> Parsed | None:
    """What many payloads of one JSON object each hold, decoded at once; rows are their places.

    None where one of them is not simply one observation (an array, no JSON, a bad item): then take them one
    by one.
    """
    if any(part[:1] != b"{" or part[-1:] != b"}" for part in payloads):
        return None
    array = b"[" + b",".join(payloads) + b"]"
    if _too_deep(array):
        return None
    try:
        parsed = _parsed(array)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, BadRequest):
        return None
    return parsed if len(parsed.observations) == len(payloads) else None


def _too_deep(payload: bytes) -> bool:
    if payload.count(b"[") + payload.count(b"{") <= DEPTH_MOST:
        return False
    return _depth(payload) > DEPTH_MOST and _depth(_TEXTS.sub(b"", payload)) > DEPTH_MOST


def check_depth(payload: bytes) -> None:
    """BadRequest when the brackets of ``payload`` nest more than 32 levels deep."""
    if _too_deep(payload):
        raise BadRequest(f"nested more than {DEPTH_MOST} levels deep")


def _parsed(array: bytes) -> Parsed:
    try:
        items = _ITEMS.decode(array)
    except (msgspec.ValidationError, BadObservation):
        if _LONG_NUMBER.search(array):
            raise BadRequest("a number with more than 400 digits") from None
        return _one_by_one(_RAWS.decode(array))
    return _one_by_one(_RAWS.decode(array)) if _repeats_keys(array, items) else Parsed(items, [])


def _depth(payload: bytes) -> int:
    """How deep brackets nest; those inside texts count too, so a large figure is looked at again."""
    steps = _STEPS[np.frombuffer(payload, "u1")]
    return int(np.cumsum(steps[steps != 0], dtype="i4").max(initial=0))


def _array(payload: bytes) -> bytes:
    """The array of items in ``payload``, whichever of the three forms it has."""
    if payload.lstrip()[:1] != b"{":
        return payload
    inner = _ENVELOPE.decode(payload).observations
    return b"[" + payload + b"]" if isinstance(inner, msgspec.UnsetType) else bytes(inner)


def _repeats_keys(array: bytes, items: list[Observation]) -> bool:
    """Whether some item may give a field twice: msgspec would silently take the last."""
    if b"\\u" in array or array.count(b'"quality"') > len(items):
        return True
    return any(array.count(name) != len(items) for name in _ONCE_AN_ITEM)


def _one_by_one(raws: list[msgspec.Raw]) -> Parsed:
    found: list[Observation] = []
    rejects: list[Reject] = []
    for row, raw in enumerate(raws):
        try:
            found.append(_single(bytes(raw)))
        except BadObservation as refused:
            rejects.append(Reject(row, refused.reason, refused.detail, bytes(raw)))
    return Parsed(found, rejects)


def _single(raw: bytes) -> Observation:
    if _too_deep(raw):
        raise BadObservation("malformed", f"nested more than {DEPTH_MOST} levels deep")
    try:
        json.loads(raw, object_pairs_hook=_without_repeats)
        return _ONE.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        excerpt = raw[:EXCERPT].decode("utf-8", "replace")
        raise BadObservation("malformed", f"{str(error)[:80]}: {excerpt}") from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise BadObservation("duplicate_key", ", ".join(key for key, _ in pairs)[:EXCERPT])
    return table
