"""The archive of monthly reports: a month's files by place and language, who is sent them, dialogs. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts import form_parts as form
from layouts.acts import needs
from layouts.board_tabs import tabs
from layouts.ids import Reports
from layouts.people_words import plus_button
from layouts.plain_html import el
from layouts.shell import state_card, top_bar
from layouts.signin import Sheet, document
from layouts.steady import Steady
from layouts.symbols import freshness_symbol
from layouts.vectors import PageTheme
from layouts.view import AreaChoice, PageView
from model.errors import BadField
from model.monthly import FIGURES_CHANGED, WHOLE_CITY
from model.report_archive import (
    EMAIL_MOST,
    NAME_MOST,
    REASON_MOST,
    Archived,
    Subscriber,
    SubscriberDraft,
    Wish,
)
from model.texts import LANGUAGES, Words

TICK_MS = 10_000
FIELDS = ("name", "email", "language", "place")
FIELD_IDS = (Reports.NAME, Reports.EMAIL, Reports.READ_IN, Reports.PLACE)
Places = Mapping[int, str]


def page(say: Words, view: PageView) -> Component:
    """The page before anything was read."""
    return html.Div(
        [
            top_bar(say, view),
            html.Div(tabs(say, view.path), className="board reports-tabs"),
            html.Div(
                [
                    html.H1(say("page.reports")),
                    html.P(say("reports.what"), className="reports-what"),
                    Steady(
                        id=Reports.LIST, tree=state_card("loading", say("reports.loading"), ""),
                        className="reports-body",
                    ),
                ],
                className="reports-inside",
            ),
            dcc.Interval(id=Reports.TICK, interval=TICK_MS),
            dcc.Store(id=Reports.CHANGED),
            dcc.Store(id=Reports.ASKED),
            _anew_dialog(say),
            _add_dialog(say, view.areas, view.area_kind),
            _end_dialog(say),
            PageTheme(theme="light"),
        ],
        id=Reports.PAGE,
        className="board-page reports-page manage",
    )  # fmt: skip


def away(say: Words, why: str) -> Component:
    """What stands there while the database does not answer."""
    return state_card("broken", say("reports.away"), why)


# --- the files ------------------------------------------------------------------------------------------


def body(
    say: Words, files: Sequence[Archived], asked: date | None, city: str, wishes: Sequence[Wish],
    subscribers: Sequence[Subscriber] | None, places: Places, now: datetime,
) -> Component:  # fmt: skip
    """The month asked for, by default the newest; under it who is sent reports, for who keeps the list."""
    months = sorted({file.month for file in files}, reverse=True)
    month = asked if asked in months else months[0] if months else None
    parts: list[Any] = []
    if month is None:
        parts.append(html.H2(say("reports.months"), className="unseen"))
        parts.append(state_card("empty", say("reports.none"), say("reports.none_body")))
    else:
        parts += [_months(say, months, month), _files(say, files, month, city, wishes)]
    if subscribers is not None:
        parts.append(_subscribers(say, subscribers, {**places, WHOLE_CITY: city}, now))
    return html.Div(parts)


def month_words(say: Words, month: date) -> str:
    """The month in words, with its capital."""
    text = say.month(datetime(month.year, month.month, 1, 12, tzinfo=say.zone))
    return text[:1].upper() + text[1:]


def _months(say: Words, months: Sequence[date], chosen: date) -> Component:
    links = [
        html.A(
            month_words(say, month), href=f"/boards/reports?month={month:%Y-%m}",
            className="way here" if month == chosen else "way",
            **({"aria-current": "page"} if month == chosen else {}),
        )
        for month in months
    ]  # fmt: skip
    return html.Nav(links, className="ways reports-months", **{"aria-label": say("reports.months")})


def _files(
    say: Words, files: Sequence[Archived], month: date, city: str, wishes: Sequence[Wish]
) -> Component:
    own = [file for file in files if file.month == month]
    waiting = {wish.area_id: wish for wish in wishes if wish.month == month}
    languages = [code for code in (say.language, *LANGUAGES) if any(f.language == code for f in own)]
    shown = list(dict.fromkeys(languages))
    heads = [html.Th(say("reports.place"), scope="col")]
    heads += [html.Th(say(f"language.{code}"), scope="col", lang=code) for code in shown]
    heads.append(html.Th(say("reports.version"), scope="col"))
    rows = [
        _place(say, area, list(of_place), shown, city, waiting.get(area))
        for area, of_place in groupby(own, key=lambda file: file.area_id)
    ]
    return html.Section(
        [
            html.H2(month_words(say, month)),
            html.Table(
                [
                    html.Caption(say("reports.table", month=month_words(say, month)), className="unseen"),
                    html.Thead(html.Tr(heads)),
                    html.Tbody(rows),
                ],
                className="people-table reports-table",
            ),
        ],
        className="reports-files",
    )


def _place(
    say: Words, area: int, files: Sequence[Archived], languages: Sequence[str], city: str, wish: Wish | None
) -> Component:
    """One place: its newest version, the versions before folded, and having it made anew."""
    newest = max(file.version for file in files)
    now = [file for file in files if file.version == newest]
    name = now[0].area_name or city
    cells = [html.Td(_links(say, name, now, code), **{"data-label": code.upper()}) for code in languages]
    last = html.Td(
        [*_version(say, now[0]), *_before(say, name, files, newest), *_anew(say, area, now[0], wish)]
    )
    return html.Tr([html.Th(name, scope="row"), *cells, last], key=f"{area}")


def _links(say: Words, name: str, files: Sequence[Archived], language: str) -> list[Component]:
    kinds = {file.format: file for file in files if file.language == language}
    return [
        html.A(
            say(f"reports.{kind}"), href=f"/boards/reports/file/{kinds[kind].id}", target="_blank",
            className="reports-file",
            title=say(
                "reports.file", place=name, month=month_words(say, kinds[kind].month),
                language=say(f"language.{language}"), format=say(f"reports.{kind}"),
                kb=say.number(max(1, round(kinds[kind].size / 1000))),
            ),
        )
        for kind in ("pdf", "html", "pptx")
        if kind in kinds
    ]  # fmt: skip


def _version(say: Words, file: Archived) -> list[Component]:
    told = say("reports.version_of", version=file.version, at=say.instant(file.made_at))
    parts = [html.Div(told, className="cell-line")]
    if file.reason:
        parts.append(html.Div(reason_words(say, file.reason, file.made_by), className="cell-second"))
    return parts


def reason_words(say: Words, reason: str, by: str) -> str:
    """Why a version was made anew, and by whom it was asked for."""
    if reason == FIGURES_CHANGED:
        return say("reports.figures_changed")
    return say("reports.asked_for", name=by, reason=reason)


def _before(say: Words, name: str, files: Sequence[Archived], newest: int) -> list[Component]:
    old = [file for file in files if file.version < newest]
    if not old:
        return []
    rows = []
    for version, group in groupby(old, key=lambda file: file.version):
        some = list(group)
        links = [link for code in LANGUAGES for link in _links(say, name, some, code)]
        rows.append(html.Li([*_version(say, some[0]), html.Div(links)], key=str(version)))
    return [html.Details([html.Summary(say("reports.before", n=len(rows))), html.Ul(rows)])]


def _anew(say: Words, area: int, file: Archived, wish: Wish | None) -> list[Component]:
    if wish is not None and wish.done_at is None:
        return [_marked("late", say("reports.waits"))]
    parts: list[Component] = []
    if wish is not None and wish.error:
        parts.append(_marked("stale", say(f"reports.not_made_{wish.error}")))
    button = html.Button(
        say("reports.anew"), type="button", className="button",
        **{
            "data-act": f"anew:{file.id}",
            "aria-label": say("reports.anew_of", name=file.area_name, month=month_words(say, file.month)),
        },
        **needs("reports"),
    )  # fmt: skip
    return [*parts, button]


def _marked(sign: str, text: str) -> Component:
    return html.Span([freshness_symbol(sign), text], className="standing-mark")


# --- who is sent them -----------------------------------------------------------------------------------


def _subscribers(say: Words, some: Sequence[Subscriber], names: Places, now: datetime) -> Component:
    head = html.Header(
        [
            html.Div(
                [html.H2(say("reports.readers")), html.P(say("reports.readers_what"), className="quiet")]
            ),
            html.Div([plus_button(say("reports.add"), "add", primary=True)], className="people-doing"),
        ],
        className="people-head",
    )
    if not some:
        inside: Component = html.P(say("reports.no_readers"), className="quiet")
    else:
        heads = [
            html.Th(say(f"reports.head_{key}"), scope="col") for key in ("name", "place", "last", "acts")
        ]
        inside = html.Table(
            [
                html.Caption(say("reports.readers"), className="unseen"),
                html.Thead(html.Tr(heads)),
                html.Tbody([_subscriber(say, one, names) for one in some]),
            ],
            className="people-table",
        )
    return html.Section([head, inside], className="reports-readers")


def _subscriber(say: Words, one: Subscriber, names: Places) -> Component:
    end = html.Button(
        say("reports.end"), type="button", className="button",
        **{"data-act": f"end:{one.id}", "aria-label": say("reports.end_of", name=one.name)},
    )  # fmt: skip
    place = f"{names.get(one.area_id, '–')} · {say(f'language.{one.language}')}"
    added = say("reports.added", name=one.added_by, day=say.day(one.added_at, "medium"))
    return html.Tr(
        [
            html.Th(
                [html.Div(one.name, className="cell-first"), html.Div(one.email, className="cell-second")],
                scope="row",
            ),
            html.Td(
                [html.Div(place, className="cell-line"), html.Div(added, className="cell-second")],
                **{"data-label": say("reports.head_place")},
            ),
            html.Td(last_letter(say, one), **{"data-label": say("reports.head_last")}),
            html.Td(end, **{"data-label": say("reports.head_acts")}),
        ],
        key=str(one.id),
    )


def last_letter(say: Words, one: Subscriber) -> Component | str:
    """What became of the newest letter: sent, waiting, or not taken and why."""
    if one.month is None:
        return say("reports.nothing_sent")
    values = {"month": month_words(say, one.month), "version": one.version}
    if one.sent_at:
        return _marked("live", say("reports.sent", at=say.instant(one.sent_at), **values))
    why = why_not(say, one.error)
    if one.given_up_at:
        return _marked("stale", say("reports.given_up", why=why, **values))
    if one.error:
        return _marked("late", say("reports.tried", why=why, **values))
    return _marked("late", say("reports.waiting", **values))


def why_not(say: Words, code: str | None) -> str:
    """Why a letter was not taken, in words; ``code`` may carry a detail after a colon."""
    name, _, detail = (code or "").partition(":")
    return say(f"reports.why_{name}", detail=detail) if name else "–"


# --- dialogs --------------------------------------------------------------------------------------------


def _anew_dialog(say: Words) -> Component:
    parts = [
        html.P(id=Reports.ANEW_WHAT),
        form.area_field(Reports.REASON, say("reports.reason"), REASON_MOST, **{"data-autofocus": True}),
        form.ends(say, Reports.ANEW_DIALOG, Reports.ANEW, say("reports.anew"), Reports.ANEW_TOLD),
    ]
    return form.dialog(say, Reports.ANEW_DIALOG, say("reports.anew_title"), parts, size="md")


def _add_dialog(say: Words, areas: Sequence[AreaChoice], kind: str) -> Component:
    languages = [{"value": code, "label": say(f"language.{code}")} for code in LANGUAGES]
    places = [{"value": str(WHOLE_CITY), "label": say("reports.whole_city")}]
    places += [{"value": str(area.id), "label": area.name} for area in areas if area.kind == kind]
    parts: list[Any] = [
        html.P(say("reports.personal"), className="quiet"),
        form.text_field(Reports.NAME, say("reports.name"), NAME_MOST, **{"data-autofocus": True}),
        form.text_field(Reports.EMAIL, say("reports.email"), EMAIL_MOST),
        html.Div(
            [
                form.select_field(Reports.PLACE, say("reports.head_place"), places, str(WHOLE_CITY)),
                form.select_field(Reports.READ_IN, say("reports.language"), languages, say.language),
            ],
            className="dialog-pair",
        ),
        form.ends(say, Reports.ADD_DIALOG, Reports.ADD, say("reports.add_save"), Reports.ADD_TOLD),
    ]
    return form.dialog(say, Reports.ADD_DIALOG, say("reports.add"), parts, size="md")


def _end_dialog(say: Words) -> Component:
    parts = [
        html.P(id=Reports.END_WHAT),
        form.ends(say, Reports.END_DIALOG, Reports.END, say("reports.end"), Reports.END_TOLD),
    ]
    return form.dialog(say, Reports.END_DIALOG, say("reports.end_title"), parts, size="md")


def draft_of(values: Sequence[Any]) -> SubscriberDraft:
    """What was typed, in the order of ``FIELD_IDS``. BadField for a place that is none."""
    name, email, language, place = (str(value or "") for value in values)
    if not place.isdigit() or len(place) > 9:
        raise BadField("place", "choose")
    return SubscriberDraft(email, name, language, int(place))


def wrong_at(say: Words, error: BadField | None) -> list[str | None]:
    """What stands at each field of the dialog."""
    return [
        say(f"reports.bad_{error.reason}", **error.values) if error and error.field == field else None
        for field in FIELDS
    ]


# --- ended from a letter --------------------------------------------------------------------------------


def end_page(say: Words, sheet: Sheet, *, on_list: bool) -> str:
    """The page a letter's last line leads to: one button, or that it is over."""
    if not on_list:
        return document(say, sheet, say("reports.ended_title"), el("p", say("reports.ended")))
    button = el("button", say("reports.end_mine"), type="submit", class_="button primary")
    ask = el("form", button, method="post", action=sheet.path)
    return document(say, sheet, say("reports.end_title"), el("p", say("reports.end_ask")), ask)


def unknown_end(say: Words, sheet: Sheet) -> str:
    """The page for a link that is none of ours."""
    return document(say, sheet, say("reports.end_title"), el("p", say("reports.end_unknown")))
