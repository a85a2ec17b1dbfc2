"""Opening a city for its ingest: what the database knows of a layout, and carrying memory to the next."""

import logging

import msgspec
import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from geodata.assets import Columns, read_columns
from geodata.profiles import Bounds
from model.errors import Unavailable
from services.live.accounts import FeedBook
from services.live.batch import City
from services.live.fleet import open_fleet
from services.live.judge import SLOTS, Judge, property_table
from services.live.keyframes import load_state, places
from services.live.memory import CityMemory, remember
from services.live.streams import placed
from services.live.watch import NOBODY, Watch

log = logging.getLogger(__name__)


def open_city(engine: Engine, area_kind: str, bounds: Bounds, domains: frozenset[str] | None) -> City:
    """The city as the database knows it now; Unavailable when that is away."""
    try:
        columns = read_columns(engine, area_kind)
        memory = remember(columns, *load_state(engine, columns))
        fleet = open_fleet(engine, columns, bounds)
        periods = read_periods(engine, columns)
    except SQLAlchemyError as error:
        raise Unavailable(f"the database is away: {type(error).__name__}") from None
    log.info("layout %s with %s assets is open", columns.version, len(columns))
    return City(memory, Watch(len(columns)), periods, Judge(columns, domains), fleet)


_PERIODS = text("SELECT asset_id, observed_property, period_s FROM datastream")


def read_periods(engine: Engine, columns: Columns) -> npt.NDArray[np.float64]:
    """How often each datastream speaks, s: f8 (n, SLOTS + 1), the state in the last column.

    As its datastream says, else its property or asset type declares. SQLAlchemyError when the database is
    away.
    """
    periods = np.repeat(columns.periods[:, None], SLOTS + 1, axis=1)
    declared = property_table(lambda one: one.period_s or np.nan, np.nan)[columns.types]
    periods[:, :SLOTS] = np.where(np.isnan(declared), periods[:, :SLOTS], declared)
    with engine.connect() as connection:
        for index, slot, period in placed(columns, connection.execute(_PERIODS)):
            periods[index, slot] = period
    return periods


def carry(before: City, after: City) -> None:
    """What was known in one layout into the next, by asset id."""
    at = places(after.memory.columns, before.memory.columns.ids)
    stay = np.flatnonzero(at >= 0)
    for name in CityMemory.FIELDS:
        getattr(after.memory, name)[at[stay]] = getattr(before.memory, name)[stay]
    after.watch.carry(before.watch, at[stay], stay)


class _KeptWatch(msgspec.Struct, array_like=True):
    feeds: list[str]
    ids: bytes
    fields: dict[str, bytes]


def kept_watch(city: City, feeds: list[str]) -> bytes:
    """The watch of ``city`` as bytes, to be found again after a restart; ``feeds`` by number."""
    fields = {name: getattr(city.watch, name).tobytes() for name in Watch.FIELDS}
    return msgspec.msgpack.encode(_KeptWatch(feeds, city.memory.columns.ids.tobytes(), fields))


def take_up_watch(city: City, kept: bytes, book: FeedBook) -> None:
    """Go on with the watch in ``kept``; one of another shape (an older version's) is left alone."""
    try:
        found = msgspec.msgpack.decode(kept, type=_KeptWatch)
        ids = np.frombuffer(found.ids, "i8")
        before = Watch(len(ids))
        for name in Watch.FIELDS:
            plain = getattr(before, name)
            setattr(before, name, np.frombuffer(found.fields[name], plain.dtype).reshape(len(ids), SLOTS + 1))
    except (msgspec.MsgspecError, ValueError, KeyError):
        log.warning("what was kept of the datastreams is of another shape and left alone")
        return
    numbers = np.array(
        [*(book.number(name) for name in found.feeds), *[NOBODY] * (256 - len(found.feeds))], "u1"
    )
    before.feed = numbers[before.feed]
    at = places(city.memory.columns, ids)
    stay = np.flatnonzero(at >= 0)
    city.watch.carry(before, at[stay], stay)
