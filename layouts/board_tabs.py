"""The ways between the boards, the period they show, and the frame each of them is put in. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from layouts.board_address import (
    CITY,
    COMMUNE,
    COMMUNES,
    FIGURE,
    MAP,
    OWN,
    PROGRAMMES,
    PROMISES,
    REPORTS,
    WALL,
    Shown,
    to,
)
from layouts.board_figures import period_text
from layouts.shell import state_card, top_bar
from layouts.symbols import icon
from layouts.vectors import PageTheme
from layouts.view import PageView
from model.kpis import Kpi, Period
from model.texts import Words


@dataclass(frozen=True)
class Section:
    """One part of the catalogue of figures: the last of its path, and the domains it tells of."""

    name: str
    domains: frozenset[str]

    @property
    def path(self) -> str:
        """Where it is."""
        return f"/boards/{self.name}"


SECTIONS = (
    Section("lighting", frozenset({"lighting"})),
    Section("traffic", frozenset({"traffic", "transport"})),
    Section("surveillance", frozenset({"surveillance"})),
    Section("energy", frozenset({"energy"})),
    Section("access", frozenset({"access"})),
    Section("quality", frozenset()),
)
"""The catalogue by domain; the last, quality of the data and openness, has whatever no other has."""

TABS = (CITY, *(section.path for section in SECTIONS), COMMUNES, MAP, PROMISES, PROGRAMMES, REPORTS, OWN)
PART_OF_TAB = {COMMUNE: COMMUNES}
"""Pages reached from another tab, which is marked while they are shown."""


def section_of(kpi: Kpi) -> Section:
    """The part of the catalogue ``kpi`` is in."""
    return next((one for one in SECTIONS if kpi.domain in one.domains), SECTIONS[-1])


def section_at(path: str) -> Section | None:
    """The part of the catalogue at ``path``."""
    return next((one for one in SECTIONS if one.path == path), None)


def keys_in(section: Section, kpis: Sequence[Kpi]) -> tuple[str, ...]:
    """The keys of the figures of ``section``, in the catalogue's order."""
    return tuple(kpi.key for kpi in kpis if section_of(kpi) is section)


def tabs(say: Words, here: str, shown: Shown | None = None) -> Component:
    """The boards there are, the one at ``here`` marked; the period that is ``shown`` goes with the reader."""
    marked = PART_OF_TAB.get(here, here)
    return html.Nav(
        [
            dcc.Link(
                say(f"board_tab.{path.rsplit('/', 1)[1]}"), href=to(path, shown) if shown else path,
                className="board-tab here" if path == marked else "board-tab",
            )
            for path in TABS
        ],
        className="board-tabs", **{"aria-label": say("board_tab.tabs")},
    )  # fmt: skip


def frame(say: Words, view: PageView, body: str) -> Component:
    """The page around a board; the board itself comes into ``body`` when it is read. A wall has no bars."""
    wall = view.address.get("layout") == WALL
    loading = state_card("loading", say("board.loading"), say("board.loading_body"))
    return html.Div(
        [
            *([] if wall else [top_bar(say, view, right=[print_button(say)])]),
            html.Div(
                [*([] if wall else [tabs(say, view.path)]), loading],
                id=body, className="board board-wall" if wall else "board", **{"aria-busy": "true"},
            ),
            PageTheme(theme="light"),
        ],
        className="board-page",
    )  # fmt: skip


def framed(say: Words, here: str, shown: Shown, article: Component) -> list[Component]:
    """A board as the callback gives it: the ways to the others over it, none on a wall."""
    return [article] if shown.wall else [tabs(say, here, shown), article]


def print_button(say: Words) -> Component:
    """What prints the page, in the top bar of every board."""
    return html.Button(
        [icon("print", 16), say("board.print")], type="button", className="board-print",
        **{"data-print": "page"},
    )  # fmt: skip


def period_steps(say: Words, shown: Shown, path: str, **more: str) -> Component:
    """The period in words, the one before and the one after, and the other grain."""
    before, after = shown.before, shown.after
    word = "day" if shown.period is Period.DAY else "month"
    links = [_step(say, "←", to(path, before, **more), f"board.previous_{word}")]
    if after is not None:
        links.append(_step(say, "→", to(path, after, **more), f"board.next_{word}"))
    text = period_text(say, shown.period, shown.start)
    told = say("board.day", day=text) if shown.period is Period.DAY else text
    return html.Span([html.Strong(told, className="board-day"), *links], className="period-steps")


def _step(say: Words, arrow: str, href: str, key: str) -> Component:
    return dcc.Link(
        [html.Span(arrow, **{"aria-hidden": "true"}), html.Span(say(key), className="unseen")],
        href=href, className="step", title=say(key),
    )  # fmt: skip


def figure_address(shown: Shown, key: str, code: str = "") -> str:
    """Where the figure ``key`` opens its definition and its source, over the same period and place."""
    return to(f"{FIGURE}/{key}", shown, area=code)


def board_away(say: Words, what: str) -> Component:
    """A board when it cannot be read."""
    return state_card("broken", say("board.away"), say("board.away_body", what=what))
