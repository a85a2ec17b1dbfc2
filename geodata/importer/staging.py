"""The staging table: rows stream into it by COPY, and what needs all of them is settled there.

Repeated ids are numbered or refused, ids that belong to another source refused. The table is temporary
and lives as long as the import's transaction.
"""

from typing import Any

import psycopg
from sqlalchemy import Connection, text

from geodata.importer.profile import ImportProfile
from geodata.importer.report import ImportReport, Rejection

COLUMNS = "hash, row, external_id, name, street, lon, lat, shape, attributes, installed_at, number"
WRITE = 2_000_000
"""Characters handed to the database at once."""


def make_staging(connection: Connection) -> None:
    """A fresh, empty ``staged`` and ``refused`` table."""
    connection.execute(text("DROP TABLE IF EXISTS staged, refused"))
    connection.execute(
        text(
            """
            CREATE TEMP TABLE staged (
                hash bytea, row bigint, external_id text, name text, street text, lon float8, lat float8,
                shape geometry, attributes jsonb, installed_at timestamptz, number integer
            ) ON COMMIT DROP
            """
        )
    )
    connection.execute(text("CREATE TEMP TABLE refused (external_id text) ON COMMIT DROP"))


def stage(connection: Connection, lines: list[str]) -> None:
    """COPY the shaped ``lines`` (see ``shaping``) into the staging table."""
    _copy(connection, f"COPY staged ({COLUMNS}) FROM STDIN", lines)


def remember_refused(connection: Connection, rejections: list[Rejection]) -> None:
    """Note the ids of refused rows: an asset whose new row is wrong is not gone."""
    ids = [r.id.replace("\\", "\\\\") for r in rejections if r.id]
    _copy(connection, "COPY refused (external_id) FROM STDIN", ids)


def _copy(connection: Connection, statement: str, lines: list[str]) -> None:
    if not lines:
        return
    driver: Any = connection.connection.driver_connection
    cursor: psycopg.Cursor[Any] = driver.cursor()
    step = max(1, WRITE // max(1, len(lines[0])))
    with cursor, cursor.copy(statement) as copy:
        for start in range(0, len(lines), step):
            copy.write("\n".join(lines[start : start + step]) + "\n")


def settle_ids(connection: Connection, profile: ImportProfile, report: ImportReport) -> None:
    """Make the staged ids unique, as the profile says, and counts what that took.

    ``number``: a repeated id gets -2, -3, ... in the order of position and content, so that another order
    of the file's rows numbers alike. ``reject``: the first row keeps it, the others are refused.
    """
    if not _repeated(connection):
        return
    if profile.repeated_ids == "number" or profile.id is None:
        report.numbered += _number(connection)
    _refuse(connection, report, "repeated_id", _REPEATED)


def _repeated(connection: Connection) -> bool:
    counts = connection.execute(text("SELECT count(*), count(DISTINCT external_id) FROM staged")).one()
    return bool(counts[0] != counts[1])


_REPEATED = """
    SELECT row, external_id FROM (
        SELECT row, external_id, row_number() OVER (PARTITION BY external_id ORDER BY row) AS turn FROM staged
    ) numbered WHERE turn > 1
"""

_FOREIGN = """
    SELECT s.row, s.external_id FROM staged s JOIN asset a USING (external_id) WHERE a.source <> :source
"""


def _number(connection: Connection) -> int:
    numbered = connection.execute(
        text(
            """
            UPDATE staged SET external_id = n.external_id || '-' || n.turn
            FROM (SELECT row, external_id,
                         row_number() OVER (PARTITION BY external_id ORDER BY lon, lat, hash, row) AS turn
                  FROM staged) n
            WHERE n.row = staged.row AND n.turn > 1
            """
        )
    )
    return int(numbered.rowcount)


def refuse_foreign(connection: Connection, profile: ImportProfile, report: ImportReport) -> None:
    """Refuse rows whose id is an asset of another source: ids are unique in the city."""
    _refuse(connection, report, "id_of_other_source", _FOREIGN, source=profile.name)


def _refuse(connection: Connection, report: ImportReport, reason: str, which: str, **values: str) -> None:
    """Take the rows the query ``which`` (row, external_id) names out of the staging table."""
    gone = connection.execute(
        text(
            f"WITH which AS ({which}) DELETE FROM staged s USING which w WHERE w.row = s.row "  # noqa: S608
            "RETURNING s.row, s.external_id"
        ),
        values,
    )
    column = "id"
    report.reject(
        sorted((Rejection(row, reason, name, column, name) for row, name in gone), key=lambda r: r.row)
    )
