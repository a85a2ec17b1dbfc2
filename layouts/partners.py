"""The page of partners: agreements in one table, the dialogs that make one and its keys. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import form_parts as form
from layouts.confirming import confirming_dialogs
from layouts.ids import Partners
from layouts.partners_sheet import SHOWN_DAYS, address_of
from layouts.people_forms import areas_of, at_fields, day_field, end_of_day, several_field, start_of_day
from layouts.people_words import Names, area_choices, areas_text, counted, plus_button, until_day, ways
from layouts.shell import state_card, top_bar
from layouts.steady import Steady
from layouts.symbols import freshness_symbol
from layouts.view import AreaChoice, PageView
from model.errors import BadField
from model.partners import (
    CONTACT_MOST,
    DATASETS,
    FIELDS,
    LABEL_MOST,
    PARTNER_MOST,
    PURPOSE_MOST,
    RATE_MOST,
    Agreement,
    AgreementDraft,
    AgreementSheet,
    PartnerKind,
)
from model.people import SOON
from model.texts import Words

REFRESH_RATE = "60"
HEADS = ("partner", "datasets", "area", "rate", "until", "keys", "use", "state")
FORM_FIELDS = (
    "partner", "kind", "purpose", "contact", "datasets", "fields", "areas", "rate", "from", "until",
)  # fmt: skip
FORM_IDS = (
    Partners.PARTNER, Partners.KIND, Partners.PURPOSE, Partners.CONTACT, Partners.DATASETS, Partners.FIELDS,
    Partners.AREAS, Partners.RATE, Partners.FROM, Partners.UNTIL,
)  # fmt: skip


def page(say: Words, view: PageView) -> Component:
    """The page before anything was read."""
    chosen = bool(view.address.get("agreement"))
    return html.Div(
        [
            top_bar(say, view),
            html.H1(say("page.partners"), className="unseen"),
            ways(say, "partners"),
            html.Div(
                [
                    html.Section(
                        Steady(
                            id=Partners.LIST, tree=state_card("loading", say("partners.loading"), ""),
                            className="people-part",
                        ),
                        className="people-list", **{"aria-label": say("partners.list_region")},
                    ),
                    html.Section(
                        Steady(id=Partners.SHEET, tree=html.Div(), className="people-part"),
                        className="people-sheet", **{"aria-label": say("partners.sheet_region")},
                    ),
                ],
                className="people-columns",
            ),
            dcc.Store(id=Partners.CHANGED),
            _dialog(say, view.areas),
            _key_dialog(say),
            confirming_dialogs(say),
        ],
        id=Partners.PAGE,
        className=page_class(chosen),
    )  # fmt: skip


def page_class(chosen: bool) -> str:
    """The page's css classes: with an agreement open a phone shows it alone."""
    return "manage partners people-chosen" if chosen else "manage partners"


# --- the list -----------------------------------------------------------------------------------------


def partner_list(
    say: Words, sheets: Sequence[AgreementSheet], chosen: int, names: Names, now: datetime, *, keeps: bool
) -> Component:
    """The sums and a row for each agreement; ``keeps``: may she make one."""
    head = _head(say, sheets, now, keeps)
    if not sheets:
        return html.Div([head, state_card("empty", say("partners.none"), say("partners.none_body"))])
    heads = [html.Th(say(f"partners.head_{name}"), scope="col", className=f"col-{name}") for name in HEADS]
    return html.Div(
        [
            head,
            html.Table(
                [
                    html.Caption(say("partners.caption"), className="unseen"),
                    html.Thead(html.Tr(heads)),
                    html.Tbody([_row(say, sheet, chosen, names, now) for sheet in sheets]),
                ],
                className="people-table partners-table",
            ),
        ]
    )


def _head(say: Words, sheets: Sequence[AgreementSheet], now: datetime, keeps: bool) -> Component:
    running = [sheet for sheet in sheets if sheet.agreement.in_force(now)]
    keys = sum(len(sheet.keys_in_force) for sheet in running)
    soon = sum(sheet.agreement.valid_until <= now + SOON for sheet in running)
    bare = sum(not sheet.agreement.processor_terms for sheet in running)
    sums = {
        "agreements": counted(say, "partners.count_agreements", len(running)),
        "keys": counted(say, "partners.count_keys", keys),
    }
    alerts = [
        html.Li(counted(say, f"partners.alert_{name}", count))
        for name, count in (("expiring", soon), ("terms", bare))
        if count
    ]
    add = plus_button(say("partners.add"), "add", primary=True)
    return html.Header(
        [
            html.Div(
                [
                    html.H2(say("partners.counts", **sums)),
                    html.Ul(alerts, className="people-alerts"),
                ]
            ),
            html.Div([add], className="people-doing")
            if keeps
            else html.P(say("people.read_only"), className="quiet"),
        ],
        className="people-head",
    )


def state_of(agreement: Agreement, now: datetime) -> str:
    """How an agreement stands at ``now``, in a word of the catalogues."""
    if agreement.revoked_at is not None:
        return "revoked"
    if agreement.valid_until <= now:
        return "over"
    if agreement.valid_from > now:
        return "to_come"
    return "soon" if agreement.valid_until <= now + SOON else "in_force"


_SIGNS = {"in_force": "live", "soon": "late", "to_come": "never", "over": "stale", "revoked": "stale"}


