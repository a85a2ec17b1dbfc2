"""Who is sent reports: added and taken off by those who keep reports, ended by the reader from a letter.

An address is personal data: kept for sending alone, shown to those who keep the list, emptied a month after
its end (class ``report_subscriber`` of the retention rules).
"""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from geodata.asking import asking
from model.audit import Action
from model.errors import BadField, NotFound, Refused
from model.monthly import WHOLE_CITY
from model.report_archive import EMAIL_MOST, NAME_MOST, Subscriber, SubscriberDraft
from model.roles import REPORT_KEEPERS
from model.texts import LANGUAGES
from model.typed import typed_text
from model.viewer import Viewer
from services.access import must_be, record

DEADLINE_MS = 3_000
TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")

_LIST = text(
    """
    SELECT s.id, s.email, s.name, s.language, s.area_id, s.added_by, s.added_at, d.month, d.version,
           d.sent_at, d.given_up_at, d.error
    FROM report_subscriber s
    LEFT JOIN LATERAL (
        SELECT * FROM report_delivery WHERE subscriber_id = s.id ORDER BY id DESC LIMIT 1
    ) d ON true
    WHERE s.ended_at IS NULL ORDER BY s.area_id <> 0, s.area_id, lower(s.name), s.id
    """
)
_ADD = text(
    "INSERT INTO report_subscriber (email, name, language, area_id, added_by, token) "
    "VALUES (:email, :name, :language, :area, :by, :token)"
)
_END = text(
    "UPDATE report_subscriber SET ended_at = :now, ended_by = :by WHERE id = :id AND ended_at IS NULL "
    "RETURNING language, area_id"
)
_END_BY_TOKEN = text(
    "UPDATE report_subscriber SET ended_at = :now, ended_by = '' WHERE token = :token AND ended_at IS NULL"
)
_KNOWN = text("SELECT ended_at IS NULL FROM report_subscriber WHERE token = :token")
_PLACE = text("SELECT true FROM area WHERE id = :id AND kind = :kind")


class Subscribers:
    """The list of one city, as ``engine`` lets it be seen. Methods block and raise Unavailable.

    Those that take a ``viewer`` raise Refused unless she keeps reports, and write the audit.
    """

    def __init__(self, engine: Engine, area_kind: str) -> None:
        self._engine, self._kind = engine, area_kind

    def list(self, viewer: Viewer) -> Sequence[Subscriber]:
        """Everybody on the list, by place and name, with what became of the newest letter."""
        must_be(viewer, REPORT_KEEPERS, "read who is sent reports")
        with asking(self._engine, DEADLINE_MS) as connection:
            return [Subscriber(**row._mapping) for row in connection.execute(_LIST)]

    def add(self, viewer: Viewer, draft: SubscriberDraft) -> None:
        """Put somebody on the list. BadField names what cannot be taken."""
        must_be(viewer, REPORT_KEEPERS, "say who is sent reports")
        name = typed_text("name", draft.name, NAME_MOST)
        email = checked_email(draft.email)
        if draft.language not in LANGUAGES:
            raise BadField("language", "choose")
        values = {
            "email": email, "name": name, "language": draft.language, "area": draft.area_id,
            "by": viewer.name, "token": secrets.token_urlsafe(24),
        }  # fmt: skip
        try:
            with asking(self._engine, DEADLINE_MS) as connection:
                self._known_place(connection, draft.area_id)
                connection.execute(_ADD, values)
                _record(connection, viewer, Action.SUBSCRIBER_ADDED, draft.language, draft.area_id)
                connection.commit()
        except IntegrityError:
            raise BadField("email", "on_list") from None
        except ProgrammingError as denied:
            # The row policy: a place outside the viewer's own part of the city.
            raise Refused("that place is outside your part of the city", "place") from denied

    def _known_place(self, connection: Connection, area_id: int) -> None:
        bounds = {"id": area_id, "kind": self._kind}
        if area_id != WHOLE_CITY and not connection.scalar(_PLACE, bounds):
            raise BadField("place", "choose")

    def end(self, viewer: Viewer, subscriber_id: int, now: datetime) -> None:
        """Take somebody off the list. NotFound where she is not on it (any more)."""
        must_be(viewer, REPORT_KEEPERS, "say who is sent reports")
        with asking(self._engine, DEADLINE_MS) as connection:
            row = connection.execute(_END, {"id": subscriber_id, "by": viewer.name, "now": now}).first()
            if row is None:
                raise NotFound(f"nobody {subscriber_id} on the list")
            _record(connection, viewer, Action.SUBSCRIBER_ENDED, row.language, row.area_id)
            connection.commit()

    def known(self, token: str) -> bool:
        """Whether ``token``, from a letter, is of somebody still on the list. NotFound for none of ours."""
        with asking(self._engine, DEADLINE_MS) as connection:
            found = connection.scalar(_KNOWN, {"token": token}) if TOKEN.fullmatch(token) else None
        if found is None:
            raise NotFound("no such letter")
        return bool(found)

    def end_by(self, token: str, now: datetime) -> None:
        """The reader ends it herself; one that ended before stays ended. NotFound for no token of ours."""
        if not self.known(token):
            return
        with asking(self._engine, DEADLINE_MS) as connection:
            connection.execute(_END_BY_TOKEN, {"token": token, "now": now})
            connection.commit()


def checked_email(typed: str) -> str:
    """One plain e-mail address. BadField for anything else: nothing typed may add a line or a reader."""
    email = typed_text("email", typed, EMAIL_MOST)
    try:
        address = Address(addr_spec=email)
    except (HeaderParseError, ValueError, IndexError):
        raise BadField("email", "no_email") from None
    if not email.isascii() or "." not in address.domain or " " in email or '"' in email:
        raise BadField("email", "no_email")
    return email


def _record(connection: Connection, viewer: Viewer, action: Action, language: str, area_id: int) -> None:
    """Who did it and for which place; neither address nor name, which the audit would keep for years."""
    told = {"language": language, "place": str(area_id)}
    record(connection, viewer, action, kind="report", object=f"place/{area_id}", details=told)
