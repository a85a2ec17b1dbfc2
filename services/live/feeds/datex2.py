"""DATEX II 2.x and 3.x: measured traffic data and situations, alone or in a SOAP envelope.

Elements are found by their own name wherever they stand, and told apart by ``xsi:type``: ``index`` repeats in
real files (standards.md T7), versions differ in what they wrap. The XML is read as a stream, without
entities, network or huge trees; a document type is refused.
"""

import io
from collections.abc import Iterator
from datetime import timedelta

import msgspec
from lxml import etree

from model.errors import BadObservation, BadRequest
from model.observations import Observation, Quality
from services.live.datex2_situations import Asserted, Situations, asserted
from services.live.datex2_xml import attribute, kind, local, within, words
from services.live.items import Items, Seen, When, declared, instant, measured, number
from services.live.naming import asset_named
from services.live.parsed import PLAIN, Parsed, Reading

ELEMENTS_MOST = 2_000_000
WANTED = ("{*}publicationTime", "{*}siteMeasurements", "{*}situationRecord")
MEASURES = {
    "TrafficFlow": (("vehicleFlowRate",), "flow", "veh/h"),
    "TrafficSpeed": (("speed",), "speed", "km/h"),
    "TrafficConcentration": (("percentage", "occupancy"), "occupancy", "%"),
}
"""``xsi:type`` of basic data to the elements its value may be in, our property, and the standard's unit."""
DETECTOR = "detector"


class Profile(Situations, frozen=True, forbid_unknown_fields=True):
    """What a source declares: names (see ``Names``), what situations mean, and how measurements are read.

    ``indices`` chooses one of several values of a kind at a site: ``flow = ["1"]``. A measurement stamped
    with the end of its period, after the publication itself (T6), counts as of the publication when it is
    no more than ``period_end_s`` ahead of it. ``measured_state`` is a state given to what has measured.
    """

    indices: dict[str, list[str]] = msgspec.field(default_factory=dict)
    period_end_s: float = 900.0
    measured_state: str = ""


def parse(payload: bytes, reading: Reading = PLAIN) -> Parsed:
    """The measurements and the states of road segments in ``payload``; BadRequest when it is no DATEX II.

    A row is a site or a situation record, by its place in the document.
    """
    profile = declared(reading, Profile)
    items, worst = Items(), dict[str, Asserted]()
    published: When | None = None
    row = -1
    for element in _elements(payload):
        row += local(element) != "publicationTime"
        with items.item(max(row, 0), lambda element=element: etree.tostring(element)):  # type: ignore[misc]
            if local(element) == "publicationTime":
                published = instant(words(element), reading)
            elif local(element) == "siteMeasurements":
                _site(items, element, profile, reading, published)
            else:
                asserted(worst, items.notes, element, profile, reading, published)
    if published is None and not len(items.parsed()):
        raise BadRequest("no publication of DATEX II with measured data or situations")
    items.observations += [one.observation(asset) for asset, one in worst.items()]
    return items.parsed()


def _elements(payload: bytes) -> Iterator[etree._Element]:
    """The elements we read, as they end; each is let go of when the next is asked for."""
    if payload.count(b"<") > 2 * ELEMENTS_MOST:
        raise BadRequest(f"more than {ELEMENTS_MOST} elements")
    safe = {"resolve_entities": False, "no_network": True, "huge_tree": False, "load_dtd": False}
    try:
        for place, (_, element) in enumerate(
            etree.iterparse(io.BytesIO(payload), events=("end",), tag=WANTED, recover=False, **safe)
        ):
            if place == 0 and element.getroottree().docinfo.doctype:
                raise BadRequest("a document type is not taken")
            yield element
            _let_go(element)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadRequest(f"not XML: {str(error)[:200]}") from None


def _let_go(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


# Measured data ----------------------------------------------------------------------------------


def _site(
    items: Items, site: etree._Element, profile: Profile, reading: Reading, published: When | None
) -> None:
    reference = next(within(site, "measurementSiteReference"), None)
    asset = asset_named(profile, attribute(reference, "id"))
    # 3.2 and later wrap the time once more.
    default = next(
        (w for found in within(site, "measurementTimeDefault") for w in map(words, found.iter()) if w), ""
    )
    given: dict[str, int] = {}
    for basic in within(site, "basicData"):
        found = _measure(items, basic, asset, default, profile, reading, published)
        if found is None:
            continue
        given[found.property] = given.get(found.property, 0) + 1
        if given[found.property] > 1:
            raise BadObservation("duplicate_key", f"{asset}: {found.property} twice; declare reading.indices")
        items.observations.append(found)
        if profile.measured_state and sum(given.values()) == 1:
            items.observations.append(
                Observation(asset, "state", profile.measured_state, found.phenomenon_time)
            )
    if not given:
        items.notes["sites without a value"] += 1


def _measure(
    items: Items,
    basic: etree._Element,
    asset: str,
    default: str,
    profile: Profile,
    reading: Reading,
    published: When | None,
) -> Observation | None:
    """The observation in one ``basicData``; None where it is none of ours, or nothing was measured."""
    elements, name, unit = MEASURES.get(kind(basic), ((), "", ""))
    if not elements or (name in profile.indices and _index(basic) not in profile.indices[name]):
        items.notes[f"{kind(basic) or 'untyped'} not taken"] += 1
        return None
    if _of_one_class(basic):
        items.notes["values of one class of vehicles not taken"] += 1
        return None
    held = next((e for tag in elements for e in within(basic, tag) if words(e)), None)
    value = number(words(held)) if held is not None else None
    if held is None or value is None or (name == "speed" and _inputs(held) == "0"):
        # A speed of no vehicle is not measured; a flow of none is a measured zero (T22).
        items.notes["nothing measured"] += 1
        return None
    own = next((words(e) for e in within(basic, "measurementOrCalculationTime")), "")
    when = _not_after(instant(own or default, reading), published, profile.period_end_s)
    wrong = any(words(error).lower() in ("true", "1") for error in within(basic, "dataError"))
    quality = Quality.BAD if wrong else Quality.GOOD
    return measured(Seen(asset, DETECTOR, when), name, value, unit, quality=quality)


def _index(basic: etree._Element) -> str:
    """The index of the value ``basic`` stands in, as its site's table of values counts them."""
    return next((str(e.get("index")) for e in basic.iterancestors() if e.get("index") is not None), "")


def _of_one_class(basic: etree._Element) -> bool:
    characteristics = next(within(basic, "forVehiclesWithCharacteristicsOf"), None)
    if characteristics is None:
        return False
    types = [words(e) for e in within(characteristics, "vehicleType")]
    return types != ["anyVehicle"]


def _inputs(held: etree._Element) -> str:
    return attribute(held.getparent(), "numberOfInputValuesUsed") or attribute(
        held, "numberOfInputValuesUsed"
    )


def _not_after(when: When, published: When | None, period_end_s: float) -> When:
    """A stamp of a period's end lies after its own publication (T6): what was said was known by then."""
    if published is None:
        return when
    ahead = when.at - published.at
    return published if timedelta(0) < ahead <= timedelta(seconds=period_end_s) else when