def _row(say: Words, sheet: AgreementSheet, chosen: int, names: Names, now: datetime) -> Component:
    one = sheet.agreement
    state = state_of(one, now)
    first = now.astimezone(UTC).date() - timedelta(days=SHOWN_DAYS - 1)
    used = sum(use.answered for use in sheet.uses if use.day >= first)
    here = {"aria-current": "true"} if one.id == chosen else {}
    link = html.A(one.partner, href=address_of(one.id), className="account-link", **here)
    kind = say(f"partners.kind_{one.kind.value}")
    mark = html.Span(
        [freshness_symbol(_SIGNS[state]), say(f"partners.state_{state}")], className="standing-mark"
    )
    cells = [
        html.Th(
            [html.Div(link, className="cell-first"), html.Div(kind, className="cell-second")],
            scope="row", className="col-name",
        ),
        _cell(say, "datasets", [say(f"partners.dataset_{name}") for name in one.datasets]),
        _cell(say, "area", [areas_text(say, one.areas, names)]),
        _cell(say, "rate", [say("partners.per_minute", n=say.number(one.rate_per_minute))]),
        _cell(say, "until", [until_day(say, one.valid_until)]),
        _cell(say, "keys", [say.number(len(sheet.keys_in_force))]),
        _cell(say, "use", [say.number(used)]),
        html.Td(mark, className="col-state"),
    ]  # fmt: skip
    name = "account chosen" if one.id == chosen else "account"
    return html.Tr(cells, key=str(one.id), className=name, **{"data-go": address_of(one.id)})


def _cell(say: Words, name: str, lines: Sequence[str]) -> Component:
    shown = [html.Div(line, className="cell-line", title=line) for line in lines]
    return html.Td(shown, className=f"col-{name}", **{"data-label": say(f"partners.head_{name}")})


# --- dialogs ------------------------------------------------------------------------------------------


def _dialog(say: Words, areas: Sequence[AreaChoice]) -> Component:
    kinds = [{"value": kind.value, "label": say(f"partners.kind_{kind.value}")} for kind in PartnerKind]
    datasets = [{"value": one.name, "label": say(f"partners.dataset_{one.name}")} for one in DATASETS]
    fields = [{"value": field, "label": say(f"partners.field_{field}")} for field in FIELDS]
    parts: list[Any] = [
        _pair(
            form.text_field(
                Partners.PARTNER, say("partners.partner"), PARTNER_MOST, **{"data-autofocus": True}
            ),
            form.select_field(Partners.KIND, say("partners.kind"), kinds, PartnerKind.PUBLIC.value),
        ),
        form.area_field(
            Partners.PURPOSE, say("partners.purpose"), PURPOSE_MOST, description=say("partners.purpose_hint")
        ),
        form.text_field(
            Partners.CONTACT, say("partners.contact"), CONTACT_MOST, description=say("partners.contact_hint")
        ),
        several_field(
            Partners.DATASETS, say("partners.datasets"), datasets, say("partners.datasets_hint"),
            say("partners.pick"),
        ),
        several_field(
            Partners.FIELDS, say("partners.fields"), fields, say("partners.fields_hint"), say("partners.pick")
        ),
        _pair(
            several_field(
                Partners.AREAS, say("people.areas"), area_choices(areas), say("people.areas_hint"),
                say("people.whole_city"),
            ),
            dmc.TextInput(
                id=Partners.RATE, label=say("partners.rate"), description=say("partners.rate_hint"),
                value=REFRESH_RATE, size="sm",
                inputProps={"type": "number", "min": 1, "max": RATE_MOST, "inputMode": "numeric"},
            ),
        ),
        _pair(
            day_field(Partners.FROM, say("partners.from"), say("partners.from_hint")),
            day_field(Partners.UNTIL, say("partners.until"), say("partners.until_hint")),
        ),
        dmc.Checkbox(id=Partners.TERMS, label=say("partners.terms"), checked=False, size="sm"),
        form.ends(say, Partners.DIALOG, Partners.SAVE, say("partners.save"), Partners.TOLD),
    ]  # fmt: skip
    return form.dialog(say, Partners.DIALOG, say("partners.add_title"), parts, size="xl")


def _pair(*parts: Component) -> Component:
    return html.Div(list(parts), className="dialog-pair")


def _key_dialog(say: Words) -> Component:
    parts = [
        form.text_field(
            Partners.LABEL, say("partners.label"), LABEL_MOST, description=say("partners.label_hint"),
            **{"data-autofocus": True},
        ),
        form.ends(
            say, Partners.KEY_DIALOG, Partners.KEY_SAVE, say("partners.key_save"), Partners.KEY_TOLD
        ),
    ]  # fmt: skip
    return form.dialog(say, Partners.KEY_DIALOG, say("partners.key_title"), parts)


def agreement_draft(say: Words, values: Sequence[Any], terms: bool) -> AgreementDraft:
    """What was typed, in the order of ``FORM_FIELDS``. Raises BadField for what is no day, area or rate."""
    partner, kind, purpose, contact, datasets, fields, areas, rate, begins, until = values
    start, end = start_of_day(say, "from", begins), end_of_day(say, "until", until)
    if start is None or end is None:
        raise BadField("from" if start is None else "until", "empty")
    text = str(rate or "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise BadField("rate", "bad_rate", least=1, most=RATE_MOST)
    return AgreementDraft(
        partner or "", kind or "", purpose or "", contact or "", tuple(map(str, datasets or ())),
        tuple(map(str, fields or ())), areas_of(areas), int(text), terms, start, end,
    )  # fmt: skip


def what_is_wrong(say: Words, error: BadField) -> str:
    """Why a field was not taken, in words."""
    own = f"partners.bad_{error.reason}"
    return say(own if say.has(own) else f"people.bad_{error.reason}", **error.values)


def wrong_at(say: Words, error: BadField | None) -> list[str | None]:
    """What stands at each field of the form."""
    if error is None:
        return at_fields(say, FORM_FIELDS, None)
    return [what_is_wrong(say, error) if error.field == name else None for name in FORM_FIELDS]
