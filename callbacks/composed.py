"""Boards that people compose: the list, one of them, arranging it, and who sees it."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.kpi_map import points_of
from callbacks.origin import scope_words
from callbacks.people import speak, viewer_of
from callbacks.people_forms import Acted, changed
from callbacks.shell import area_choices, read_address
from callbacks.wiring import on
from layouts import composed as layout
from layouts import composed_forms as forms
from layouts.composed_tiles import Shown, contents
from layouts.ids import Composing, Shell
from layouts.kpi_map import figure_choices, month_text
from layouts.kpi_map_address import read_month
from layouts.kpi_maps import panel_of
from model.area_maps import Per, told
from model.composed import WIDTHS, Kind, Tile, as_rows, checked_tiles, may_edit, next_key, tiles_of
from model.errors import BadField, NotFound, NotNow, Refused, Unavailable, VigieError
from model.kpis import KpiResult, Period
from model.roles import BOARD_COMPOSERS, BOARD_READERS
from model.texts import Words
from services.boards import KPI_BY_KEY, KPIS
from services.city import City


def said(say: Words, problem: VigieError) -> str:
    """Why nothing was done, in the reader's language."""
    if isinstance(problem, BadField):
        return forms.what_is_wrong(say, problem)
    if isinstance(problem, NotFound):
        return say("composed.gone_body")
    reason = getattr(problem, "reason", "")
    values = getattr(problem, "values", {})
    if reason and say.has(key := f"composed.refused_{reason}"):
        return say(key, **values)
    if reason and say.has(key := f"publications.refused_{reason}"):
        return say(key, **values)
    return say("composed.not_done", what=str(problem))


# --- reading ----------------------------------------------------------------------------------------------


def read_tiles(city: City, say: Words, tiles: Sequence[Tile], month: date) -> dict[str, Shown]:
    """What each of ``tiles`` shows of ``month``, as who looks may see it. Blocks; raises Unavailable."""
    areas = {area.id: area.name for area in city.registry.areas()}
    wanted: dict[int, list[str]] = {}
    for tile in tiles:
        if tile.kind not in (Kind.TEXT, Kind.MAP) and not _hidden(city, tile, areas):
            wanted.setdefault(tile.area, []).append(tile.kpi)
    results = {
        (area, result.kpi.key): result
        for area, keys in wanted.items()
        for result in city.boards.board(Period.MONTH, month, area or None, list(dict.fromkeys(keys))).results
    }
    return {tile.key: _shown(city, say, tile, areas, results, month) for tile in tiles}


def _hidden(city: City, tile: Tile, areas: Mapping[int, str]) -> str:
    """Why who looks may not see a tile; empty where she may."""
    kpi, domains = KPI_BY_KEY.get(tile.kpi), city.scope.domains
    if kpi is None:
        return "gone"
    outside = (domains is not None and kpi.domain not in domains) or (tile.area and tile.area not in areas)
    return "outside" if outside else ""


def _shown(
    city: City,
    say: Words,
    tile: Tile,
    areas: Mapping[int, str],
    results: Mapping[tuple[int, str], KpiResult],
    month: date,
) -> Shown:
    if tile.kind is Kind.TEXT:
        return Shown()
    if hidden := _hidden(city, tile, areas):
        return Shown(hidden=hidden)
    if tile.kind is not Kind.MAP:
        return Shown(results.get((tile.area, tile.kpi)), None, areas.get(tile.area, ""))
    kpi = KPI_BY_KEY[tile.kpi]
    table = city.boards.table(kpi.key, Period.MONTH, month, month)
    found = told(city.area_maps.areas(), table, 0, tile.per, points_of(city, kpi, tile.per, month))
    return Shown(None, panel_of(month_text(say, month), kpi, tile.per, found))


def _month(city: City, asked: date | None) -> tuple[date, date]:
    """The month to show, at most the last one that is over, and that one."""
    last: date = city.boards.last_month(datetime.now(UTC))
    return (min(asked, last) if asked else last), last


async def show_composed(
    city: City, search: str | None, _changed: Any, theme: str | None, language: str | None
) -> Component:
    """The list, a board, or a board being arranged, as the address asks."""
    say, viewer = speak(city, language), viewer_of(city)
    asked = layout.read_asked(read_address(search))
    areas = await area_choices(city)
    try:
        if not (asked.board or asked.proposed):
            held = await asyncio.to_thread(city.compositions.list, viewer)
            return layout.board_list(say, held, viewer)
        return await asyncio.to_thread(_board, city, say, asked, theme or "light", areas)
    except NotFound:
        return layout.gone(say)
    except Unavailable as problem:
        return layout.away(say, str(problem))


