"""Boards that people compose: the list of those one may see, one of them, and one being arranged. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.arranger import Arranger
from layouts.board_address import OWN
from layouts.board_tabs import print_button, tabs
from layouts.composed_forms import dialogs
from layouts.composed_tiles import Shown, contents, tile_label
from layouts.form_parts import text_field
from layouts.ids import Composing
from layouts.kpi_map import month_text, per_choices
from layouts.kpi_map_address import month_before, read_month
from layouts.people_words import act_button, plus_button
from layouts.shell import state_card, top_bar
from layouts.steady import Steady
from layouts.symbols import icon
from layouts.vectors import PageTheme
from layouts.view import AreaChoice, PageView
from model.area_maps import Per
from model.composed import TITLE_MOST, Composed, Kind, Saved, Sees, Tile, as_rows, may_edit, may_share
from model.roles import BOARD_COMPOSERS
from model.texts import Words
from model.viewer import Viewer

PATH = OWN
LABELS = (
    "left", "right", "up", "down", "narrow", "widen", "remove", "grip", "moved", "widened", "removed", "undo",
    "undone", "unsaved", "saved", "text", "text_hint",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What the address asks for: a board (0: the list), its month, one of its versions, to arrange it.

    ``proposed`` names a publication, whose ``version`` it then is: the board it was proposed to show.
    """

    board: int = 0
    month: date | None = None
    version: int | None = None
    edit: bool = False
    proposed: str = ""


def read_asked(address: Mapping[str, str]) -> Asked:
    """What ``address`` asks for; anything it gets wrong is as if it were not there."""

    def number(name: str) -> int:
        text = address.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    return Asked(
        number("board"),
        read_month(address.get("month", "")),
        number("version") or None,
        address.get("edit") == "1",
        address.get("proposed", "")[:64],
    )


def address_of(
    board: int, month: date | None = None, *, version: int | None = None, edit: bool = False
) -> str:
    """The address of a board, of its month where one was chosen, of one of its versions, or to arrange it."""
    told = {"board": str(board)}
    told |= {"month": f"{month:%Y-%m}"} if month else {}
    told |= {"version": str(version)} if version else {}
    return f"{PATH}?{urlencode(told | ({'edit': '1'} if edit else {}))}"


def page(say: Words, view: PageView) -> Component:
    """The page around the list or a board."""
    return html.Div(
        [
            top_bar(say, view, right=[print_button(say)]),
            html.Div(tabs(say, view.path), className="board composed-tabs"),
            html.Div(
                state_card("loading", say("composed.loading"), ""),
                id=Composing.BODY,
                className="board composed",
                **{"aria-live": "polite"},
            ),
            *dialogs(say),
            dcc.Store(id=Composing.CHANGED),
            PageTheme(theme="light"),
        ],
        id=Composing.PAGE,
        className="board-page",
    )


# --- the list ---------------------------------------------------------------------------------------------


def board_list(say: Words, held: Sequence[Composed], viewer: Viewer) -> Component:
    """Her boards, those she may see, and those she deleted."""
    mine = [one for one in held if one.owner_id == viewer.person_id and one.deleted_at is None]
    gone = [one for one in held if one.deleted_at is not None]
    others = [one for one in held if one.owner_id != viewer.person_id]
    composes = viewer.role in BOARD_COMPOSERS
    parts = [html.H1(say("composed.title"), className="board-sentence"), html.P(say("composed.lead"))]
    if composes:
        parts.append(html.P(plus_button(say("composed.new"), "new:0", primary=True)))
        parts.append(_part(say, "mine", mine, viewer) if mine else _empty(say))
    if others or not composes:
        parts.append(_part(say, "others", others, viewer) if others else _nothing_shared(say))
    if gone:
        parts.append(_part(say, "deleted", gone, viewer))
    return Steady(tree=html.Div(parts, className="composed-list"), id=Composing.ACTS)


def _empty(say: Words) -> Component:
    return state_card("empty", say("composed.none"), say("composed.none_body"))


def _nothing_shared(say: Words) -> Component:
    return state_card("empty", say("composed.none_shared"), say("composed.none_shared_body"))


def _part(say: Words, name: str, held: Sequence[Composed], viewer: Viewer) -> Component:
    heads = ("board", "owner", "audience", "saved", "acts")
    head = html.Tr([html.Th(say(f"composed.head_{one}"), scope="col") for one in heads])
    rows = [_row(say, one, viewer) for one in held]
    return html.Section(
        [html.H2(say(f"composed.list_{name}")), html.Table([html.Thead(head), html.Tbody(rows)])],
        **{"aria-label": say(f"composed.list_{name}")},
    )


