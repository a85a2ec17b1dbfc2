"""Writing the audit: an entry stands in the transaction of what it records, or neither does."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from model.audit import Action, book_of
from model.viewer import Viewer

_WRITE = text(
    """
    SELECT audit_write(CAST(ROW(:book, 0, now(), :actor_id, :actor, :role, :session_id, :address, :action,
        :kind, :object, :asset_id, :purpose, :outcome, CAST(:details AS jsonb), '', '') AS audit_entry))
    """
)


def record(
    connection: Connection,
    viewer: Viewer | None,
    action: Action,
    *,
    kind: str = "",
    object: str = "",
    asset_id: int | None = None,
    purpose: str = "",
    outcome: str = "done",
    details: Mapping[str, Any] | None = None,
    address: str = "",
) -> int:
    """Write that ``viewer`` (None: nobody known, or the system) did ``action``; returns its number.

    ``kind`` and ``object`` name what was acted on, ``details`` hold before and after; ``outcome`` is ``done``
    or ``refused``. Call it last in the transaction of the change: other writers of the book wait for its end.
    """
    values = {
        "book": book_of(action).value, "action": action.value, "kind": kind, "object": object[:200],
        "asset_id": asset_id, "purpose": purpose, "outcome": outcome,
        "details": msgspec.json.encode(dict(details or {}), enc_hook=str).decode(),
        "actor_id": viewer.person_id or None if viewer else None,
        "actor": viewer.name if viewer else "", "role": viewer.role.value if viewer else "",
        "session_id": viewer.session_id or None if viewer else None,
        "address": viewer.address if viewer else address,
    }  # fmt: skip
    return int(connection.execute(_WRITE, values).scalar_one())
