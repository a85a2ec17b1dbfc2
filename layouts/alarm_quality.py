"""The board of alarm quality: is this position overloaded, by which measure, and because of what. Pure."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from dash import html
from dash.development.base_component import Component

from layouts.alarm_pages import alarm_ways
from layouts.alarm_strip import strip
from layouts.board_tabs import print_button
from layouts.ids import AlarmQualityPage
from layouts.shell import state_card, top_bar
from layouts.steady import Steady
from layouts.symbols import freshness_symbol, priority_symbol
from layouts.view import PageView
from model.alarm_quality import AlarmQuality, FloodSpan, Offender, Position, RuleFigures
from model.alarm_targets import RESPONSE_S, Measure, Target, measures, overall
from model.texts import Words

PERIODS = (1, 7, 30, 90)
FLOODS_MOST, CLASSES_MOST = 12, 10
SIGNS = {"met": "live", "above": "late", "over": "stale"}


def page(say: Words, view: PageView) -> Component:
    """The page before anything was read."""
    loading = state_card("loading", say("alarm_quality.loading"), "")
    return html.Div(
        [
            top_bar(say, view, right=[print_button(say)]),
            alarm_ways(say, view),
            html.H1(say("page.alarm_quality"), className="unseen"),
            html.Section(
                Steady(id=AlarmQualityPage.BODY, tree=loading),
                className="quality-scroll", tabIndex="0", **{"aria-label": say("page.alarm_quality")},
            ),
        ],
        className="manage quality",
    )  # fmt: skip


def away(say: Words, why: str) -> Component:
    """What stands there while the database does not answer."""
    return state_card("broken", say("alarm_quality.away"), why)


def position_name(say: Words, position: Position) -> str:
    """A position by its name; the whole room has the catalogues'."""
    return position.name or say("alarm_quality.whole_room")


def board(
    say: Words, found: AlarmQuality, positions: Sequence[Position], targets: dict[str, Target], days: int,
    *, works: bool = True,
) -> Component:  # fmt: skip
    """The board of one position over the last ``days`` days. ``works``: the reader works with the alarms;
    to others classes are told alone, without the equipment and the pages they may not open."""
    return html.Div(
        [
            _head(say, found, positions, targets, days),
            html.Div(
                [
                    html.Div(
                        [
                            html.Section([html.H2(say("alarm_quality.strip")), strip(say, found)]),
                            _offenders(say, found) if works else _classes(say, found),
                            _floods(say, found, works=works),
                        ]
                    ),
                    html.Div(
                        [
                            html.Section(
                                [html.H2(say("alarm_quality.figures")), _figures(say, found, targets)]
                            ),
                            _responses(say, found),
                        ]
                    ),
                ],
                className="quality-columns",
            ),
            html.P(say("alarm_quality.unsure"), className="quiet quality-foot"),
        ],
        className="quality-board",
    )


def _head(
    say: Words, found: AlarmQuality, positions: Sequence[Position], targets: dict[str, Target], days: int
) -> Component:
    word = overall(found, targets)
    sentence = say(
        f"alarm_quality.sentence_{word}", name=position_name(say, found.position),
        hour=say.number(found.per_hour, 1), flood=percent(say, found.in_flood),
        most=say.number(targets["per_hour"].most), accepted=say.number(targets["per_hour"].value),
    )  # fmt: skip
    when = say("alarm_quality.period", t0=say.instant(found.t0), t1=say.instant(found.t1))
    watched = say("alarm_quality.watched", share=percent(say, found.watched))
    return html.Header(
        [
            html.P(sentence, className="board-sentence"),
            html.Div(
                [
                    html.Span(when),
                    html.Span(watched, className="" if found.watched > 0.99 else "quality-warn"),
                    *_left_out(say, found),
                    html.Nav(
                        [
                            _way(say(f"alarm_quality.days_{n}"), found.position, n, here=n == days)
                            for n in PERIODS
                        ],
                        className="quality-ways", **{"aria-label": say("alarm_quality.periods")},
                    ),
                    *_positions(say, found.position, positions, days),
                ],
                className="quality-when",
            ),
        ],
        className="board-head",
    )  # fmt: skip


def _left_out(say: Words, found: AlarmQuality) -> list[Component]:
    """How many alarms are in no rate, since they began while nobody watched."""
    if not found.unwatched:
        return []
    return [
        html.Span(say("alarm_quality.unwatched", n=say.number(found.unwatched)), className="quality-warn")
    ]


def _positions(say: Words, here: Position, positions: Sequence[Position], days: int) -> list[Component]:
    if len(positions) < 2:
        return []
    ways = [_way(position_name(say, one), one, days, here=one == here) for one in positions]
    label = {"aria-label": say("alarm_quality.positions")}
    return [html.Nav(ways, className="quality-ways", **label)]


