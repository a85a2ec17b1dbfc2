"""Citizens' letters as the public is told of them: words that were let out, answers, and how each stands.

What nobody let out never gets here: the publisher's role reads two views that hold neither contacts nor
unpublished words. How such a letter stands is told under a digest of its reference, so that only whoever has
the reference finds it.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, text
from sqlalchemy.exc import SQLAlchemyError

from geodata.profiles import CityProfile
from model.errors import Unavailable
from model.voices import LetterAct, LetterKind, digest_of, due_day, state_of
from services.publishing.artefacts import VOICES, VOICES_FILE, Manifest, Store

MOST = 2_000
"""Letters told of, the newest."""
_LETTERS = text(
    "SELECT reference, kind, subject, language, received_at, moderated, words, use FROM told_letter "
    "ORDER BY received_at DESC, reference LIMIT :most"
)
_ACTS = text(
    "SELECT reference, kind, at, reason, words, appeal FROM told_letter_act "
    "WHERE reference = ANY (:references) ORDER BY id"
)


def read_voices(engine: Engine, profile: CityProfile) -> dict[str, Any]:
    """What may be told of the letters: ``letters`` that were published, newest first, and under ``others``
    how each of the rest stands, by the digest of its reference. Raises Unavailable."""
    try:
        with engine.connect() as connection:
            rows = connection.execute(_LETTERS, {"most": MOST}).all()
            names = [row.reference for row in rows]
            acts: dict[str, list[Any]] = {name: [] for name in names}
            for act in connection.execute(_ACTS, {"references": names}):
                acts[act.reference].append(act)
    except SQLAlchemyError as error:
        raise Unavailable(f"the database is away ({type(error).__name__})") from None
    told = {row.reference: (row, _standing(row, acts[row.reference], profile)) for row in rows}
    return {
        "letters": [
            _words(row) | standing for row, standing in told.values() if row.moderated == "published"
        ],
        "others": {
            digest_of(row.reference): standing
            for row, standing in told.values()
            if row.moderated != "published"
        },
    }


def publish_voices(
    engine: Engine, store: Store, profile: CityProfile, now: datetime
) -> tuple[Manifest, bool]:
    """Make the letters current in ``store`` where they changed; False beside them when they had not.

    Raises Unavailable when the database is away or the store cannot be written.
    """
    body = (json.dumps(read_voices(engine, profile), ensure_ascii=False, indent=1) + "\n").encode()
    about = {"city": profile.title, "time_zone": profile.time_zone}
    try:
        files = {VOICES_FILE: store.put(body, "application/json")}
        return store.publish(VOICES, files, about=about, data_time=None, now=now)
    except OSError as error:
        raise Unavailable(f"artefacts cannot be written to {store.folder}: {error.strerror}") from None


def _words(row: Row[Any]) -> dict[str, Any]:
    return {"reference": row.reference, "subject": row.subject, "words": row.words, "use": row.use}


def _standing(row: Row[Any], acts: list[Any], profile: CityProfile) -> dict[str, Any]:
    """How a letter stands: its state, its clock, and what the city answered."""
    kinds = [LetterAct(act.kind) for act in acts]
    extended = LetterAct.EXTENDED in kinds
    standing = {
        "kind": LetterKind(row.kind).value,
        "language": row.language,
        "received_at": row.received_at.isoformat(),
        "state": state_of(kinds).value,
        "due": due_day(row.received_at, profile.zone, extended=extended).isoformat(),
    }
    shown = {LetterAct.ANSWERED: "answer", LetterAct.REFUSED: "refusal", LetterAct.EXTENDED: "extension"}
    for act in acts:
        if LetterAct(act.kind) in shown:
            standing[shown[LetterAct(act.kind)]] = {
                "at": act.at.isoformat(), "reason": act.reason, "words": act.words, "appeal": act.appeal,
            }  # fmt: skip
        elif act.kind == LetterAct.HIDDEN.value and row.moderated == act.kind:
            standing["hidden"] = act.reason
    return standing
