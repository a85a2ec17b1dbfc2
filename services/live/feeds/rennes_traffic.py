"""Rennes live traffic: the métropole's CSV of every road segment at one instant.

``;`` between columns and a byte-order mark before the first. A segment without probes has no state: the
speed its row still carries is imputed (the limit, mostly) and left out of every average. One to two probes,
or a speed above the limit, make a value uncertain; it is kept.
"""

import csv
import io
from datetime import datetime

from model.errors import BadObservation, BadRequest
from model.observations import Doubt, Observation, Quality
from services.live.parsed import EXCERPT, PLAIN, Parsed, Reading
from services.live.quality import Reject

STATES = {"freeFlow": "free_flow", "heavy": "heavy", "congested": "congested", "unknown": "no_data"}
MEASURES = {"averageVehicleSpeed": "speed", "travelTime": "travel_time"}
NEEDED = {"datetime", "predefinedLocationReference", "trafficStatus", "vehicleProbeMeasurement", *MEASURES}
FEW_PROBES = 2


def parse(payload: bytes, reading: Reading = PLAIN) -> Parsed:
    """The state, speed (km/h), travel time (s) and probe count of every segment.

    BadRequest when the text or its columns are not those of this feed.
    """
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequest(f"not UTF-8: {error.reason} at byte {error.start}") from None
    try:
        return _parsed(csv.DictReader(io.StringIO(text), delimiter=";"))
    except csv.Error as error:
        raise BadRequest(f"not CSV: {error}") from None


def _parsed(rows: "csv.DictReader[str]") -> Parsed:
    missing = NEEDED - set(rows.fieldnames or ())
    if missing:
        raise BadRequest(f"columns are missing: {', '.join(sorted(missing))}")
    found: list[Observation] = []
    rejects: list[Reject] = []
    for place, row in enumerate(rows):
        try:
            found += _segment(row)
        except BadObservation as refused:
            rejects.append(Reject(place, refused.reason, refused.detail, _alone(row)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            rejects.append(Reject(place, "malformed", f"{error}: {str(row)[:EXCERPT]}", _alone(row)))
    return Parsed(found, rejects)


def _alone(row: dict[str, str]) -> bytes:
    """``row`` as a file of its own, so that it can be read again."""
    out = io.StringIO()
    lines = csv.writer(out, delimiter=";")
    lines.writerow([name for name in row if name is not None])
    lines.writerow([value for name, value in row.items() if name is not None])
    return out.getvalue().encode("utf-8", "replace")


def _segment(row: dict[str, str]) -> list[Observation]:
    asset, seen_at = row["predefinedLocationReference"].strip(), datetime.fromisoformat(row["datetime"])
    probes = int(row["vehicleProbeMeasurement"])
    measured = {name: float(row[column]) for column, name in MEASURES.items() if row[column]}
    limit = float(row.get("vitesse_maxi") or "inf")
    few = Doubt.LOW_SAMPLE if probes <= FEW_PROBES else 0
    fast = Doubt.RANGE if measured.get("speed", 0.0) > limit else 0
    doubts = int(few | fast)
    quality = Quality.UNCERTAIN if doubts else Quality.GOOD
    state = STATES[row["trafficStatus"]] if probes else "no_data"
    observations = [Observation(asset, "state", state, seen_at, quality, doubts)]
    observations.append(Observation(asset, "probes", float(probes), seen_at))
    if probes:
        observations += [
            Observation(asset, name, value, seen_at, quality, doubts) for name, value in measured.items()
        ]
    return observations
