"""People and what they may: the one place where accounts, grants and video rights are read and changed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from geodata.asking import asking
from model.errors import BadField, NotFound
from model.people import Grant, GrantDraft, ListedLine, Person, PersonDraft, Sheet, VideoDraft, VideoGrant
from model.viewer import Viewer
from services.access import granting, newcomers, people_rows, people_writing
from services.access.people_checking import keeper

DEADLINE_MS = 3_000
OneMore = tuple[PersonDraft, GrantDraft | None]


class People:
    """The people of one city. Every method blocks (call it in a thread), three seconds at most.

    All raise Unavailable when the database is away. What changes something takes the ``viewer`` who does
    it, raises Refused unless she keeps people, and writes the audit in its own transaction; it takes effect
    everywhere at once.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # --- reading ---------------------------------------------------------------------------------------

    def find(self, login: str) -> Person | None:
        """The account of ``login``, in any case of letters; None when there is none."""
        with asking(self._engine, DEADLINE_MS) as connection:
            return people_rows.named(connection, login.strip().lower())

    def by_id(self, person_id: int) -> Person:
        """The account ``person_id``. Raises NotFound."""
        with asking(self._engine, DEADLINE_MS) as connection:
            return people_writing.person_there(connection, person_id)

    def list(self) -> Sequence[Sheet]:
        """Every account with its grants and video rights, by name; at most 5,000."""
        with asking(self._engine, DEADLINE_MS) as connection:
            return people_rows.sheets(connection)

    def sheet(self, person_id: int) -> Sheet:
        """One account with all it holds and held. Raises NotFound."""
        with asking(self._engine, DEADLINE_MS) as connection:
            found = people_rows.sheet(connection, person_id)
        if found is None:
            raise NotFound(f"no account {person_id}")
        return found

    def grants_of(self, person_id: int, at: datetime) -> Sequence[Grant]:
        """The grants of ``person_id`` in force at ``at`` (aware), newest first."""
        with asking(self._engine, DEADLINE_MS) as connection:
            return [one for one in people_rows.grants(connection, person_id) if one.in_force(at)]

    def video_rights_of(self, person_id: int, at: datetime) -> Sequence[VideoGrant]:
        """The video rights of ``person_id`` in force at ``at`` (aware)."""
        with asking(self._engine, DEADLINE_MS) as connection:
            return [one for one in people_rows.video_rights(connection, person_id) if one.in_force(at)]

    def read_list(self, text: str, areas: Mapping[int, str], zone: ZoneInfo) -> Sequence[ListedLine]:
        """What a pasted list says, line by line; nothing is written: see ``newcomers.read_list``."""
        taken = {sheet.person.login for sheet in self.list()}
        return newcomers.read_list(text, areas, taken, zone, datetime.now(UTC))

    # --- changing --------------------------------------------------------------------------------------

    def make(self, viewer: Viewer, draft: PersonDraft, grant: GrantDraft | None = None) -> int:
        """Add an account, with its first grant in the same transaction; its id. Raises BadField."""
        with self._changing(viewer) as (connection, now):
            return _newcomer(connection, viewer, (draft, grant), now)

    def make_all(self, viewer: Viewer, added: Sequence[OneMore]) -> Sequence[int]:
        """Add all of a list or nobody; their ids. Raises BadField with the ``line`` in its values."""
        made: list[int] = []
        with self._changing(viewer) as (connection, now):
            for line, newcomer in enumerate(added, 1):
                try:
                    made.append(_newcomer(connection, viewer, newcomer, now))
                except BadField as bad:
                    raise BadField(bad.field, bad.reason, **(bad.values | {"line": line})) from bad
        return made

    def change(self, viewer: Viewer, person_id: int, draft: PersonDraft) -> None:
        """Give an account another name, login or e-mail; its kind stays. Raises BadField, NotFound."""
        with self._changing(viewer) as (connection, _now):
            people_writing.change(connection, viewer, person_id, draft)

    def disable(self, viewer: Viewer, person_id: int) -> int:
        """Close an account; how many sessions that ended. Raises Refused, NotFound."""
        with self._changing(viewer) as (connection, now):
            return people_writing.disable(connection, viewer, person_id, now)

    def enable(self, viewer: Viewer, person_id: int) -> None:
        """Open a disabled account again. Raises NotFound."""
        with self._changing(viewer) as (connection, _now):
            people_writing.enable(connection, viewer, person_id)

    def grant(self, viewer: Viewer, person_id: int, draft: GrantDraft) -> int:
        """Give a grant; its id. Raises BadField, NotFound."""
        with self._changing(viewer) as (connection, now):
            return granting.grant(connection, viewer, person_id, draft, now)

    def revoke(self, viewer: Viewer, grant_id: int) -> int:
        """Take a grant back; how many sessions that ended. Raises Refused, NotFound."""
        with self._changing(viewer) as (connection, now):
            return granting.revoke(connection, viewer, grant_id, now)

    def give_video(self, viewer: Viewer, person_id: int, draft: VideoDraft) -> int:
        """Write down a video right; its id. Raises BadField, NotFound."""
        with self._changing(viewer) as (connection, now):
            return granting.give_video(connection, viewer, person_id, draft, now)

    def take_video(self, viewer: Viewer, right_id: int) -> None:
        """Take a video right back. Raises NotFound."""
        with self._changing(viewer) as (connection, now):
            granting.take_video(connection, viewer, right_id, now)

    @contextmanager
    def _changing(self, viewer: Viewer) -> Iterator[tuple[Connection, datetime]]:
        """One transaction in which a keeper changes something, committed at its end."""
        keeper(viewer)
        with asking(self._engine, DEADLINE_MS) as connection:
            yield connection, datetime.now(UTC)
            connection.commit()


def _newcomer(connection: Connection, viewer: Viewer, newcomer: OneMore, now: datetime) -> int:
    draft, grant = newcomer
    made = people_writing.make(connection, viewer, draft)
    if grant is not None:
        granting.grant(connection, viewer, made, grant, now)
    return made
