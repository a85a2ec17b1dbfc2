"""What a device in a bad mood sends: messages made from a seed, some good and the rest bad in every way."""

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

LAMPS = 5
GOOD_SHARE = 0.6
TOPIC = b"vigie/demo/streetlight"
BIG = 1_000_000

Make = Callable[[random.Random, "Fuzzed"], bytes]


class Fuzzed:
    """An endless stream of payloads; ``good`` are the (asset, instant) of those that must be stored."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._began = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
        self.good: set[tuple[str, datetime]] = set()
        self._count = 0

    def payload(self) -> bytes:
        """The next one."""
        if self._dice.random() < GOOD_SHARE:
            return json.dumps(self.fresh()).encode()
        return self._dice.choice(KINDS)(self._dice, self)

    def message(self) -> tuple[bytes, bytes]:
        """The next one with its topic; some are plain values on a topic that names its lamp."""
        if self._dice.random() < 0.02:
            topic = b"/".join((TOPIC, self._dice.choice(LEVELS), self._dice.choice(LEVELS)))
            return topic, self._dice.choice(PLAIN)
        return TOPIC, self.payload()

    def bodies(self, count: int) -> Iterator[bytes]:
        """``count`` payloads."""
        return (self.payload() for _ in range(count))

    def fresh(self) -> dict[str, object]:
        """A good observation that was never sent before."""
        self._count += 1
        asset = f"L-{self._count % LAMPS + 1}"
        at = self._began + timedelta(milliseconds=self._count)
        self.good.add((asset, at))
        return {"asset": asset, "property": "power", "value": 50.5, "phenomenon_time": at.isoformat()}

    def other(self, **said: object) -> dict[str, object]:
        """An observation of a time of its own, with ``said`` in the place of what is right."""
        at = self._began - timedelta(days=3, milliseconds=self._dice.randrange(10**7))
        right = {"asset": "L-1", "property": "power", "value": 1.0, "phenomenon_time": at.isoformat()}
        return right | said


def _truncated(dice: random.Random, of: Fuzzed) -> bytes:
    whole = json.dumps(of.other()).encode()
    return whole[: dice.randrange(len(whole))]


def _flipped(dice: random.Random, of: Fuzzed) -> bytes:
    whole = bytearray(json.dumps(of.other()).encode())
    for _ in range(dice.randrange(1, 4)):
        whole[dice.randrange(len(whole))] ^= 1 << dice.randrange(8)
    return bytes(whole)


def _wrong_type(dice: random.Random, of: Fuzzed) -> bytes:
    name = dice.choice(["asset", "property", "value", "phenomenon_time", "quality", "doubts", "raw"])
    return json.dumps(of.other(**{name: dice.choice(WRONG)})).encode()


def _wrong_word(dice: random.Random, of: Fuzzed) -> bytes:
    name = dice.choice(["asset", "property", "value", "phenomenon_time", "quality", "raw_unit"])
    raw: dict[str, object] = {"raw": 1.0} if name == "raw_unit" else {}
    return json.dumps(of.other(**{name: dice.choice(WORDS)}, **raw)).encode()


def _odd_state(dice: random.Random, of: Fuzzed) -> bytes:
    return json.dumps(of.other(property="state", value=dice.choice([*WRONG, *WORDS]))).encode()


def _odd_number(dice: random.Random, of: Fuzzed) -> bytes:
    name = dice.choice(["value", "quality", "doubts", "raw"])
    return json.dumps(of.other(**{name: "@"})).replace('"@"', dice.choice(NUMBERS)).encode()


def _odd_time(dice: random.Random, of: Fuzzed) -> bytes:
    return json.dumps(of.other(phenomenon_time=dice.choice(INSTANTS))).encode()


def _deep(dice: random.Random, of: Fuzzed) -> bytes:
    levels = dice.choice([31, 33, 1_000, 20_000])
    nested = dice.choice(["[", '{"a":']) * levels
    return dice.choice([nested, json.dumps(of.other(value="@")).replace('"@"', nested)]).encode()


def _twice(dice: random.Random, of: Fuzzed) -> bytes:
    name = dice.choice(["asset", "value", "property", "phenomenon_time"])
    whole = json.dumps(of.other())
    return f'{whole[:-1]}, "{name}": {json.dumps(dice.choice(WORDS))}}}'.encode()


def _encoded(dice: random.Random, of: Fuzzed) -> bytes:
    text = json.dumps(of.other(asset="é\u20ac"), ensure_ascii=False)
    return text.encode(dice.choice(["utf-16", "utf-32", "utf-8-sig", "cp1252", "utf-7"]))


def _binary(dice: random.Random, _of: Fuzzed) -> bytes:
    return dice.randbytes(dice.randrange(1, 200))


def _nothing(dice: random.Random, _of: Fuzzed) -> bytes:
    return dice.choice([b"", b" ", b"\n", b"null", b"[]", b"{}", b"[[]]", b'""', b"0", b"true", b"[null]"])


def _mixed(dice: random.Random, of: Fuzzed) -> bytes:
    """Good and bad in one array: the bad ones stop no good one."""
    bad = [of.other(asset="nobody"), of.other(value=None), {"asset": 3}, 7, of.other(phenomenon_time="x")]
    items = [of.fresh(), dice.choice(bad), of.fresh(), dice.choice(bad)]
    dice.shuffle(items)
    return json.dumps(dice.choice([items, {"observations": items}])).encode()


WRONG = [None, True, [], {}, [1], {"a": 1}, 1, -1, 0.5, 256, 10**30, "", {"asset": "L-1"}]
WORDS = [
    "", " ", "#", "+", "+/+", "L-1/../#", "$SYS/#", "*", "%", "nobody", "é", "\u202eL-1", "\u0000",
    "L-1\u0000", "a\u0000b",
    "\ud800", "'; DROP TABLE asset; --", "<script>", "NaN", "x" * 3_000, "\U0001f4a1", "L-1\n", "../../etc",
]  # fmt: skip
NUMBERS = [
    "NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e308", "-1e308", "1e-400", "1" * 300, "9" * 5_000,
    "9223372036854775808", "-9223372036854775809", "0x10", "01", "1.", ".5", "--1", "1e", "-0", "1_000",
]  # fmt: skip
INSTANTS = [
    "", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00",
    "2026-02-30T00:00:00Z", "1969-12-31T23:59:59Z", "2026-06-30T23:59:60Z",
    "2026-01-01T00:00:00", "2026-01-01", "1767225600",
    "2026-01-01T00:00:00+99:99", "2026-01-01T25:00:00Z", "2999-01-01T00:00:00Z", "-2026-01-01T00:00:00Z",
]  # fmt: skip
LEVELS = [b"L-1", b"L-99", b"power", b"state", b"", b" ", b"$x", "é".encode(), b"\xe2\x80\xae", b"a" * 500]
PLAIN = [
    b"12.5",
    b"on",
    b"",
    b"nan",
    b"inf",
    b"\xff",
    b"{}",
    b"[]",
    b'{"value": 1}',
    b'"on"',
    b"null",
    b"1e999",
]
KINDS: list[Make] = [
    _truncated, _flipped, _wrong_type, _wrong_word, _odd_state, _odd_number, _odd_time, _deep, _twice,
    _encoded, _binary, _nothing, _mixed,
]  # fmt: skip


def big() -> bytes:
    """A megabyte that is nearly an observation."""
    return b'{"asset": "' + b"L" * BIG + b'"}'
