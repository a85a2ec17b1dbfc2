"""MQTT: what field gateways publish, Vigie's JSON of observations, or one plain value a topic.

Where the topic names asset and property, a message may be no more than ``12.5``, ``on`` or
``{"value": 12.5, "time": "2026-11-06T18:42:00Z"}``; whoever names them twice must agree with himself.
"""

from typing import Any

import msgspec

from model.errors import BadObservation, BadRequest
from model.observations import Observation
from services.live.items import Items, When, declared, instant, received
from services.live.parsed import PLAIN, Parsed, Reading, check_depth, parse_json

TIMES = ("phenomenon_time", "time", "timestamp", "observed_at")
STATES = {True: "on", False: "off"}


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``time = "received"`` lets the instant of receipt stand for a time that is not given."""

    time: str = "given"
    states: dict[str, str] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a rule we do not know."""
        if self.time not in ("given", "received"):
            raise ValueError('`time` is "given" or "received"')


def parse(payload: bytes, reading: Reading = PLAIN) -> Parsed:
    """The observations of one message; an empty message or one that cannot be read is one reject."""
    items = Items()
    with items.item(0, lambda: payload):
        if reading.fields.get("asset") and reading.fields.get("property"):
            _take(items, payload, reading)
            return items.parsed()
        return _vigies_own(payload)
    return items.parsed()


def _vigies_own(payload: bytes) -> Parsed:
    try:
        return parse_json(payload)
    except BadRequest as error:
        raise BadObservation("malformed", str(error)) from None


def _take(items: Items, payload: bytes, reading: Reading) -> None:
    """What a message on a topic of one asset and property says: a value, an object, or several of them."""
    profile = declared(reading, Profile)
    said = _said(payload)
    for row, one in enumerate(said if isinstance(said, list) else [said]):
        with items.item(row, lambda one=one: _complete(one, reading)):  # type: ignore[misc]
            items.observations.append(_observation(one, profile, reading))


def _complete(one: Any, reading: Reading) -> bytes:
    """``one`` with what its topic said, so that it can be read again."""
    table = one if isinstance(one, dict) else {"value": one}
    return msgspec.json.encode(
        {"asset": reading.fields["asset"], "property": reading.fields["property"]} | table
    )


def _said(payload: bytes) -> Any:
    try:
        check_depth(payload)
        return msgspec.json.decode(payload)
    except (msgspec.MsgspecError, BadRequest, RecursionError, UnicodeDecodeError):
        pass
    text = payload.decode("utf-8").strip()
    if not text or text[0] in '{["' or not text.isprintable():
        raise BadObservation("malformed", f"no value: {text[:80]!r}")
    return text


def _observation(said: Any, profile: Profile, reading: Reading) -> Observation:
    table = said if isinstance(said, dict) else {"value": said}
    asset, name = (_agreed(table, reading, key) for key in ("asset", "property"))
    when = _when(table, profile, reading)
    value = _value(table.get("value"), name, profile)
    quality = table.get("quality", 0)
    if isinstance(quality, bool) or not isinstance(quality, int | str):
        raise BadObservation("malformed", "quality is a name or a number")
    return Observation(asset, name, value, when.at, quality, int(when.doubts))


def _agreed(table: dict[str, Any], reading: Reading, key: str) -> str:
    named = reading.fields[key]
    if table.get(key, named) != named:
        raise BadObservation("malformed", f"the topic says {key} {named!r}, the message {table[key]!r}")
    return named


def _when(table: dict[str, Any], profile: Profile, reading: Reading) -> When:
    given = next((table[key] for key in TIMES if table.get(key) is not None), None)
    if given is not None:
        if not isinstance(given, str):
            raise BadObservation("malformed", f"a time is written as ISO 8601, not {given!r}")
        return instant(given, reading)
    if profile.time != "received":
        raise BadObservation("no_time", f'{reading.fields["asset"]}: declare reading.time = "received"')
    return received(reading)


def _value(value: Any, name: str, profile: Profile) -> float | str:
    """A number, or a state's name; nothing is no value, and true and false are states alone."""
    if name == "state":
        word = STATES[value] if isinstance(value, bool) else value
        word = word.strip() if isinstance(word, str) else word
        value = profile.states.get(str(word), word.lower() if isinstance(word, str) else word)
    elif isinstance(value, str):
        value = _spelt(value)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise BadObservation("malformed", f"no value: {value!r}")
    return value


def _spelt(text: str) -> float | str:
    """A number written as text is one; anything else is left for the judge to name."""
    try:
        return float(text)
    except ValueError:
        return text
