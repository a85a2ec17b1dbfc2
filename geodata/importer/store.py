"""From the staging table into the city: set-based upserts by id, unchanged rows left alone, the gone marked.

One statement a step, whatever the size. ``content_hash`` is of the row as shaped: equal means unchanged.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from geodata.areas import areas_at, cut_areas
from geodata.importer.bulk import indexes_last
from geodata.importer.profile import ImportProfile
from geodata.importer.report import ImportReport
from geodata.importer.staging import refuse_foreign


@dataclass(frozen=True)
class Upsert:
    """How staged rows become rows of one table.

    ``columns`` with the SQL ``values`` over ``s`` (a staged row); ``key`` joins a staged row ``s`` with a
    stored row ``t``; ``same`` says that nothing changed.
    """

    table: str
    columns: tuple[str, ...]
    values: str
    source_rows: str
    key: str
    same: str
    touch: str = ""


_POINT = "ST_SetSRID(ST_MakePoint(lon, lat), 4326)"

ASSET = Upsert(
    table="asset",
    columns=(
        "external_id", "source", "domain", "asset_type", "name", "street", "geometry", "commune_id",
        "district_id", "attributes", "content_hash", "installed_at",
    ),
    values=(
        "s.external_id, :source, :domain, :asset_type, s.name, nullif(s.street, ''), s.geometry, "
        "s.commune_id, s.district_id, s.attributes, s.hash, s.installed_at"
    ),
    source_rows=(
        f"(SELECT * FROM (SELECT *, coalesce(shape, {_POINT}) AS geometry, "  # noqa: S608 - of constants
        f"CASE WHEN shape IS NULL THEN {_POINT} ELSE ST_PointOnSurface(shape) END AS place "
        f"FROM staged OFFSET 0) placed CROSS JOIN LATERAL {areas_at('placed.place')} at)"
    ),
    key="t.external_id = s.external_id",
    same="t.content_hash = s.hash AND t.removed_at IS NULL",
    touch=", removed_at = NULL, updated_at = now()",
)  # fmt: skip

STREET = Upsert(
    table="street",
    columns=("external_id", "source", "name", "rank", "geometry", "content_hash"),
    values="s.external_id, :source, s.name, s.number, s.shape, s.hash",
    source_rows="staged",
    key="t.external_id = s.external_id AND t.source = :source",
    same="t.content_hash = s.hash AND t.removed_at IS NULL",
    touch=", removed_at = NULL",
)

AREA = Upsert(
    table="area",
    columns=("kind", "code", "name", "population", "geometry", "source"),
    values=":area_kind, s.external_id, s.name, s.number, s.shape, :source",
    source_rows="staged",
    key="t.kind = :area_kind AND t.code = s.external_id",
    same=(
        "(t.name, t.population, t.source) IS NOT DISTINCT FROM (s.name, s.number, :source) "
        "AND ST_AsBinary(t.geometry) = ST_AsBinary(s.shape)"
    ),
)

TARGETS = {"asset": ASSET, "street": STREET, "area": AREA}


def store(connection: Connection, profile: ImportProfile, report: ImportReport) -> None:
    """Bring the table of the profile's target in line with what is staged; fills the report's figures."""
    upsert, values = TARGETS[profile.target], _values(profile)
    if profile.target == "asset":
        refuse_foreign(connection, profile, report)
        cut_areas(connection)
    # Every join below is by id over whole tables, and the planner may know nothing yet of a new city:
    # without statistics it would try row by row.
    connection.execute(text("SET LOCAL enable_nestloop = off"))
    staged = int(connection.scalar(text("SELECT count(*) FROM staged")) or 0)
    if _any(connection, upsert.table):
        report.gone = _mark_gone(connection, profile, upsert, values)
        report.unchanged = _set_unchanged_aside(connection, upsert, values)
        report.updated = _update(connection, upsert, values)
    with indexes_last(connection, upsert.table, staged):
        report.stored = _insert(connection, upsert, values)
    if profile.target == "asset":
        report.outside = _outside(connection, profile.name)
    connection.execute(text("SET LOCAL enable_nestloop = on"))
    if report.changed:
        connection.execute(text(f"ANALYZE {upsert.table}"))


def _values(profile: ImportProfile) -> dict[str, str]:
    return {
        "source": profile.name,
        "domain": profile.domain,
        "asset_type": profile.asset_type,
        "area_kind": profile.area_kind,
    }


def _bound(statement: str, values: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The values a statement really names; ``::`` casts are none of ours."""
    return statement, {key: value for key, value in values.items() if f":{key}" in statement}


def _any(connection: Connection, table: str) -> bool:
    return bool(connection.scalar(text(f"SELECT EXISTS (SELECT FROM {table})")))  # noqa: S608


def _set_unchanged_aside(connection: Connection, upsert: Upsert, values: dict[str, str]) -> int:
    """Take the rows that say nothing new out of the staging table: no area is sought for them again."""
    statement, bound = _bound(
        f"DELETE FROM staged s USING {upsert.table} t WHERE {upsert.key} AND {upsert.same}",  # noqa: S608
        values,
    )
    return int(connection.execute(text(statement), bound).rowcount)


def _update(connection: Connection, upsert: Upsert, values: dict[str, str]) -> int:
    statement, bound = _bound(
        f"UPDATE {upsert.table} t SET ({', '.join(upsert.columns)}) = ROW({upsert.values}){upsert.touch} "  # noqa: S608
        f"FROM {upsert.source_rows} s WHERE {upsert.key} AND NOT ({upsert.same})",
        values,
    )
    return int(connection.execute(text(statement), bound).rowcount)


def _insert(connection: Connection, upsert: Upsert, values: dict[str, str]) -> int:
    """Rows with an id not known yet."""
    statement, bound = _bound(
        f"INSERT INTO {upsert.table} ({', '.join(upsert.columns)}) SELECT {upsert.values} "  # noqa: S608
        f"FROM {upsert.source_rows} s WHERE NOT EXISTS (SELECT FROM {upsert.table} t WHERE {upsert.key})",
        values,
    )
    return int(connection.execute(text(statement), bound).rowcount)


def _mark_gone(connection: Connection, profile: ImportProfile, upsert: Upsert, values: dict[str, str]) -> int:
    """Mark what this source no longer has. Areas have no such mark: they stay, and are reported."""
    absent = (
        f"t.source = :source AND NOT EXISTS (SELECT FROM staged s WHERE {upsert.key}) "  # noqa: S608
        f"AND NOT EXISTS (SELECT FROM refused s WHERE {upsert.key})"
    )
    if profile.target == "area":
        statement, bound = _bound(f"SELECT count(*) FROM area t WHERE {absent}", values)  # noqa: S608
        return int(connection.scalar(text(statement), bound) or 0)
    statement, bound = _bound(
        f"UPDATE {upsert.table} t SET removed_at = now() WHERE t.removed_at IS NULL AND {absent}",  # noqa: S608
        values,
    )
    return int(connection.execute(text(statement), bound).rowcount)


def _outside(connection: Connection, source: str) -> int:
    """Assets of this source that lie in no area at all."""
    return int(
        connection.scalar(
            text(
                "SELECT count(*) FROM asset WHERE source = :source AND removed_at IS NULL "
                "AND commune_id IS NULL AND district_id IS NULL"
            ),
            {"source": source},
        )
        or 0
    )
