"""From a composed board to the draft of a publication: what may leave, judged before anybody decides."""

from collections.abc import Mapping
from dataclasses import dataclass

from model.area_maps import Per
from model.composed import Composed, Kind, Tile
from model.datasets import BY_NAME
from model.datasets.boards import COMPOSED_BOARDS, PREFIX, by_area, leaves
from model.errors import BadField
from model.kpis import Kpi
from model.publications import Draft
from services.publishing.linting import kinds_in


@dataclass(frozen=True)
class Wish:
    """How somebody wants a board published: ``name`` the end of its address for ever, ``why`` public."""

    name: str
    licence: str
    why: str


def draft_of(board: Composed, wish: Wish, kpis: Mapping[str, Kpi]) -> Draft:
    """What is proposed of ``board``. Raises BadField for the title, or ``tiles`` with the place of the one
    that cannot leave (``personal_text``, ``not_open``, ``not_open_by_area``, ``divided``), or ``no_figure``
    for a board of texts alone."""
    if holds := kinds_in(board.title):
        raise BadField("title", "personal_text", place=0, holds=holds[0])
    for place, tile in enumerate(board.tiles, 1):
        _may_leave(tile, place, kpis)
    if all(tile.kind is Kind.TEXT for tile in board.tiles):
        raise BadField("tiles", "no_figure")
    return Draft(
        name=PREFIX + wish.name.strip().lower().removeprefix(PREFIX),
        dataset=COMPOSED_BOARDS.name,
        columns=tuple(COMPOSED_BOARDS.by_name),
        areas=None,
        grain=COMPOSED_BOARDS.grain,
        delay_s=COMPOSED_BOARDS.delay_s,
        cadence_s=COMPOSED_BOARDS.every_s,
        licence=wish.licence,
        why=wish.why,
    )


def _may_leave(tile: Tile, place: int, kpis: Mapping[str, Kpi]) -> None:
    """What people wrote names nobody; a figure leaves as far as all the datasets it is made of may."""
    if tile.kind is Kind.TEXT:
        if holds := kinds_in(tile.text):
            raise BadField("tiles", "personal_text", place=place, holds=holds[0])
        return
    datasets = [BY_NAME.get(name) for name in kpis[tile.kpi].datasets]
    if not leaves(datasets):
        raise BadField("tiles", "not_open", place=place)
    if tile.per is not Per.ITSELF:
        raise BadField("tiles", "divided", place=place)
    if (tile.area or tile.kind in (Kind.BARS, Kind.MAP)) and not by_area(datasets):
        raise BadField("tiles", "not_open_by_area", place=place)
