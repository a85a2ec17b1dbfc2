"""Boards that people compose: tiles of figures, charts, maps and texts in an order, and who may see them.

A board names what it shows and holds no value: those are read, each time, as whoever looks may see them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from model.area_maps import Per, dividing
from model.errors import BadField
from model.kpis import Kpi
from model.roles import BOARD_COMPOSERS, BOARD_READERS, PUBLICATION_DECIDERS
from model.typed import typed_text
from model.viewer import Viewer

TITLE_MOST, TEXT_MOST, TILES_MOST, PEOPLE_MOST = 120, 2_000, 24, 50
WIDEST = 3
"""Columns a tile may span: the board has as many on a wide screen."""


class Kind(StrEnum):
    """What a tile shows of its figure; ``TEXT`` says what its author wrote."""

    FIGURE = "figure"
    TREND = "trend"
    BARS = "bars"
    MAP = "map"
    TEXT = "text"


WIDTHS = {Kind.FIGURE: 1, Kind.TREND: 2, Kind.BARS: 1, Kind.MAP: 1, Kind.TEXT: 1}
"""How wide a new tile is."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One part of a board. ``area`` 0: the whole city; ``key`` tells it from its neighbours on this board."""

    key: str
    kind: Kind
    kpi: str = ""
    area: int = 0
    per: Per = Per.ITSELF
    width: int = 1
    text: str = ""


class Sees(StrEnum):
    """Who may see a board beside its owner."""

    OWNER = "owner"
    PEOPLE = "people"
    ROLE = "role"
    READERS = "readers"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may see a board: ``people`` by id where named (``edits``: and change it), a ``role``, or all."""

    sees: Sees = Sees.OWNER
    people: tuple[int, ...] = ()
    role: str = ""
    edits: bool = False


@dataclass(frozen=True, slots=True)
class Composed:
    """One board as it was last saved, or as ``version`` was. Instants are aware UTC.

    ``proposed`` are the publications it was proposed as, each with which version of the board.
    """

    id: int
    owner_id: int
    owner: str
    version: int
    title: str
    tiles: tuple[Tile, ...] = field(repr=False)
    audience: Audience
    saved_at: datetime
    saved_by: str
    deleted_at: datetime | None = None
    proposed: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """One time a board was saved."""

    version: int
    title: str
    saved_at: datetime
    saved_by: str
    tiles: int


# --- who may what -------------------------------------------------------------------------------------------


def may_see(viewer: Viewer, board: Composed) -> bool:
    """Whether ``viewer`` may see ``board``; those who decide on publications see what was proposed."""
    owner, audience = viewer.person_id == board.owner_id, board.audience
    if viewer.role not in BOARD_READERS or (board.deleted_at is not None and not owner):
        return False
    shown = {
        Sees.OWNER: False,
        Sees.PEOPLE: viewer.person_id in audience.people,
        Sees.ROLE: viewer.role.value == audience.role,
        Sees.READERS: True,
    }[audience.sees]
    proposed = board.version in {version for _, version in board.proposed}
    return owner or shown or (proposed and viewer.role in PUBLICATION_DECIDERS)


def may_edit(viewer: Viewer, board: Composed) -> bool:
    """Whether ``viewer`` may change ``board``: its owner, and the people it was opened to for that."""
    named = board.audience.edits and viewer.person_id in board.audience.people
    return viewer.role in BOARD_COMPOSERS and (viewer.person_id == board.owner_id or named)


def may_share(viewer: Viewer, board: Composed) -> bool:
    """Whether ``viewer`` may say who sees ``board``, delete it, or propose it to the public: its owner."""
    return viewer.role in BOARD_COMPOSERS and viewer.person_id == board.owner_id


# --- what is taken of what somebody put together ------------------------------------------------------------


def checked_tiles(tiles: Iterable[Tile], kpis: Mapping[str, Kpi]) -> tuple[Tile, ...]:
    """``tiles`` cleaned. Raises BadField naming the place of the one that cannot be taken."""
    found = tuple(_checked(tile, place, kpis) for place, tile in enumerate(tiles, 1))
    if len(found) > TILES_MOST:
        raise BadField("tiles", "too_many_tiles", most=TILES_MOST)
    keys = [tile.key for tile in found]
    if len(set(keys)) != len(keys):
        raise BadField("tiles", "same_tile_twice")
    return found


def _checked(tile: Tile, place: int, kpis: Mapping[str, Kpi]) -> Tile:
    if not (tile.key.isascii() and tile.key.isalnum() and len(tile.key) <= 16):
        raise BadField("tiles", "bad_tile", place=place)
    if not 1 <= tile.width <= WIDEST or tile.area < 0:
        raise BadField("tiles", "bad_tile", place=place)
    if tile.kind is Kind.TEXT:
        text = typed_text("tiles", tile.text, TEXT_MOST, needed=False, lines=True)
        return Tile(tile.key, tile.kind, width=tile.width, text=text)
    kpi = kpis.get(tile.kpi)
    if kpi is None:
        raise BadField("tiles", "unknown_figure", place=place)
    if not kpi.per_area and (tile.area or tile.kind in (Kind.BARS, Kind.MAP)):
        raise BadField("tiles", "not_by_area", place=place)
    per = tile.per if tile.kind is Kind.MAP and tile.per in dividing(kpi) else Per.ITSELF
    area = 0 if tile.kind is Kind.MAP else tile.area
    return Tile(tile.key, tile.kind, tile.kpi, area, per, tile.width)


def as_rows(tiles: Sequence[Tile]) -> list[dict[str, Any]]:
    """``tiles`` as plain values, for the database and the browser."""
    return [
        {
            "key": tile.key, "kind": tile.kind.value, "kpi": tile.kpi, "area": tile.area,
            "per": tile.per.value, "width": tile.width, "text": tile.text,
        }
        for tile in tiles
    ]  # fmt: skip


def tiles_of(rows: Any) -> tuple[Tile, ...]:
    """The tiles that ``rows``, plain values from anywhere, say. Raises BadField for what says none."""
    if not isinstance(rows, list) or len(rows) > TILES_MOST:
        raise BadField("tiles", "too_many_tiles", most=TILES_MOST)
    return tuple(_tile_of(row, place) for place, row in enumerate(rows, 1))


def _tile_of(row: Any, place: int) -> Tile:
    try:
        return Tile(
            str(row["key"]), Kind(row["kind"]), str(row.get("kpi", "")), int(row.get("area", 0)),
            Per(row.get("per", Per.ITSELF)), int(row.get("width", 1)), str(row.get("text", "")),
        )  # fmt: skip
    except (AttributeError, KeyError, TypeError, ValueError):
        raise BadField("tiles", "bad_tile", place=place) from None


def checked_audience(audience: Audience) -> Audience:
    """``audience`` without what its kind does not need. Raises BadField for one that names nobody."""
    if audience.sees is Sees.PEOPLE:
        people = tuple(dict.fromkeys(audience.people))
        if not people or len(people) > PEOPLE_MOST:
            raise BadField("people", "empty" if not people else "too_many", most=PEOPLE_MOST)
        return Audience(audience.sees, people, "", audience.edits)
    if audience.sees is Sees.ROLE:
        if audience.role not in {role.value for role in BOARD_READERS}:
            raise BadField("role", "empty")
        return Audience(audience.sees, (), audience.role)
    return Audience(audience.sees)


def next_key(tiles: Sequence[Tile]) -> str:
    """A key no tile of the board has."""
    taken = {tile.key for tile in tiles}
    return next(key for n in range(1, len(taken) + 2) if (key := f"t{n}") not in taken)
