"""Looks at protected records on behalf of who asks: before anything of a record is read, and nowhere else."""

import asyncio
from typing import Any

import numpy as np
from dash import Dash, Input, Output, State, no_update

from callbacks.asking import asker
from callbacks.wiring import on
from layouts.form_parts import at_fields
from layouts.ids import Look, Shell
from model.domains import GUARDED
from model.errors import BadField, NotFound, Refused, Unavailable
from model.looks import Standing
from model.roles import PAST_READERS
from model.texts import words
from services.city import City

FIELDS = ("purpose", "reference")


def guarded(city: City, asset_id: int) -> bool:
    """Whether the record of an asset may be protected; where the layout does not know it, it is asked."""
    columns = city.live.columns
    index = columns.index_of(asset_id) if columns is not None else -1
    return columns is None or index < 0 or int(columns.types[index]) in GUARDED


async def looked(city: City, asset_id: int, what: str, **details: Any) -> Standing | None:
    """How who asks stands to the record of an asset: an open one is on record now. None: not protected.

    Raises Unavailable: then nothing of it may be shown.
    """
    if not guarded(city, asset_id):
        return None
    try:
        standing = await asyncio.to_thread(
            city.access.looks.attempt, asker(city), asset_id, what, **details
        )  # fmt: skip
    except NotFound:
        return None
    return standing if standing.guarded else None


def look(city: City, asset_id: int, what: str, **details: Any) -> None:
    """Look at the record of an asset, or raise PurposeNeeded or Refused. Blocks."""
    if guarded(city, asset_id):
        city.access.looks.look(asker(city), asset_id, what, **details)


def closed_assets(city: City, what: str) -> np.typing.NDArray[np.int64]:
    """Ids of the assets of the layout whose record may not be shown to who asks; looks at others are on
    record. Blocks."""
    columns = city.live.columns
    if columns is None:
        return np.empty(0, np.int64)
    ids = columns.ids[np.isin(columns.types, list(GUARDED))].astype(np.int64)
    shown = city.access.looks.open_among(asker(city), ids.tolist(), what) if len(ids) else frozenset()
    return ids[~np.isin(ids, list(shown))]


def closed_names(city: City, what: str) -> frozenset[str]:
    """External ids of the same assets. Blocks."""
    columns = city.live.columns
    if columns is None:
        return frozenset()
    closed = np.isin(columns.ids, closed_assets(city, what))
    return frozenset(columns.external_ids[closed].tolist())


async def state_purpose(
    city: City,
    clicks: int | None,
    _enter: int | None,
    asset_id: int | None,
    purpose: str | None,
    reference: str | None,
    language: str | None,
) -> Any:
    """Put the purpose on record, and tell the page to ask again; or say at its field what is missing."""
    if not (clicks or _enter) or not isinstance(asset_id, int):
        return no_update
    say = words(language or city.settings.language, city.profile.time_zone)
    try:
        stated = await asyncio.to_thread(
            city.access.looks.state, asker(city), asset_id, purpose or "", reference or ""
        )
    except BadField as bad:
        return no_update, "", *at_fields(say, FIELDS, bad)
    except (NotFound, Refused):
        return no_update, say("looks.not_stated"), None, None
    except Unavailable:
        return no_update, say("looks.away_body"), None, None
    return stated.purpose_id, "", None, None


def register(app: Dash, city: City) -> None:
    """Wire the purpose form."""
    on(
        app, city, state_purpose,
        Output(Look.STATED, "data"), Output(Look.TOLD, "children"),
        Output(Look.PURPOSE, "error"), Output(Look.REFERENCE, "error"),
        Input(Look.SAY, "n_clicks"), Input(Look.REFERENCE, "n_submit"),
        State(Look.ASSET, "data"), State(Look.PURPOSE, "value"), State(Look.REFERENCE, "value"),
        State(Shell.LANGUAGE, "data"),
        may=PAST_READERS, prevent_initial_call=True,
    )  # fmt: skip
