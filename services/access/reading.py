"""Reading the audit: searching it, taking it away, how far it is verified. Readings are on record too."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking, statement
from model.audit import Action, Book
from model.auditing import COUNTED, EXPORT_MOST, PAGE, AuditQuery, Checked, Entry, Found, Head, Mark, Verdict
from model.domains import DOMAIN_OF
from model.errors import BadRequest
from model.roles import AUDITORS, Role
from model.viewer import Viewer
from services.access.audit import record
from services.access.once import Once
from services.access.rights import must_be
from services.access.verifying import heads, verify_books

DEADLINE_MS = 6_000
SAME_SEARCH_S = 300.0
"""Within it the same search by the same session is one reading: pages turned, a language changed."""

_ROWS = """
    SELECT e.book, e.number, e.at, e.actor, e.role, e.address, e.action, e.kind, e.object, e.asset_id,
           coalesce(s.name, ''), e.purpose, e.outcome, e.details, e.hash
    FROM audit_entry e LEFT JOIN asset s ON s.id = e.asset_id
    WHERE {where} ORDER BY e.at DESC, e.book DESC, e.number DESC LIMIT :most
"""
_COUNT = """
    SELECT actor, count(*), count(*) FILTER (WHERE outcome = 'refused')
    FROM (SELECT e.actor, e.outcome FROM audit_entry e WHERE {where} LIMIT :counted) found
    GROUP BY actor ORDER BY 2 DESC, 1
"""

# Only our own conditions are put together; what is looked for is bound.
_CONDITIONS = {
    "actor": (
        "(e.actor ILIKE :actor_like OR e.actor_id IN (SELECT id FROM person WHERE login = lower(:actor)))"
    ),
    "role": "e.role = :role",
    "action": "e.action = :action",
    "book": "e.book = :book",
    "purpose": "e.purpose = :purpose",
    "outcome": "e.outcome = :outcome",
    "asset": (
        "(e.object ILIKE :asset_like OR e.asset_id IN "
        "(SELECT id FROM asset WHERE external_id = :asset OR name ILIKE :asset_like))"
    ),
    "text": "concat_ws(' ', e.actor, e.object, e.address, e.details::text) ILIKE :text_like",
}
_PERIOD = "e.at >= :t0 AND e.at < :t1"
_AFTER = "(e.at, e.book, e.number) < (:after_at, :after_book, :after_number)"
# A scoped supervisor reads what was done to her equipment, and what those did whose grants lie in her scope.
_OF_SCOPE = """
    CASE WHEN e.asset_id IS NOT NULL THEN e.asset_id IN (
        SELECT id FROM asset
        WHERE (CAST(:areas AS int[]) IS NULL OR commune_id = ANY(:areas) OR district_id = ANY(:areas))
          AND (CAST(:types AS text[]) IS NULL OR asset_type = ANY(:types)))
    ELSE e.actor_id = :self OR e.actor_id IN (
        SELECT person_id FROM access_grant
        WHERE (CAST(:areas AS int[]) IS NULL OR areas <@ CAST(:areas AS int[]))
          AND (CAST(:domains AS text[]) IS NULL OR domains <@ CAST(:domains AS text[])))
    END
