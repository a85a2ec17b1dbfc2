"""Rules somebody began to write: kept by person on the server, so that no reload loses one.

They stand beside the filters she left (``alarm_view``), one a class; the key of a class of her own is empty.
"""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Engine, text

from geodata.asking import asking
from model.errors import BadField
from model.roles import RULE_KEEPERS
from model.rule_book import RULE_DRAFTS, KeptDraft
from model.viewer import Viewer
from services.access import must_be

DEADLINE_MS = 2_000
BYTES_MOST = 12_000
DRAFTS_MOST = 8
"""Of more the oldest goes: what was left eight rules ago is not looked for."""

_READ = text("SELECT view -> CAST(:name AS text) FROM alarm_view WHERE person_id = :person")
_LOCK = text("SELECT view -> CAST(:name AS text) FROM alarm_view WHERE person_id = :person FOR UPDATE")
_KEEP = text(
    """
    INSERT INTO alarm_view (person_id, view)
    VALUES (:person, jsonb_build_object(CAST(:name AS text), CAST(:drafts AS jsonb)))
    ON CONFLICT (person_id) DO UPDATE SET view = alarm_view.view || excluded.view
    """
)


class RuleDrafts:
    """The unsaved rules of each person. Every method blocks, two seconds at most, and raises Unavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, viewer: Viewer) -> dict[str, KeptDraft]:
        """What ``viewer`` left unsaved, by the key of its class."""
        asked = {"person": viewer.person_id, "name": RULE_DRAFTS}
        with asking(self._engine, DEADLINE_MS) as connection:
            return _read(connection.scalar(_READ, asked))

    def keep(self, viewer: Viewer, key: str, draft: KeptDraft) -> None:
        """Keep ``draft`` of the class ``key``. Raises Refused, and BadField for one of more than 12 kB."""
        must_be(viewer, RULE_KEEPERS, "write rules of alarms")
        if len(msgspec.json.encode(draft)) > BYTES_MOST:
            raise BadField("reason", "too_long", most=BYTES_MOST)
        self._write(viewer, key, draft)

    def forget(self, viewer: Viewer, key: str) -> None:
        """Let go of what was left of ``key``: it was saved, or is not wanted."""
        self._write(viewer, key, None)

    def _write(self, viewer: Viewer, key: str, draft: KeptDraft | None) -> None:
        asked = {"person": viewer.person_id, "name": RULE_DRAFTS}
        with asking(self._engine, DEADLINE_MS) as connection:
            drafts = _read(connection.scalar(_LOCK, asked))
            if draft is None and key not in drafts:
                return
            drafts.pop(key, None)
            if draft is not None:
                drafts[key] = draft
            newest = sorted(drafts.items(), key=lambda one: one[1].at)[-DRAFTS_MOST:]
            told = msgspec.json.encode(dict(newest)).decode()
            connection.execute(_KEEP, asked | {"drafts": told})
            connection.commit()


def _read(found: Any) -> dict[str, KeptDraft]:
    """What is kept; nothing where an older Vigie kept it in a way of its own."""
    try:
        return msgspec.convert(found or {}, dict[str, KeptDraft])
    except msgspec.ValidationError:
        return {}


def draft_of(version: int, values: dict[str, Any], now: datetime) -> KeptDraft:
    """``values`` (texts, lists of texts or nothing) as they are kept. Raises BadField for others."""
    try:
        return msgspec.convert({"version": version, "values": values, "at": now.timestamp()}, KeptDraft)
    except msgspec.ValidationError as error:
        raise BadField("reason", "bad_draft") from error
