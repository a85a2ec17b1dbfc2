"""DATEX II by hand: a SOAP envelope of 2.x measurements, and situations of 3.x."""

SOAP_MEASURED = b"""<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>
<d2LogicalModel modelBaseVersion="2" xmlns="http://datex2.eu/schema/2/2_0"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <payloadPublication xsi:type="MeasuredDataPublication" lang="fre">
  <publicationTime>2026-11-06T18:42:00+01:00</publicationTime>
  <siteMeasurements>
   <measurementSiteReference id="BC-001.1" version="1"/>
   <measurementTimeDefault>2026-11-06T18:40:00+01:00</measurementTimeDefault>
   <measuredValue index="1"><measuredValue><basicData xsi:type="TrafficFlow">
     <vehicleFlow><vehicleFlowRate>0</vehicleFlowRate></vehicleFlow></basicData></measuredValue></measuredValue>
   <measuredValue index="2"><measuredValue><basicData xsi:type="TrafficConcentration">
     <occupancy><percentage>12.5</percentage></occupancy></basicData></measuredValue></measuredValue>
   <measuredValue index="3"><measuredValue><basicData xsi:type="TrafficSpeed">
     <averageVehicleSpeed numberOfInputValuesUsed="0"><speed>0</speed></averageVehicleSpeed>
     </basicData></measuredValue></measuredValue>
  </siteMeasurements>
  <siteMeasurements>
   <measurementSiteReference id="BC-001.2" version="1"/>
   <measurementTimeDefault>soon</measurementTimeDefault>
   <measuredValue index="1"><measuredValue><basicData xsi:type="TrafficFlow">
     <vehicleFlow><vehicleFlowRate>60</vehicleFlowRate></vehicleFlow></basicData></measuredValue></measuredValue>
  </siteMeasurements>
  <siteMeasurements>
   <measurementSiteReference id="BC-001.3" version="1"/>
   <measurementTimeDefault>2026-11-06T18:40:00+01:00</measurementTimeDefault>
   <measuredValue index="1"><measuredValue><basicData xsi:type="TrafficSpeed">
     <averageVehicleSpeed><dataError>true</dataError><speed>48.0</speed></averageVehicleSpeed>
     </basicData></measuredValue></measuredValue>
  </siteMeasurements>
 </payloadPublication></d2LogicalModel></soapenv:Body></soapenv:Envelope>"""

V3_HEAD = """<mc:messageContainer xmlns:mc="http://datex2.eu/schema/3/messageContainer"
 xmlns:sit="http://datex2.eu/schema/3/situation" xmlns:com="http://datex2.eu/schema/3/common"
 xmlns:loc="http://datex2.eu/schema/3/locationReferencing"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" modelBaseVersion="3">
 <mc:payload xsi:type="sit:SituationPublication" lang="fr">
 <com:publicationTime>2026-11-06T18:42:00+01:00</com:publicationTime>
"""


def record(number: int, what: str, place: str, *, begin: str = "2026-11-06T06:00:00Z", end: str = "") -> str:
    """One situation of 3.x: ``what`` is its telling element, ``place`` its location."""
    until = f"<com:overallEndTime>{end}</com:overallEndTime>" if end else ""
    return f"""<sit:situation id="S-{number}"><sit:situationRecord
      xsi:type="sit:RoadOrCarriagewayOrLaneManagement" id="S-{number}-1" version="1">
      <sit:situationRecordVersionTime>2026-11-06T16:00:00Z</sit:situationRecordVersionTime>
      <sit:validity><com:validityStatus>definedByValidityTimeSpec</com:validityStatus>
       <com:validityTimeSpecification><com:overallStartTime>{begin}</com:overallStartTime>{until}
       </com:validityTimeSpecification></sit:validity>
      {place}{what}</sit:situationRecord></sit:situation>"""


def closed(word: str = "roadClosed") -> str:
    """A road management of 3.x."""
    name = "roadOrCarriagewayOrLaneManagementType"
    return f"<sit:{name}>{word}</sit:{name}>"


def queue(word: str) -> str:
    """An abnormal traffic of 3.x."""
    return f"<sit:abnormalTrafficType>{word}</sit:abnormalTrafficType>"


def at(segment: str) -> str:
    """A location that is named, without coordinates."""
    return (
        '<sit:locationReference xsi:type="loc:LocationByReference">'
        f'<loc:predefinedLocationReference id="{segment}" targetClass="loc:PredefinedLocation"/>'
        "</sit:locationReference>"
    )


def situations(*records: str) -> bytes:
    """``records`` as one publication of 3.x."""
    return (V3_HEAD + "".join(records) + "</mc:payload></mc:messageContainer>").encode()
