"""The queue of reviews: rules called useless, what they do, and a change of each that was tried. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from dash import dcc, html
from dash.development.base_component import Component

from layouts import form_parts as form
from layouts.alarm_pages import alarm_ways
from layouts.alarm_quality import class_words, percent
from layouts.alarm_review_words import because, field_words, tried_sentence, value_words
from layouts.alarm_rule_words import rule_words
from layouts.ids import AlarmReviewsPage
from layouts.shell import state_card, top_bar
from layouts.steady import Steady
from layouts.symbols import priority_symbol
from layouts.view import PageView
from model.alarm_review import Change, Proposal, Review, Said, Trial
from model.errors import BadField
from model.rule_book import REASON_MOST
from model.texts import Words

SAID_MOST, THINGS_MOST = 30, 6


def page(say: Words, view: PageView) -> Component:
    """The page before anything was read."""
    loading = state_card("loading", say("alarm_reviews.loading"), "")
    return html.Div(
        [
            top_bar(say, view),
            alarm_ways(say, view),
            html.H1(say("page.alarm_reviews"), className="unseen"),
            html.Section(
                [
                    html.P(id=AlarmReviewsPage.TOLD, role="status", className="rules-told"),
                    Steady(id=AlarmReviewsPage.BODY, tree=loading, className="people-part"),
                    dcc.Store(id=AlarmReviewsPage.SHOWN),
                    dcc.Store(id=AlarmReviewsPage.CLOSED),
                    _closing(say),
                ],
                className="quality-scroll", tabIndex="0", **{"aria-label": say("page.alarm_reviews")},
            ),
        ],
        className="manage quality",
    )  # fmt: skip


def _closing(say: Words) -> Component:
    why = form.area_field(
        AlarmReviewsPage.CLOSE_WHY, say("alarm_book.reason"), REASON_MOST, **{"data-autofocus": True}
    )
    ends = form.ends(
        say, AlarmReviewsPage.CLOSE_DIALOG, AlarmReviewsPage.CLOSE, say("alarm_reviews.close"),
        AlarmReviewsPage.CLOSE_TOLD,
    )  # fmt: skip
    parts = [html.P(say("alarm_reviews.close_what")), why, ends]
    return form.dialog(say, AlarmReviewsPage.CLOSE_DIALOG, say("alarm_reviews.close_title"), parts, size="md")


def wrong_why(say: Words, error: BadField) -> str:
    """What is wrong with the reason."""
    key = f"alarm_book.bad_{error.reason}"
    return say(key, **error.values) if say.has(key) else str(error)


def away(say: Words, why: str) -> Component:
    """What stands there while the database does not answer."""
    return state_card("broken", say("alarm_reviews.away"), why)


def reviews(
    say: Words, found: Sequence[Review], shown: Review | None, *, chosen: bool, keeps: bool, trying: bool
) -> Component:
    """The queue, and beside it the review ``shown``: one the address names (``chosen``), or the first.

    ``keeps``: the reader decides reviews; ``trying``: what is proposed is being tried now.
    """
    if not found:
        return state_card("empty", say("alarm_reviews.none"), say("alarm_reviews.none_body"))
    sheet = _gone(say) if shown is None else _sheet(say, shown, keeps=keeps, trying=trying)
    return html.Div(
        [
            html.Div([_head(say, found), _queue(say, found, shown)], className="reviews-queue"),
            html.Div(sheet, className="reviews-sheet"),
        ],
        className=f"quality-board reviews{' reviews-chosen' if chosen else ''}",
    )


def _gone(say: Words) -> list[Any]:
    """The address names a rule that no review is open of."""
    return [_back(say), state_card("empty", say("alarm_reviews.gone"), say("alarm_reviews.gone_body"))]


def _back(say: Words) -> Component:
    return html.A(say("alarm_reviews.all"), href="/alarms/reviews", className="reviews-back")


def _head(say: Words, found: Sequence[Review]) -> Component:
    times = sum(len(one.said) for one in found)
    return html.P(
        say("alarm_reviews.counted", n=say.number(len(found)), times=say.number(times)),
        className="board-sentence",
    )


def _queue(say: Words, found: Sequence[Review], shown: Review | None) -> Component:
    heads = ("class", "useless", "alarms", "proposed")
    head = html.Tr([html.Th(say(f"alarm_reviews.head_{name}"), scope="col") for name in heads])
    rows = [_row(say, one, found, here=shown is not None and one.id == shown.id) for one in found]
    return html.Table([html.Thead(head), html.Tbody(rows)], className="quality-table reviews-table")


def _row(say: Words, one: Review, found: Sequence[Review], *, here: bool) -> Component:
    href = f"/alarms/reviews?{urlencode({'rule': one.key})}"
    current = {"aria-current": "true"} if here else {}
    most = max(len(other.said) for other in found)
    return html.Tr(
        [
            html.Th(
                [
                    html.A(_title(say, one), href=href, **current),
                    html.Div(_type(say, one), className="quiet"),
                ],
                scope="row",
            ),
            html.Td(
                [
                    html.Strong(say.number(len(one.said))),
                    html.Progress(value=str(len(one.said)), max=str(most), **{"aria-hidden": "true"}),
                ],
                **_headed(say, "useless"),
            ),
            html.Td(say.number(one.figures.alarms), **_headed(say, "alarms")),
            html.Td(_brief(say, one), **_headed(say, "proposed")),
        ],
        key=str(one.id),
        className="reviews-row here" if here else "reviews-row",
        **{"data-go": href},
    )


def _headed(say: Words, name: str) -> dict[str, str]:
    """What a cell is called where a narrow screen has no row of heads."""
    return {"data-head": say(f"alarm_reviews.head_{name}")}


def _brief(say: Words, one: Review) -> list[Any]:
    """What is proposed, in a line; and what became of it in the trial."""
    if one.drafted:
        return [say("alarm_reviews.written", n=one.drafted)]
    changes = one.proposal.changes if one.proposal else one.changes
    if not changes:
        return [html.Span(say("alarm_reviews.by_hand"), className="quiet")]
    lines = [html.Div(_arrow(say, one, change)) for change in changes]
    trial = one.proposal.trial if one.proposal else None
    if trial:
        told = say("alarm_reviews.brief", after=say.number(trial.proposed), before=say.number(trial.present))
        lines.append(html.Div(told, className="quiet"))
    return lines


def _arrow(say: Words, one: Review, change: Change) -> str:
    after = value_words(say, one.rule, change.field, change.after)
    return f"{field_words(say, change.field)} → {after}"


def _title(say: Words, one: Review) -> str:
    return class_words(say, one.key, one.rule.title)


def _type(say: Words, one: Review) -> str:
    key = f"type.{one.asset_type}"
    return say(key) if say.has(key) else say("alarm_book.area")


def _sheet(say: Words, one: Review, *, keeps: bool, trying: bool) -> list[Any]:
    level = one.rule.priority
    stands = say("alarm_book.version", n=one.version) if one.version else say("alarm_book.off")
    return [
        _back(say),
        html.H2([f"{_type(say, one)} · {_title(say, one)}"], className="reviews-title"),
        html.P(
            [
                priority_symbol(level, 18), " ", say(f"outward.priority_{level}"), " · ", stands, " · ",
                rule_words(say, one.rule),
            ]
        ),
        _figures(say, one),
        _proposal(say, one, keeps=keeps, trying=trying),
        *([_acts(say, one)] if keeps else []),
        _said(say, one),
    ]  # fmt: skip


def _figures(say: Words, one: Review) -> Component:
    found, number = one.figures, say.number
    load = say("alarm_reviews.of_load", share=percent(say, found.share))
    rated_of = say("alarm_reviews.of_rated", n=number(found.rated))
    alarms, rated = max(found.alarms, 1), max(found.rated, 1)

    def counted(count: int) -> str:
        return say("alarm_reviews.count", n=number(count), of=number(found.alarms))

    told = (
        ("per_day", number(found.per_day, 1), load),
        ("alarms", number(found.alarms), say("alarm_reviews.of_days")),
        ("chattering", number(found.chattering), say("alarm_reviews.times")),
        ("fleeting", percent(say, found.fleeting / alarms), counted(found.fleeting)),
        ("useless", percent(say, found.useless / rated), rated_of),
        ("acted", percent(say, found.acted / alarms), counted(found.acted)),
    )
    return html.Dl(
        [
            html.Div(
                [
                    html.Dt(say(f"alarm_reviews.figure_{name}")),
                    html.Dd([html.Strong(value), html.Span(more)]),
                ]
            )
            for name, value, more in told
        ],
        className="reviews-figures",
    )


def _proposal(say: Words, one: Review, *, keeps: bool, trying: bool) -> Component:
    shown = None if trying else one.proposal
    changes = shown.changes if shown else one.changes
    if not changes:
        why = "by_hand_body" if one.version else "off_body"
        parts: list[Any] = [html.P(say(f"alarm_reviews.{why}"))]
    else:
        parts = [_changes(say, one, changes), *_tried(say, one, shown, keeps=keeps, trying=trying)]
    return html.Section([html.H3(say("alarm_reviews.proposal")), *parts], className="reviews-proposal")


def _changes(say: Words, one: Review, changes: Sequence[Change]) -> Component:
    heads = ("field", "now", "proposed", "because")
    head = html.Tr([html.Th(say(f"alarm_reviews.head_{name}"), scope="col") for name in heads])
    rows = [
        html.Tr(
            [
                html.Th(field_words(say, change.field), scope="row"),
                html.Td(value_words(say, one.rule, change.field, change.before), **_headed(say, "now")),
                html.Td(
                    html.Strong(value_words(say, one.rule, change.field, change.after)),
                    **_headed(say, "proposed"),
                ),
                html.Td(because(say, change), className="quiet"),
            ]
        )
        for change in changes
    ]
    return html.Table([html.Thead(head), html.Tbody(rows)], className="quality-table reviews-changes")


def _tried(say: Words, one: Review, shown: Proposal | None, *, keeps: bool, trying: bool) -> list[Any]:
    if trying:
        return [html.P(say("alarm_reviews.trying"), className="reviews-trying")]
    if shown is None:
        return [] if keeps else [html.P(say("alarm_reviews.untried"), className="quiet")]
    if shown.trial is None:
        return [html.P(say("alarm_reviews.not_on_record"), className="quiet")]
    at = [say.instant(one.proposed_at)] if one.proposed_at else []
    return [
        html.P(tried_sentence(say, shown.trial), className="reviews-sentence"),
        _bars(say, one, shown.trial),
        html.P(
            [say("alarm_reviews.tried_at", at=", ".join(at)), *_since(say, shown.trial)], className="quiet"
        ),
    ]


def _since(say: Words, trial: Trial) -> list[str]:
    """From when on the past is on record, where that is not all of it."""
    if trial.known_from <= trial.t0 + 86_400:
        return []
    return [" ", say("alarm_reviews.known", at=say.instant(datetime.fromtimestamp(trial.known_from, UTC)))]


def _bars(say: Words, one: Review, trial: Trial) -> Component:
    most = str(max(trial.present, trial.proposed, 1))
    lines: list[tuple[str, int, str, str]] = [
        (say("alarm_reviews.bar_now", n=one.version), trial.present, most, ""),
        (say("alarm_reviews.bar_then"), trial.proposed, most, "reviews-then"),
    ]
    return html.Dl(
        [
            html.Div(
                [
                    html.Dt(name),
                    html.Dd(
                        [
                            html.Progress(value=str(count), max=top, **{"aria-hidden": "true"}),
                            html.Strong(say.number(count)),
                        ]
                    ),
                ],
                className=kind,
            )
            for name, count, top, kind in lines
        ],
        className="reviews-bars",
    )


def _acts(say: Words, one: Review) -> Component:
    rule = f"/alarms/rules?{urlencode({'rule': one.key})}"
    close = html.Button(
        say("alarm_reviews.close_ask"), type="button", className="button", **{"data-act": f"close:{one.id}"}
    )
    if one.drafted:
        told = say("alarm_reviews.drafted", n=one.drafted, who=one.drafted_by)
        first = [html.P(told), html.A(say("alarm_reviews.to_version"), href=rule, className="button primary")]
    elif one.proposal or one.changes:
        href = f"{rule}&{urlencode({'proposed': one.id})}"
        first = [html.A(say("alarm_reviews.take"), href=href, className="button primary")]
    else:
        first = [html.A(say("alarm_reviews.to_rule"), href=rule, className="button primary")]
    return html.Div([*first, close], className="outside-acts reviews-acts")


def _said(say: Words, one: Review) -> Component:
    heads = ("when", "who", "on", "said")
    head = html.Tr([html.Th(say(f"alarm_reviews.head_{name}"), scope="col") for name in heads])
    shown = one.said[:SAID_MOST]
    told = say("alarm_reviews.said_by", n=say.number(len(one.said)), people=say.number(one.people))
    left = len(one.said) - len(shown)
    return html.Section(
        [
            html.H3(say("alarm_reviews.said")),
            html.P([told, " ", _things(say, one)], className="quiet"),
            html.Table(
                [html.Thead(head), html.Tbody([_opinion(say, said) for said in shown])],
                className="quality-table reviews-said",
            ),
            *([html.P(say("alarm_reviews.more", n=say.number(left)), className="quiet")] if left else []),
        ]
    )


def _things(say: Words, one: Review) -> str:
    """The equipment it was said of most."""
    counted = Counter(said.asset or said.place for said in one.said).most_common()
    named = ", ".join(f"{name} ({count})" for name, count in counted[:THINGS_MOST])
    key = "alarm_reviews.of_these" if len(counted) <= THINGS_MOST else "alarm_reviews.of_most"
    return say(key, n=say.number(len(counted)), named=named)


def _opinion(say: Words, one: Said) -> Component:
    role = say(f"role.{one.role}") if one.role else ""
    thing = html.A(one.asset, href=f"/?asset={quote(one.asset)}") if one.asset else ""
    return html.Tr(
        [
            html.Th(say.soon(one.at), scope="row"),
            html.Td([one.name, html.Div(role, className="quiet")]),
            html.Td([thing, html.Div(one.place, className="quiet")]),
            html.Td(one.text or html.Span(say("alarm_reviews.no_words"), className="quiet")),
        ],
        key=str(one.alarm_id) + one.name,
    )
