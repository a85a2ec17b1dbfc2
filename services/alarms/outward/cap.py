"""An alarm as a Common Alerting Protocol 1.2 document (OASIS, CAP-v1.2-os).

``status`` is Actual, or Exercise in an invented city, and Test for a test; ``scope`` Restricted: to those the
city's routes name. Times carry the city's offset, never Z, as the standard asks.
"""

from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
CATEGORY = {
    "traffic": "Transport",
    "transport": "Transport",
    "surveillance": "Security",
    "access": "Security",
}
"""By domain; what is not named is Infra."""
URGENCY = {1: "Immediate", 2: "Expected", 3: "Future", 4: "Unknown"}
SEVERITY = {5: "Extreme", 4: "Severe", 3: "Moderate", 2: "Minor", 1: "Minor"}
TYPE = {"raised": "Alert", "escalated": "Update", "returned": "Cancel", "test": "Alert"}
POINT_KM = 0.1


@dataclass(frozen=True, slots=True)
class Warned:
    """What a document says. ``references``: (identifier, sent) of what it updates or ends; lon, lat WGS84."""

    identifier: str
    sender: str
    sent: datetime
    moment: str
    invented: bool
    language: str
    domain: str
    event: str
    headline: str
    description: str
    instruction: str
    priority: int
    severity: int
    uncertain: bool
    onset: datetime
    place: str
    lon: float | None
    lat: float | None
    references: tuple[tuple[str, datetime], ...] = ()


def document(told: Warned, zone: ZoneInfo) -> str:
    """The document as XML text."""
    alert = ElementTree.Element("alert", xmlns=NAMESPACE)
    _add(alert, "identifier", told.identifier)
    _add(alert, "sender", told.sender)
    _add(alert, "sent", _time(told.sent, zone))
    _add(alert, "status", _status(told))
    _add(alert, "msgType", TYPE[told.moment])
    _add(alert, "scope", "Restricted")
    _add(alert, "restriction", told.sender)
    if told.references:
        _add(alert, "references",
             " ".join(f"{told.sender},{name},{_time(at, zone)}" for name, at in told.references))  # fmt: skip
    _info(ElementTree.SubElement(alert, "info"), told, zone)
    return ElementTree.tostring(alert, encoding="unicode", xml_declaration=True)


def _status(told: Warned) -> str:
    if told.moment == "test":
        return "Test"
    return "Exercise" if told.invented else "Actual"


def _info(info: ElementTree.Element, told: Warned, zone: ZoneInfo) -> None:
    _add(info, "language", {"fr": "fr-FR", "en": "en-GB"}.get(told.language, told.language))
    _add(info, "category", CATEGORY.get(told.domain, "Infra"))
    _add(info, "event", told.event)
    _add(info, "urgency", "Past" if told.moment == "returned" else URGENCY[told.priority])
    _add(info, "severity", SEVERITY[told.severity])
    _add(info, "certainty", "Possible" if told.uncertain else "Observed")
    _add(info, "onset", _time(told.onset, zone))
    _add(info, "headline", told.headline)
    _add(info, "description", told.description)
    if told.instruction:
        _add(info, "instruction", told.instruction)
    area = ElementTree.SubElement(info, "area")
    _add(area, "areaDesc", told.place)
    if told.lon is not None and told.lat is not None:
        _add(area, "circle", f"{told.lat:.5f},{told.lon:.5f} {POINT_KM}")


def _add(into: ElementTree.Element, name: str, text: str) -> None:
    # What XML cannot say would make the whole document unreadable for whoever gets it.
    ElementTree.SubElement(into, name).text = "".join(c for c in text if c >= " " or c in "\n\t")


def _time(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).replace(microsecond=0).isoformat()
