"""The registers the public is told of: how long data is kept and why, and with whom it is shared."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from model.errors import Unavailable
from services.publishing.artefacts import REGISTERS, REGISTERS_FILE, Manifest, Store

_KEPT = text(
    """
    SELECT class, basis, (extract(year FROM keep) * 12 + extract(month FROM keep))::int AS months,
           extract(day FROM keep)::int AS days
    FROM retention_rule ORDER BY class
    """
)
_SHARED = text(
    """
    SELECT partner, kind, purpose, datasets, valid_from, valid_until
    FROM told_agreement WHERE revoked_at IS NULL AND valid_until > :now ORDER BY partner, id
    """
)


def read_registers(engine: Engine, now: datetime) -> dict[str, Any]:
    """Retention rules and the agreements in force or to come at ``now`` (aware). Raises Unavailable."""
    try:
        with engine.connect() as connection:
            kept = [dict(row) for row in connection.execute(_KEPT).mappings()]
            shared = [dict(row) for row in connection.execute(_SHARED, {"now": now}).mappings()]
    except SQLAlchemyError as error:
        raise Unavailable(f"the database is away ({type(error).__name__})") from None
    for agreement in shared:
        agreement |= {name: agreement[name].isoformat() for name in ("valid_from", "valid_until")}
    return {"kept": kept, "shared": shared}


def publish_registers(engine: Engine, store: Store, city: str, now: datetime) -> tuple[Manifest, bool]:
    """Make the registers current in ``store`` where they changed; False beside them when they had not.

    Raises Unavailable when the database is away, OSError when the store cannot be written.
    """
    body = (json.dumps(read_registers(engine, now), ensure_ascii=False, indent=1) + "\n").encode()
    files = {REGISTERS_FILE: store.put(body, "application/json")}
    return store.publish(REGISTERS, files, about={"city": city}, data_time=None, now=now)
