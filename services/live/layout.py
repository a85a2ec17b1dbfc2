"""Reading what a web process needs of the database, one question at a time and never waiting for ever."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from geodata.assets import Columns, read_columns
from geodata.transit import BusLine, bus_lines
from model.errors import Unavailable
from services.live.geometry import Geometry, geometry
from services.live.keyframes import Loaded, load_state

T = TypeVar("T")

_AREAS = text("SELECT id, name FROM area WHERE kind = :kind ORDER BY name")


class Layout(NamedTuple):
    """One layout of the city as read: its columns, the areas they are counted under (id, name), their packed
    geometry, the state in the database, and the lines moving assets run."""

    columns: Columns
    areas: list[tuple[int, str]]
    geometry: Geometry
    loaded: Loaded
    lines: list[BusLine]


def read_layout(engine: Engine, area_kind: str) -> Layout:
    """Read the layout in force and the state the database knows."""
    columns = read_columns(engine, area_kind)
    with engine.connect() as connection:
        areas = [(int(row[0]), str(row[1])) for row in connection.execute(_AREAS, {"kind": area_kind})]
    shape = geometry(columns, areas)
    return Layout(columns, areas, shape, load_state(engine, columns), bus_lines(engine))


class Asker:
    """Puts one question at a time to the database, in a thread of its own.

    While a question hangs, the next is refused at once: a hung server costs one thread, not a pool.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="hub-database")
        self._asked: asyncio.Future[object] | None = None

    async def ask(self, patience_s: float, question: Callable[..., T], *args: object) -> T:
        """``question(*args)``; Unavailable when the database is away or silent for ``patience_s``."""
        if self._asked is not None and not self._asked.done():
            raise Unavailable("the database has not answered yet")
        answer = asyncio.get_running_loop().run_in_executor(self._thread, lambda: question(*args))
        self._asked = answer  # type: ignore[assignment]
        answer.add_done_callback(_retrieve)
        try:
            async with asyncio.timeout(patience_s):
                return await asyncio.shield(answer)
        except (SQLAlchemyError, TimeoutError) as error:
            raise Unavailable(f"the database is away: {type(error).__name__}") from None

    def close(self) -> None:
        """Do not wait for a question that still hangs."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _retrieve(answer: "asyncio.Future[T]") -> None:
    """Look at the outcome, so that one nobody waits for any more is not reported as forgotten."""
    if not answer.cancelled():
        answer.exception()
