"""The city's buses as GTFS-Realtime vehicle positions (protocol buffers)."""

from collections.abc import Sequence
from typing import Any

from google.transit import gtfs_realtime_pb2 as gtfs

from services.simulation.driving import Seen
from services.simulation.imperfections import Flaw, Imperfections

STANDING_MS = 0.5


def render(seen: Sequence[Seen], now: float, flaws: Imperfections) -> bytes:
    """One whole feed of ``seen`` at ``now`` (s). A wrong entity stands beside the right one.

    A bus outside duty has a position and no trip.
    """
    message = gtfs.FeedMessage()
    message.header.gtfs_realtime_version = "2.0"
    message.header.incrementality = gtfs.FeedHeader.FULL_DATASET
    message.header.timestamp = int(now)
    for bus in seen:
        _write(message.entity.add(), bus)
        flaw = flaws.strike()
        if flaw:
            _spoil(message.entity.add(), bus, flaw)
    return bytes(message.SerializeToString())


def _write(entity: Any, bus: Seen) -> None:
    entity.id = bus.bus
    vehicle = entity.vehicle
    vehicle.vehicle.id = bus.bus
    vehicle.vehicle.label = bus.bus.removeprefix("BUS-")
    if bus.trip:
        vehicle.trip.trip_id = bus.trip
        vehicle.trip.route_id = bus.line
        vehicle.trip.direction_id = bus.direction
        stands = bus.speed < STANDING_MS
        vehicle.current_status = vehicle.STOPPED_AT if stands else vehicle.IN_TRANSIT_TO
    vehicle.position.latitude = bus.lat
    vehicle.position.longitude = bus.lon
    vehicle.position.bearing = bus.bearing
    vehicle.position.speed = bus.speed
    vehicle.timestamp = int(bus.at)


def _spoil(entity: Any, bus: Seen, flaw: Flaw) -> None:
    """The bus as such feeds have it now and then: unknown, off the earth, or at no time at all."""
    _write(entity, bus)
    entity.id = f"{bus.bus}-bis"
    if flaw is Flaw.UNKNOWN_ASSET:
        entity.vehicle.vehicle.id = "BUS-999"
    elif flaw is Flaw.OUT_OF_RANGE:
        entity.vehicle.position.latitude = 168.37
    else:
        entity.vehicle.ClearField("timestamp")
