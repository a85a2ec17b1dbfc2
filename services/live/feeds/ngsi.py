"""NGSI-LD and NGSI-v2: entities of Smart Data Models, from a context broker's notification or a file.

Which model gives which asset type what. Units are converted once and the raw value kept; the forms entities
come in, and what is never kept of them, are ``ngsi_entities``.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from model.errors import BadObservation
from model.observations import Observation
from services.live.items import Items, Number, Seen, converted, declared, instant, measured, number
from services.live.naming import asset_named
from services.live.ngsi_entities import Entity, Reader, entities_of, read_entity
from services.live.parsed import PLAIN, Parsed, Reading


class Profile(Reader, frozen=True, forbid_unknown_fields=True):
    """What a source declares beside how its entities are read.

    ``states`` turns its words (``columnIssue``) into states of ours, ``kinds`` a model into an asset type.
    ``period_s`` is the period of a count whose entity gives no beginning and end.
    """

    states: dict[str, str] = msgspec.field(default_factory=dict)
    kinds: dict[str, str] = msgspec.field(default_factory=dict)
    period_s: float = 0.0


STREETLIGHT = {
    "on": "on", "off": "off", "low": "dimmed", "bootingUp": "on",
    "defectiveLamp": "lamp_failure", "brokenLantern": "lamp_failure", "columnIssue": "lamp_failure",
}  # fmt: skip
DEVICE = {
    "camera": {"ok": "in_service", "on": "in_service", "off": "standby", "standby": "standby",
               "error": "no_image", "fault": "no_image", "offline": "no_contact",
               "disconnected": "no_contact", "maintenance": "maintenance"},
    "gateway": {"ok": "in_service", "on": "in_service", "standby": "standby", "error": "hardware_fault",
                "fault": "hardware_fault", "offline": "no_contact", "disconnected": "no_contact"},
}  # fmt: skip
ALERTS = {"trafficJam": "congested", "roadClosed": "closed"}


def parse(payload: bytes, reading: Reading = PLAIN) -> Parsed:
    """The observations of the entities of ``payload``: one, an array, or a notification's ``data``.

    BadRequest when it is no JSON of entities as a whole, naming the line.
    """
    profile = declared(reading, Profile)
    items = Items()
    for row, raw in enumerate(entities_of(payload, reading)):
        kept: list[bytes] = []
        with items.item(row, lambda kept=kept: b"".join(kept)):  # type: ignore[misc]
            _take(items, read_entity(raw, profile, reading, items.notes, kept), profile)
    return items.parsed()


def _take(items: Items, entity: Entity, profile: Profile) -> None:
    reader = MODELS.get(entity.model)
    if reader is None and entity.model not in profile.kinds:
        raise BadObservation("unknown_kind", entity.model or "an entity without a type")
    found = (reader or _device)(entity, profile)
    if not found:
        items.notes[f"{entity.model} without a value"] += 1
    items.observations += found


def _asset(entity: Entity, *references: str) -> str:
    """Our id of what the entity is about: the first of ``references`` it has, else its own id."""
    given = next((_first(entity[name].value) for name in references if entity[name].value), entity.id)
    return _named(entity, given)


def _named(entity: Entity, given: str) -> str:
    # By default ours is the last part of the URN.
    if entity.reader.id or given in entity.reader.assets:
        return asset_named(entity.reader, given)
    last = given.rstrip(":/").replace("/", ":").rpartition(":")[2]
    return asset_named(msgspec.structs.replace(entity.reader, id="{asset}"), last)


def _first(value: Any) -> str:
    one = value[0] if isinstance(value, list) and value else value
    return one if isinstance(one, str) else ""


def _state(
    entity: Entity, profile: Profile, asset: str, name: str, known: Mapping[str, str]
) -> list[Observation]:
    """The state attribute ``name`` says in the source's word; a word nobody knows is left to the judge."""
    word = entity[name].value
    if not isinstance(word, str) or not word.strip():
        return []
    word = word.strip()
    state = profile.states.get(word) or known.get(word, word)
    when = entity.when(name)
    return [Observation(asset, "state", state, when.at, 0, int(when.doubts))]


def _values(
    entity: Entity, asset: str, kind: str, wanted: Mapping[str, tuple[str, str]]
) -> list[Observation]:
    """The attributes of ``wanted`` (to property and the model's own unit) that the entity gives."""
    found = []
    for name, (prop, unit) in wanted.items():
        value = number(_mean(entity[name].value))
        if value is not None:
            given = value._replace(unit=value.unit or entity[name].unit)
            found.append(measured(Seen(asset, kind, entity.when(name)), prop, given, unit))
    return found


