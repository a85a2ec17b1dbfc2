"""Files people take away: the address of a page of the past, with ``&format=``, is the question.

``GET /history/export?<the page's own query>&format=csv|geojson|geoparquet``: ``series=`` the series shown,
``at=`` the city at an instant, ``a=&b=`` what differs between two (``&what=changes``: every change between).
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from callbacks.asking import asker
from callbacks.history import tell
from callbacks.looking import closed_assets
from callbacks.origin import origin_of, scope_words
from callbacks.time_machine import present_columns
from callbacks.wiring import route
from layouts.history_address import period_of, read_chosen, read_instant
from model.errors import BadRequest, VigieError, http_status
from model.registry import AssetCard
from model.roles import EXPORTERS
from model.takeaway import Label, address, file_name
from model.texts import Words, words
from services.city import City
from services.history import codes_of, laid_out
from services.takeaway import (
    DEADLINE_S,
    GEOMETRY,
    MOST_ROWS,
    Batch,
    Chosen,
    Moment,
    Named,
    Table,
    TooLong,
    TooMuch,
    area_shape,
    asset_shapes,
    changes_table,
    difference_table,
    format_named,
    made,
    pieces,
    series_table,
    shared_unit,
    state_table,
    whole_coverage,
)

Asked = Mapping[str, str]
FURTHEST = timedelta(days=31)


async def export(city: City, request: Request) -> Response:
    """A file of what the address shows, whole before its first byte; errors say what to ask instead."""
    asked = dict(request.query_params)
    say = words(asked.get("lang") or city.settings.language, city.profile.time_zone)
    chosen = format_named(asked.get("format", "csv"))
    try:
        table, what = await asyncio.to_thread(table_of, city, say, asked, datetime.now(UTC))
        counted = Counted(table.batches)
        file = await asyncio.to_thread(made, replace(table, batches=counted), chosen)
        await taken(city, what, asked, rows=counted.rows, format=asked.get("format", "csv"))
    except (TooMuch, TooLong) as problem:
        return refused(say, problem)
    name = file_name(table.label, what, chosen.extension)
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return StreamingResponse(pieces(file), media_type=chosen.media_type, headers=headers)


class Counted:
    """Batches on their way into a file, and how many rows they held."""

    def __init__(self, batches: Iterable[Batch]) -> None:
        self._batches = batches
        self.rows = 0

    def __iter__(self) -> Iterator[Batch]:
        """The batches."""
        for batch in self._batches:
            self.rows += len(batch[GEOMETRY])
            yield batch


async def taken(city: City, what: str, asked: Asked, **details: Any) -> None:
    """Put on record what is taken away, before its first byte leaves: the question and ``details``.

    Raises Unavailable: then nothing leaves.
    """
    told = {"asked": {name: str(value)[:200] for name, value in asked.items()}, **details}
    await asyncio.to_thread(city.access.audit.exported, asker(city), what, told)


def refused(say: Words, problem: VigieError) -> Response:
    """The refusal in the reader's language, in the shape of every error."""
    if isinstance(problem, TooMuch):
        message = say("takeaway.too_much", n=say.number(MOST_ROWS))
    else:
        message = say("takeaway.too_long", s=f"{DEADLINE_S:g}")
    body = {"error": {"code": type(problem).__name__.lower(), "message": message}}
    return JSONResponse(body, status_code=http_status(problem))


def table_of(city: City, say: Words, asked: Asked, now: datetime) -> tuple[Table, str]:
    """What ``asked`` names as a table, and in a word what it is for the file's name. Blocks."""
    if "series" in asked:
        return _series(city, say, asked, now)
    if asked.get("a") and asked.get("b"):
        return _between(city, say, asked, now)
    if "at" in asked:
        return _state(city, say, asked, now)
    raise BadRequest(say("takeaway.no_question"))


def _series(city: City, say: Words, asked: Asked, now: datetime) -> tuple[Table, str]:
    chosen = read_chosen(asked)
    t0, t1 = period_of(chosen, now, city.profile.zone)
    told, card = tell(city, say, chosen, now)
    shape = _shape(city, card, chosen.area)
    named = [Named(one.name, one.where, one.series, shape) for one in told]
    read = ", ".join(dict.fromkeys(say(f"history.source_{one.series.source}") for one in named))
    place = named[0].place if named else city.profile.title
    title = named[0].name if len(named) == 1 else place
    local = t0.astimezone(city.profile.zone), t1.astimezone(city.profile.zone)
    label = Label(
        origin_of(city, say), title, place, *local, now.astimezone(city.profile.zone),
        shared_unit(named), whole_coverage(named), read, address("/history", asked),
    )  # fmt: skip
    what = chosen.asset or f"{chosen.asset_type} {chosen.observed_property}"
    return series_table(city.engine, label, named), what


