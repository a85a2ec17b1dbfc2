"""What an audit search found: entries as a table with their details; how far the chain is verified. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from dash import dcc, html
from dash.development.base_component import Component

from layouts.audit import said
from layouts.audit_address import Search, write_search
from layouts.symbols import icon
from model.auditing import COUNTED, AuditQuery, Checked, Entry, Found
from model.texts import Words

HEADS = ("when", "who", "what", "about", "why", "outcome_label", "details")
WORDS_OF = {
    "what": "audit.seen", "property": "property", "guarded": "audit.guarded", "needed": "audit.needed",
}  # fmt: skip
"""Details whose values have words of their own, by the table of the catalogue."""
PEOPLE = 6
LISTED = 12
"""Values of one list that are written out."""


def found_entries(
    say: Words, search: Search, query: AuditQuery, found: Found, paged: bool, may_look: bool
) -> Component:
    """The entries of one page with their number, the export and the way to older ones.

    ``paged``: it is not the newest page. ``may_look``: the reader may open the control room.
    """
    span = _span(say, query)
    if not found.entries:
        return said(say, "empty", say("audit.found_none"), say("audit.found_none_body", **span))
    export = html.A(
        [icon("download", 16), say("audit.export")],
        href=f"/audit/export{write_search(search)}&lang={say.language}",
        className="button",
        title=say("audit.export_title"),
        download="",
    )
    head = html.Div(
        [
            html.Div(
                [
                    html.H2(_count(say, found.total)),
                    html.P(say("audit.span", **span), className="quiet"),
                    html.P(_by(say, found), className="audit-by"),
                ]
            ),
            export,
        ],
        className="audit-head",
    )
    return html.Div([head, _table(say, found.entries, may_look), _turning(say, search, found, paged)])


def _span(say: Words, query: AuditQuery) -> dict[str, str]:
    """First and last day where the period is one of whole days, else its instants."""
    ends = say.local(query.t0), say.local(query.t1)
    if all(end.hour == end.minute == 0 for end in ends):
        return {"t0": say.day(query.t0), "t1": say.day(query.t1 - timedelta(seconds=1))}
    return {"t0": say.instant(query.t0), "t1": say.instant(query.t1)}


def _by(say: Words, found: Found) -> str:
    """Who did what was found, most first: the answer before the table."""
    told = [_person(say, *one) for one in found.by[:PEOPLE]]
    rest = len(found.by) - PEOPLE
    return say(
        "audit.by", who=", ".join([*told, *([say("audit.others", n=say.number(rest))] if rest > 0 else [])])
    )


def _person(say: Words, name: str, count: int, refused: int) -> str:
    told = {"name": name or say("audit.nobody"), "n": say.number(count)}
    if refused == 1:
        return say("audit.by_one_refused", **told)
    return (
        say("audit.by_refused", refused=say.number(refused), **told)
        if refused
        else say("audit.by_plain", **told)
    )


def _count(say: Words, total: int) -> str:
    if total > COUNTED:
        return say("audit.found_most", n=say.number(COUNTED))
    return say("audit.found_one") if total == 1 else say("audit.found_many", n=say.number(total))


def _turning(say: Words, search: Search, found: Found, paged: bool) -> Component:
    ways: list[Any] = []
    if paged:
        href = f"/audit{write_search(search)}"
        ways.append(dcc.Link(say("audit.newest"), href=href, refresh=True, className="button"))
    if found.after is not None:
        href = f"/audit{write_search(search, found.after)}"
        ways.append(dcc.Link(say("audit.older"), href=href, refresh=True, className="button"))
    return (
        html.Nav(ways, className="audit-turning", **{"aria-label": say("audit.older")})
        if ways
        else html.Div()
    )


def _table(say: Words, entries: Sequence[Entry], may_look: bool) -> Component:
    heads = html.Tr([html.Th(say(f"audit.{name}"), scope="col", className=name) for name in HEADS])
    rows = [_row(say, entry, may_look) for entry in entries]
    return html.Table([html.Thead(heads), html.Tbody(rows)], className="audit-table")


def _row(say: Words, entry: Entry, may_look: bool) -> Component:
    refused = entry.outcome == "refused"
    outcome = [icon("close", 14)] if refused else [icon("tick", 14)]
    return html.Tr(
        [
            html.Td(_when(say, entry.at), className="when"),
            html.Td(_who(say, entry), className="who"),
            html.Td(_what(say, entry), className="what"),
            html.Td(_about(say, entry, may_look), className="about"),
            html.Td(_why(say, entry), className="why"),
            html.Td([*outcome, say(f"audit.outcome.{entry.outcome}")], className="outcome_label"),
            html.Td(_details(say, entry), className="details"),
        ],
        className="refused" if refused else None,
    )


def _when(say: Words, at: datetime) -> list[Component]:
    utc = at.astimezone(UTC)
    return [
        html.Time(say.instant_seconds(at), dateTime=utc.isoformat()),
        html.Span(say("audit.utc", time=f"{utc:%Y-%m-%d %H:%M:%S}"), className="second"),
    ]


def _who(say: Words, entry: Entry) -> list[Component]:
    nobody = say("audit.unknown") if entry.address else say("audit.nobody")
    told: list[Component] = [html.Strong(entry.actor or nobody)]
    if entry.role:
        told.append(html.Span(say(f"role.{entry.role}"), className="second"))
    return told


def _what(say: Words, entry: Entry) -> list[Component]:
    told: list[Component] = [html.Span(_named(say, "audit.action", entry.action))]
    seen = entry.details.get("what")
    if seen:
        told.append(html.Span(_named(say, "audit.seen", str(seen)), className="second"))
    return told


def _about(say: Words, entry: Entry, may_look: bool) -> list[Any]:
    if entry.asset_id is not None and entry.object:
        name = entry.asset_name or str(entry.details.get("name") or entry.object)
        all_of_it = dcc.Link(
            name, href=f"/audit?p=365d&asset={quote(entry.object)}", refresh=True,
            title=say("audit.all_of_asset", name=name),
        )  # fmt: skip
        key: Any = entry.object
        if may_look:
            key = dcc.Link(entry.object, href=f"/?asset={quote(entry.object)}", refresh=True)
        return [all_of_it, html.Span(key, className="second")]
    kind = _named(say, "audit.kind", entry.kind) if entry.kind else ""
    if not entry.object:
        return [html.Span(kind)]
    told = _named(say, "audit.book", entry.object) if entry.kind == "book" else entry.object
    return [html.Span(told), *([html.Span(kind, className="second")] if kind else [])]


def _why(say: Words, entry: Entry) -> list[Component]:
    if not entry.purpose:
        return [html.Span("–", className="second")]
    told: list[Component] = [html.Span(_named(say, "looks.purpose", entry.purpose))]
    reference = entry.details.get("reference")
    if reference:
        told.append(html.Span(str(reference), className="second"))
    return told


def _named(say: Words, table: str, value: str) -> str:
    return say(f"{table}.{value}") if say.has(f"{table}.{value}") else value


# --- details ----------------------------------------------------------------------------------------------


def _details(say: Words, entry: Entry) -> Component:
    pairs = [(_named(say, "audit.detail", name), _value(say, name, v)) for name, v in entry.details.items()]
    if entry.address:
        pairs.append((say("audit.address"), entry.address))
    pairs.append((say("audit.hash"), entry.hash.hex()[:16]))
    number = say("audit.entry", book=say(f"audit.book.{entry.book}"), number=say.number(entry.number))
    rows = [html.Div([html.Dt(name), html.Dd(value)]) for name, value in pairs]
    return html.Details([html.Summary(number), html.Dl(rows)])


def _value(say: Words, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return say("audit.yes" if value else "audit.no")
    if isinstance(value, Mapping):
        return "; ".join(
            f"{_named(say, 'audit.detail', str(k))}: {_value(say, str(k), v)}" for k, v in value.items()
        )
    if isinstance(value, list):
        shown = ", ".join(_value(say, "", one) for one in value[:LISTED])
        rest = len(value) - LISTED
        return shown if rest <= 0 else f"{shown} {say('audit.more_rows', n=say.number(rest))}"
    if value is None:
        return "–"
    return _named(say, WORDS_OF[name], str(value)) if name in WORDS_OF else str(value)


# --- the chain --------------------------------------------------------------------------------------------


def chain(say: Words, books: Sequence[Checked]) -> list[Component]:
    """How far each book was last verified, and how many entries came since."""
    return [
        html.Div(
            [html.Dt(say(f"audit.book.{one.book}")), html.Dd(_checked(say, one))],
            className="chain-wrong" if one.fault else "chain-book",
        )
        for one in books
    ]


def _checked(say: Words, one: Checked) -> list[Any]:
    if one.at is None or not (one.number or one.fault):
        return [say("audit.chain_never", n=_count(say, one.last)) if one.last else say("audit.chain_empty")]
    at = say.instant(one.at)
    if one.fault:
        kind = say(f"audit.fault.{one.fault}")
        number = say.number(one.fault_number or 0)
        return [icon("close", 14), say("audit.chain_fault", fault=kind, number=number, at=at)]
    told: list[Any] = [icon("tick", 14), say("audit.chain_sound", number=say.number(one.number), at=at)]
    behind = one.last - one.number
    if behind > 0:
        told.append(html.Span(say("audit.chain_behind", n=_count(say, behind)), className="second"))
    return told
