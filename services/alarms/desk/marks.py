"""What of the alarms stands on the map, and what may sound: every cause of the whole scope, no filter asked.

A filter of the list narrows what one reads, never what one must hear of.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from geodata.asking import statement
from services.alarms.desk.listing import LINKED, TREE

MOST = 2_000
"""So many causes, and so many consequences: beyond that symbols hide one another on the map."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One cause on the list. ``index`` is its asset's live index, -1 for an area's; ``priority`` the most
    urgent of its group; ``active`` whether the condition lasts; ``consequences`` counts what it explains."""

    id: int
    index: int
    priority: int
    acknowledged: bool
    active: bool
    consequences: int
    activations: int
    name: str


@dataclass(frozen=True, slots=True)
class Marks:
    """Causes, most urgent and unacknowledged first, and the live indices of what they explain.

    ``flood`` tells whether one lasts; ``left_out`` counts the causes beyond ``MOST``.
    """

    causes: tuple[Mark, ...]
    consequences: tuple[int, ...]
    left_out: int
    flood: bool = False


_CAUSES = statement(
    """
    {linked}, {tree}
    SELECT c.id, coalesce(c.asset_id, 0) AS asset_id, least(c.worst, c.priority) AS urgency,
           c.acknowledged_at IS NOT NULL AS acknowledged, c.returned_at IS NULL AS active, c.consequences,
           a.activations, coalesce(s.name, '') AS name, count(*) OVER () AS total
    FROM causes c JOIN alarm a ON a.id = c.id LEFT JOIN asset s ON s.id = c.asset_id
    ORDER BY acknowledged, urgency, c.raised_at DESC, c.id DESC LIMIT :most
    """,
    linked=LINKED,
    tree=TREE,
)
_CONSEQUENCES = statement(
    """
    SELECT DISTINCT a.asset_id FROM alarm a JOIN alarm c ON c.id = a.cause_id
    WHERE a.closed_at IS NULL AND c.closed_at IS NULL AND a.returned_at IS NULL AND a.asset_id IS NOT NULL
    LIMIT :most
    """
)


def read_marks(connection: Connection, at: object, place: Callable[[int], int]) -> Marks:
    """The marks as ``connection`` sees them at ``at`` (now, aware); ``place`` gives live indices."""
    found = connection.execute(_CAUSES, {"at": at, "most": MOST}).all()
    behind = connection.scalars(_CONSEQUENCES, {"most": MOST}).all()
    causes = tuple(
        Mark(
            id=row.id, index=place(row.asset_id) if row.asset_id else -1, priority=row.urgency,
            acknowledged=row.acknowledged, active=row.active, consequences=int(row.consequences),
            activations=row.activations, name=row.name,
        )
        for row in found
    )  # fmt: skip
    places = (place(asset) for asset in behind)
    left_out = (found[0].total if found else 0) - len(found)
    return Marks(causes, tuple(sorted(index for index in places if index >= 0)), left_out)