def _board(city: City, say: Words, asked: layout.Asked, theme: str, areas: Sequence[Any]) -> Component:
    viewer = viewer_of(city)
    boards = city.compositions
    board = (
        boards.proposed(viewer, asked.proposed, asked.version or 0)
        if asked.proposed
        else boards.open(viewer, asked.board, asked.version)
    )
    if board.deleted_at is not None:
        return layout.gone(say)
    months = _month(city, asked.month)
    shown = read_tiles(city, say, board.tiles, months[0])
    scope = scope_words(city, say)
    if not (asked.edit and may_edit(viewer, board)):
        return layout.board_body(say, board, shown, viewer, asked, months, theme, scope)
    parts = contents(say, board.tiles, shown, theme, months[0])
    figures = figure_choices(say, [kpi for kpi in KPIS if _chosen(city, kpi.domain)])
    history = city.compositions.history(viewer, board.id)
    own = [area for area in areas if area.kind == city.profile.area_kind]
    return layout.editor(
        say, board, parts, figures, own, months[0], history, scope or say("history.whole_city")
    )


def _chosen(city: City, domain: str) -> bool:
    return city.scope.domains is None or domain in city.scope.domains


# --- arranging --------------------------------------------------------------------------------------------


async def title_composed(city: City, base: Any) -> Any:
    """The title of the board that is being arranged, in its field."""
    try:
        board = await asyncio.to_thread(city.compositions.open, viewer_of(city), int(base["board"]))
    except (NotFound, Unavailable, KeyError, TypeError, ValueError):
        return no_update
    return board.title


async def add_tile(
    city: City, clicks: int | None, kind: str | None, figure: str | None, place: str | None, per: str | None,
    arranged: Any, base: Any, theme: str | None, language: str | None,
) -> tuple[Any, ...]:  # fmt: skip
    """One more tile at the end of what is arranged; nothing is saved yet."""
    nothing = (no_update, no_update, no_update)
    if not clicks:
        return *nothing, no_update
    say = speak(city, language)
    try:
        tiles = tiles_of(arranged)
        new = Tile(
            next_key(tiles), Kind(kind or Kind.FIGURE), figure or "", int(place or 0), Per(per or Per.ITSELF),
            width=WIDTHS[Kind(kind or Kind.FIGURE)],
        )  # fmt: skip
        taken = checked_tiles((*tiles, new), KPI_BY_KEY)
        month = _month(city, read_month(str((base or {}).get("month", ""))))[0]
        shown = await asyncio.to_thread(read_tiles, city, say, taken, month)
    except (BadField, Unavailable) as problem:
        return *nothing, said(say, problem)
    return (
        contents(say, taken, shown, theme or "light", month),
        as_rows(taken),
        layout.names_of(say, taken),
        "",
    )


async def save_composed(
    city: City, clicks: int | None, title: str | None, arranged: Any, base: Any, language: str | None
) -> tuple[Any, ...]:
    """Keep what is arranged; or say who was faster, and lose nothing."""
    if not clicks or not isinstance(base, dict):
        return (no_update,) * 4
    return await _save(city, speak(city, language), title, arranged, base, int(base["version"]))


async def _save(
    city: City, say: Words, title: str | None, arranged: Any, base: dict[str, Any], on: int
) -> tuple[Any, ...]:
    board, viewer = int(base["board"]), viewer_of(city)
    try:
        version = await asyncio.to_thread(
            city.compositions.save, viewer, board, on, title or "", tiles_of(arranged)
        )
    except NotNow as late:
        at = say.instant(datetime.fromisoformat(str(late.values["at"])))
        told_ = layout.conflict(say, str(late.values["by"]), at, int(str(late.values["version"])), board)
        return no_update, no_update, "", told_
    except (BadField, NotFound, Refused, Unavailable) as problem:
        return no_update, no_update, said(say, problem), []
    return base | {"version": version}, version, "", []


async def settle_conflict(
    city: City, acted: Acted, title: str | None, arranged: Any, base: Any, language: str | None
) -> tuple[Any, ...]:
    """Keep hers as a board of its own, or as the newest version over the other's, which stays on record."""
    what, _, number = str((acted or {}).get("act", "")).partition(":")
    nothing = (no_update,) * 5
    if what not in ("copy", "over") or not number.isdigit() or not isinstance(base, dict):
        return nothing
    say = speak(city, language)
    if what == "over":
        return *await _save(city, say, title, arranged, base, int(number)), no_update
    try:
        name = say("composed.copy_of", title=title or "")[:120]
        made = await asyncio.to_thread(city.compositions.make, viewer_of(city), name, tiles_of(arranged))
    except (BadField, Refused, Unavailable) as problem:
        return no_update, no_update, said(say, problem), no_update, no_update
    month = read_month(str(base.get("month", "")))
    return no_update, made, "", [], _search(made, month, edit=True)


def _search(board: int, month: date | None = None, *, edit: bool = False) -> str:
    return layout.address_of(board, month, edit=edit).removeprefix(layout.PATH)


# --- boards as a whole ------------------------------------------------------------------------------------


def named(acted: Acted, *names: str) -> tuple[str, int] | None:
    """The act and its board, where what was pressed is one of ``names``."""
    name, _, number = str((acted or {}).get("act", "")).partition(":")
    return (name, int(number)) if name in names and number.isdigit() else None


