"""Publications as the database keeps them, read into plain values and written as new rows alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from geodata.asking import statement
from model.datasets import Grain, Place, Span
from model.publications import Act, Draft, Publication, Step, Version
from model.viewer import Viewer

_PUBLICATIONS = "SELECT name, dataset FROM publication {rest}"
_VERSIONS = """
    SELECT name, version, columns, areas, place, span, delay_s, cadence_s, licence, why, valid_until,
           proposed_at, proposed_by
    FROM publication_version {rest} ORDER BY name, version DESC
"""
_STEPS = "SELECT name, version, act, at, actor_id, actor, role, why FROM publication_act {rest} ORDER BY id"
_ALL = tuple(statement(one, rest=rest) for one, rest in (
    (_PUBLICATIONS, "ORDER BY name"), (_VERSIONS, ""), (_STEPS, ""),
))  # fmt: skip
_ONE = tuple(statement(one, rest="WHERE name = :name") for one in (_PUBLICATIONS, _VERSIONS, _STEPS))
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('vigie.publication'), hashtext(:name))")
_MAKE = text("INSERT INTO publication (name, dataset, made_by) VALUES (:name, :dataset, :by)")
_ADD = text(
    """
    INSERT INTO publication_version (name, version, columns, areas, place, span, delay_s, cadence_s, licence,
                                     why, valid_until, proposed_at, proposed_by)
    VALUES (:name, :version, :columns, :areas, :place, :span, :delay_s, :cadence_s, :licence, :why,
            :valid_until, :now, :by)
    """
)
_ACT = text(
    """
    INSERT INTO publication_act (name, version, at, act, actor_id, actor, role, why)
    VALUES (:name, :version, :at, :act, :actor_id, :actor, :role, :why)
    """
)


def publications(connection: Connection) -> list[Publication]:
    """Every publication there ever was, by name."""
    return _read(*(connection.execute(one).all() for one in _ALL))


def publication(connection: Connection, name: str) -> Publication | None:
    """The publication ``name``."""
    found = _read(*(connection.execute(one, {"name": name}).all() for one in _ONE))
    return found[0] if found else None


def lock(connection: Connection, name: str) -> None:
    """Let nobody else act on publication ``name`` until the transaction ends."""
    connection.execute(_LOCK, {"name": name})


def add_publication(connection: Connection, draft: Draft, by: str) -> None:
    """A publication without a version."""
    connection.execute(_MAKE, {"name": draft.name, "dataset": draft.dataset, "by": by})


def add_version(
    connection: Connection, draft: Draft, number: int, until: datetime, now: datetime, by: str
) -> None:
    """Version ``number`` of what ``draft`` names."""
    values = {
        "name": draft.name, "version": number, "columns": list(draft.columns),
        "areas": None if draft.areas is None else sorted(draft.areas),
        "place": draft.grain.place.name.lower(), "span": draft.grain.span.name.lower(),
        "delay_s": draft.delay_s, "cadence_s": draft.cadence_s, "licence": draft.licence, "why": draft.why,
        "valid_until": until, "now": now, "by": by,
    }  # fmt: skip
    connection.execute(_ADD, values)


def add_step(
    connection: Connection, name: str, number: int, act: Act, viewer: Viewer, now: datetime, why: str = ""
) -> None:
    """Write that ``viewer`` did ``act`` with a version."""
    values = {
        "name": name, "version": number, "at": now, "act": act.value, "actor_id": viewer.person_id or None,
        "actor": viewer.name, "role": viewer.role.value, "why": why,
    }  # fmt: skip
    connection.execute(_ACT, values)


def _read(names: Sequence[Any], versions: Sequence[Any], steps: Sequence[Any]) -> list[Publication]:
    done: dict[tuple[str, int], list[Step]] = {}
    for name, number, act, *rest in steps:
        done.setdefault((name, number), []).append(Step(Act(act), *rest))
    datasets = {name: dataset for name, dataset in names}
    held: dict[str, list[Version]] = {name: [] for name in datasets}
    for row in versions:
        made = _version(row, datasets[row.name], tuple(done.get((row.name, row.version), ())))
        held[row.name].append(made)
    return [Publication(name, dataset, tuple(held[name])) for name, dataset in datasets.items()]


def _version(row: Any, dataset: str, steps: tuple[Step, ...]) -> Version:
    areas = None if row.areas is None else frozenset(row.areas)
    grain = Grain(Place[row.place.upper()], Span[row.span.upper()])
    draft = Draft(
        row.name, dataset, tuple(row.columns), areas, grain, row.delay_s, row.cadence_s, row.licence, row.why,
        row.valid_until,
    )  # fmt: skip
    return Version(row.version, draft, row.valid_until, row.proposed_at, row.proposed_by, steps)
