"""The city's detectors as DATEX II 2.x measured data in a SOAP envelope, in the manner of the French roads.

As there, every value has index 0 and is told from the others by its type alone, and the measurement's time
is the end of its period.
"""

import numpy as np
from lxml import etree

from services.simulation.imperfections import Flaw, Imperfections
from services.simulation.measuring import STEP_S, Measured
from services.simulation.stamps import local, without_zone
from services.simulation.world import World

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
DATEX = "http://datex2.eu/schema/2/2_0"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
TYPE = f"{{{XSI}}}type"
_FAULTS = {"silent": "noDataValuesAvailable", "stuck": "spuriousUnreliableDataValues"}


def render(world: World, measured: Measured, flaws: Imperfections) -> bytes:
    """One publication of ``measured``. A wrong site stands beside the right one."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    model = etree.SubElement(
        etree.SubElement(envelope, f"{{{SOAP}}}Body"),
        f"{{{DATEX}}}d2LogicalModel",
        {"modelBaseVersion": "2"},
        nsmap={None: DATEX, "xsi": XSI},
    )
    _country(_add(_add(model, "exchange"), "supplierIdentification"))
    publication = _add(model, "payloadPublication", {TYPE: "MeasuredDataPublication", "lang": "fre"})
    # Published a little before the period it speaks of is over, as the French feed is.
    _add(publication, "publicationTime").text = local(measured.end - 6, world.zone)
    _country(_add(publication, "publicationCreator"))
    table = {"targetClass": "MeasurementSiteTable", "id": "", "version": "1"}
    _add(publication, "measurementSiteTableReference", table)
    header = _add(publication, "headerInformation")
    _add(header, "confidentiality").text = "noRestriction"
    _add(header, "informationStatus").text = "real"
    for place, row in enumerate(measured.rows.tolist()):
        name, end = world.city.external_ids[row], local(measured.end, world.zone)
        _site(publication, name, end, measured, place)
        flaw = flaws.strike()
        if flaw:
            _wrong_site(publication, (name, end), measured, place, flaw)
    return bytes(etree.tostring(envelope, xml_declaration=True, encoding="UTF-8"))


def _add(parent: etree._Element, name: str, attributes: dict[str, str] | None = None) -> etree._Element:
    return etree.SubElement(parent, f"{{{DATEX}}}{name}", attributes or {})


def _country(parent: etree._Element) -> None:
    _add(parent, "country").text = "fr"
    _add(parent, "nationalIdentifier").text = "VALMONT"


def _site(publication: etree._Element, name: str, end: str, measured: Measured, place: int) -> None:
    site = _opened(publication, name, end)
    if not np.isnan(measured.flow[place]):
        _values(site, *(float(of[place]) for of in (measured.flow, measured.speed, measured.occupancy)))
    if measured.state[place] in _FAULTS:
        fault = _add(_add(site, "measuredValue", {"index": "0"}), "measurementEquipmentFault")
        _add(fault, "measurementEquipmentFault").text = _FAULTS[measured.state[place]]


def _opened(publication: etree._Element, name: str, end: str) -> etree._Element:
    site = _add(publication, "siteMeasurements")
    reference = {"targetClass": "MeasurementSiteRecord", "id": name, "version": "1.0"}
    _add(site, "measurementSiteReference", reference)
    _add(site, "measurementTimeDefault").text = end
    return site


def _values(site: etree._Element, flow: float, speed: float, occupancy: float) -> None:
    vehicles = str(round(flow * STEP_S / 3_600))
    parts = (
        ("TrafficFlow", "vehicleFlow", "vehicleFlowRate", f"{flow:.0f}"),
        ("TrafficSpeed", "averageVehicleSpeed", "speed", f"{speed:.1f}"),
        ("TrafficConcentration", "occupancy", "percentage", f"{occupancy:.1f}"),
    )
    for kind, quantity, name, value in parts:
        outer = _add(site, "measuredValue", {"index": "0"})
        basic = _add(_add(outer, "measuredValue"), "basicData", {TYPE: kind})
        _add(_add(basic, quantity, {"numberOfInputValuesUsed": vehicles}), name).text = value


def _wrong_site(
    publication: etree._Element, told: tuple[str, str], measured: Measured, place: int, flaw: Flaw
) -> None:
    """A site the city never heard of, a flow no road carries, or a time without its zone."""
    name, end = told
    site = _opened(
        publication,
        "BC-999.9" if flaw is Flaw.UNKNOWN_ASSET else name,
        without_zone(end) if flaw is Flaw.TIME_WITHOUT_ZONE else end,
    )
    flow, speed, occupancy = np.nan_to_num(
        [measured.flow[place], measured.speed[place], measured.occupancy[place]]
    )
    _values(site, 99_999.0 if flaw is Flaw.OUT_OF_RANGE else float(flow), float(speed), float(occupancy))
