"""One agreement opened: what it allows, its keys, what they were used for. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.people_words import Names, act_button, areas_text, plus_button, until_day
from layouts.shell import state_card
from layouts.symbols import icon
from layouts.vectors import Shape, Vector
from model.partners import Agreement, AgreementSheet, ApiKey, Use, dataset_named
from model.texts import Words

PATH = "/partners"
SHOWN_DAYS = 30
BOX = (600.0, 90.0)


def address_of(agreement_id: int) -> str:
    """The address that opens an agreement; 0 closes it."""
    return f"{PATH}?agreement={agreement_id}" if agreement_id else PATH


def agreement_sheet(
    say: Words, sheet: AgreementSheet, names: Names, now: datetime, *, keeps: bool
) -> Component:
    """Everything of one agreement. ``keeps``: may she change it."""
    agreement = sheet.agreement
    running = keeps and agreement.revoked_at is None
    parts: list[Any] = [
        _head(say, agreement),
        *([_doing(say, agreement)] if running else []),
        _facts(say, agreement, names),
        _data(say, agreement),
        _keys(say, sheet, running and agreement.valid_until > now, keeps),
        _use(say, sheet.uses, now),
    ]
    return html.Div(parts, className="sheet", key=str(agreement.id))


def _head(say: Words, agreement: Agreement) -> Component:
    made = say("partners.made", day=say.day(agreement.made_at, "medium"), by=agreement.made_by)
    lines = [html.P(f"{say(f'partners.kind_{agreement.kind.value}')} · {made}")]
    if agreement.revoked_at is not None:
        at, by = say.instant(agreement.revoked_at), agreement.revoked_by or ""
        lines.append(html.P(say("partners.revoked", at=at, by=by), className="quiet"))
    return html.Header(
        [
            html.A("←", href=PATH, className="detail-back", **{"aria-label": say("people.back")}),
            html.Div([html.H2(agreement.partner), *lines]),
            html.A(icon("close", 16, say("people.close")), href=PATH, className="panel-close"),
        ],
        className="sheet-head",
    )


def _doing(say: Words, agreement: Agreement) -> Component:
    end = act_button(say("partners.end"), f"agreement:{agreement.id}")
    return html.Div([end], className="sheet-doing")


def _facts(say: Words, agreement: Agreement, names: Names) -> Component:
    start = say.day(agreement.valid_from, "medium")
    told = (
        ("purpose", agreement.purpose),
        ("contact", agreement.contact),
        ("period", say("partners.period", t0=start, t1=until_day(say, agreement.valid_until))),
        ("rate", say("partners.per_minute", n=say.number(agreement.rate_per_minute))),
        ("area", areas_text(say, agreement.areas, names)),
        ("terms", say("partners.terms_yes" if agreement.processor_terms else "partners.terms_no")),
    )
    rows = [
        html.Div([html.Dt(say(f"partners.fact_{name}")), html.Dd(text)], className=f"fact-{name}")
        for name, text in told
    ]
    return html.Dl(rows, className="facts")


def _section(title: str, parts: Sequence[Any], button: Component | None = None) -> Component:
    head = html.Div([html.H3(title), *([button] if button else [])], className="section-head")
    return html.Section([head, *parts], className="sheet-section")


def _data(say: Words, agreement: Agreement) -> Component:
    rows = []
    for name in agreement.datasets:
        dataset = dataset_named(name)
        fields = agreement.fields_of(dataset) if dataset else ()
        told = ", ".join(say(f"partners.field_{field}") for field in fields)
        lines = [
            html.Div([html.Strong(say(f"partners.dataset_{name}")), html.Code(name, className="quiet")]),
            html.Div(told, className="quiet"),
        ]
        rows.append(html.Li(html.Div(lines), key=name))
    return _section(say("partners.data"), [html.Ul(rows, className="held")])


# --- keys ---------------------------------------------------------------------------------------------


def _keys(say: Words, sheet: AgreementSheet, may_make: bool, keeps: bool) -> Component:
    rows = [_key(say, key, keeps) for key in sheet.keys]
    button = plus_button(say("partners.make_key"), f"key:{sheet.agreement.id}") if may_make else None
    body = html.Ul(rows, className="held") if rows else html.P(say("partners.no_keys"))
    return _section(say("partners.keys"), [body], button)


def _key(say: Words, key: ApiKey, keeps: bool) -> Component:
    made = say("partners.key_made", day=say.day(key.made_at, "medium"), by=key.made_by)
    told = [made]
    if key.revoked_at is not None:
        day = say.day(key.revoked_at, "medium")
        told.append(say("partners.key_revoked", day=day, by=key.revoked_by or ""))
    lines = [
        html.Div([html.Strong(key.label), html.Code(f"{key.prefix}…", className="quiet")]),
        html.Div(" · ".join(told), className="quiet"),
    ]
    button: list[Component] = []
    if keeps and key.revoked_at is None:
        label = say("partners.end_key_this", label=key.label)
        button = [act_button(say("partners.end_key"), f"apikey:{key.id}", label, quiet=True)]
    gone = "gone" if key.revoked_at is not None else ""
    return html.Li([html.Div(lines), *button], key=f"k{key.id}", className=gone)


# --- use ----------------------------------------------------------------------------------------------


def _use(say: Words, uses: Sequence[Use], now: datetime) -> Component:
    first = now.astimezone(UTC).date() - timedelta(days=SHOWN_DAYS - 1)
    shown = [use for use in uses if use.day >= first]
    if not shown:
        return _section(say("partners.use"), [html.P(say("partners.use_none"))])
    answered, refused = (sum(getattr(use, name) for use in shown) for name in ("answered", "refused"))
    told = say("partners.use_sum", answered=say.number(answered), refused=say.number(refused))
    chart = Vector(
        box=list(BOX), stretch=True,
        shapes=_bars(say, shown, now), label=say("partners.use_label", told=told),
    )  # fmt: skip
    return _section(say("partners.use"), [html.P(told), chart, _use_table(say, shown)])


def _bars(say: Words, uses: Sequence[Use], now: datetime) -> list[Shape]:
    """Answers stand up from the line in grey, refusals hang below it in amber, each day on one scale."""
    today, (width, height) = now.astimezone(UTC).date(), BOX
    base, step = height * 0.78, width / SHOWN_DAYS
    sums = [
        [use for use in uses if use.day == today - timedelta(days=SHOWN_DAYS - 1 - at)]
        for at in range(SHOWN_DAYS)
    ]
    most = max((sum(u.answered for u in day) for day in sums), default=0) or 1
    worst = max((sum(u.refused for u in day) for day in sums), default=0) or 1
    shapes: list[Shape] = []
    for at, day in enumerate(sums):
        up = sum(use.answered for use in day) / most * (base - 2)
        down = sum(use.refused for use in day) / worst * (height - base - 2)
        x, wide = at * step + step * 0.15, step * 0.7
        shapes += [_bar(x, wide, base - up, up, "bar-stored")] if up else []
        shapes += [_bar(x, wide, base + 1, down, "bar-dead")] if down else []
    shapes.append({"tag": "line", "x1": 0, "x2": width, "y1": base, "y2": base, "className": "bar-base"})
    return shapes


def _bar(x: float, width: float, y: float, height: float, name: str) -> Shape:
    return {
        "tag": "rect", "x": round(x, 1), "y": round(y, 1), "width": round(width, 1),
        "height": round(max(height, 1.0), 1), "className": name,
    }  # fmt: skip


def _use_table(say: Words, uses: Sequence[Use]) -> Component:
    heads = [
        html.Th(say(f"partners.use_{n}"), scope="col") for n in ("day", "dataset", "answered", "refused")
    ]
    rows = [
        html.Tr(
            [
                html.Th(use.day.isoformat(), scope="row"),
                html.Td(use.dataset),
                html.Td(say.number(use.answered)),
                html.Td(say.number(use.refused)),
            ],
            key=f"{use.day} {use.key_id} {use.dataset}",
        )
        for use in reversed(uses)
    ]
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="use-table")
    return html.Details([html.Summary(say("partners.use_table")), table])


def nothing_chosen(say: Words) -> Component:
    """No agreement is open."""
    return state_card("empty", say("partners.choose"), say("partners.choose_body"))


def unknown_agreement(say: Words) -> Component:
    """The address names an agreement there is not."""
    way = html.A(say("people.back"), href=PATH, className="button")
    return state_card("empty", say("partners.unknown"), say("partners.unknown_body"), way)
