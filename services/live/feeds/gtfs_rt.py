"""GTFS-Realtime: where the vehicles of public transport are.

Trip updates and service alerts in the same payload are no business of this feed: they are counted, and are no
errors. A vehicle that runs no trip is outside duty, and so is its position.
"""

import math

from google.protobuf.message import DecodeError
from google.transit import gtfs_realtime_pb2

from model.errors import BadObservation, BadRequest
from model.observations import Position
from services.live.items import Items, When, declared, from_epoch
from services.live.naming import Names, asset_named
from services.live.parsed import PLAIN, Parsed, Reading

KMH = 3.6
DUTIES = ("trip", "route", "always")
TIMES = ("given", "header")


class Profile(Names, frozen=True, forbid_unknown_fields=True):
    """What a source declares: names (see ``Names``; theirs is ``vehicle.id``), duty and times.

    ``duty`` says when a vehicle is on duty: it runs a ``trip`` (default), a ``route`` is named, or
    ``always``. ``time = "header"`` lets the time of the whole payload stand for a position's own.
    """

    duty: str = "trip"
    time: str = "given"

    def __post_init__(self) -> None:
        """Refuse a rule we do not know."""
        super().__post_init__()
        if self.duty not in DUTIES:
            raise ValueError(f"`duty` is one of {', '.join(DUTIES)}")
        if self.time not in TIMES:
            raise ValueError(f"`time` is one of {', '.join(TIMES)}")


def parse(payload: bytes, reading: Reading = PLAIN) -> Parsed:
    """The positions of the vehicles in ``payload``, a FeedMessage; BadRequest when it is none.

    A row is an entity, by its place in the message.
    """
    profile = declared(reading, Profile)
    message = gtfs_realtime_pb2.FeedMessage()
    try:
        message.ParseFromString(payload)
    except (DecodeError, RuntimeError) as error:
        raise BadRequest(f"no FeedMessage of GTFS-Realtime: {str(error)[:200]}") from None
    if not message.IsInitialized():
        raise BadRequest("no FeedMessage of GTFS-Realtime: its header is missing")
    items = Items()
    for row, entity in enumerate(message.entity):
        with items.item(row, lambda entity=entity: _alone(message, entity)):  # type: ignore[misc]
            _take(items, entity, message.header.timestamp, profile)
    return items.parsed()


def _alone(message: gtfs_realtime_pb2.FeedMessage, entity: gtfs_realtime_pb2.FeedEntity) -> bytes:
    """``entity`` as a payload of its own, so that it can be read again."""
    return bytes(gtfs_realtime_pb2.FeedMessage(header=message.header, entity=[entity]).SerializeToString())


def _take(items: Items, entity: gtfs_realtime_pb2.FeedEntity, header_s: int, profile: Profile) -> None:
    for kind in ("trip_update", "alert"):
        if entity.HasField(kind):
            items.notes[f"{kind} not taken"] += 1
    if entity.is_deleted:
        items.notes["deleted entities"] += 1
    elif entity.HasField("vehicle"):
        items.positions.append(_position(entity.vehicle, header_s, profile))


def _position(vehicle: gtfs_realtime_pb2.VehiclePosition, header_s: int, profile: Profile) -> Position:
    asset = asset_named(profile, vehicle.vehicle.id)
    at = vehicle.position
    if not vehicle.HasField("position") or not _on_earth(at.longitude, at.latitude):
        raise BadObservation("bad_position", f"{asset}: {at.longitude:.4f}, {at.latitude:.4f}")
    return Position(
        asset,
        at.longitude,
        at.latitude,
        _when(vehicle, header_s, profile, asset).at,
        # An absent number is not a zero.
        at.bearing % 360 if at.HasField("bearing") and math.isfinite(at.bearing) else None,
        at.speed * KMH if at.HasField("speed") and 0 <= at.speed < math.inf else None,
        vehicle.trip.route_id.strip(),
        _on_duty(vehicle, profile),
    )


def _on_earth(lon: float, lat: float) -> bool:
    """Whether it is a place; 0, 0 is where receivers without a fix say they are."""
    return -180 <= lon <= 180 and -90 <= lat <= 90 and (lon, lat) != (0, 0)


def _when(vehicle: gtfs_realtime_pb2.VehiclePosition, header_s: int, profile: Profile, asset: str) -> When:
    seconds = vehicle.timestamp or (header_s if profile.time == "header" else 0)
    if not seconds:
        raise BadObservation("no_time", f"{asset}: the position has no timestamp")
    return from_epoch(seconds)


def _on_duty(vehicle: gtfs_realtime_pb2.VehiclePosition, profile: Profile) -> bool:
    if profile.duty == "trip":
        return bool(vehicle.trip.trip_id or vehicle.trip.start_time)
    return profile.duty == "always" or bool(vehicle.trip.route_id)