def _way(text: str, position: Position, days: int, *, here: bool) -> Component:
    href = f"/alarms/quality?{urlencode({'days': days, 'position': position.name})}"
    current = {"aria-current": "true"} if here else {}
    return html.A(text, href=href, className="step here" if here else "step", **current)


def percent(say: Words, share: float) -> str:
    """A share as a percentage, a decimal below ten."""
    return f"{say.number(share * 100, 1 if 0 < share < 0.1 else 0)}\u202f%"


def shown(say: Words, one: Measure | Target, kind: str, value: float) -> str:
    """A figure in its kind: a rate with a decimal, a share as a percentage."""
    if kind == "share":
        return percent(say, value)
    whole = isinstance(one, Target) and float(value).is_integer()
    return say.number(value, 0 if kind == "count" or whole else 1)


def _figures(say: Words, found: AlarmQuality, targets: dict[str, Target]) -> Component:
    heads = ("measure", "value", "target", "source")
    rows = [_figure(say, found, one) for one in measures(found, targets)]
    head = html.Tr([html.Th(say(f"alarm_quality.head_{name}"), scope="col") for name in heads])
    return html.Table([html.Thead(head), html.Tbody(rows)], className="quality-table quality-figures")


def _figure(say: Words, found: AlarmQuality, one: Measure) -> Component:
    at = {"peak_bin": found.peak_bin_at, "peak_hour": found.peak_hour_at}.get(one.name)
    sign = SIGNS.get(one.verdict)
    told = say(f"alarm_quality.verdict_{one.verdict}")
    return html.Tr(
        [
            html.Th(
                [
                    say(f"alarm_quality.measure_{one.name}"),
                    *([html.Div(say.soon(at), className="quiet")] if at else []),
                ],
                scope="row",
            ),
            html.Td(
                [
                    html.Strong(shown(say, one, one.kind, one.value)),
                    *([freshness_symbol(sign, 16), html.Span(told, className="unseen")] if sign else []),
                ],
                className=f"figure-{one.verdict}",
            ),
            html.Td(_target(say, one)),
            html.Td(_source(say, one.target), className="quiet"),
        ]
    )


def _target(say: Words, one: Measure) -> str:
    if one.target is None:
        return "–"
    text = ("≥" if one.target.least else "≤") + "\u202f" + shown(say, one.target, one.kind, one.target.value)
    if one.target.most == one.target.value:
        return text
    return f"{text} · {say('alarm_quality.at_most', n=shown(say, one.target, one.kind, one.target.most))}"


def _source(say: Words, target: Target | None) -> str:
    if target is None:
        return "–"
    return target.source if target.sure else f"{target.source} ({say('alarm_quality.unverified')})"


def class_words(say: Words, key: str, title: dict[str, str]) -> str:
    """An alarm class in words: its own title, the catalogues', or its key."""
    text = f"alarm.rule.{key}"
    own = title.get(say.language) or title.get("fr") or next(iter(title.values()), "")
    return own or (say(text) if say.has(text) else key)


def _offenders(say: Words, found: AlarmQuality) -> Component:
    if not found.offenders:
        return html.Section([html.H2(say("alarm_quality.offenders")), html.P(say("alarm_quality.none"))])
    chatter = {(one.rule_key, one.asset): one.count for one in found.chattering}
    heads = ("class", "asset", "count", "share")
    head = html.Tr([html.Th(say(f"alarm_quality.head_{name}"), scope="col") for name in heads])
    return html.Section(
        [
            html.H2(say("alarm_quality.offenders")),
            html.P(
                say(
                    "alarm_quality.offenders_body",
                    n=len(found.offenders),
                    share=percent(say, found.offenders_share),
                ),
                className="quiet",
            ),
            html.Table(
                [
                    html.Thead(head),
                    html.Tbody(
                        [
                            _offender(say, one, chatter.get((one.rule_key, one.asset), 0), found)
                            for one in found.offenders
                        ]
                    ),
                ],
                className="quality-table",
            ),
        ]
    )


def _classes(say: Words, found: AlarmQuality) -> Component:
    """The busiest classes of alarm, without a word of the single equipment."""
    if not found.rules:
        return html.Section([html.H2(say("alarm_quality.classes")), html.P(say("alarm_quality.none"))])
    heads = ("class", "count", "share", "acted", "useless")
    head = html.Tr([html.Th(say(f"alarm_quality.head_{name}"), scope="col") for name in heads])
    return html.Section(
        [
            html.H2(say("alarm_quality.classes")),
            html.Table(
                [
                    html.Thead(head),
                    html.Tbody([_class(say, one, found) for one in found.rules[:CLASSES_MOST]]),
                ],
                className="quality-table",
            ),
        ]
    )


