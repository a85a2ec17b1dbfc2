"""Proposing, approving, refusing and revoking publications: the one place each of it is done and audited."""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.audit import Action
from model.datasets import Dataset
from model.datasets.boards import COMPOSED_BOARDS
from model.errors import BadField, NotFound, NotNow, Refused, Unavailable
from model.publication_rights import approving, may_propose, may_refuse, may_revoke, proposers_of
from model.publications import Act, Draft, Finding, HeldBack, Publication, State, Version, dataset_of
from model.roles import PUBLICATION_DECIDERS, PUBLICATION_REVOKERS
from model.typed import typed_text
from model.viewer import Viewer
from services.access import must_be, record
from services.publishing.artefacts import Store
from services.publishing.linting import LICENCES, lint
from services.publishing.register import rows
from services.publishing.register.checking import WHY_MOST, checked_draft
from services.publishing.register.holding import held_back

log = logging.getLogger(__name__)

DEADLINE_MS = 3_000
_AREAS = text("SELECT id FROM area")
_AUDITED = {
    Act.APPROVED: Action.PUBLICATION_APPROVED,
    Act.CLEARED: Action.PUBLICATION_CLEARED,
    Act.REFUSED: Action.PUBLICATION_REFUSED,
    Act.REVOKED: Action.PUBLICATION_REVOKED,
}


class Publications:
    """The publications of one city. Every method blocks (call it in a thread), three seconds at most.

    All raise Unavailable when the database is away. What changes something takes the ``viewer``, raises
    Refused when it is not hers to do, and writes the audit in its own transaction. ``store`` is where
    artefacts are, None where this process has none: the publisher then takes back what was revoked.
    """

    def __init__(
        self, engine: Engine, store: Store | None = None, licences: Collection[str] = LICENCES
    ) -> None:
        self._engine = engine
        self._store = store
        self.licences = tuple(licences)

    def list(self) -> Sequence[Publication]:
        """Every publication with all its versions and what was done with them, by name."""
        with asking(self._engine, DEADLINE_MS) as connection:
            return rows.publications(connection)

    def held_back(self) -> Mapping[str, HeldBack]:
        """What the publisher refuses to make now, by name."""
        with asking(self._engine, DEADLINE_MS) as connection:
            return held_back(connection)

    def lint(self, draft: Draft, now: datetime | None = None) -> tuple[Finding, ...]:
        """What speaks against ``draft``."""
        return lint(draft, now or datetime.now(UTC), self.licences)

    def propose(
        self, viewer: Viewer, draft: Draft, beside: Callable[[Connection, int], None] | None = None
    ) -> tuple[int, tuple[Finding, ...]]:
        """Write a proposal down; its version, and what the linter has against it.

        It may have: what has findings stands there with them, and cannot be approved. ``beside`` is written
        in the same transaction, told the version. Raises BadField.
        """
        must_be(viewer, proposers_of(draft.dataset), "propose to publish")
        if draft.dataset == COMPOSED_BOARDS.name and beside is None:
            raise Refused("a board is proposed from its own page", "from_board")
        with self._changing(draft.name) as (connection, now):
            clean, dataset, until = checked_draft(draft, set(connection.scalars(_AREAS)), now)
            if not may_propose(viewer, dataset, clean.areas):
                raise Refused("that dataset or place is not hers to publish", "not_hers")
            held = rows.publication(connection, clean.name)
            number = _next(held, clean, now)
            if held is None:
                rows.add_publication(connection, clean, viewer.name)
            rows.add_version(connection, clean, number, until, now, viewer.name)
            rows.add_step(connection, clean.name, number, Act.PROPOSED, viewer, now, clean.why)
            found = self.lint(clean, now)
            if beside is not None:
                beside(connection, number)
            told = {"version": number, "findings": [str(one.rule) for one in found], "after": _told(clean)}
            _record(connection, viewer, Action.PUBLICATION_PROPOSED, clean.name, told)
        return number, found

    def approve(self, viewer: Viewer, name: str, number: int) -> bool:
        """Approve version ``number``, or say as DPO that nothing speaks against it; True: it is in force now.

        Raises NotFound, Refused, and NotNow with the reason: ``findings``, ``decided``, ``approved_already``,
        ``one_person``, ``not_needed``.
        """
        must_be(viewer, PUBLICATION_DECIDERS, "approve a publication")
        with self._changing(name) as (connection, now):
            held, version, dataset = _there(connection, name, number)
            _still_open(version, now)
            act = _approval(viewer, version, dataset)
            if found := self.lint(version.draft, now):
                raise NotNow("findings", n=len(found))
            self._step(connection, viewer, version, act, now)
            done = _there(connection, name, number)[1].complete
            before = held.in_force(now) if done else None
            if before is not None:
                rows.add_step(connection, name, before.number, Act.REPLACED, viewer, now)
        if done:
            self._artefacts("reinstate", name, now)
        return done

    def refuse(self, viewer: Viewer, name: str, number: int, why: str) -> None:
        """Refuse a proposal, for a reason everybody may read. Raises NotFound, Refused, NotNow, BadField."""
        must_be(viewer, PUBLICATION_DECIDERS, "refuse a publication")
        reason = typed_text("why", why, WHY_MOST, lines=True)
        with self._changing(name) as (connection, now):
            _, version, dataset = _there(connection, name, number)
            _still_open(version, now)
            if not may_refuse(viewer, version, dataset):
                raise Refused("that publication is not hers to refuse", "not_hers")
            self._step(connection, viewer, version, Act.REFUSED, now, reason)

    def revoke(self, viewer: Viewer, name: str, why: str) -> int:
        """Take back what is out under ``name``, at once; which version that was.

        Raises NotFound when there is none of that name, NotNow (``not_out``) when nothing is out, BadField.
        """
        must_be(viewer, PUBLICATION_REVOKERS, "revoke a publication")
        reason = typed_text("why", why, WHY_MOST, lines=True)
        with self._changing(name) as (connection, now):
            held = rows.publication(connection, name)
            if held is None:
                raise NotFound(f"no publication {name}")
            version = held.in_force(now)
            if version is None:
                raise NotNow("not_out")
            dataset = dataset_of(version.draft)
            if dataset is None or not may_revoke(viewer, version, dataset):
                raise Refused("that publication is not hers to revoke", "not_hers")
            self._step(connection, viewer, version, Act.REVOKED, now, reason)
        self._artefacts("revoke", name, now)
        return version.number

    def _step(
        self,
        connection: Connection,
        viewer: Viewer,
        version: Version,
        act: Act,
        now: datetime,
        why: str = "",
    ) -> None:
        name = version.draft.name
        rows.add_step(connection, name, version.number, act, viewer, now, why)
        told = {"version": version.number} | ({"why": why} if why else {})
        _record(connection, viewer, _AUDITED[act], name, told)

    def _artefacts(self, what: str, name: str, now: datetime) -> None:
        """Take files back, or allow them again; where we cannot write the publisher does it in a minute."""
        try:
            if self._store is not None and what == "revoke":
                self._store.revoke(name, now)
            elif self._store is not None:
                self._store.reinstate(name)
        except (OSError, Unavailable) as error:
            log.warning("publication %s: its files are left to the publisher to %s: %s", name, what, error)

    @contextmanager
    def _changing(self, name: str) -> Iterator[tuple[Connection, datetime]]:
        """One transaction in which one publication is acted on, by one person at a time."""
        with asking(self._engine, DEADLINE_MS) as connection:
            rows.lock(connection, name)
            yield connection, datetime.now(UTC)
            connection.commit()


