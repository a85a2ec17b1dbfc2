"""Local accounts: passwords and second factors, checked so that nothing is learned from being refused."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.audit import Action
from model.errors import BadField, NotFound, Refused
from model.roles import PEOPLE_KEEPERS
from model.viewer import Viewer
from services.access import passwords, totp
from services.access.audit import record

ASK_MS = 3_000
LOGIN_MOST = 120

_BY_LOGIN = text("""
SELECT id, login, name, password_hash, must_change, totp_secret, totp_confirmed_at, disabled_at
FROM person WHERE login = :login AND kind = 'person'
""")
_BY_ID = text("""
SELECT id, login, name, password_hash, must_change, totp_secret, totp_confirmed_at, disabled_at
FROM person WHERE id = :id AND disabled_at IS NULL
""")
_USE_STEP = text(
    "UPDATE person SET totp_step = :step "
    "WHERE id = :id AND (totp_step IS NULL OR totp_step < :step) RETURNING id"
)
_SET = text("""
UPDATE person SET password_hash = :hash, password_set_at = now(), must_change = :must_change WHERE id = :id
""")
_REHASH = text("UPDATE person SET password_hash = :hash WHERE id = :id AND password_hash = :before")
_BEGIN = text(
    "UPDATE person SET totp_secret = :sealed, totp_confirmed_at = NULL, totp_step = NULL WHERE id = :id"
)
_CONFIRM = text("UPDATE person SET totp_confirmed_at = now(), totp_step = :step WHERE id = :id")
_REMOVE = text(
    "UPDATE person SET totp_secret = NULL, totp_confirmed_at = NULL, totp_step = NULL WHERE id = :id"
)
_END_OTHERS = text("""
UPDATE session SET ended_at = now(), ended_by = :by, ended_why = 'revoked'
WHERE person_id = :id AND id <> :kept AND ended_at IS NULL
""")


class WrongCredentials(Refused):
    """Login, password or code is wrong, or the account is closed. Which of them is nobody's to learn."""

    def __init__(self) -> None:
        super().__init__("login, password or code is wrong")


@dataclass(frozen=True)
class Proven:
    """Somebody proved who she is; ``must_change``: she must choose a password of her own first."""

    person_id: int
    login: str
    name: str
    must_change: bool = False


@dataclass(frozen=True)
class SecondFactor:
    """A second factor being set up: the secret in words, and what the picture says."""

    secret: str
    address: str