def _row(say: Words, board: Composed, viewer: Viewer) -> Component:
    deleted = board.deleted_at is not None
    name = board.title if deleted else html.A(board.title, href=address_of(board.id))
    again = act_button(say("composed.restore"), f"restore:{board.id}", quiet=True)
    copy = act_button(
        say("composed.duplicate"),
        f"duplicate:{board.id}",
        say("composed.duplicate_of", title=board.title),
        quiet=True,
    )
    act = again if deleted else copy if viewer.role in BOARD_COMPOSERS else ""
    cells = [
        html.Th(name, scope="row"), html.Td(board.owner), html.Td(audience_text(say, board)),
        html.Td(say("composed.saved_by", at=say.instant(board.saved_at), by=board.saved_by)), html.Td(act),
    ]  # fmt: skip
    return html.Tr(cells, key=str(board.id))


def audience_text(say: Words, board: Composed) -> str:
    """Who may see a board beside its owner."""
    audience = board.audience
    if audience.sees is Sees.PEOPLE:
        key = "composed.sees_people_edit" if audience.edits else "composed.sees_people_n"
        return say(key, n=len(audience.people))
    if audience.sees is Sees.ROLE:
        return say("composed.sees_role_of", role=say(f"role.{audience.role}"))
    return say(f"composed.sees_{audience.sees}")


# --- one board --------------------------------------------------------------------------------------------


def board_body(
    say: Words,
    board: Composed,
    shown: Mapping[str, Shown],
    viewer: Viewer,
    asked: Asked,
    months: tuple[date, date],
    theme: str,
    scope: str,
) -> Component:
    """A board of one month: ``months`` are that month and the last one that is over."""
    month = months[0]
    return html.Article(
        [
            _head(say, board, viewer, asked, months, scope),
            _grid(say, board, contents(say, board.tiles, shown, theme, month), editing=False)
            if board.tiles
            else state_card("empty", say("composed.no_tile"), say("composed.no_tile_body")),
            html.Footer(
                [
                    html.P(say("composed.foot", owner=board.owner, version=board.version)),
                    html.P(say("board.footer")),
                ],
                className="board-foot",
            ),
        ]
    )


def _head(
    say: Words, board: Composed, viewer: Viewer, asked: Asked, months: tuple[date, date], scope: str
) -> Component:
    month, last = months
    told = [
        *([html.Strong(scope, className="board-scope"), html.Span(say("composed.scope"))] if scope else []),
        html.Strong(month_text(say, month)),
        *_steps(say, board, asked, month, last),
        html.Span(audience_text(say, board), className="quiet"),
        html.Span(
            say("composed.saved_by", at=say.instant(board.saved_at), by=board.saved_by), className="quiet"
        ),
    ]
    return html.Header(
        [
            html.Div(
                [
                    html.H1(board.title, className="board-sentence"),
                    Steady(
                        tree=html.Div(_acts(say, board, viewer, month)),
                        id=Composing.ACTS,
                        className="composed-acts",
                    ),
                ],
                className="composed-head",
            ),
            html.Div(told, className="board-when"),
        ],
        className="board-head",
    )


def _steps(say: Words, board: Composed, asked: Asked, month: date, last: date) -> list[Component]:
    before, after = month_before(month, 1), month_before(month, -1)
    links = [(before, "←", "composed.previous_month")]
    links += [(after, "→", "composed.next_month")] if after <= last else []
    return [
        dcc.Link(
            arrow, href=address_of(board.id, to, version=asked.version), title=say(key), className="step"
        )
        for to, arrow, key in links
    ]


def _acts(say: Words, board: Composed, viewer: Viewer, month: date) -> list[Component]:
    acts: list[Component] = [html.A(say("composed.all"), href=PATH, className="button")]
    if may_edit(viewer, board):
        acts.append(
            html.A(
                say("composed.edit"), href=address_of(board.id, month, edit=True), className="button primary"
            )
        )
    if may_share(viewer, board):
        acts += [
            act_button(say("composed.share"), f"share:{board.id}"),
            act_button(say("composed.propose"), f"propose:{board.id}"),
            act_button(say("composed.delete"), f"delete:{board.id}"),
        ]
    if viewer.role in BOARD_COMPOSERS:
        acts.append(act_button(say("composed.duplicate"), f"duplicate:{board.id}"))
    return acts


def _grid(say: Words, board: Composed, parts: Sequence[Component], *, editing: bool) -> Component:
    return arranger(say, board.tiles, parts, editing=editing)


def arranger(say: Words, tiles: Sequence[Tile], parts: Sequence[Component], *, editing: bool) -> Component:
    """The grid of ``tiles`` around ``parts``, what each holds."""
    return Arranger(
        parts, id=Composing.ARRANGER, tiles=as_rows(tiles), names=names_of(say, tiles), editing=editing,
        arranged=as_rows(tiles), labels={name: say(f"arranger.{name}") for name in LABELS},
    )  # fmt: skip


