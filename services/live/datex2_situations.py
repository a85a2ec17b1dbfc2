"""What DATEX II situations say of road segments: a closed road, a queue, and their ends."""

from collections.abc import Iterator, MutableMapping
from typing import NamedTuple

import msgspec
from lxml import etree

from model.errors import BadObservation
from model.observations import Observation
from services.live.datex2_xml import attribute, kind, local, text_of, within, words
from services.live.items import When, instant
from services.live.naming import Names, asset_named
from services.live.parsed import Reading

MEANINGS = {
    "roadClosed": "closed",
    "carriagewayClosures": "closed",
    "closedPermanentlyForTheWinter": "closed",
    "roadBlocked": "closed",
    "carriagewayBlocked": "closed",
    "stationaryTraffic": "congested",
    "queuingTraffic": "congested",
    "slowTraffic": "heavy",
    "heavyTraffic": "heavy",
    "freeFlow": "free_flow",
}
"""Words of the standard to states of a segment; a source's ``states`` come first."""
SPOKEN = (
    "roadOrCarriagewayOrLaneManagementType",
    "abnormalTrafficType",
    "trafficConstrictionType",
    "trafficTrendType",
)
"""Elements whose word may have a meaning, the most telling first."""
LOCATED = frozenset(
    ("groupOfLocations", "locationReference", "location", "predefinedLocationReference", "predefinedLocation")
)
"""Elements that may carry the id of a place; ``predefinedLocation`` in its own table has one too."""
RANKS = ("", "no_data", "free_flow", "heavy", "congested", "closed")
"""Of several records about a segment the worst is told."""


class Situations(Names, frozen=True, forbid_unknown_fields=True):
    """What a source declares of its situations, beside names.

    ``states`` turns a word of the standard, or a kind of record (``MaintenanceWorks``), into a state of a
    segment; ``ended`` is the state after the end. Beside ids of places, ``assets`` may name
    ``alertc:14494`` and ``road:A0004``.
    """

    states: dict[str, str] = msgspec.field(default_factory=dict)
    ended: str = "no_data"


class Asserted(NamedTuple):
    """What is said of one segment: a state, as of when."""

    state: str
    when: When

    def observation(self, asset: str) -> Observation:
        """As an observation of ``asset``."""
        return Observation(asset, "state", self.state, self.when.at, 0, int(self.when.doubts))


def asserted(
    worst: MutableMapping[str, Asserted],
    notes: MutableMapping[str, int],
    record: etree._Element,
    profile: Situations,
    reading: Reading,
    published: When | None,
) -> None:
    """Add what ``record`` says of each segment it names to ``worst``.

    Raises BadObservation: ``unknown_kind`` for a record without a meaning, ``no_asset_named`` where it
    names no segment, ``no_time`` without a time of publication or version.
    """
    assets = _assets(record, profile)
    state = _meaning(record, profile)
    if state is None:
        raise BadObservation(
            "unknown_kind", f"{kind(record)} {attribute(record, 'id')}: reading.states says nothing"
        )
    said = _now(record, state, profile, reading, published)
    if said is None:
        notes["situations that have not begun"] = notes.get("situations that have not begun", 0) + 1
        return
    for asset in assets:
        if _rank(said) >= _rank(worst.get(asset)):
            worst[asset] = said


def _rank(said: Asserted | None) -> int:
    if said is None:
        return 0
    return RANKS.index(said.state) if said.state in RANKS else len(RANKS)


def _meaning(record: etree._Element, profile: Situations) -> str | None:
    spoken = [text_of(record, name) for name in SPOKEN] + [kind(record)]
    for word in filter(None, spoken):
        state = profile.states.get(word) or MEANINGS.get(word)
        if state is not None:
            return state
    return None


def _now(
    record: etree._Element, state: str, profile: Situations, reading: Reading, published: When | None
) -> Asserted | None:
    """The state as of the publication, which asserts it anew; None while it has not begun.

    Once ended, the segment is as ``ended`` says since the end.
    """
    version = text_of(record, "situationRecordVersionTime")
    if published is None and not version:
        raise BadObservation("no_time", f"{attribute(record, 'id')} has no time of publication or version")
    now = published or instant(version, reading)
    begin, end = (text_of(record, name) for name in ("overallStartTime", "overallEndTime"))
    until = instant(end, reading) if end else None
    if _called_off(record) or (until and until.at <= now.at):
        return Asserted(profile.ended, until if until and until.at <= now.at else now)
    return None if begin and instant(begin, reading).at > now.at else Asserted(state, now)


def _called_off(record: etree._Element) -> bool:
    if text_of(record, "validityStatus") in ("suspended", "planned"):
        return True
    marks = ("end", "cancel")
    return any(
        words(e) in ("true", "1")
        for cycle in within(record, "lifeCycleManagement")
        for e in cycle
        if local(e) in marks
    )


def _assets(record: etree._Element, profile: Situations) -> list[str]:
    """The segments ``record`` names: by the id of a place, else by a code its source's table knows."""
    found = [asset_named(profile, given) for given in _ids(record)]
    found += [profile.assets[code] for code in _codes(record) if code in profile.assets]
    if not found:
        raise BadObservation("no_asset_named", f"{kind(record)} {attribute(record, 'id')}")
    return list(dict.fromkeys(found))


def _ids(record: etree._Element) -> Iterator[str]:
    for element in record.iter("{*}*"):
        if local(element) in LOCATED and attribute(element, "id"):
            yield attribute(element, "id")


def _codes(record: etree._Element) -> Iterator[str]:
    yield from (f"alertc:{words(e)}" for e in within(record, "specificLocation"))
    yield from (f"road:{words(e)}" for e in within(record, "roadNumber"))
