"""Publications as the database keeps them, read into plain values and written as new rows alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from geodata.asking import statement
from model.datasets import Grain, Place, Span
from model.publications import Act, Draft, Publication, Step, Version
from model.roles import Role
from model.viewer import Viewer

_PUBLICATIONS = "SELECT name, dataset FROM publication {rest}"
_VERSIONS = """
    SELECT name, version, columns, areas, place, span, delay_s, cadence_s, licence, why, valid_until,
           proposed_at, proposed_by
    FROM publication_version {rest} ORDER BY name, version DESC
"""
_STEPS = "SELECT name, version, act, at, actor_id, actor, role, why FROM publication_act {rest} ORDER BY id"
_ALL = (
    statement(_PUBLICATIONS, rest="ORDER BY name"),
    statement(_VERSIONS, rest=""),
    statement(_STEPS, rest=""),
)
_ONE = (
    statement(_PUBLICATIONS, rest="WHERE name = :name"),
    statement(_VERSIONS, rest="WHERE name = :name"),
    statement(_STEPS, rest="WHERE name = :name"),
)
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
    vetoed = dict.fromkeys(datasets, False)
    for row in reversed(versions):
        own = tuple(done.get((row.name, row.version), ()))
        held[row.name].insert(0, _version(row, datasets[row.name], own, vetoed[row.name]))
        vetoed[row.name] = _vetoed_after(own, vetoed[row.name])
    return [Publication(name, dataset, tuple(held[name])) for name, dataset in datasets.items()]


def _vetoed_after(steps: Sequence[Step], before: bool) -> bool:
    """Whether the officer's veto stands after these acts: it lasts until she clears a later version."""
    for step in steps:
        if step.act is Act.CLEARED:
            before = False
        elif step.role == Role.DPO.value and step.act in (Act.REFUSED, Act.REVOKED):
            before = True
    return before


def _version(row: Any, dataset: str, steps: tuple[Step, ...], vetoed: bool) -> Version:
    areas = None if row.areas is None else frozenset(row.areas)
    grain = Grain(Place[row.place.upper()], Span[row.span.upper()])
    draft = Draft(
        row.name, dataset, tuple(row.columns), areas, grain, row.delay_s, row.cadence_s, row.licence, row.why,
        row.valid_until,
    )  # fmt: skip
    return Version(row.version, draft, row.valid_until, row.proposed_at, row.proposed_by, steps, vetoed)
