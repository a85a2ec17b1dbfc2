"""Fifty processes killed with -9 while they change things: no change without its entry, no entry without
its change, and the chain is whole."""

import multiprocessing
import os
import random
import signal
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from services.access import verify_books
from tests.changing import change_until_killed
from tests.clock import began
from tests.integration.small_city import add_assets, add_streams, observe
from tests.somebody import may_see_video, settled

pytestmark = pytest.mark.servers
KILLS = 50
SEED = 11
PATIENCE_S = 30


def rows(engine: Engine, question: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(question))]


def entries(engine: Engine, action: str) -> Counter[str]:
    return Counter(
        str(row[0]) for row in rows(engine, f"SELECT object FROM audit_entry WHERE action = '{action}'")
    )


def test_no_change_is_without_its_entry_and_no_entry_without_its_change(
    engine: Engine, database_url: str
) -> None:
    read_at = began().replace(microsecond=0) - timedelta(hours=2)
    with engine.begin() as connection:
        add_assets(connection, ("meter", None), ("camera", None))
        add_streams(connection, (1, "energy", 900))
        observe(connection, 1, [(read_at, 4.0)])
    viewer = settled(engine)
    may_see_video(engine, viewer)
    dice, done = random.Random(SEED), 0
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.changing"])
    for _ in range(KILLS):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=change_until_killed, args=(database_url, viewer, read_at, theirs))
        process.start()
        theirs.close()
        for _ in range(dice.randrange(1, 12)):
            assert ours.poll(PATIENCE_S), "it changes nothing"
            ours.recv_bytes()
            done += 1
        os.kill(int(process.pid or 0), signal.SIGKILL)
        process.join(PATIENCE_S)
        assert process.exitcode == -signal.SIGKILL
        ours.close()
    settle(engine)
    found = compared(engine)
    assert {name: (missing, invented) for name, (missing, invented, _) in found.items()} == dict.fromkeys(
        found, (0, 0)
    )
    assert min(count for _, _, count in found.values()) > 0, "every kind was tried"
    others = sum(entries(engine, action).total() for action in ("looked", "bookmark_removed"))
    assert sum(count for _, _, count in found.values()) + others >= done, "what was told to be done is done"
    assert verify_books(engine).sound


def settle(engine: Engine) -> None:
    """Wait until the server noticed that all clients are gone: what was in flight commits or does not."""
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('vigie.audit'), hashtext('changes'))"))
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('vigie.audit'), hashtext('looks'))"))


def compared(engine: Engine) -> dict[str, tuple[int, int, int]]:
    """Of every kind of change: how many lack their entry, entries that lack their change, changes made."""
    made = Counter(str(row[0]) for row in rows(engine, "SELECT id FROM annotation"))
    gone = Counter(
        str(row[0]) for row in rows(engine, "SELECT id FROM annotation WHERE withdrawn_at IS NOT NULL")
    )
    there = Counter(str(row[0]) for row in rows(engine, "SELECT id FROM bookmark"))
    corrected = rows(engine, "SELECT count(*) FROM correction")[0][0]
    stated = rows(engine, "SELECT count(*) FROM look_purpose")[0][0]
    forgotten = entries(engine, "bookmark_removed")
    pairs = {
        "annotation": (made, entries(engine, "note_made")),
        "withdrawal": (gone, entries(engine, "note_withdrawn")),
        # A bookmark that is gone is known by its second entry alone.
        "bookmark": (there + forgotten, entries(engine, "bookmark_made")),
        "correction": (Counter({"X-1": corrected}), entries(engine, "reading_corrected")),
        "purpose": (Counter({"X-2": stated}), entries(engine, "purpose_stated")),
    }
    return {
        name: ((changes - told).total(), (told - changes).total(), changes.total())
        for name, (changes, told) in pairs.items()
    }