def _shape(city: City, card: AssetCard | None, area: int) -> bytes | None:
    if card is not None:
        return asset_shapes(city.engine, [card.asset_id])[0]
    return area_shape(city.engine, area or None, city.profile.area_kind)


def filters_of(asked: Asked) -> Chosen:
    """The filters of the map in the address: comma-separated names; an area's id."""
    area = asked.get("area", "")
    return Chosen(_names(asked, "domains"), _names(asked, "statuses"), int(area) if area.isdigit() else None)


def _names(asked: Asked, name: str) -> frozenset[str] | None:
    # An empty list is a filter that lets nothing through; a missing one lets all.
    return frozenset(filter(None, asked[name].split(","))) if name in asked else None


def moment_of(city: City, at: datetime) -> Moment:
    """The city at ``at`` on its present layout, with the names of its areas. Blocks."""
    columns = present_columns(city)
    records = laid_out(columns, city.history.state_at(at))
    names = city.registry.area_names(columns.version)
    return Moment(columns, records, codes_of(records["status"], columns.parents), names)


def instant_of(say: Words, asked: Asked, name: str, now: datetime) -> datetime:
    """The instant ``asked`` calls ``name``, at most ``now``; BadRequest says how one is written."""
    at = now if asked.get(name) == "now" else read_instant(asked.get(name), now)
    if at is None:
        raise BadRequest(say("takeaway.bad_instant", name=name))
    return at


def ends_of(
    say: Words, asked: Asked, now: datetime, furthest: timedelta = FURTHEST
) -> tuple[datetime, datetime]:
    """A and B of the address, in order and not too far apart; BadRequest says what is wrong."""
    a, b = instant_of(say, asked, "a", now), instant_of(say, asked, "b", now)
    if a >= b:
        raise BadRequest(say("takeaway.bad_order"))
    if b - a > furthest:
        raise BadRequest(say("takeaway.too_far", n=furthest.days))
    return a, b


def place_of(city: City, say: Words, chosen: Chosen) -> str:
    """The city, and what scope and filters narrow it to, in words."""
    parts = [city.profile.title, *filter(None, [scope_words(city, say)])]
    if chosen.area is not None:
        parts.append(
            {area.id: area.name for area in city.registry.areas()}.get(chosen.area, str(chosen.area))
        )
    parts += sorted(say(f"domain.{name}") for name in chosen.domains or ())
    parts += sorted(say(f"legend.{name}") for name in chosen.statuses or ())
    return ", ".join(parts)


def _state(city: City, say: Words, asked: Asked, now: datetime) -> tuple[Table, str]:
    at, chosen = instant_of(say, asked, "at", now), filters_of(asked)
    moment = moment_of(city, at)
    label = _label(
        city, say, "state_title", place_of(city, say, chosen), (at, None), moment.known, asked, now
    )
    return state_table(city.engine, label, moment, chosen, at), "state"


def _between(city: City, say: Words, asked: Asked, now: datetime) -> tuple[Table, str]:
    (a, b), chosen = ends_of(say, asked, now), filters_of(asked)
    before, after = moment_of(city, a), moment_of(city, b)
    known, place = float(np.mean([before.known, after.known])), place_of(city, say, chosen)
    if asked.get("what") == "changes":
        label = _label(city, say, "changes_of", place, (a, b), known, asked, now)
        closed = closed_assets(city, "export")
        return changes_table(city.engine, city.history, label, after, a, b, chosen, closed), "changes"
    found = city.history.difference(after.columns, a, b)
    label = _label(city, say, "difference_of", place, (a, b), known, asked, now)
    return difference_table(city.engine, city.history, label, after, found, chosen), "difference"


def _label(
    city: City,
    say: Words,
    title: str,
    place: str,
    when: tuple[datetime, datetime | None],
    coverage: float,
    asked: Asked,
    now: datetime,
) -> Label:
    zone = city.profile.zone
    t0, t1 = when
    return Label(
        origin_of(city, say), say(f"takeaway.{title}"), place, t0.astimezone(zone),
        t1.astimezone(zone) if t1 else None, now.astimezone(zone), "", coverage,
        say("takeaway.read_changes" if t1 else "takeaway.read_state"), address("/history", asked),
    )  # fmt: skip


def routes(server: FastAPI, city: City) -> None:
    """Declare the files' route."""
    route(server, city, "/history/export", export, may=EXPORTERS)