"""
_STATE = text(
    """
    SELECT e.book, e.number, c.number, c.at, c.fault, c.fault_number
    FROM (SELECT DISTINCT ON (book) book, number FROM audit_entry ORDER BY book, number DESC) e
    LEFT JOIN audit_check c ON c.book = e.book
    """
)


class Audit:
    """The audit of one city. Every method blocks and has a deadline; all raise Unavailable, and Refused for
    who may not read it. The DPO reads everything; a supervisor what lies in her scope."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read = Once(SAME_SEARCH_S)

    def search(self, viewer: Viewer, query: AuditQuery, after: Mark | None = None) -> Found:
        """One page of what ``query`` finds, newest first, older than ``after``; recorded once a search."""
        must_be(viewer, AUDITORS, "read the audit")
        where, values = _where(viewer, query)
        key = (viewer.session_id, viewer.person_id, query)
        with asking(self._engine, DEADLINE_MS) as connection:
            by = _count(connection, where, values)
            total = sum(count for _, count, _ in by)
            rows = _rows(connection, where, values, after, PAGE + 1)
            if not self._read.done(key):
                told = {"query": query.told(), "found": total}
                record(connection, viewer, Action.AUDIT_READ, kind="audit", details=told)
                connection.commit()
                self._read.note(key)
        return Found(tuple(rows[:PAGE]), total, rows[PAGE - 1].mark if len(rows) > PAGE else None, by)

    def export(self, viewer: Viewer, query: AuditQuery) -> tuple[Entry, ...]:
        """Everything ``query`` finds, newest first, on record as taken away before it is returned.

        BadRequest where there are more than 50,000 entries.
        """
        must_be(viewer, AUDITORS, "take the audit away")
        where, values = _where(viewer, query)
        with asking(self._engine, 30_000) as connection:
            rows = _rows(connection, where, values, None, EXPORT_MOST + 1)
            if len(rows) > EXPORT_MOST:
                raise BadRequest(f"more than {EXPORT_MOST} entries: ask for a shorter period")
            told = {"query": query.told(), "rows": len(rows), "format": "csv"}
            record(connection, viewer, Action.EXPORTED, kind="audit", object="audit", details=told)
            connection.commit()
        return tuple(rows)

    def exported(
        self, viewer: Viewer, what: str, details: dict[str, Any], asset_id: int | None = None
    ) -> None:
        """Write that ``viewer`` takes ``what`` away, before its first byte leaves: filters, rows, format."""
        with asking(self._engine, DEADLINE_MS) as connection:
            record(
                connection, viewer, Action.EXPORTED, kind="file", object=what, asset_id=asset_id,
                details=details,
            )  # fmt: skip
            connection.commit()

    def state(self, viewer: Viewer) -> tuple[Checked, ...]:
        """How far each book goes, and how far it was last verified."""
        must_be(viewer, AUDITORS, "read the audit")
        with asking(self._engine, DEADLINE_MS) as connection:
            found = {row[0]: row for row in connection.execute(_STATE)}
        return tuple(
            Checked(book, int(row[1]), int(row[2] or 0), row[3], row[4] or "", row[5])
            if (row := found.get(book))
            else Checked(book, 0, 0, None)
            for book in Book
        )

    def verify(self, viewer: Viewer | None = None, kept: Sequence[Head] = ()) -> Verdict:
        """Verify every book: see ``verifying.verify_books``. ``viewer`` None: the command."""
        if viewer is not None:
            must_be(viewer, AUDITORS, "verify the audit")
        return verify_books(self._engine, kept)

    def heads(self) -> tuple[Head, ...]:
        """The last entry of each book, to be kept elsewhere."""
        return heads(self._engine)


def _where(viewer: Viewer, query: AuditQuery) -> tuple[str, dict[str, Any]]:
    parts = [_PERIOD]
    values: dict[str, Any] = {"t0": query.t0, "t1": query.t1}
    for name, condition in _CONDITIONS.items():
        wanted = getattr(query, name)
        if wanted:
            parts.append(condition)
            values |= {name: wanted, f"{name}_like": f"%{_plain(wanted)}%"}
    if viewer.role is not Role.DPO and not viewer.scope.whole:
        parts.append(_OF_SCOPE)
        values |= _scope_values(viewer)
    return " AND ".join(parts), values


def _plain(wanted: str) -> str:
    """``wanted`` for LIKE: signs that would stand for others stand for themselves."""
    return wanted.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def _scope_values(viewer: Viewer) -> dict[str, Any]:
    areas, domains = viewer.scope.areas, viewer.scope.domains
    types = [name for name, domain in DOMAIN_OF.items() if domains is None or domain.name in domains]
    return {
        "areas": None if areas is None else sorted(areas),
        "domains": None if domains is None else sorted(domains),
        "types": None if domains is None else types,
        "self": viewer.person_id,
    }


def _count(connection: Connection, where: str, values: dict[str, Any]) -> tuple[tuple[str, int, int], ...]:
    counted = values | {"counted": COUNTED + 1}
    rows = connection.execute(statement(_COUNT, where=where), counted)
    return tuple((str(row[0]), int(row[1]), int(row[2])) for row in rows)


def _rows(
    connection: Connection, where: str, values: dict[str, Any], after: Mark | None, most: int
) -> list[Entry]:
    bound = values | {"most": most}
    if after is not None:
        where = f"{where} AND {_AFTER}"
        bound |= {"after_at": after[0], "after_book": after[1], "after_number": after[2]}
    return [Entry(*row) for row in map(tuple, connection.execute(statement(_ROWS, where=where), bound))]
