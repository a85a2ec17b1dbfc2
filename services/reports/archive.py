"""The archive of monthly reports: every version of every file, as it was made; and what is asked for anew."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from geodata.asking import asking, statement
from model.audit import Action
from model.errors import BadField, NotFound, NotNow
from model.monthly import WHOLE_CITY, MonthlyReport, computed_at, figures_shown, inputs_of
from model.report_archive import REASON_MOST, Archived, Wish
from model.roles import BOARD_READERS, REPORT_KEEPERS
from model.typed import typed_text
from model.viewer import Viewer
from services.access import must_be, record

DEADLINE_MS = 6_000
MONTHS = 24
"""Months the list shows."""

_COLUMNS = (
    "id, area_id, area_name, month, language, format, version, octet_length(body) AS size, sha256, inputs, "
    "computed_at, made_at, made_by, reason"
)
_LIST = statement(
    "SELECT {columns} FROM report_archive "
    "WHERE month > (SELECT max(month) FROM report_archive) - make_interval(months => :months) "
    "ORDER BY month DESC, area_id <> 0, area_name, version DESC, language DESC, format",
    columns=_COLUMNS,
)
_ONE = statement("SELECT {columns}, body FROM report_archive WHERE id = :id", columns=_COLUMNS)
_NEWEST = text(
    "SELECT version, figures FROM report_archive WHERE area_id = :area AND month = :month "
    "ORDER BY version DESC LIMIT 1"
)
_FILE = text(
    """
    INSERT INTO report_archive (area_id, area_name, month, language, format, version, figures, inputs,
        computed_at, made_at, made_by, reason, sha256, body)
    VALUES (:area, :name, :month, :language, :format, :version, :figures, :inputs, :computed, :made_at, :by,
        :reason, :sha256, :body)
    """
)
_WISH = text(
    "INSERT INTO report_wish (area_id, month, reason, asked_by) VALUES (:area, :month, :reason, :by)"
)
_WAITS = text(
    "SELECT true FROM report_wish WHERE area_id = :area AND month = :month AND done_at IS NULL LIMIT 1"
)
_WISHES = text(
    "SELECT id, area_id, month, reason, asked_by, asked_at, done_at, error FROM report_wish "
    "WHERE done_at IS NULL OR error IS NOT NULL AND done_at > now() - interval '7 days' ORDER BY id"
)
_DONE = text("UPDATE report_wish SET done_at = :now, error = :error WHERE id = :id AND done_at IS NULL")
_PLACES = text("SELECT id, name FROM area WHERE kind = :kind ORDER BY name")


class Archive:
    """The archive of one city, as ``engine`` lets it be seen. Methods block and raise Unavailable."""

    def __init__(self, engine: Engine, area_kind: str) -> None:
        self._engine, self._kind = engine, area_kind

    def places(self) -> Sequence[tuple[int, str]]:
        """The communes a report can be of: id and name."""
        with asking(self._engine, DEADLINE_MS) as connection:
            return [(int(row.id), str(row.name)) for row in connection.execute(_PLACES, {"kind": self._kind})]

    def list(self, viewer: Viewer) -> Sequence[Archived]:
        """Every file of the last two years ``viewer`` may see, newest month first, then newest version."""
        must_be(viewer, BOARD_READERS, "read reports")
        return self.all()

    def all(self) -> Sequence[Archived]:
        """The same for whoever holds the machine."""
        with asking(self._engine, DEADLINE_MS) as connection:
            return [Archived(**row._mapping) for row in connection.execute(_LIST, {"months": MONTHS})]

    def read(self, viewer: Viewer, file_id: int) -> tuple[Archived, bytes]:
        """One file with its bytes. NotFound where there is none, or it is not for ``viewer``."""
        must_be(viewer, BOARD_READERS, "read reports")
        with asking(self._engine, DEADLINE_MS) as connection:
            row = connection.execute(_ONE, {"id": file_id}).first()
        if row is None:
            raise NotFound(f"no report {file_id}")
        values: dict[str, Any] = dict(row._mapping)
        body = bytes(values.pop("body"))
        return Archived(**values), body

    def newest(self, area_id: int, month: date) -> tuple[int, str]:
        """The newest version of a report and what identifies its figures; (0, "") where there is none."""
        with asking(self._engine, DEADLINE_MS) as connection:
            row = connection.execute(_NEWEST, {"area": area_id, "month": month}).first()
        return (int(row.version), str(row.figures)) if row else (0, "")

    def file(
        self, report: MonthlyReport, area_id: int, files: Mapping[tuple[str, str], bytes], by: str
    ) -> None:
        """Keep the ``files`` of ``report``, by language and format, all or none.

        NotNow where another process filed the same version first.
        """
        boards = (report.board, report.city)
        shared = {
            "area": area_id, "name": report.place, "month": report.board.start, "version": report.version,
            "figures": figures_shown(boards), "inputs": inputs_of(boards), "computed": computed_at(boards),
            "made_at": report.made_at, "by": by, "reason": report.reason,
        }  # fmt: skip
        try:
            with asking(self._engine, DEADLINE_MS) as connection:
                for (language, kind), body in sorted(files.items()):
                    own = {"language": language, "format": kind, "body": body}
                    digest = hashlib.sha256(body).hexdigest()
                    connection.execute(_FILE, shared | own | {"sha256": digest})
                connection.commit()
        except IntegrityError as error:
            raise NotNow("made_meanwhile", version=report.version) from error

    def ask(self, viewer: Viewer, area_id: int, month: date, reason: str) -> None:
        """Have a report made anew, because of ``reason``. Raises Refused, BadField, NotFound, NotNow."""
        must_be(viewer, REPORT_KEEPERS, "have reports made anew")
        clean = typed_text("reason", reason, REASON_MOST)
        with asking(self._engine, DEADLINE_MS) as connection:
            bounds = {"area": area_id, "month": month}
            if connection.execute(_NEWEST, bounds).first() is None:
                raise NotFound(f"no report of {month:%Y-%m} for place {area_id}")
            if connection.scalar(_WAITS, bounds):
                raise NotNow("asked_already")
            connection.execute(_WISH, bounds | {"reason": clean, "by": viewer.name})
            told = {"month": f"{month:%Y-%m}", "place": str(area_id), "reason": clean}
            record(connection, viewer, Action.REPORT_ASKED, kind="report", object=f"{month:%Y-%m}/{area_id}",
                   details=told)  # fmt: skip
            connection.commit()

    def wishes(self) -> Sequence[Wish]:
        """What waits to be made anew, and what of the last week could not be."""
        with asking(self._engine, DEADLINE_MS) as connection:
            return [Wish(**row._mapping) for row in connection.execute(_WISHES)]

    def done(self, wish_id: int, now: datetime, error: str | None = None) -> None:
        """Write down what became of a wish."""
        with asking(self._engine, DEADLINE_MS) as connection:
            connection.execute(_DONE, {"id": wish_id, "now": now, "error": error})
            connection.commit()


def month_of(text_: str) -> date:
    """The first day of the month written ``2026-10``. BadField for anything else."""
    try:
        return date.fromisoformat(f"{text_}-01")
    except ValueError:
        raise BadField("month", "no_month") from None


def place_of(text_: str, places: Sequence[tuple[int, str]]) -> int:
    """The id of the place called ``text_`` (a name or an id, any case); empty: the city. BadField."""
    wanted = text_.strip().casefold()
    if not wanted:
        return WHOLE_CITY
    for area_id, name in places:
        if wanted in (name.casefold(), str(area_id)):
            return area_id
    raise BadField("commune", "unknown", which=text_)
