"""Codes to be used once: a wall display's browser becomes its device, a person sets her password.

Twelve letters and figures of Crockford's base 32 are 60 random bits, written ``K7QM-9RT2-X4BW``; what is
easily mistaken (I and L for 1, O for 0) is read as meant. The database keeps an HMAC under a key made of
``VIGIE_SECRET``: neither a copy of it nor the right to read it gives a code away.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.audit import Action
from model.errors import NotFound, Refused
from model.roles import PEOPLE_KEEPERS
from model.viewer import Viewer
from services.access.audit import record
from services.access.sealing import derived

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
_MEANT = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})
_LEFT_OUT = str.maketrans("", "", " -\u2011\u2013\t\u00a0\u202f")


class Purpose(StrEnum):
    """What a code is for."""

    DEVICE = "device"
    PASSWORD = "password"  # noqa: S105 - the name of a use


VALID = {Purpose.DEVICE: timedelta(minutes=15), Purpose.PASSWORD: timedelta(hours=48)}
"""A wall's code is typed by whoever stands before it; a person's is handed to her, who may be off today."""

_KIND = {Purpose.DEVICE: "device", Purpose.PASSWORD: "person"}

_PERSON = text("SELECT login, kind FROM person WHERE id = :person AND disabled_at IS NULL FOR UPDATE")
_OLDER = text(
    """
    UPDATE enrolment SET valid_until = now()
    WHERE person_id = :person AND purpose = :purpose AND used_at IS NULL AND valid_until > now()
    """
)
_MAKE = text(
    """
    INSERT INTO enrolment (code_hash, person_id, purpose, valid_until, made_by)
    VALUES (:hash, :person, :purpose, now() + :valid, :by)
    """
)
_USE = text(
    """
    UPDATE enrolment SET used_at = now()
    FROM person
    WHERE code_hash = :hash AND purpose = :purpose AND used_at IS NULL AND valid_until > now()
        AND person.id = person_id AND person.disabled_at IS NULL
    RETURNING person_id
    """
)


class BadCode(Refused):
    """No such code is in force: mistyped, used, replaced or too old. Which of them is nobody's to learn."""

    def __init__(self) -> None:
        super().__init__("no such code is in force")


class Codes:
    """Codes of the people and devices behind ``engine``, hashed with a key made of ``secret``."""

    def __init__(self, engine: Engine, secret: bytes) -> None:
        self._engine = engine
        self._key = derived(secret, "codes")

    def make(self, viewer: Viewer, person_id: int, purpose: Purpose | str) -> str:
        """A new code for a person's ``password`` or for a ``device``, told this once, grouped by fours.

        Earlier ones for the same stop working. Refused unless the viewer keeps people; NotFound when there is
        no such person or device in force. Written to the audit.
        """
        purpose = Purpose(purpose)
        if viewer.role not in PEOPLE_KEEPERS:
            raise Refused("only those who keep people make codes")
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        with asking(self._engine) as connection:
            found = connection.execute(_PERSON, {"person": person_id}).one_or_none()
            if found is None or found.kind != _KIND[purpose]:
                raise NotFound(f"no {_KIND[purpose]} {person_id} to make a code for")
            connection.execute(_OLDER, {"person": person_id, "purpose": purpose.value})
            connection.execute(
                _MAKE,
                {
                    "hash": self._hash(code), "person": person_id, "purpose": purpose.value,
                    "valid": VALID[purpose], "by": viewer.login,
                },
            )  # fmt: skip
            details = {"purpose": purpose.value, "valid_s": int(VALID[purpose].total_seconds())}
            record(connection, viewer, Action.CODE_MADE, kind="person", object=found.login, details=details)
            connection.commit()
        return grouped(code)

    def use(self, connection: Connection, code: str, purpose: Purpose | str) -> int:
        """The person or device ``code`` is for, in the caller's transaction: rolled back, it is unused again.

        Raises BadCode.
        """
        meant = plain(code)
        if meant is None:
            raise BadCode
        values = {"hash": self._hash(meant), "purpose": Purpose(purpose).value}
        person_id = connection.execute(_USE, values).scalar_one_or_none()
        if person_id is None:
            raise BadCode
        return int(person_id)

    def _hash(self, code: str) -> bytes:
        return hmac.new(self._key, code.encode(), hashlib.sha256).digest()


def grouped(code: str) -> str:
    """``code`` as it is read out and typed: by fours."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def plain(typed: str) -> str | None:
    """The code somebody meant by what she typed; None when it cannot be one."""
    if len(typed) > 40:
        return None
    meant = typed.translate(_LEFT_OUT).upper().translate(_MEANT)
    return meant if len(meant) == LENGTH and set(meant) <= set(ALPHABET) else None