def names_of(say: Words, tiles: Sequence[Tile]) -> dict[str, str]:
    """What each tile is called, by its key."""
    return {tile.key: tile_label(say, tile) for tile in tiles}


# --- arranging --------------------------------------------------------------------------------------------


def editor(
    say: Words, board: Composed, parts: Sequence[Component], figures: Sequence[dict[str, object]],
    areas: Sequence[AreaChoice], month: date, history: Sequence[Saved], everywhere: str,
) -> Component:  # fmt: skip
    """A board being arranged: its title, what can be added, and the tiles."""
    return html.Article(
        [
            _tools(say, board, figures, areas, month, everywhere),
            html.P(id=Composing.TOLD, className="composed-told", role="alert"),
            html.Div(id=Composing.CONFLICT),
            _grid(say, board, parts, editing=True),
            _history(say, board, history),
            dcc.Store(
                id=Composing.BASE,
                data={"board": board.id, "version": board.version, "month": f"{month:%Y-%m}"},
            ),
        ]
    )


def _tools(
    say: Words,
    board: Composed,
    figures: Sequence[dict[str, object]],
    areas: Sequence[AreaChoice],
    month: date,
    everywhere: str,
) -> Component:
    places = [{"value": "0", "label": everywhere}, *({"value": str(a.id), "label": a.name} for a in areas)]
    kinds = [{"value": kind.value, "label": say(f"composed.kind_{kind}")} for kind in Kind]
    first = next((str(item["value"]) for group in figures for item in group["items"]), None)  # type: ignore[attr-defined]
    return html.Div(
        [
            html.Div(
                [
                    text_field(
                        Composing.TITLE,
                        say("composed.field_title"),
                        TITLE_MOST,
                        className="control-wide control",
                    ),
                    html.Div(
                        [
                            html.Button(
                                say("composed.save"),
                                id=Composing.SAVE,
                                type="button",
                                className="button primary",
                            ),
                            dcc.Link(
                                say("composed.done"), href=address_of(board.id, month), className="button"
                            ),
                        ],
                        className="tools-end",
                    ),
                ],
                className="composed-tools",
            ),
            html.Form(
                [
                    _select(Composing.KIND, say("composed.field_kind"), kinds, Kind.FIGURE.value),
                    _select(Composing.FIGURE, say("composed.field_figure"), figures, first, wide=True),
                    _select(Composing.PLACE, say("composed.field_place"), places, "0"),
                    _select(
                        Composing.PER,
                        say("composed.field_per"),
                        per_choices(say, tuple(Per)),
                        Per.ITSELF.value,
                    ),
                    html.Button(
                        [icon("plus", 16), say("composed.add")],
                        id=Composing.ADD,
                        type="button",
                        className="button",
                    ),
                ],
                className="composed-tools",
                **{"aria-label": say("composed.adding")},
            ),
            html.P(say("composed.keys"), className="composed-note"),
        ]
    )


def _select(
    id_: str, name: str, data: Sequence[dict[str, object]], value: str | None, *, wide: bool = False
) -> Component:
    return dmc.Select(
        id=id_, label=name, data=list(data), value=value, allowDeselect=False, size="sm", searchable=wide,
        comboboxProps={"shadow": "none"}, className="control control-wide" if wide else "control",
    )  # fmt: skip


def _history(say: Words, board: Composed, history: Sequence[Saved]) -> Component:
    rows = [
        html.Li(
            [
                dcc.Link(
                    say("composed.version", n=one.version), href=address_of(board.id, version=one.version)
                ),
                f" {one.title} · {say('composed.saved_by', at=say.instant(one.saved_at), by=one.saved_by)}",
            ]
        )
        for one in history
    ]
    return html.Details([html.Summary(say("composed.history")), html.Ol(rows, reversed=True)])


def conflict(say: Words, by: str, at: str, version: int, board: int) -> Component:
    """Somebody saved meanwhile: nothing is lost, and what to do is hers to say."""
    return Steady(
        tree=html.Div(
            [
                html.Span(say("composed.conflict", by=by, at=at, version=version)),
                html.A(
                    say("composed.conflict_look"), href=address_of(board), target="_blank", className="button"
                ),
                act_button(say("composed.conflict_copy"), f"copy:{version}"),
                act_button(say("composed.conflict_over", version=version), f"over:{version}"),
            ],
            className="composed-conflict",
            role="alert",
        ),
        id=Composing.SETTLED,
    )


def gone(say: Words) -> Component:
    """No such board, or none of hers to see."""
    way = dcc.Link(say("composed.all"), href=PATH, className="button")
    return state_card("empty", say("composed.gone"), say("composed.gone_body"), way)


def away(say: Words, what: str) -> Component:
    """Boards cannot be read now."""
    return state_card("broken", say("composed.away"), say("board.away_body", what=what))
