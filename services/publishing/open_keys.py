"""The keys for higher rates, as the public door is told of them: hashes, rates, ends; no name, no key."""

import json
from datetime import UTC, datetime

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from model.errors import Unavailable
from services.publishing.artefacts import OPEN_KEYS, OPEN_KEYS_FILE, Manifest, Store

_TOLD = text(
    """
    SELECT encode(key_hash, 'hex') AS sha256, rate_per_minute, valid_until
    FROM told_open_key WHERE valid_until > :now ORDER BY key_hash
    """
)


def publish_open_keys(engine: Engine, store: Store, city: str, now: datetime) -> tuple[Manifest, bool]:
    """Make the keys in force at ``now`` (aware) current in ``store``; False beside them if nothing changed.

    Raises Unavailable when the database is away, OSError when the store cannot be written.
    """
    try:
        with engine.connect() as connection:
            found = [dict(row) for row in connection.execute(_TOLD, {"now": now}).mappings()]
    except SQLAlchemyError as error:
        raise Unavailable(f"the database is away ({type(error).__name__})") from None
    keys = [one | {"valid_until": one["valid_until"].astimezone(UTC).isoformat()} for one in found]
    files = {OPEN_KEYS_FILE: store.put(json.dumps({"keys": keys}, indent=1).encode(), "application/json")}
    # Of ended keys no version is kept: their hashes are of no use to anybody.
    return store.publish(OPEN_KEYS, files, about={"city": city}, data_time=None, now=now, whole=1)
