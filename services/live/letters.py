"""Dead letters: items that could not be taken, kept as they came, so that a person can look and replay."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import psycopg
from sqlalchemy import Engine, text

from model.observations import Observation, Position
from services.live.plan import Letter
from services.live.quality import Reject

ITEM_MOST = 65_536
KEPT_A_BATCH = 200
"""Letters of one feed and reason kept whole of a batch; the others are counted."""
KEPT_MOST = 20_000
"""Letters of one feed and reason kept in all: the newest."""
KEPT_DAYS = 30
AT_ONCE = 500
UNKEPT = ("other_door",)
"""Refused here, taken elsewhere: nothing to replay."""

OBSERVATION, POSITION_FORM = "observation", "position"

_STORE = """
INSERT INTO dead_letter (feed, reason, detail, asset, item, form, trace, received_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, to_timestamp(%s))
"""
_ASKED = """
SELECT id, feed, item, form FROM dead_letter
WHERE replay_asked_at IS NOT NULL AND replayed_at IS NULL ORDER BY id LIMIT %s
"""
_REPLAYED = "UPDATE dead_letter SET replayed_at = now(), outcome = %s WHERE id = %s"
_REGISTERED = """
UPDATE dead_letter SET replay_asked_at = now(), replay_asked_by = 'layout'
WHERE reason = 'unknown_asset' AND replayed_at IS NULL AND replay_asked_at IS NULL
  AND asset IN (SELECT external_id FROM asset WHERE removed_at IS NULL AND geometry IS NOT NULL)
"""

_OBSERVATION = msgspec.json.Decoder(Observation)
_POSITION = msgspec.json.Decoder(Position)


@dataclass(frozen=True, slots=True)
class Asked:
    """A letter somebody wants replayed."""

    id: int
    feed: str
    item: bytes
    form: str

    def observation(self) -> Observation:
        """The observation in it; msgspec.MsgspecError when its form is another or it cannot be read."""
        return _OBSERVATION.decode(self.item)

    def position(self) -> Position:
        """The position in it, likewise."""
        return _POSITION.decode(self.item)


def form_of(seen: Observation | Position) -> str:
    """The form of a letter that holds Vigie's JSON of ``seen``."""
    return OBSERVATION if isinstance(seen, Observation) else POSITION_FORM


def letter_of(feed: str, reject: Reject, seen: Observation | Position | None) -> Letter:
    """The letter of a refused item: its own bytes, or ``seen`` as Vigie's JSON."""
    if reject.item or seen is None:
        item, form = reject.item or reject.detail.encode("utf-8", "replace"), reject.form
    else:
        item, form = msgspec.json.encode(seen), form_of(seen)
    return Letter(feed, reject.reason, reject.detail, reject.asset, item[:ITEM_MOST], form)


def store_letters(
    cursor: psycopg.Cursor[Any], letters: Sequence[Letter], trace: str, received_at: float
) -> None:
    """Store ``letters`` of batch ``trace``, received at ``received_at`` (epoch s)."""
    rows = [
        (
            one.feed,
            one.reason,
            storable(one.detail),
            storable(one.asset),
            one.item,
            one.form,
            trace,
            received_at,
        )
        for one in letters
    ]
    if rows:
        cursor.executemany(_STORE, rows)


def storable(excerpt: str) -> str:
    """``excerpt`` as PostgreSQL takes text: no NUL, no lone surrogate, at most 2,000 characters."""
    clean = excerpt[:2000].replace("\x00", "�")
    return clean.encode("utf-8", "replace").decode("utf-8")


def asked_letters(connection: psycopg.Connection[Any]) -> list[Asked]:
    """The letters to be replayed now, oldest first, at most ``AT_ONCE``."""
    return [Asked(row[0], row[1], bytes(row[2]), row[3]) for row in connection.execute(_ASKED, (AT_ONCE,))]


def note_replayed(connection: psycopg.Connection[Any], outcomes: Sequence[tuple[str, int]]) -> None:
    """Write down what became of replays: (outcome, letter id)."""
    with connection.cursor() as cursor:
        cursor.executemany(_REPLAYED, outcomes)


def ask_for_registered(connection: psycopg.Connection[Any]) -> int:
    """Ask for the replay of what was parked because its asset was unknown, and is known now."""
    return connection.execute(_REGISTERED).rowcount


_TOO_MANY = text(
    """
    DELETE FROM dead_letter d USING (
        SELECT feed, reason, (array_agg(id ORDER BY id DESC))[:most] AS first
        FROM (SELECT feed, reason, id FROM dead_letter) every GROUP BY feed, reason
    ) kept WHERE d.feed = kept.feed AND d.reason = kept.reason AND d.id < kept.first
    """
)
_TOO_OLD = text("DELETE FROM dead_letter WHERE received_at < now() - :days * interval '1 day'")
_SETTLED = text("DELETE FROM settled_batch WHERE settled_at < now() - interval '4 days'")
_MINUTES = text("DELETE FROM feed_minute WHERE minute < now() - interval '400 days'")


def tidy(engine: Engine) -> None:
    """Let go of letters past their number and age, of settled batches no spool can hold any more, and of
    minutes past thirteen months."""
    with engine.begin() as connection:
        connection.execute(_TOO_MANY, {"most": KEPT_MOST})
        connection.execute(_TOO_OLD, {"days": KEPT_DAYS})
        connection.execute(_SETTLED)
        connection.execute(_MINUTES)
