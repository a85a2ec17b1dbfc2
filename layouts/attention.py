"""The list of what needs somebody, from the live judgement to the rows on screen. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from layouts.live_labels import age_labels
from model.domains import ASSET_TYPES
from model.states import Freshness, Status
from model.texts import Words

LABELS = (
    "title", "empty", "empty_body", "silent", "silent_body", "loading", "away", "away_body", "thing",
    "since", "consequences", "order", "shown", "name", "priority_1", "priority_2", "priority_3", "priority_4",
)  # fmt: skip


class Row(Protocol):
    """What the live wing says of one abnormal asset."""

    index: int
    external_id: str
    name: str
    street: str
    asset_type: str
    status: int
    state: str
    since: float
    consequences: int
    priority: int
    freshness: int
    area: int


class Judged(Protocol):
    """The abnormal assets, worst first, and how many there are."""

    rows: Iterable[Row]
    total: int
    by_priority: Mapping[int, int]


def attention_labels(say: Words) -> dict[str, Any]:
    """The words of ``AttentionList``."""
    words = {name: say(f"attention.{name}") for name in LABELS}
    return (
        words | age_labels(say) | {"status": {status.key: say(f"status.{status.key}") for status in Status}}
    )


def attention_properties(
    say: Words, found: Judged, area_of: Callable[[Row], str], *, heard: bool = True
) -> dict[str, Any]:
    """``AttentionList``'s properties; ``area_of`` names the area a row lies in.

    A city of which nothing was ever ``heard`` has an empty list too, and must not look calm.
    """
    return {
        "rows": [attention_row(say, row, area_of(row)) for row in found.rows],
        "total": found.total,
        "counts": {str(priority): int(n) for priority, n in found.by_priority.items()},
        "state": "ready" if heard else "silent",
    }


def attention_row(say: Words, row: Row, area: str) -> dict[str, Any]:
    """One row: what it is and where, what is wrong, since when, and what depends on it."""
    kind = ASSET_TYPES[row.asset_type]
    return {
        "index": int(row.index),
        "asset": row.external_id,
        "name": row.name,
        "where": place(row.street, area),
        "glyph": kind.glyph,
        "kind": say(f"type.{row.asset_type}"),
        "fact": state_label(say, row.asset_type, row.state),
        "since": int(row.since),
        "cons": int(row.consequences),
        "priority": int(row.priority),
        "status": Status(row.status).key,
        "fresh": Freshness(row.freshness).key,
    }


def place(street: str, area: str) -> str:
    """Where something stands, in one short line: ``Rue des Écluses · Centre``."""
    return " · ".join(part for part in (street, area) if part)


def state_label(say: Words, asset_type: str, state: str | int) -> str:
    """What ``state`` (name or code) of ``asset_type`` means, in words."""
    if not isinstance(state, str):
        declared = ASSET_TYPES[asset_type].by_code.get(int(state))
        state = declared.name if declared else ASSET_TYPES[asset_type].states[0].name
    return say(f"state.{asset_type}.{state}")
