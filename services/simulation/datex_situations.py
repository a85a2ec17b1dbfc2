"""What happens on the city's roads as DATEX II 3.x situations, in the manner of the Dutch roads."""

from collections.abc import Sequence

from lxml import etree

from services.simulation.imperfections import Flaw, Imperfections
from services.simulation.segments import Segments
from services.simulation.situations import Situation
from services.simulation.stamps import local, utc, without_zone

_BASE = "http://datex2.eu/schema/3"
NAMES = {
    "mc": f"{_BASE}/messageContainer",
    "sit": f"{_BASE}/situation",
    "com": f"{_BASE}/common",
    "loc": f"{_BASE}/locationReferencing",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
_RECORDS = {
    "accident": ("sit:Accident", "accidentType", "accident", "high"),
    "roadworks": ("sit:MaintenanceWorks", "roadMaintenanceType", "roadworks", "medium"),
}
_COMMENTS = {
    ("accident", 1): "Accident, secours sur place",
    ("accident", 2): "Accident, dégagement en cours",
    ("accident", 3): "Accident dégagé",
    ("roadworks", 1): "Travaux sur chaussée",
    ("roadworks", 2): "Travaux sur chaussée, circulation modifiée",
    ("roadworks", 3): "Fin des travaux",
}


def render(segments: Segments, standing: Sequence[Situation], now: float, flaws: Imperfections) -> bytes:
    """The publication at ``now`` (s) of all that stand; a wrong one stands beside the right one."""
    container = etree.Element(_tag("mc:messageContainer"), {"modelBaseVersion": "3"}, nsmap=NAMES)
    about = {_tag("xsi:type"): "sit:SituationPublication", "lang": "fr", "modelBaseVersion": "3"}
    payload = _add(container, "mc:payload", about)
    _add(payload, "com:publicationTime").text = utc(now)
    creator = _add(payload, "com:publicationCreator")
    _add(creator, "com:country").text = "fr"
    _add(creator, "com:nationalIdentifier").text = "VALMONT"
    for one in standing:
        where = segments.physics.city.external_ids[int(segments.rows[one.segment])]
        _situation(payload, segments, one, one.id, where)
        flaw = flaws.strike()
        if flaw:
            _situation(payload, segments, one, f"{one.id}-X", "TR-9999_D", flaw)
    return bytes(etree.tostring(container, xml_declaration=True, encoding="UTF-8", standalone=True))


def _tag(name: str) -> str:
    prefix, local_name = name.split(":")
    return f"{{{NAMES[prefix]}}}{local_name}"


def _add(parent: etree._Element, name: str, attributes: dict[str, str] | None = None) -> etree._Element:
    return etree.SubElement(parent, _tag(name), attributes or {})


def _situation(
    payload: etree._Element,
    segments: Segments,
    one: Situation,
    name: str,
    where: str,
    flaw: Flaw | None = None,
) -> None:
    kind, field, value, severity = _RECORDS[one.sort]
    zone = segments.physics.zone
    changed = local(one.changed, zone)
    if flaw is Flaw.TIME_WITHOUT_ZONE:
        changed = without_zone(changed)
    situation = _add(payload, "sit:situation", {"id": name})
    _add(situation, "sit:overallSeverity").text = severity
    _add(situation, "sit:situationVersionTime").text = changed
    header = _add(situation, "sit:headerInformation")
    _add(header, "com:confidentiality").text = "noRestriction"
    _add(header, "com:informationStatus").text = "real"
    record = _record(situation, segments, one, (name, kind), (where, changed))
    _add(record, f"sit:{field}").text = value
    if one.shut:
        shut = ("sit:RoadOrCarriagewayOrLaneManagement", "roadClosed")
        record = _record(situation, segments, one, (f"{name}-C", shut[0]), (where, changed))
        _add(record, "sit:complianceOption").text = "mandatory"
        _add(record, "sit:roadOrCarriagewayOrLaneManagementType").text = shut[1]


def _record(
    situation: etree._Element,
    segments: Segments,
    one: Situation,
    identity: tuple[str, str],
    placed: tuple[str, str],
) -> etree._Element:
    name, kind = identity
    where, changed = placed
    zone = segments.physics.zone
    about = {_tag("xsi:type"): kind, "id": f"{name}-1", "version": str(one.version)}
    record = _add(situation, "sit:situationRecord", about)
    _add(record, "sit:situationRecordCreationTime").text = local(one.began, zone)
    _add(record, "sit:situationRecordVersionTime").text = changed
    _add(record, "sit:probabilityOfOccurrence").text = "certain"
    validity = _add(record, "sit:validity")
    _add(validity, "com:validityStatus").text = "definedByValidityTimeSpec"
    times = _add(validity, "com:validityTimeSpecification")
    _add(times, "com:overallStartTime").text = local(one.began, zone)
    if one.over or one.sort == "roadworks":
        _add(times, "com:overallEndTime").text = local(one.ends, zone)
    comment = _add(_add(record, "sit:generalPublicComment"), "sit:comment")
    value = _add(_add(comment, "com:values"), "com:value", {"lang": "fr"})
    value.text = _COMMENTS[one.sort, one.version]
    place = _add(record, "sit:locationReference", {_tag("xsi:type"): "loc:LocationByReference"})
    reference = {"targetClass": "loc:PredefinedLocation", "id": where, "version": "1"}
    _add(place, "loc:predefinedLocationReference", reference)
    return record
