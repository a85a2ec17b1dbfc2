"""The programmes and their works, as they stand in the database."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from model.errors import BadField
from model.programmes import AreaProgress, Programme, ProgrammeKind, Step, StepLine
from model.texts import LANGUAGES

_PROGRAMMES = text("SELECT id, key, kind, domain, title_fr, title_en FROM programme ORDER BY id")
_STEPS = text(
    """
    SELECT coalesce(a.external_id, ''), coalesce(a.name, r.name),
           coalesce(CASE WHEN :kind = 'district' THEN a.district_id ELSE a.commune_id END, s.area_id, 0),
           s.done_on, s.kind,
           CASE WHEN a.asset_type = 'control_cabinet' AND :points = 'streetlight' THEN (
                    SELECT count(*) FROM asset l
                    WHERE l.parent_id = a.id AND l.asset_type = :points AND l.removed_at IS NULL)
                WHEN a.id IS NOT NULL THEN 1
                ELSE (SELECT count(*) FROM asset l
                      WHERE l.asset_type = :points AND l.removed_at IS NULL
                        AND CASE WHEN :kind = 'district' THEN l.district_id ELSE l.commune_id END = s.area_id)
           END AS points
    FROM programme_step s LEFT JOIN asset a ON a.id = s.asset_id LEFT JOIN area r ON r.id = s.area_id
    WHERE s.programme_id = :id AND (a.id IS NOT NULL OR r.id IS NOT NULL)
    ORDER BY s.done_on NULLS LAST, s.id
    """
)
_NAMES = text("SELECT id, name FROM area WHERE kind = :kind")
AREAS_SEEN = text(
    "SELECT id FROM area WHERE kind = :kind AND (CAST(:own AS integer[]) IS NULL OR id = ANY (:own) "
    "OR parent_id = ANY (:own))"
)
_ADD = text(
    """
    INSERT INTO programme_step (programme_id, asset_id, area_id, done_on, kind, made_by)
    VALUES (:programme, :asset, :area, :done_on, :kind, :by)
    ON CONFLICT (programme_id, asset_id, area_id, kind)
    DO UPDATE SET done_on = excluded.done_on, made_at = now(), made_by = excluded.made_by
    """
)
_MAKE = text(
    "INSERT INTO programme (key, kind, domain, title_fr, title_en, made_by) "
    "VALUES (:key, :kind, :domain, :title_fr, :title_en, :made_by) ON CONFLICT (key) DO NOTHING"
)
POINTS = {ProgrammeKind.LED: "streetlight", ProgrammeKind.JUNCTION: "junction"}
DOMAIN_OF = {ProgrammeKind.LED: "lighting", ProgrammeKind.JUNCTION: "traffic"}


def programmes(connection: Connection) -> tuple[Programme, ...]:
    """Every programme the connection sees."""
    return tuple(
        Programme(
            row.id, row.key, ProgrammeKind(row.kind), row.domain, {"fr": row.title_fr, "en": row.title_en}
        )
        for row in connection.execute(_PROGRAMMES)
    )


def steps(connection: Connection, programme: Programme, area_kind: str) -> tuple[Step, ...]:
    """The works of a programme, done first, in the order they were."""
    names: dict[int, str] = {row[0]: row[1] for row in connection.execute(_NAMES, {"kind": area_kind})}
    asked = {"id": programme.id, "kind": area_kind, "points": POINTS[programme.kind]}
    return tuple(
        Step(row[0], row[1], row[2], names.get(row[2], ""), row[3], row[4], int(row[5]))
        for row in connection.execute(_STEPS, asked)
    )


def progress(found: Iterable[Step]) -> tuple[AreaProgress, ...]:
    """How far each area is, by name."""
    by_area: dict[int, list[Step]] = {}
    for step in found:
        by_area.setdefault(step.area_id, []).append(step)
    areas = []
    for area_id, own in by_area.items():
        days = [step.done_on for step in own if step.done_on]
        points = sum(step.points for step in own)
        done = sum(step.points for step in own if step.done_on)
        areas.append(
            AreaProgress(
                area_id, own[0].area_name, points, done, min(days, default=None), max(days, default=None)
            )
        )
    return tuple(sorted(areas, key=lambda area: area.name))


def add(connection: Connection, programme: Programme, lines: Sequence[StepLine], by: str) -> None:
    """Write every line: works already known at that place get the day of the list."""
    connection.execute(
        _ADD,
        [
            {
                "programme": programme.id, "asset": line.asset_id, "area": line.area_id,
                "done_on": line.done_on, "kind": line.kind, "by": by,
            }
            for line in lines
        ],
    )  # fmt: skip


def make(connection: Connection, table: Mapping[str, Any], by: str) -> int:
    """Write a ``[[programmes]]`` table of a city profile where its key is new: 1, else 0. Raises BadField."""
    try:
        kind = ProgrammeKind(table.get("kind", ""))
    except ValueError:
        raise BadField("programmes.kind", "unknown") from None
    values = {"key": str(table.get("key", "")), "kind": kind.value, "domain": DOMAIN_OF[kind], "made_by": by}
    for language in LANGUAGES:
        title = str(table.get(f"title_{language}", ""))
        if not title:
            raise BadField(f"programmes.title_{language}", "empty")
        values[f"title_{language}"] = title
    return connection.execute(_MAKE, values).rowcount
