"""Citizens' letters for tests: one as the form sends it, one put in as the devices' door does."""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, text

from model.voices import LetterKind, Sent
from services.voices import receive

FORM = {
    "kind": "request", "about": "dataset:lighting-failures", "words": "Les pannes par rue, s’il vous plaît.",
    "use": "Un article de journal", "name": "Jeanne Voisine", "email": "jeanne@example.org", "website": "",
    "lang": "fr", "theme": "light",
}  # fmt: skip


def form(**changes: str) -> dict[str, str]:
    """The fields a browser sends, with ``changes``."""
    return FORM | changes


def letter(engine: Engine, received_at: datetime | None = None, **changes: Any) -> int:
    """Put a letter in, with ``changes``, as if it had come at ``received_at``; its id."""
    sent: dict[str, Any] = {
        "kind": LetterKind.REQUEST, "subject": FORM["about"], "language": "fr", "words": FORM["words"],
        "use": FORM["use"], "name": FORM["name"], "email": FORM["email"],
    }  # fmt: skip
    reference = receive(engine, Sent(**(sent | changes)))
    with engine.begin() as connection:
        found = connection.execute(
            text("SELECT id FROM citizen_letter WHERE reference = :r"), {"r": reference}
        ).scalar_one()
        if received_at:
            # Letters are append-only for everybody but the owner, who puts her own triggers aside.
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(
                text("UPDATE citizen_letter SET received_at = :at WHERE id = :id"),
                {"at": received_at, "id": found},
            )
    return int(found)


def reference_of(engine: Engine, letter_id: int) -> str:
    """The reference of a letter."""
    with engine.connect() as connection:
        question = text("SELECT reference FROM citizen_letter WHERE id = :id")
        return str(connection.execute(question, {"id": letter_id}).scalar_one())