class Credentials:
    """The local accounts behind ``engine``; second factors are sealed with a key made of ``secret``.

    Every method blocks (call it in a thread) and raises Unavailable when the database is away.
    """

    def __init__(self, engine: Engine, secret: bytes) -> None:
        self._engine = engine
        self._vault = totp.Vault(secret)

    def check(self, login: str, password: str, code: str, address: str) -> Proven:
        """Who signs in so. Raises WrongCredentials after about the same time, whatever was wrong.

        A person with a second factor needs its ``code``, once each. A failure is written to the audit, with
        the login only when there is such a person: what is typed as one may be a password.
        """
        name = login.strip().lower()[:LOGIN_MOST]
        with asking(self._engine, ASK_MS) as connection:
            row = connection.execute(_BY_LOGIN, {"login": name}).mappings().one_or_none()
        # No connection is held while the hash is computed, which is slow on purpose.
        right = passwords.matches(row["password_hash"] if row else None, password[: passwords.MOST + 1])
        with asking(self._engine, ASK_MS) as connection:
            if row is None or not right or row["disabled_at"] or not self._second(connection, row, code):
                connection.rollback()
                _failed(connection, row, address)
                raise WrongCredentials
            self._renew(connection, row, password)
            connection.commit()
        return Proven(row["id"], row["login"], row["name"], row["must_change"])

    def _second(self, connection: Connection, row: Any, code: str) -> bool:
        if row["totp_confirmed_at"] is None:
            return True
        secret = self._vault.opened(row["totp_secret"], row["id"])
        step = totp.step_of(secret, code) if secret else None
        if step is None:
            return False
        return connection.execute(_USE_STEP, {"id": row["id"], "step": step}).first() is not None

    def _renew(self, connection: Connection, row: Any, password: str) -> None:
        kept = row["password_hash"]
        if passwords.outdated(kept):
            values = {"id": row["id"], "before": kept, "hash": passwords.hashed(password)}
            connection.execute(_REHASH, values)

    # --- passwords -----------------------------------------------------------------------------------

    def set_password(
        self, person_id: int, password: str, viewer: Viewer | None = None, address: str = ""
    ) -> None:
        """Give ``person_id`` a password of her own choice; her other sessions end.

        ``viewer`` is she, signed in, or None in the middle of a sign-in. Raises BadField for a password that
        is not taken or is the one before, NotFound when there is no such person in force.
        """
        with asking(self._engine, ASK_MS) as connection:
            row = _person(connection, person_id)
            connection.rollback()
        passwords.check_new(password, row["login"], row["name"])
        if passwords.matches(row["password_hash"], password):
            raise BadField("password", "same_as_before")
        kept = passwords.hashed(password)
        with asking(self._engine, ASK_MS) as connection:
            _person(connection, person_id)
            connection.execute(_SET, {"id": person_id, "hash": kept, "must_change": False})
            by = {"id": person_id, "kept": viewer.session_id if viewer else 0, "by": row["name"]}
            connection.execute(_END_OTHERS, by)
            _note(connection, row, viewer, Action.PASSWORD_SET, address)
            connection.commit()

    def change_password(self, viewer: Viewer, before: str, password: str) -> None:
        """Change one's own password, the one ``before`` given. Raises BadField."""
        with asking(self._engine, ASK_MS) as connection:
            row = _person(connection, viewer.person_id)
            connection.rollback()
        if not passwords.matches(row["password_hash"], before[: passwords.MOST + 1]):
            raise BadField("before", "wrong")
        self.set_password(viewer.person_id, password, viewer)

    # --- second factors ------------------------------------------------------------------------------

    def begin_second_factor(self, viewer: Viewer, issuer: str) -> SecondFactor:
        """Make a new secret for one's telephone; it counts once ``confirm_second_factor`` saw a code of it.

        Raises Refused when a second factor is in force: that one is removed first.
        """
        with asking(self._engine, ASK_MS) as connection:
            row = _person(connection, viewer.person_id)
            if row["totp_confirmed_at"] is not None:
                raise Refused("a second factor is in force")
            secret = totp.new_secret()
            sealed = self._vault.closed(secret, row["id"])
            connection.execute(_BEGIN, {"id": row["id"], "sealed": sealed})
            connection.commit()
        return SecondFactor(secret, totp.address_of(secret, row["login"], issuer))

    def begun(self, viewer: Viewer, issuer: str) -> SecondFactor | None:
        """The second factor begun and not confirmed yet, to be shown once more; None without one."""
        with asking(self._engine, ASK_MS) as connection:
            row = _person(connection, viewer.person_id)
        if row["totp_secret"] is None or row["totp_confirmed_at"] is not None:
            return None
        secret = self._vault.opened(row["totp_secret"], row["id"])
        return SecondFactor(secret, totp.address_of(secret, row["login"], issuer)) if secret else None

    def confirm_second_factor(self, viewer: Viewer, code: str) -> None:
        """Let the second factor begun count from now on. Raises BadField for a wrong code."""
        with asking(self._engine, ASK_MS) as connection:
            row = _person(connection, viewer.person_id)
            if row["totp_secret"] is None or row["totp_confirmed_at"] is not None:
                raise BadField("code", "not_begun")
            secret = self._vault.opened(row["totp_secret"], row["id"])
            step = totp.step_of(secret, code) if secret else None
            if step is None:
                raise BadField("code", "wrong")
            connection.execute(_CONFIRM, {"id": row["id"], "step": step})
            _note(connection, row, viewer, Action.TOTP_SET)
            connection.commit()

    def remove_second_factor(self, viewer: Viewer, password: str) -> None:
        """Go without a second factor again, one's password given. Raises BadField."""
        with asking(self._engine, ASK_MS) as connection:
            row = _person(connection, viewer.person_id)
            connection.rollback()
        if not passwords.matches(row["password_hash"], password[: passwords.MOST + 1]):
            raise BadField("password", "wrong")
        with asking(self._engine, ASK_MS) as connection:
            connection.execute(_REMOVE, {"id": viewer.person_id})
            _note(connection, row, viewer, Action.TOTP_REMOVED)
            connection.commit()

    def take_second_factor(self, viewer: Viewer, person_id: int) -> None:
        """Take the second factor of somebody who lost her telephone; she may add another.

        Raises Refused unless the viewer keeps people, NotFound.
        """
        if viewer.role not in PEOPLE_KEEPERS:
            raise Refused("only those who keep people take a second factor away")
        with asking(self._engine, ASK_MS) as connection:
            row = _person(connection, person_id)
            connection.execute(_REMOVE, {"id": person_id})
            _note(connection, row, viewer, Action.TOTP_REMOVED)
            connection.commit()

    def standing(self, person_id: int) -> tuple[bool, bool]:
        """Whether ``person_id`` has a password here, and whether a second factor is in force."""
        with asking(self._engine, ASK_MS) as connection:
            row = _person(connection, person_id)
        return row["password_hash"] is not None, row["totp_confirmed_at"] is not None


def _person(connection: Connection, person_id: int) -> Any:
    row = connection.execute(_BY_ID, {"id": person_id}).mappings().one_or_none()
    if row is None:
        raise NotFound(f"no person {person_id}")
    return row


def _failed(connection: Connection, row: Any, address: str) -> None:
    told = {"object": row["login"]} if row else {"details": {"login": "unknown"}}
    record(connection, None, Action.SIGN_IN_FAILED, kind="person", outcome="refused", address=address, **told)
    connection.commit()


def _note(connection: Connection, row: Any, viewer: Viewer | None, action: Action, address: str = "") -> None:
    record(connection, viewer, action, kind="person", object=row["login"], address=address)