def _mean(value: Any) -> Any:
    """The mean over the phases of an alternating current (``{"L1": …}``), anything else as it is."""
    phases = [v for key, v in value.items() if key != "N"] if isinstance(value, dict) else []
    known = [v for v in phases if isinstance(v, int | float) and not isinstance(v, bool)]
    if phases and len(known) == len(phases):
        return sum(known) / len(known)
    return None if isinstance(value, dict) else value


def _streetlight(entity: Entity, profile: Profile) -> list[Observation]:
    asset = _asset(entity)
    fault = entity["status"].value
    broken = isinstance(fault, str) and fault.strip() not in ("", "ok")
    return [
        *_state(entity, profile, asset, "status" if broken else "powerState", STREETLIGHT),
        *_values(
            entity,
            asset,
            "streetlight",
            {"illuminanceLevel": ("dimming", ""), "powerConsumption": ("power", "W")},
        ),
    ]


def _cabinet(entity: Entity, profile: Profile) -> list[Observation]:
    asset = _asset(entity)
    phases = [entity[f"voltage{phase}"].value for phase in "RST"]
    known = [found.value for found in map(number, phases) if found is not None]
    observations = _state(entity, profile, asset, "status", {}) + _state(
        entity, profile, asset, "deviceState", {}
    )
    observations += _values(entity, asset, "control_cabinet", {"totalActivePower": ("power", "kW")})
    if known:
        name = next(f"voltage{phase}" for phase in "RST" if entity[f"voltage{phase}"].value is not None)
        seen = Seen(asset, "control_cabinet", entity.when(name))
        observations.append(measured(seen, "voltage", Number(sum(known) / len(known)), "V"))
    return observations


def _flow(entity: Entity, profile: Profile) -> list[Observation]:
    asset = _asset(entity, "refDevice")
    found = _values(
        entity, asset, "detector", {"occupancy": ("occupancy", ""), "averageVehicleSpeed": ("speed", "km/h")}
    )
    count = number(entity["intensity"].value)
    if count is not None:
        seconds = _period(entity, profile)
        seen = Seen(asset, "detector", entity.when("intensity"))
        found.append(converted(seen, "flow", count.value, 3600 / seconds, f"veh/{seconds:g} s"))
    return found


def _period(entity: Entity, profile: Profile) -> float:
    """Seconds over which vehicles were counted (T26)."""
    ends = [entity["dateObservedFrom"].value, entity["dateObservedTo"].value]
    if None in ends and "/" in str(entity["dateObserved"].value):
        ends = list(str(entity["dateObserved"].value).split("/", 1))
    if None in ends:
        seconds = profile.period_s
    else:
        begin, end = (instant(text, entity.reading).at for text in ends)
        seconds = (end - begin) / timedelta(seconds=1)
    if not 0 < seconds <= 86_400:
        raise BadObservation("malformed", f"{entity.id}: vehicles counted over no period that makes sense")
    return seconds


def _meter(entity: Entity, _profile: Profile) -> list[Observation]:
    # Energies of this model count since the meter was installed; ours are of a period, so they are left.
    return _values(
        entity,
        _asset(entity, "refDevice"),
        "meter",
        {"totalActivePower": ("power", "W"), "phaseVoltage": ("voltage", "V")},
    )


def _device(entity: Entity, profile: Profile) -> list[Observation]:
    kind = profile.kinds.get(entity.model, "camera")
    known, asset = DEVICE.get(kind, {}), _asset(entity)
    return next(
        (
            found
            for name in ("deviceState", "status", "state")
            if (found := _state(entity, profile, asset, name, known))
        ),
        [],
    )


def _alert(entity: Entity, profile: Profile) -> list[Observation]:
    """An alert is a state of what it is about, as its source declares; without a word of ours, refused."""
    word = next((w for n in ("subCategory", "category") if isinstance(w := entity[n].value, str) and w), "")
    state = profile.states.get(word) or ALERTS.get(word)
    if state is None:
        raise BadObservation("unknown_kind", f"alert {word!r}: reading.states says no state for it")
    source = next((_first(entity[n].value) for n in ("alertSource", "refDevice") if entity[n].value), "")
    if not source:
        raise BadObservation("no_asset_named", f"{entity.id} has no alertSource")
    when = entity.when()
    return [Observation(_named(entity, source), "state", state, when.at, 0, int(when.doubts))]


MODELS: Mapping[str, Callable[[Entity, Profile], list[Observation]]] = {
    "Streetlight": _streetlight,
    "StreetlightControlCabinet": _cabinet,
    "TrafficFlowObserved": _flow,
    "ACMeasurement": _meter,
    "Device": _device,
    "Camera": _device,
    "Alert": _alert,
}
"""Model to what reads it. A model is added here and in docs/feeds/ngsi.md."""