def _class(say: Words, one: RuleFigures, found: AlarmQuality) -> Component:
    kind = f"type.{one.key.partition('.')[0]}"
    lines: list[Any] = [class_words(say, one.key, one.title)]
    lines += [html.Div(say(kind), className="quiet")] if say.has(kind) else []
    if one.chattering:
        lines.append(html.Div(say("alarm_quality.chatters", n=one.chattering), className="quality-warn"))
    return html.Tr(
        [
            html.Th(lines, scope="row"),
            html.Td(say.number(one.alarms)),
            html.Td(_bar(say, one.alarms / found.rules[0].alarms, one.share)),
            html.Td(say.number(one.acted)),
            html.Td(say.number(one.useless)),
        ]
    )


def _bar(say: Words, wide: float, share: float) -> list[Any]:
    """A share, and a bar as ``wide`` (0 to 1) as it is beside the first of its table."""
    return [
        html.Progress(value=str(round(wide, 3)), max="1", **{"aria-hidden": "true"}),
        percent(say, share),
    ]


def _offender(say: Words, one: Offender, chatter: int, found: AlarmQuality) -> Component:
    wide = one.count / found.offenders[0].count
    rule = f"/alarms/rules?{urlencode({'rule': one.rule_key})}"
    lines: list[Any] = [html.A(class_words(say, one.rule_key, one.title), href=rule)]
    if chatter:
        lines.append(html.Div(say("alarm_quality.chatters", n=chatter), className="quality-warn"))
    return html.Tr(
        [
            html.Th(lines, scope="row"),
            html.Td([html.A(one.asset, href=f"/?asset={quote(one.asset)}"), " ", one.name]),
            html.Td(say.number(one.count)),
            html.Td(_bar(say, wide, one.share)),
        ]
    )


def _responses(say: Words, found: AlarmQuality) -> Component:
    heads = ("priority", "alarms", "acknowledged", "median", "p95", "target")
    head = html.Tr([html.Th(say(f"alarm_quality.head_{name}"), scope="col") for name in heads])
    rows = []
    for one in found.responses:
        limit = RESPONSE_S.get(one.priority)
        late = limit is not None and one.p95_s is not None and one.p95_s > limit
        rows.append(
            html.Tr(
                [
                    html.Th(
                        [priority_symbol(one.priority, 18), say(f"outward.priority_{one.priority}")],
                        scope="row", className="quality-priority",
                    ),
                    html.Td(say.number(one.count)),
                    html.Td(say.number(one.acknowledged)),
                    html.Td(_took(say, one.median_s)),
                    html.Td(_took(say, one.p95_s), className="figure-above" if late else ""),
                    html.Td(f"<\u202f{say.age(limit)}" if limit else "–"),
                ]
            )
        )  # fmt: skip
    return html.Section(
        [
            html.H2(say("alarm_quality.responses")),
            html.Table([html.Thead(head), html.Tbody(rows)], className="quality-table"),
        ]
    )


def _took(say: Words, seconds: float | None) -> str:
    return "–" if seconds is None else say.age(seconds)


def _began(say: Words, flood: FloodSpan, *, works: bool) -> Component | str:
    """When a flood began, as a way into the time machine for those who may open it."""
    text = say.instant(flood.begin)
    at = flood.begin.isoformat().replace("+00:00", "Z")
    return html.A(text, href="/history?" + urlencode({"at": at})) if works else text


def _floods(say: Words, found: AlarmQuality, *, works: bool) -> Component:
    if not found.floods:
        return html.Section([html.H2(say("alarm_quality.floods")), html.P(say("alarm_quality.no_flood"))])
    worst = sorted(found.floods, key=lambda flood: -flood.count)[:FLOODS_MOST]
    heads = ("begin", "lasted", "alarms", "peak")
    head = html.Tr([html.Th(say(f"alarm_quality.head_{name}"), scope="col") for name in heads])
    rows = [
        html.Tr(
            [
                html.Th(_began(say, flood, works=works), scope="row"),
                html.Td(say.age((flood.end - flood.begin).total_seconds())),
                html.Td(say.number(flood.count)),
                html.Td(say.number(flood.peak)),
            ]
        )
        for flood in worst
    ]
    told = say("alarm_quality.floods_body", n=len(found.floods), shown=len(worst))
    opens = [" ", say("alarm_quality.floods_open")] if works else []
    return html.Section(
        [
            html.H2(say("alarm_quality.floods")),
            html.P([told, *opens], className="quiet"),
            html.Table([html.Thead(head), html.Tbody(rows)], className="quality-table"),
        ]
    )
