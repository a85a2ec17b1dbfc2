"""A composed board that was approved, from its pinned version to the panel's files in the store."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

import pyarrow as pa
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from model.composed import Kind, Tile, tiles_of
from model.datasets import BY_NAME
from model.datasets.boards import COMPOSED_BOARDS, by_area
from model.errors import Unavailable
from model.kpis import KpiTable, Period
from model.publications import Release
from services.boards import KPI_BY_KEY, Boards
from services.history import day_start
from services.publishing.artefacts import Store
from services.publishing.beside import Beside
from services.publishing.drawing_panels import facts_of, is_published, make_current, read_outlines
from services.publishing.guard import Withheld
from services.publishing.linting import kinds_in
from services.publishing.making import Making
from services.publishing.panels.composed import Content, cells, draw
from services.publishing.reports import Report

MONTHS = 13
"""Of a trend: a year, and the same month of the year before."""
COMPOSED = "composed"
"""What a manifest says of a composed board: the version of the publication it shows."""

_PINNED = text(
    """
    SELECT v.title, v.tiles FROM composed_release r
    JOIN composed_version v ON v.board_id = r.board_id AND v.version = r.board_version
    WHERE r.name = :name AND r.version = :version
    """
)
_PLACES = text("SELECT id, code, name FROM area WHERE kind = :kind ORDER BY id")


def publish_board(
    making: Making, boards: Boards, release: Release, now: datetime, still: Callable[[Release], bool]
) -> Report:
    """Draw the board ``release`` was approved to show, and make it current where it differs from before.

    Figures none of whose data is published stay out; without any, what was published is taken back. Raises
    Withheld for a text that names somebody, Unavailable, OSError; what was published then stays as it is.
    """
    title, tiles = pinned(making.engine, release)
    if not title:
        return Report(release.name, "nothing", why="no board was proposed under that version")
    allowed = told_figures(making.store, tiles)
    if not allowed:
        return Report(release.name, "nothing", why="none of its figures is published")
    content = _content(making, boards, release, title, [one for one in tiles if _told(one, allowed)], now)
    _judge(making, release, content)
    facts = facts_of(making.profile)
    drawn = draw(content, facts, release.cadence_s)
    if not still(release):
        return Report(release.name, "taken_back", why="its release ended while it was drawn")
    shows = sorted({name for key in allowed for name in KPI_BY_KEY[key].datasets})
    more = {COMPOSED: release.version, "valid_until": release.valid_until.isoformat()}
    return make_current(making.store, release.name, release.cadence_s, [drawn], now, shows, more)


def pinned(engine: Engine, release: Release) -> tuple[str, tuple[Tile, ...]]:
    """The title and tiles that were approved; empty where the version shows no board. Raises Unavailable."""
    try:
        with engine.connect() as connection:
            found = {"name": release.name, "version": release.version}
            row = connection.execute(_PINNED, found).one_or_none()
    except SQLAlchemyError as error:
        raise Unavailable(f"the database is away ({type(error).__name__})") from None
    return (row.title, tiles_of(row.tiles)) if row else ("", ())


def told_figures(store: Store, tiles: Sequence[Tile]) -> frozenset[str]:
    """The figures of ``tiles`` that may be told: every dataset each is made of is published now."""
    keys = {tile.kpi for tile in tiles if tile.kpi in KPI_BY_KEY}
    return frozenset(
        key
        for key in keys
        if (made_of := KPI_BY_KEY[key].datasets) and all(is_published(store, one) for one in made_of)
    )


def _told(tile: Tile, allowed: frozenset[str]) -> bool:
    """Whether a tile may be drawn: a text, or an allowed figure no finer in place than its datasets."""
    if tile.kind is Kind.TEXT:
        return True
    if tile.kpi not in allowed:
        # Kept, so that the sheet says that something is missing.
        return tile.kpi in KPI_BY_KEY
    fine = bool(tile.area) or tile.kind in (Kind.BARS, Kind.MAP)
    return not fine or by_area([BY_NAME.get(name) for name in KPI_BY_KEY[tile.kpi].datasets])


def _content(
    making: Making, boards: Boards, release: Release, title: str, tiles: Sequence[Tile], now: datetime
) -> Content:
    profile = making.profile
    youngest = now - timedelta(seconds=release.delay_s)
    last: date = boards.last_month(youngest)
    count = last.year * 12 + last.month - MONTHS
    first = date(count // 12, count % 12 + 1, 1)
    allowed = told_figures(making.store, tiles)
    tables: Mapping[str, KpiTable] = {
        key: boards.table(key, Period.MONTH, first, last) for key in sorted(allowed)
    }
    with making.engine.connect() as connection:
        rows = connection.execute(_PLACES, {"kind": profile.area_kind}).all()
    places = {row.id: (row.code, row.name) for row in rows}
    outlines = read_outlines(making.engine, profile.area_kind)
    return Content(release.name, title, tuple(tiles), last, tables, places, outlines)


def _judge(making: Making, release: Release, content: Content) -> None:
    """The last look: the values as any dataset's, and what people wrote. Raises Withheld."""
    told = cells(content)
    columns = {
        "month": [day_start(cell.month, making.profile.zone).date() for cell in told],
        "area": [content.places.get(cell.area, ("", ""))[1] for cell in told],
        "area_code": [content.places.get(cell.area, ("", ""))[0] for cell in told],
        "figure": [cell.kpi.key for cell in told],
        "value": [cell.value for cell in told],
        "coverage": [cell.coverage for cell in told],
    }
    making.guard(pa.table(columns), release, Beside())
    for written in (content.title, *(tile.text for tile in content.tiles)):
        if holds := kinds_in(written):
            raise Withheld(f"{release.name}: a text holds {holds[0]}")


def is_board(release: Release) -> bool:
    """Whether ``release`` lets a composed board out, and not a dataset."""
    return release.dataset is COMPOSED_BOARDS
