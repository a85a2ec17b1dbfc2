"""The programmes of one city, as callbacks are handed them."""

import threading
import time
from datetime import date, datetime, timedelta
from itertools import groupby

import numpy as np
from sqlalchemy import Connection, Engine

from geodata.asking import asking
from geodata.profiles import CityProfile
from geodata.scoping import areas_of
from model.audit import Action
from model.errors import BadField, NotFound, Refused
from model.programmes import (
    AreaProgress,
    Effect,
    Price,
    Programme,
    ProgrammeKind,
    ProgrammeState,
    Step,
    StepLine,
)
from model.roles import PROMISE_KEEPERS
from model.viewer import Viewer
from services.access import must_be, record
from services.boards.outlines import little_map
from services.boards.programmes import book
from services.boards.programmes.comparing import effects
from services.boards.programmes.importing import read_list
from services.boards.programmes.reading import quantities, yearly_hours
from services.history import local_day

KEPT_S = 600.0
DEADLINE_MS = 8_000
PER_KWH = "EUR/kWh"
REACH_DAYS = 3 * 366
"""How far back works are compared."""


class Programmes:
    """The renovation programmes of one city. Every method blocks (call it in a thread).

    All raise Unavailable when the database is away or too slow.
    """

    def __init__(self, engine: Engine, profile: CityProfile) -> None:
        self._engine = engine
        self._profile = profile
        self._kept: tuple[float, date, tuple[ProgrammeState, ...]] | None = None
        self._lock = threading.Lock()

    def states(self, now: datetime) -> tuple[ProgrammeState, ...]:
        """Every programme: how far it is and what it changed up to the last whole day at ``now`` (aware)."""
        last = local_day(now, self._profile.zone) - timedelta(days=1)
        with self._lock:
            if self._kept and self._kept[1] == last and time.monotonic() - self._kept[0] < KEPT_S:
                return self._kept[2]
            with asking(self._engine, DEADLINE_MS) as connection:
                found = tuple(self._state(connection, one, last) for one in book.programmes(connection))
            self._kept = time.monotonic(), last, found
            return found

    def check(self, viewer: Viewer, key: str, listed: str, now: datetime) -> tuple[StepLine, ...]:
        """What every line of a list of works says, or what is wrong with it.

        Raises BadField, Refused, NotFound.
        """
        must_be(viewer, PROMISE_KEEPERS, "import works")
        with asking(self._engine, DEADLINE_MS) as connection:
            _programme(connection, key)
            return self._read(connection, listed, now)

    def add(self, viewer: Viewer, key: str, listed: str, now: datetime) -> int:
        """Write a list of works whole, or nothing of it; how many lines.

        One transaction with its entry of the audit. Raises BadField (also when any line is wrong), Refused,
        NotFound.
        """
        must_be(viewer, PROMISE_KEEPERS, "import works")
        with asking(self._engine, DEADLINE_MS) as connection:
            programme = _programme(connection, key)
            lines = self._read(connection, listed, now)
            wrong = next((line for line in lines if line.problem), None)
            if wrong and wrong.problem:
                raise BadField("list", "bad_line", row=wrong.row, column=wrong.problem[0])
            scope = viewer.scope
            if scope.domains is not None and programme.domain not in scope.domains:
                raise Refused("that programme is of a domain outside what you see")
            book.add(connection, programme, lines, viewer.name)
            told = {"lines": len(lines), "done": sum(line.done_on is not None for line in lines)}
            record(connection, viewer, Action.WORKS_IMPORTED, kind="programme", object=key, details=told)
            connection.commit()
        with self._lock:
            self._kept = None
        return len(lines)

    def _read(self, connection: Connection, listed: str, now: datetime) -> tuple[StepLine, ...]:
        today = local_day(now, self._profile.zone)
        return read_list(connection, listed, self._profile.area_kind, today)

    def _state(self, connection: Connection, programme: Programme, last: date) -> ProgrammeState:
        kind = self._profile.area_kind
        found = book.steps(connection, programme, kind)
        areas = book.progress(found)
        hours, changed = self._changed(connection, programme, areas, last)
        every = sorted(self._areas(connection))
        return ProgrammeState(
            programme, found, areas, course(found), changed, hours, self._prices(programme.domain),
            little_map(connection, kind, every),
        )  # fmt: skip

    def _areas(self, connection: Connection) -> list[int]:
        asked = {"kind": self._profile.area_kind, "own": areas_of(self._engine)}
        return [int(row[0]) for row in connection.execute(book.AREAS_SEEN, asked)]

    def _changed(
        self, connection: Connection, programme: Programme, areas: tuple[AreaProgress, ...], last: date
    ) -> tuple[float, tuple[Effect, ...]]:
        begun = [area.first for area in areas if area.first]
        first = max(min([*begun, last]) - timedelta(days=365), last - timedelta(days=REACH_DAYS))
        read = quantities(connection, self._profile, programme.kind, first, last)
        hours = yearly_hours(read) if programme.kind is ProgrammeKind.LED else 0.0
        return hours, tuple(effect for one in read.measures for effect in effects(one, areas, last))

    def _prices(self, domain: str) -> tuple[Price, ...]:
        told = self._profile.tariffs.get(domain, ())
        return tuple(Price(one.value, one.since, one.source) for one in told if one.unit == PER_KWH)


def course(found: tuple[Step, ...]) -> tuple[tuple[date, float], ...]:
    """The share of all points done after each day of works."""
    whole = sum(step.points for step in found)
    done = [step for step in found if step.done_on]
    by_day = [
        (day, sum(step.points for step in own))
        for day, own in groupby(done, lambda step: step.done_on)
        if day
    ]
    shares = np.cumsum([points for _, points in by_day]) / max(whole, 1)
    return tuple((day, float(share)) for (day, _), share in zip(by_day, shares, strict=True))


def _programme(connection: Connection, key: str) -> Programme:
    found = next((one for one in book.programmes(connection) if one.key == key), None)
    if found is None:
        raise NotFound(f"no programme {key!r}")
    return found
