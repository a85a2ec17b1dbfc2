"""Closed roads by GTFS-Realtime 2.0, as service alerts for buses.

Where vehicles are is not told: a position on duty tells where its driver is, so that dataset is closed and no
release of it can be proposed. How late they are is measured of no vehicle. What is open and concerns a bus
are the roads that are closed now; which lines take another way is not known, so an alert is for all buses.
"""

import numpy as np
from google.transit import gtfs_realtime_pb2 as gtfs
from starlette.requests import Request
from starlette.responses import Response

from model.errors import NotFound
from model.texts import LANGUAGES, words
from public.features.answering import answer
from public.features.asked import given_in
from public.features.collection import Features
from public.features.library import Entry
from public.hot import keep
from public.mobility.rows import Row, as_of, rows_of
from public.opened import Open
from services.publishing.outlets import has_closures

PROTOBUF = "application/x-protobuf"
CLOSED = "closed"
BUS = 3
"""The route type of buses, in GTFS."""


async def alerts(door: Open, request: Request) -> Response:
    """``/gtfs-realtime/{name}/alerts.pb``"""
    given_in(request.url.query, set())
    entry = door.library.entry(request.path_params["name"])
    if not has_closures(entry.about.dataset, [one.name for one in entry.about.columns]):
        raise NotFound("there are no alerts of it")
    features = await door.library.features(entry.name)
    if door.library.is_current(features):
        keep(request, entry.name)
    return await answer(request, message(entry, features, door.settings.public_address), PROTOBUF)


def message(entry: Entry, features: Features, base: str) -> bytes:
    """Every road that is closed, as a FeedMessage."""
    told = gtfs.FeedMessage()
    told.header.gtfs_realtime_version = "2.0"
    told.header.incrementality = gtfs.FeedHeader.FULL_DATASET
    told.header.timestamp = int(as_of(entry).timestamp())
    for row in rows_of(features, _closed(features)):
        _alert(told, row, f"{base}/datasets/{entry.name}")
    return bytes(told.SerializeToString(deterministic=True))


def _closed(features: Features) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    state = features.columns["state"]
    names = state.words.to_pylist() if state.words is not None else []
    return np.flatnonzero(state.values == names.index(CLOSED)) if CLOSED in names else np.zeros(0, "i8")


def _alert(told: gtfs.FeedMessage, row: Row, page: str) -> None:
    entity = told.entity.add()
    entity.id = row["id"]
    alert = entity.alert
    alert.cause, alert.effect = gtfs.Alert.UNKNOWN_CAUSE, gtfs.Alert.UNKNOWN_EFFECT
    alert.informed_entity.add().route_type = BUS
    for language in LANGUAGES:
        say = words(language)
        for text, key in ((alert.header_text, "api.road_closed"), (alert.url, "")):
            translated = text.translation.add()
            translated.language = language
            translated.text = say(key, road=row["name"] or row["id"]) if key else page
