"""The city's road segments as the Rennes live traffic file has them: CSV with ``;`` and a byte-order mark."""

import csv
import io
import json
from collections.abc import Container, Iterator
from typing import Any

from services.simulation.imperfections import Flaw, Imperfections
from services.simulation.segments import Segments, Traffic
from services.simulation.stamps import local, without_zone

COLUMNS = (
    "datetime", "predefinedLocationReference", "averageVehicleSpeed", "travelTime", "travelTimeReliability",
    "trafficStatus", "vehicleProbeMeasurement", "Geo Point", "Geo Shape", "gml_id",
    "id_rva_troncon_fcd_v1_1", "hierarchie", "hierarchie_dv", "denomination", "insee", "sens_circule",
    "vitesse_maxi",
)  # fmt: skip


def render(
    segments: Segments, traffic: Traffic, flaws: Imperfections, elsewhere: Container[int] = ()
) -> bytes:
    """The file of one instant. A wrong row, where ``flaws`` want one, stands beside the right one.

    It is silent about the segments ``elsewhere`` (places among all): somebody else tells how they are.
    """
    out = io.StringIO(newline="")
    rows = csv.DictWriter(out, COLUMNS, delimiter=";", lineterminator="\n")
    rows.writeheader()
    for place, row in enumerate(_rows(segments, traffic)):
        if place in elsewhere:
            continue
        rows.writerow(row)
        flaw = flaws.strike()
        if flaw:
            rows.writerow(_spoilt(row, flaw))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _rows(segments: Segments, traffic: Traffic) -> Iterator[dict[str, Any]]:
    city, zone = segments.physics.city, segments.physics.zone
    for place, row in enumerate(segments.rows.tolist()):
        about = city.attributes[row]
        lon, lat = city.lonlat[row]
        yield {
            "datetime": local(traffic.at, zone),
            "predefinedLocationReference": city.external_ids[row],
            "averageVehicleSpeed": f"{traffic.speed[place]:.0f}",
            "travelTime": f"{traffic.travel_time[place]:.0f}",
            "travelTimeReliability": int(traffic.reliability[place]),
            "trafficStatus": traffic.status[place],
            "vehicleProbeMeasurement": int(traffic.probes[place]),
            "Geo Point": f"{lat}, {lon}",
            "Geo Shape": json.dumps({"coordinates": about["path"], "type": "LineString"}),
            "gml_id": f"rva_troncon_fcd_v1_1.{place + 1}",
            "id_rva_troncon_fcd_v1_1": place + 1,
            "hierarchie": about["hierarchy"],
            "hierarchie_dv": "Réseau de transit",
            "denomination": city.street_names[row],
            "insee": about["insee"],
            "sens_circule": "",
            "vitesse_maxi": about["speed_limit_kmh"],
        }


def _spoilt(row: dict[str, Any], flaw: Flaw) -> dict[str, Any]:
    """The row as such files have it now and then."""
    if flaw is Flaw.UNKNOWN_ASSET:
        return row | {"predefinedLocationReference": "TR-9999_D"}
    if flaw is Flaw.OUT_OF_RANGE:
        return row | {"averageVehicleSpeed": "417", "vehicleProbeMeasurement": 1, "trafficStatus": "freeFlow"}
    return row | {"datetime": without_zone(row["datetime"])}
