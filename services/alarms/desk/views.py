"""The filters of the list each person left: kept on the server, so that they are there on every console."""

from typing import Any

import msgspec
from sqlalchemy import Engine, text

from geodata.asking import asking
from model.errors import BadField
from model.rule_book import RULE_DRAFTS
from model.viewer import Viewer

DEADLINE_MS = 2_000
BYTES_MOST = 4_000

# Rules she began to write stand in the same row (``rules/drafts.py``): the list leaves them alone.
_READ = text("SELECT view - CAST(:drafts AS text) FROM alarm_view WHERE person_id = :person")
_KEEP = text(
    """
    INSERT INTO alarm_view (person_id, view) VALUES (:person, CAST(:view AS jsonb))
    ON CONFLICT (person_id) DO UPDATE SET at = now(), view = excluded.view || coalesce(
        (SELECT jsonb_object_agg(name, kept) FROM jsonb_each(alarm_view.view) e (name, kept)
         WHERE name = :drafts), '{}')
    """
)


def view_of(engine: Engine, viewer: Viewer) -> dict[str, Any]:
    """The view ``viewer`` left; empty when she never did. ``engine`` is the whole city's."""
    with asking(engine, DEADLINE_MS) as connection:
        return dict(connection.scalar(_READ, {"person": viewer.person_id, "drafts": RULE_DRAFTS}) or {})


def keep_view(engine: Engine, viewer: Viewer, view: dict[str, Any]) -> None:
    """Keep ``view`` (JSON, at most 4 kB) as her own. Raises BadField and Unavailable."""
    try:
        told = msgspec.json.encode({name: part for name, part in view.items() if name != RULE_DRAFTS})
    except (TypeError, ValueError) as error:
        raise BadField("view", "bad_view") from error
    if len(told) > BYTES_MOST:
        raise BadField("view", "too_long", most=BYTES_MOST)
    with asking(engine, DEADLINE_MS) as connection:
        connection.execute(_KEEP, {"person": viewer.person_id, "view": told.decode(), "drafts": RULE_DRAFTS})
        connection.commit()
