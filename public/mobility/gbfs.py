"""Car parks by GBFS 2.3: where they are, and how many places are free.

GBFS is made for bicycles that are lent; nothing is lent here. A car park is a station whose docks are its
places, no vehicle is ever to be had at it, and one whose free places are not known has no status.
"""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from model.errors import NotFound
from public.features.answering import JSON, answer, encoded
from public.features.asked import given_in
from public.features.collection import Features
from public.features.library import Entry
from public.hot import keep
from public.mobility.rows import Row, as_of, rows_of
from public.opened import Open
from services.publishing.outlets import has_parking

VERSION = "2.3"
FEEDS = ("system_information", "station_information", "station_status")
OPEN_STATE = "open"


async def gbfs(door: Open, request: Request) -> Response:
    """``/gbfs/{name}/{file}``: the feeds there are, or one of them."""
    given_in(request.url.query, set())
    entry = door.library.entry(request.path_params["name"])
    feed, dot, ending = request.path_params["file"].partition(".")
    columns = [one.name for one in entry.about.columns]
    if f"{dot}{ending}" != ".json" or not has_parking(entry.about.dataset, columns):
        raise NotFound("there is no such feed")
    features = await door.library.features(entry.name)
    data = _data(door, entry, features, feed)
    if door.library.is_current(features):
        keep(request, entry.name)
    return await answer(request, encoded(_framed(entry, data)), JSON)


def _data(door: Open, entry: Entry, features: Features, feed: str) -> Row:
    language = door.settings.language
    if feed == "gbfs":
        base = f"{door.settings.public_address}/gbfs/{entry.name}"
        return {language: {"feeds": [{"name": one, "url": f"{base}/{one}.json"} for one in FEEDS]}}
    if feed == "system_information":
        return _system(entry, language)
    if feed not in FEEDS:
        raise NotFound("there is no such feed")
    told = station if feed == "station_information" else status
    return {"stations": [one for row in rows_of(features) if (one := told(row)) is not None]}


def _framed(entry: Entry, data: Row) -> Row:
    """What every feed has around it: when it is of, and for how many seconds it may be kept."""
    return {
        "last_updated": int(as_of(entry).timestamp()),
        "ttl": max(entry.about.cadence_s, 0),
        "version": VERSION,
        "data": data,
    }


def _system(entry: Entry, language: str) -> Row:
    about = entry.about
    told: Row = {
        "system_id": entry.name,
        "language": language,
        "name": about.title.get(language) or entry.name,
        "operator": about.producer,
        "timezone": about.time_zone,
    }
    return told | ({"license_url": about.licence.url} if about.licence.url else {})


def station(row: Row) -> dict[str, Any] | None:
    """A car park as a station; None where its place is not known."""
    if row["lon"] is None:
        return None
    return {"station_id": row["id"], "name": row["name"] or row["id"], "lat": row["lat"], "lon": row["lon"]}


def status(row: Row) -> dict[str, Any] | None:
    """How many places are free; None where it is not known, or the car park is not to be found."""
    if row["free_places"] is None or row["measured_at"] is None or row["lon"] is None:
        return None
    return {
        "station_id": row["id"],
        "num_bikes_available": 0,
        "num_docks_available": max(int(row["free_places"]), 0),
        "is_installed": True,
        "is_renting": False,
        "is_returning": row["state"] == OPEN_STATE,
        "last_reported": int(datetime.fromisoformat(row["measured_at"]).timestamp()),
    }