def _next(held: Publication | None, draft: Draft, now: datetime) -> int:
    """The number a new version gets. Raises BadField when the name is another dataset's, NotNow when a
    version of it waits already."""
    if held is None:
        return 1
    if held.dataset != draft.dataset:
        raise BadField("name", "name_taken", dataset=held.dataset)
    if held.waiting(now) is not None:
        raise NotNow("waiting_already")
    return held.versions[0].number + 1


def _there(connection: Connection, name: str, number: int) -> tuple[Publication, Version, Dataset]:
    held = rows.publication(connection, name)
    version = next((one for one in held.versions if one.number == number), None) if held else None
    dataset = dataset_of(version.draft) if version else None
    if held is None or version is None or dataset is None:
        raise NotFound(f"no version {number} of a publication {name}")
    return held, version, dataset


def _still_open(version: Version, now: datetime) -> None:
    if version.state(now) is not State.PROPOSED:
        raise NotNow("decided")


def _approval(viewer: Viewer, version: Version, dataset: Dataset) -> Act:
    """The approval that is the viewer's to give, or why there is none."""
    act = approving(viewer, version, dataset)
    if act is not None:
        return act
    if not may_refuse(viewer, version, dataset):
        raise Refused("that publication is not hers to approve", "not_hers")
    given = [version.step(one) for one in (Act.APPROVED, Act.CLEARED)]
    if any(one is not None and one.role == viewer.role.value for one in given):
        raise NotNow("approved_already")
    if any(one is not None and one.actor_id == viewer.person_id for one in given):
        raise NotNow("one_person")
    raise NotNow("not_needed")


def _told(draft: Draft) -> dict[str, Any]:
    """A draft as the audit keeps it."""
    return {
        "dataset": draft.dataset, "columns": list(draft.columns),
        "areas": None if draft.areas is None else sorted(draft.areas),
        "grain": f"{draft.grain.place.name.lower()}, {draft.grain.span.name.lower()}",
        "delay_s": draft.delay_s, "cadence_s": draft.cadence_s, "licence": draft.licence,
        "valid_until": draft.valid_until,
    }  # fmt: skip


def _record(
    connection: Connection, viewer: Viewer, action: Action, name: str, details: dict[str, Any]
) -> None:
    record(connection, viewer, action, kind="publication", object=name, details=details)
