"""The demo city's repairs before its states are on record: days of figures made of changes of state.

Its states are kept for two weeks, like those of a city that began to watch them then; what went wrong in the
eleven months before, and when it was put right, is in its ledger.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
from sqlalchemy import Connection, Engine, text

from geodata.asking import asking, statement
from geodata.demo_city.past import FIRST_AREA_ID, Story
from geodata.profiles import CityProfile
from model.domains import TYPE_ORDER
from services.boards.catalogue import KPIS
from services.boards.engine import WRITE_DAYS, Asked, asked, days_of_question, first_day
from services.boards.recipes.ground import SINCE_SEEN, local
from services.boards.recipes.states import EVENTS, FAILURES, events, in_time, repairs

DEADLINE_MS = 120_000
_LIVED = text(
    "CREATE TEMP TABLE lived (area_id integer, asset_type text, state integer, began timestamptz, "
    "ended timestamptz) ON COMMIT DROP"
)
_OF_THESE = """
    FROM lived l
    JOIN unnest(CAST(:failed_types AS text[]), CAST(:failed_states AS int[])) AS f (asset_type, state)
      ON (f.asset_type, f.state) = (l.asset_type, l.state)
"""
_CLOSED = f"""closed AS (
    SELECT l.area_id, {local("l.ended")} AS day, extract(epoch FROM l.ended - l.began) / 3600.0 AS hours
    {_OF_THESE}
    WHERE {local("l.ended")} >= :first AND {local("l.ended")} <= :last
)"""  # noqa: S608 - put together of pieces of our own
_HAPPENED = f"""happened AS (
    SELECT l.area_id, {local("l.began")} AS day {_OF_THESE}
    WHERE {local("l.began")} >= :first AND {local("l.began")} <= :last
)"""
_QUESTIONS = {"repairs": repairs(_CLOSED), "repairs_in_time": in_time(_CLOSED), "events": events(_HAPPENED)}


def write_demo_repairs(engine: Engine, profile: CityProfile, story: Story) -> int:
    """Write the days of repairs and events that lie before the states on record; rows written."""
    written = 0
    with asking(engine, DEADLINE_MS) as connection:
        connection.execute(_LIVED)
        _tell(connection, story)
        for kpi in KPIS:
            if kpi.recipe in _QUESTIONS:
                written += _write(connection, asked(kpi, profile))
        connection.commit()
    return written


def _write(connection: Connection, one: Asked) -> int:
    until = first_day(connection, one)
    first = connection.scalar(text(SINCE_SEEN), dict(one.question.bound))
    if until is None or first is None or until <= first:
        return 0
    question = statement(WRITE_DAYS, days=days_of_question(_QUESTIONS[one.kpi.recipe]))
    bound = one.bound(first, until - timedelta(days=1)) | {"kpi": one.kpi.key}
    return int(connection.execute(question, bound).rowcount)


def _tell(connection: Connection, story: Story) -> None:
    raw: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    with raw.cursor() as cursor, cursor.copy("COPY lived FROM STDIN") as copy:
        for row in _outages(story):
            copy.write_row(row)


def _outages(story: Story) -> Iterator[tuple[int, str, int, datetime, datetime]]:
    """What failed or happened to equipment somebody repairs or guards: where, what, from when to when."""
    city, ledger = story.physics.city, story.ledger
    wanted = np.isin(city.types[ledger.rows], [TYPE_ORDER.index(kind) for kind in (*FAILURES, *EVENTS)])
    for at in np.flatnonzero(wanted & (ledger.end <= story.span.now)).tolist():
        row = int(ledger.rows[at])
        began, ended = (datetime.fromtimestamp(int(edge[at]), UTC) for edge in (ledger.start, ledger.end))
        area = int(city.communes[row]) + FIRST_AREA_ID
        yield area, TYPE_ORDER[int(city.types[row])], int(ledger.state[at]), began, ended
