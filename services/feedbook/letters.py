"""What feeds could not deliver: reasons with their counts, and the dead letters themselves."""

from typing import Any

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.errors import NotFound
from model.letters import PAGE_ROWS, Letter, Letters, Reason

DEADLINE_MS = 2_000
HEAD_BYTES = 240
REASONS_MOST = 40

_REJECTS = text(
    """
    SELECT source, reason, count, first_seen, last_seen, excerpt
    FROM reject ORDER BY last_seen DESC LIMIT :most
    """
)
# What was ever refused is counted in `reject`; what is kept may be less (letters grow old) or, in the second
# before its count is written, more. Neither may hide the other.
_REASONS = text(
    """
    SELECT :feed, coalesce(r.reason, k.reason), greatest(coalesce(r.count, 0), coalesce(k.kept, 0)),
           coalesce(r.first_seen, k.first), coalesce(r.last_seen, k.last), coalesce(r.excerpt, ''),
           coalesce(k.kept, 0), coalesce(k.open, 0), coalesce(k.waiting, 0)
    FROM (SELECT * FROM reject WHERE source = :feed) r
    FULL JOIN (
        SELECT reason, count(*) AS kept, min(received_at) AS first, max(received_at) AS last,
               count(*) FILTER (WHERE outcome IS NULL OR outcome NOT IN ('stored', 'duplicate')) AS open,
               count(*) FILTER (WHERE replay_asked_at IS NOT NULL AND replayed_at IS NULL) AS waiting
        FROM dead_letter WHERE feed = :feed GROUP BY reason
    ) k ON k.reason = r.reason
    ORDER BY 5 DESC, 2
    """
)
_COLUMNS = (
    "id, feed, reason, detail, asset, form, trace, received_at, substring(item FROM 1 FOR :head), "
    "octet_length(item), replay_asked_at, replay_asked_by, replayed_at, outcome"
)
_OF_ALL = text(
    f"SELECT {_COLUMNS} FROM dead_letter WHERE feed = :feed "  # noqa: S608 - our own column names
    "ORDER BY id DESC LIMIT :rows OFFSET :skip"
)
_OF_REASON = text(
    f"SELECT {_COLUMNS} FROM dead_letter WHERE feed = :feed AND reason = :reason "  # noqa: S608 - as above
    "ORDER BY id DESC LIMIT :rows OFFSET :skip"
)
_ONE = text(f"SELECT {_COLUMNS}, item FROM dead_letter WHERE id = :id")  # noqa: S608 - as above


def reasons(engine: Engine) -> tuple[Reason, ...]:
    """Why items were refused, over all feeds, the newest first; kept letters are not counted. Unavailable."""
    with asking(engine, DEADLINE_MS) as connection:
        return tuple(Reason(*row) for row in connection.execute(_REJECTS, {"most": REASONS_MOST}))


def dead_letters(engine: Engine, feed: str, reason: str = "", page: int = 1) -> Letters:
    """The reasons of ``feed``, and page ``page`` (from 1) of its letters: of one ``reason`` or of all.

    A page past the last is the last; a feed or reason nobody knows has none. Raises Unavailable.
    """
    with asking(engine, DEADLINE_MS) as connection:
        found = tuple(Reason(*row) for row in connection.execute(_REASONS, {"feed": feed}))
        kept = sum(one.kept or 0 for one in found if reason in ("", one.reason))
        whole = Letters(feed, reason, found, total=kept)
        page = min(max(1, page), whole.pages)
        rows = _page(connection, feed, reason, page)
    return Letters(feed, reason, found, rows, kept, page)


def _page(connection: Connection, feed: str, reason: str, page: int) -> tuple[Letter, ...]:
    asked: dict[str, Any] = {
        "feed": feed,
        "head": HEAD_BYTES,
        "rows": PAGE_ROWS,
        "skip": (page - 1) * PAGE_ROWS,
    }
    if reason:
        return tuple(Letter(*row) for row in connection.execute(_OF_REASON, asked | {"reason": reason}))
    return tuple(Letter(*row) for row in connection.execute(_OF_ALL, asked))


def letter(engine: Engine, letter_id: int) -> tuple[Letter, bytes]:
    """One dead letter, and its item as it came. Raises NotFound, Unavailable."""
    with asking(engine, DEADLINE_MS) as connection:
        row = connection.execute(_ONE, {"id": letter_id, "head": HEAD_BYTES}).one_or_none()
    if row is None:
        raise NotFound(f"dead letter {letter_id}")
    return Letter(*row[:-1]), bytes(row[-1])
