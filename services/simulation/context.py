"""A simulated context broker: lighting told as NGSI-LD notifications of Smart Data Models entities.

A lamp is a ``Streetlight``: what is wrong with it is its ``status``, how it burns its ``powerState`` and
``illuminanceLevel``. A cabinet is a ``StreetlightControlCabinet``. Where the models have no word for a
state, ours is sent: brokers carry such words every day.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from geodata.demo_city import DemoCity
from services.simulation.reports import Report

PATH = "/ingest/ngsi"
MEDIA_TYPE = "application/ld+json"
SUBSCRIPTION = "urn:ngsi-ld:Subscription:vigie-lighting"
CONTEXT = "https://raw.githubusercontent.com/smart-data-models/dataModel.Streetlighting/master/context.jsonld"
MODELS = {"streetlight": "Streetlight", "control_cabinet": "StreetlightControlCabinet"}
"""Asset types a context broker reports, and the entity type it has for each."""
TOLD = ("state", "power")
"""Properties it reports; what a cabinet consumed is another meter's business and is pushed."""

Values = dict[str, Any]


@dataclass
class Broker:
    """What the context broker knows of the equipment: ``type_of`` an external id, and how lamps dim."""

    city: DemoCity
    type_of: Callable[[str], str]
    _levels: dict[str, float] = field(init=False)

    def __post_init__(self) -> None:
        """Learn to what share of its light each lamp dims: its cabinet's programme."""
        city = self.city
        self._levels = {
            city.external_ids[row]: city.attributes[int(city.parents[row])]["dimming_percent"] / 100
            for row in city.of("streetlight").tolist()
        }

    def notification(self, reports: Sequence[Report], notified_at: str) -> bytes:
        """The notification that carries ``reports``, with an entity for each asset in it."""
        envelope = {
            "id": f"urn:ngsi-ld:Notification:{notified_at}",
            "type": "Notification",
            "subscriptionId": SUBSCRIPTION,
            "notifiedAt": notified_at,
            "data": self.entities(reports),
        }
        return msgspec.json.encode(envelope)

    def entities(self, reports: Iterable[Report]) -> list[dict[str, Any]]:
        """The entities, normalized, that say what ``reports`` say.

        Of one asset there is one, and another where an attribute has a second value, or its instant is
        told without a zone: one bad attribute spoils its entity.
        """
        found: list[dict[str, Any]] = []
        latest: dict[str, dict[str, Any]] = {}
        for report in reports:
            model = MODELS[self.type_of(report.asset)]
            told = _properties(report, self._values(report))
            entity = latest.get(report.asset)
            if entity is None or not report.zoned or entity.keys() & told.keys():
                entity = {"id": f"urn:ngsi-ld:{model}:{report.asset}", "type": model}
                found.append(entity)
                if report.zoned:
                    latest[report.asset] = entity
            entity |= told
        return [entity | {"@context": [CONTEXT]} for entity in found]

    def _values(self, report: Report) -> Values:
        """The attributes that say what ``report`` says."""
        if self.type_of(report.asset) == "control_cabinet":
            if report.property == "power":
                return {"totalActivePower": report.value}
            return {"deviceState": report.value, "workingMode": "automatic"}
        if report.property == "power":
            return {"powerConsumption": report.value}
        level = self._levels.get(report.asset, 0.5)
        burning: dict[str, Values] = {
            "off": {"status": "ok", "powerState": "off", "illuminanceLevel": 0.0},
            "on": {"status": "ok", "powerState": "on", "illuminanceLevel": 1.0},
            "dimmed": {"status": "ok", "powerState": "low", "illuminanceLevel": level},
            "lamp_failure": {"status": "defectiveLamp"},
        }
        return burning.get(str(report.value), {"status": report.value})


_UNITS = {"totalActivePower": "KWT", "powerConsumption": "WTT"}


def _properties(report: Report, values: Values) -> dict[str, Any]:
    """``values`` as NGSI-LD properties with the instant of ``report``."""
    stamp = report.stamp()
    return {
        name: {"type": "Property", "value": value, "observedAt": stamp}
        | ({"unitCode": _UNITS[name]} if name in _UNITS else {})
        for name, value in values.items()
    }
