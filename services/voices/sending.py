"""Taking in what a citizen sent: what of it is taken, and putting it where it is durable."""

import re
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl

from sqlalchemy import Engine, text

from geodata.asking import asking
from model.errors import BadField, BadRequest
from model.texts import LANGUAGES
from model.typed import typed_text
from model.voices import EMAIL_MOST, NAME_MOST, USE_MOST, WORDS_MOST, LetterKind, Sent
from services.voices.form import FIELDS, TRAP
from services.voices.subjects import checked_subject, domain_of

DEADLINE_MS = 3_000
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Of references: none that is taken for another one when it is read out."""
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s.,;<>\"]+")
_RECEIVE = text(
    "SELECT citizen_letter_receive"
    "(:reference, :kind, :subject, :domain, :language, :words, :use, :name, :email)"
)


def typed(body: bytes) -> dict[str, str]:
    """The fields of a form as a browser sends it. Raises BadRequest for what is none of ours."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict",
            max_num_fields=len(FIELDS) * 2,
        )  # fmt: skip
    except ValueError:
        raise BadRequest("send the form as the page does, in UTF-8") from None
    known = dict(pairs)
    if len(known) != len(pairs) or not known.keys() <= set(FIELDS):
        raise BadRequest("the form has fields of another one, or one twice")
    return dict.fromkeys(FIELDS, "") | known


def checked(fields: Mapping[str, str]) -> Sent:
    """The letter in ``fields``. Raises BadField naming the first that cannot be taken."""
    if fields[TRAP]:
        raise BadField(TRAP, "leave_empty")
    if fields["kind"] not in set(LetterKind):
        raise BadField("kind", "choose")
    kind = LetterKind(fields["kind"])
    email = typed_text("email", fields["email"], EMAIL_MOST, needed=False)
    if email and not _EMAIL.fullmatch(email):
        raise BadField("email", "no_email")
    return Sent(
        kind=kind,
        subject=checked_subject(fields["about"]),
        language=fields["lang"] if fields["lang"] in LANGUAGES else LANGUAGES[0],
        words=typed_text("words", fields["words"], WORDS_MOST, lines=True),
        use=typed_text("use", fields["use"], USE_MOST, needed=kind is LetterKind.REQUEST, lines=True),
        name=typed_text("name", fields["name"], NAME_MOST, needed=False),
        email=email,
    )


def receive(engine: Engine, sent: Sent) -> str:
    """Keep ``sent``: its reference, which is that of the first when it was sent twice. Raises Unavailable."""
    values = {
        "reference": new_reference(), "kind": sent.kind.value, "subject": sent.subject,
        "domain": domain_of(sent.subject), "language": sent.language, "words": sent.words, "use": sent.use,
        "name": sent.name, "email": sent.email,
    }  # fmt: skip
    with asking(engine, DEADLINE_MS) as connection:
        reference = str(connection.scalar(_RECEIVE, values))
        connection.commit()
    return reference


def new_reference() -> str:
    """Eight letters and digits in two groups: short enough to be read out, too many to be guessed."""
    drawn = "".join(secrets.choice(LETTERS) for _ in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"
