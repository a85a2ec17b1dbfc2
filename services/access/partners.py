"""Agreements with partners and the keys bound to them: the one place they are read, changed and checked."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking, statement
from model.audit import Action
from model.errors import BadField, NotAgreed, NotFound
from model.partners import (
    KEYS_MOST,
    LABEL_MOST,
    Agreement,
    AgreementDraft,
    AgreementSheet,
    ApiKey,
    PartnerKind,
    Use,
)
from model.roles import Role
from model.typed import typed_text
from model.viewer import Viewer
from services.access.audit import record
from services.access.granting import known_areas
from services.access.partners_checking import (
    PREFIX,
    allowed,
    checked_agreement,
    hash_of,
    in_force,
    looks_like_key,
    new_key,
)
from services.access.people_checking import keeper

DEADLINE_MS = 3_000
USE_DAYS = 90

_AGREEMENT = """
    SELECT id, partner, kind, purpose, contact, datasets, fields, areas, rate_per_minute, processor_terms,
           valid_from, valid_until, made_at, made_by, revoked_at, revoked_by
    FROM agreement {rest}
"""
_KEY = """
    SELECT id, agreement_id, label, prefix, made_at, made_by, revoked_at, revoked_by FROM api_key {rest}
"""
_AGREEMENTS = statement(_AGREEMENT, rest="ORDER BY revoked_at IS NOT NULL, lower(partner), id")
_ONE = statement(_AGREEMENT, rest="WHERE id = :id")
_KEYS = statement(_KEY, rest="ORDER BY made_at DESC, id DESC")
_KEY_ONE = statement(_KEY, rest="WHERE id = :id")
_KEY_OF = statement(_KEY, rest="WHERE key_hash = :hash")
_USES = text(
    """
    SELECT u.key_id, u.day, u.dataset, u.answered, u.refused, k.agreement_id
    FROM api_use u JOIN api_key k ON k.id = u.key_id
    WHERE u.day > (now() AT TIME ZONE 'UTC')::date - CAST(:days AS int) ORDER BY u.day, u.key_id, u.dataset
    """
)
_MAKE = text(
    """
    INSERT INTO agreement (partner, kind, purpose, contact, datasets, fields, areas, rate_per_minute,
                           processor_terms, valid_from, valid_until, made_by)
    VALUES (:partner, :kind, :purpose, :contact, :datasets, :fields, :areas, :rate_per_minute,
            :processor_terms, :valid_from, :valid_until, :by) RETURNING id
    """
)
_REVOKE = text("UPDATE agreement SET revoked_at = :now, revoked_by = :by WHERE id = :id")
_CODES = text("SELECT code, id FROM area")
_COUNT = text("SELECT count(*) FROM api_key WHERE agreement_id = :id AND revoked_at IS NULL")
_MAKE_KEY = text(
    "INSERT INTO api_key (agreement_id, label, prefix, key_hash, made_by) "
    "VALUES (:agreement, :label, :prefix, :hash, :by) RETURNING id"
)
_REVOKE_KEY = text("UPDATE api_key SET revoked_at = :now, revoked_by = :by WHERE id = :id")
_REVOKE_KEYS = text(
    "UPDATE api_key SET revoked_at = :now, revoked_by = :by WHERE agreement_id = :id AND revoked_at IS NULL"
)
_USED = text(
    """
    INSERT INTO api_use (key_id, day, dataset, answered, refused, last_at)
    VALUES (:key, (now() AT TIME ZONE 'UTC')::date, :dataset, :answered, :refused, now())
    ON CONFLICT (key_id, day, dataset) DO UPDATE SET answered = api_use.answered + excluded.answered,
        refused = api_use.refused + excluded.refused, last_at = excluded.last_at
    """
)


class Partners:
    """Agreements and keys of one city. Every method blocks (call it in a thread), three seconds at most.

    All raise Unavailable when the database is away. What changes something takes the ``viewer``, raises
    Refused unless she keeps people, and writes the audit in its own transaction.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # --- reading ---------------------------------------------------------------------------------------

    def list(self) -> Sequence[AgreementSheet]:
        """Every agreement, those in force first, with its keys and the use of 90 days."""
        with asking(self._engine, DEADLINE_MS) as connection:
            found = [_agreement(row) for row in connection.execute(_AGREEMENTS)]
            keys = [ApiKey(*row) for row in connection.execute(_KEYS)]
            uses = [(row[5], Use(*row[:5])) for row in connection.execute(_USES, {"days": USE_DAYS})]
        return [
            AgreementSheet(
                one,
                tuple(key for key in keys if key.agreement_id == one.id),
                tuple(use for agreement, use in uses if agreement == one.id),
            )
            for one in found
        ]

    # --- changing --------------------------------------------------------------------------------------

    def make(self, viewer: Viewer, draft: AgreementDraft) -> int:
        """Write an agreement down; its id. Raises BadField."""
        with self._changing(viewer) as (connection, now):
            new = checked_agreement(draft, known_areas(connection), now)
            values = {name: getattr(new, name) for name in new.__slots__}
            values |= {"datasets": list(new.datasets), "fields": list(new.fields)}
            values["areas"] = None if new.areas is None else sorted(new.areas)
            made = int(connection.execute(_MAKE, {**values, "by": viewer.name}).scalar_one())
            _record(connection, viewer, Action.AGREEMENT_MADE, new.partner, id=made, after=values)
        return made

    def revoke(self, viewer: Viewer, agreement_id: int) -> int:
        """End an agreement and every key of it at once; how many keys that were. Raises NotFound."""
        with self._changing(viewer) as (connection, now):
            held = _there(connection, agreement_id)
            values = {"id": agreement_id, "now": now, "by": viewer.name}
            connection.execute(_REVOKE, values)
            ended = int(connection.execute(_REVOKE_KEYS, values).rowcount)
            _record(
                connection, viewer, Action.AGREEMENT_REVOKED, held.partner, id=agreement_id, keys_ended=ended
            )
        return ended

    def make_key(self, viewer: Viewer, agreement_id: int, label: str) -> str:
        """A new key of an agreement: returned this once, only its hash is kept.

        Raises BadField for the label or when there are 20 keys already, NotFound.
        """
        with self._changing(viewer) as (connection, _now):
            held = _there(connection, agreement_id)
            clean = typed_text("label", label, LABEL_MOST)
            if connection.execute(_COUNT, {"id": agreement_id}).scalar_one() >= KEYS_MOST:
                raise BadField("label", "too_many_keys", most=KEYS_MOST)
            key = new_key()
            values = {"agreement": agreement_id, "label": clean, "prefix": key[:PREFIX], "by": viewer.name}
            made = connection.execute(_MAKE_KEY, {**values, "hash": hash_of(key)}).scalar_one()
            _record(
                connection, viewer, Action.KEY_MADE, held.partner, id=made, label=clean, prefix=key[:PREFIX]
            )
        return key

    def revoke_key(self, viewer: Viewer, key_id: int) -> None:
        """End a key at once. Raises NotFound when none of that id is in force."""
        with self._changing(viewer) as (connection, now):
            row = connection.execute(_KEY_ONE, {"id": key_id}).first()
            if row is None or row.revoked_at is not None:
                raise NotFound(f"no key {key_id} is in force")
            key = ApiKey(*row)
            connection.execute(_REVOKE_KEY, {"id": key_id, "now": now, "by": viewer.name})
            partner = _agreement_of(connection, key).partner
            _record(
                connection, viewer, Action.KEY_REVOKED, partner, id=key_id, label=key.label, prefix=key.prefix
            )

    # --- what a program with a key may ---------------------------------------------------------------------

    def opened(self, key: str, now: datetime | None = None) -> tuple[ApiKey, Agreement]:
        """The key and its agreement, asked of the database each time, so that an end is felt at once.

        Raises NotAgreed: ``unknown_key``, ``key_revoked``, ``agreement_revoked``, ``agreement_not_begun``,
        ``agreement_over``.
        """
        if not looks_like_key(key):
            raise NotAgreed("unknown_key")
        with asking(self._engine, DEADLINE_MS) as connection:
            row = connection.execute(_KEY_OF, {"hash": hash_of(key)}).first()
            if row is None:
                raise NotAgreed("unknown_key")
            found = ApiKey(*row)
            agreement = _agreement_of(connection, found)
        in_force(found, agreement, now or datetime.now(UTC))
        return found, agreement

    def check(
        self, key: str, dataset: str, fields: Collection[str] = (), area: int | None = None
    ) -> Agreement:
        """The agreement of ``key`` when it allows ``fields`` of ``dataset`` in ``area`` (None: all it has).

        Raises NotAgreed as ``opened`` does, and ``dataset_not_agreed``, ``field_not_agreed``,
        ``area_not_agreed``.
        """
        _, agreement = self.opened(key)
        allowed(agreement, dataset, fields, area)
        return agreement

    def area_codes(self) -> dict[str, int]:
        """The codes of every area of the city (INSEE, or the city's own), and their ids."""
        with asking(self._engine, DEADLINE_MS) as connection:
            return {code: number for code, number in connection.execute(_CODES)}

    def viewer_of(self, key: str, address: str = "") -> Viewer:
        """The program that holds ``key``, as a viewer of the role partner. Raises NotAgreed."""
        found, agreement = self.opened(key)
        return Viewer(
            0, f"key:{found.prefix}", agreement.partner, Role.PARTNER, agreement.scope, method="key",
            expires_at=agreement.valid_until, address=address,
        )  # fmt: skip

    def used(self, key_id: int, dataset: str, *, answered: bool) -> None:
        """Count one answer or one refusal of ``dataset`` by a key, on the day (UTC)."""
        values = {"key": key_id, "dataset": dataset, "answered": int(answered), "refused": int(not answered)}
        with asking(self._engine, DEADLINE_MS) as connection:
            connection.execute(_USED, values)
            connection.commit()

    def refused(self, key: str, reason: str, dataset: str, address: str) -> None:
        """Write that a key was refused: the audit names it by its prefix, never in full."""
        shown = key[:PREFIX] if looks_like_key(key) else ""
        details = {"reason": reason, "dataset": dataset[:60], "prefix": shown}
        with asking(self._engine, DEADLINE_MS) as connection:
            record(
                connection, None, Action.KEY_REFUSED, kind="key", object=shown, outcome="refused",
                details=details, address=address,
            )  # fmt: skip
            connection.commit()

    @contextmanager
    def _changing(self, viewer: Viewer) -> Iterator[tuple[Connection, datetime]]:
        """One transaction in which a keeper changes something, committed at its end."""
        keeper(viewer)
        with asking(self._engine, DEADLINE_MS) as connection:
            yield connection, datetime.now(UTC)
            connection.commit()


def _agreement(row: Sequence[Any]) -> Agreement:
    id_, partner, kind, purpose, contact, datasets, fields, areas, *rest = row
    known = None if areas is None else frozenset(areas)
    return Agreement(
        id_, partner, PartnerKind(kind), purpose, contact, tuple(datasets), tuple(fields), known, *rest
    )


def _agreement_of(connection: Connection, key: ApiKey) -> Agreement:
    return _agreement(connection.execute(_ONE, {"id": key.agreement_id}).one())


def _there(connection: Connection, agreement_id: int) -> Agreement:
    """The agreement in force or to come; raises NotFound for one that was revoked."""
    row = connection.execute(_ONE, {"id": agreement_id}).first()
    if row is None or row.revoked_at is not None:
        raise NotFound(f"no agreement {agreement_id} is in force")
    return _agreement(row)


def _record(connection: Connection, viewer: Viewer, action: Action, partner: str, **details: Any) -> None:
    record(connection, viewer, action, kind="agreement", object=partner, details=details)