async def open_new(_city: City, acted: Acted) -> tuple[Any, ...]:
    """The dialog of a new board."""
    act = named(acted, "new")
    return (True, "", "") if act else (no_update,) * 3


async def make_composed(
    city: City, clicks: int | None, title: str | None, language: str | None
) -> tuple[Any, ...]:
    """Make the board, and go and arrange it."""
    if not clicks:
        return (no_update,) * 3
    say = speak(city, language)
    try:
        made = await asyncio.to_thread(city.compositions.make, viewer_of(city), title or "")
    except (BadField, Refused, Unavailable) as problem:
        return no_update, said(say, problem), no_update
    return False, "", _search(made, edit=True)


async def act_composed(city: City, acted: Acted, language: str | None) -> tuple[Any, ...]:
    """Duplicate, delete or restore a board: what was deleted stands in the list, and is restored there."""
    act = named(acted, "duplicate", "delete", "restore")
    if act is None:
        return no_update, no_update
    try:
        return await asyncio.to_thread(_acted, city, speak(city, language), *act)
    except (BadField, NotFound, Refused, Unavailable):
        return changed(), no_update


def _acted(city: City, say: Words, what: str, board: int) -> tuple[Any, Any]:
    viewer, boards = viewer_of(city), city.compositions
    if what == "duplicate":
        title = say("composed.copy_of", title=boards.open(viewer, board).title)[:120]
        return no_update, _search(boards.duplicate(viewer, board, title), edit=True)
    (boards.delete if what == "delete" else boards.restore)(viewer, board)
    return changed(), "" if what == "delete" else no_update


def register(app: Dash, city: City) -> None:
    """Wire the page of composed boards."""
    language = State(Shell.LANGUAGE, "data")
    on(
        app, city, show_composed,
        Output(Composing.BODY, "children"), Input(Shell.LOCATION, "search"), Input(Composing.CHANGED, "data"),
        Input(Shell.THEME, "data"), language, may=BOARD_READERS,
    )  # fmt: skip
    _register_editor(app, city, language)
    _register_acts(app, city, language)


def _register_editor(app: Dash, city: City, language: State) -> None:
    on(
        app, city, title_composed,
        Output(Composing.TITLE, "value"), Input(Composing.BASE, "data"), may=BOARD_COMPOSERS,
    )  # fmt: skip
    on(
        app,
        city,
        add_tile,
        Output(Composing.ARRANGER, "children"),
        Output(Composing.ARRANGER, "tiles"),
        Output(Composing.ARRANGER, "names"),
        Output(Composing.TOLD, "children", allow_duplicate=True),
        Input(Composing.ADD, "n_clicks"),
        State(Composing.KIND, "value"),
        State(Composing.FIGURE, "value"),
        State(Composing.PLACE, "value"),
        State(Composing.PER, "value"),
        State(Composing.ARRANGER, "arranged"),
        State(Composing.BASE, "data"),
        State(Shell.THEME, "data"),
        language,
        may=BOARD_COMPOSERS,
        prevent_initial_call=True,
    )
    saved = (
        Output(Composing.BASE, "data", allow_duplicate=True),
        Output(Composing.ARRANGER, "kept", allow_duplicate=True),
        Output(Composing.TOLD, "children", allow_duplicate=True),
        Output(Composing.CONFLICT, "children", allow_duplicate=True),
    )
    drawn = (
        State(Composing.TITLE, "value"),
        State(Composing.ARRANGER, "arranged"),
        State(Composing.BASE, "data"),
    )
    on(
        app, city, save_composed, *saved, Input(Composing.SAVE, "n_clicks"), *drawn, language,
        may=BOARD_COMPOSERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, settle_conflict, *saved, Output(Shell.LOCATION, "search", allow_duplicate=True),
        Input(Composing.SETTLED, "acted"), *drawn, language, may=BOARD_COMPOSERS, prevent_initial_call=True,
    )  # fmt: skip


def _register_acts(app: Dash, city: City, language: State) -> None:
    on(
        app, city, open_new,
        Output(Composing.NEW_DIALOG, "opened", allow_duplicate=True), Output(Composing.NEW_TITLE, "value"),
        Output(Composing.NEW_TOLD, "children", allow_duplicate=True),
        Input(Composing.ACTS, "acted"), may=BOARD_COMPOSERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, make_composed,
        Output(Composing.NEW_DIALOG, "opened", allow_duplicate=True),
        Output(Composing.NEW_TOLD, "children", allow_duplicate=True),
        Output(Shell.LOCATION, "search", allow_duplicate=True),
        Input(Composing.NEW_SAVE, "n_clicks"), State(Composing.NEW_TITLE, "value"), language,
        may=BOARD_COMPOSERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, act_composed,
        Output(Composing.CHANGED, "data", allow_duplicate=True),
        Output(Shell.LOCATION, "search", allow_duplicate=True),
        Input(Composing.ACTS, "acted"), language, may=BOARD_COMPOSERS, prevent_initial_call=True,
    )  # fmt: skip
