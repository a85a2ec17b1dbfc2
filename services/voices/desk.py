"""The desk of letters: read, published or hidden, answered, refused, extended; within one's own domains.

Every act is one row that is never changed, in one transaction with its entry of the audit.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking, statement
from model.audit import Action
from model.errors import BadField, NotFound, NotNow
from model.roles import VOICE_KEEPERS
from model.texts import words
from model.typed import typed_text
from model.viewer import Viewer
from model.voices import (
    ANSWER_MOST,
    Act,
    Hiding,
    Letter,
    LetterAct,
    LetterKind,
    Refusal,
    days_left,
)
from services.access import must_be, record

DEADLINE_MS = 3_000
LISTED = 500
"""Letters of the queue: all that are open, then the newest."""

_LETTER = """
    SELECT l.id, l.reference, l.kind, l.subject, l.domain, l.language, l.words, l.use, l.received_at,
           coalesce(c.name, '') AS name, coalesce(c.email, '') AS email
    FROM citizen_letter l LEFT JOIN citizen_contact c ON c.letter_id = l.id {rest}
"""
_QUEUE = statement(
    _LETTER,
    rest="""ORDER BY EXISTS (SELECT FROM citizen_letter_act a WHERE a.letter_id = l.id
                             AND a.kind IN ('answered', 'refused')), l.received_at DESC, l.id DESC
            LIMIT :most""",
)
_ONE = statement(_LETTER, rest="WHERE l.id = :id")
_ACTS = text(
    "SELECT letter_id, kind, at, by, reason, words, appeal FROM citizen_letter_act "
    "WHERE letter_id = ANY (:ids) ORDER BY id"
)
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('vigie.letter.act'), CAST(:id AS int))")
_ADD = text(
    "INSERT INTO citizen_letter_act (letter_id, kind, by, reason, words, appeal) "
    "VALUES (:id, :kind, :by, :reason, :words, :appeal)"
)
_ACTION = {
    LetterAct.PUBLISHED: Action.LETTER_PUBLISHED,
    LetterAct.HIDDEN: Action.LETTER_HIDDEN,
    LetterAct.ANSWERED: Action.LETTER_ANSWERED,
    LetterAct.REFUSED: Action.LETTER_REFUSED,
    LetterAct.EXTENDED: Action.LETTER_EXTENDED,
}


class Voices:
    """The letters of one city that ``engine`` lets see. Every method blocks (call it in a thread).

    All take the ``viewer``, raise Refused unless she keeps letters, and Unavailable without the database.
    What changes something raises NotFound for a letter she does not see, and NotNow as things stand.
    """

    def __init__(self, engine: Engine, zone: ZoneInfo) -> None:
        self._engine = engine
        self.zone = zone

    def list(self, viewer: Viewer) -> Sequence[Letter]:
        """The queue: those still open first, the nearest end first; then the closed, newest first."""
        must_be(viewer, VOICE_KEEPERS, "read letters")
        with asking(self._engine, DEADLINE_MS) as connection:
            letters = _with_acts(connection, connection.execute(_QUEUE, {"most": LISTED}).all())
        still = sorted((one for one in letters if not one.closed), key=lambda one: one.due(self.zone))
        return [*still, *(one for one in letters if one.closed)]

    def publish(self, viewer: Viewer, letter_id: int) -> None:
        """Let the words of a letter out."""
        with self._acting(viewer, letter_id) as (connection, letter):
            if letter.moderated is LetterAct.PUBLISHED:
                raise NotNow("published_already")
            if not letter.words:
                raise NotNow("erased")
            _add(connection, viewer, letter, Act(LetterAct.PUBLISHED, _now()))

    def hide(self, viewer: Viewer, letter_id: int, reason: str) -> None:
        """Keep the words of a letter in, or take them back. Raises BadField without a known reason."""
        known = _reason(Hiding, reason)
        with self._acting(viewer, letter_id) as (connection, letter):
            if letter.moderated is LetterAct.HIDDEN:
                raise NotNow("hidden_already")
            _add(connection, viewer, letter, Act(LetterAct.HIDDEN, _now(), reason=known))

    def answer(self, viewer: Viewer, letter_id: int, answer: str) -> None:
        """Answer a letter that was published or hidden, in its language. Raises BadField."""
        clean = typed_text("words", answer, ANSWER_MOST, lines=True)
        with self._acting(viewer, letter_id) as (connection, letter):
            _may_close(letter)
            _add(connection, viewer, letter, Act(LetterAct.ANSWERED, _now(), words=clean))

    def refuse(self, viewer: Viewer, letter_id: int, reason: str, why: str) -> None:
        """Refuse data: by which article and why; where to appeal is added. Raises BadField."""
        known, clean = _reason(Refusal, reason), typed_text("words", why, ANSWER_MOST, lines=True)
        with self._acting(viewer, letter_id) as (connection, letter):
            _only_requests(letter)
            _may_close(letter)
            appeal = words(letter.language)("voices.appeal")
            refusal = Act(LetterAct.REFUSED, _now(), reason=known, words=clean, appeal=appeal)
            _add(connection, viewer, letter, refusal)

    def extend(self, viewer: Viewer, letter_id: int, why: str) -> None:
        """Take one month more, once and while there is time, and say why. Raises BadField."""
        clean = typed_text("words", why, ANSWER_MOST, lines=True)
        with self._acting(viewer, letter_id) as (connection, letter):
            _only_requests(letter)
            if letter.closed:
                raise NotNow("closed")
            if letter.extended:
                raise NotNow("extended_already")
            if days_left(letter.due(self.zone), _now(), self.zone) < 0:
                raise NotNow("over")
            _add(connection, viewer, letter, Act(LetterAct.EXTENDED, _now(), words=clean))

    @contextmanager
    def _acting(self, viewer: Viewer, letter_id: int) -> Iterator[tuple[Connection, Letter]]:
        """One transaction in which a keeper does something about a letter, committed at its end."""
        must_be(viewer, VOICE_KEEPERS, "answer letters")
        with asking(self._engine, DEADLINE_MS) as connection:
            connection.execute(_ONE_AT_A_TIME, {"id": letter_id})
            found = _with_acts(connection, connection.execute(_ONE, {"id": letter_id}).all())
            if not found:
                raise NotFound(f"no letter {letter_id}")
            yield connection, found[0]
            connection.commit()


def _now() -> datetime:
    return datetime.now(UTC)


def _reason(known: type[Hiding] | type[Refusal], reason: str) -> str:
    if reason not in set(known):
        raise BadField("reason", "choose")
    return reason


def _only_requests(letter: Letter) -> None:
    if letter.kind is not LetterKind.REQUEST:
        raise NotNow("only_requests")


def _may_close(letter: Letter) -> None:
    """Raise NotNow for a letter that is over, or that nobody read for what may not be published yet."""
    if letter.closed:
        raise NotNow("closed")
    if letter.moderated is None:
        raise NotNow("not_moderated")


def _add(connection: Connection, viewer: Viewer, letter: Letter, act: Act) -> None:
    """Write ``act`` and that it was done; the letter's words and whoever wrote it stay out of the audit."""
    values = {"kind": act.kind.value, "reason": act.reason, "words": act.words, "appeal": act.appeal}
    connection.execute(_ADD, {**values, "id": letter.id, "by": viewer.name})
    details = {"about": letter.subject, "reason": act.reason, "words": act.words}
    record(
        connection, viewer, _ACTION[act.kind], kind="letter", object=letter.reference,
        details={name: value for name, value in details.items() if value},
    )  # fmt: skip


def _with_acts(connection: Connection, rows: Sequence[Any]) -> list[Letter]:
    acts: dict[int, list[Act]] = {row.id: [] for row in rows}
    for letter, kind, *rest in connection.execute(_ACTS, {"ids": list(acts)}):
        acts[letter].append(Act(LetterAct(kind), *rest))
    return [
        Letter(
            row.id, row.reference, LetterKind(row.kind), row.subject, row.domain, row.language, row.words,
            row.use, row.received_at, tuple(acts[row.id]), row.name, row.email,
        )
        for row in rows
    ]  # fmt: skip
