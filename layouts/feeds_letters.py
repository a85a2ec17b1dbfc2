"""What a feed could not deliver: reasons, the items themselves, one item read, asking to try again. Pure."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.acts import needs
from layouts.ages import age
from layouts.feeds_address import Shown
from layouts.feeds_words import reason_help, reason_word
from layouts.shell import state_card
from layouts.symbols import icon, status_symbol
from model.letters import REPLAY_MOST, SETTLED, Letter, Letters, Reason, hex_lines, readable
from model.states import Status
from model.texts import Words

HEADS = ("reason", "ever", "kept", "still_open", "first_seen", "last_seen")
EXCERPT = 300
ACT_ONE, ACT_REASON = "replay-item", "replay-reason"

Read = tuple[Letter, bytes]


def letters_part(
    say: Words, letters: Letters, shown: Shown, read: Read | None, told: str = "", *, gone: bool = False
) -> Component:
    """The reasons of a feed and its dead letters; ``read`` the item open, ``gone`` when it is no longer kept.

    ``told`` is what became of the last thing asked for.
    """
    if not letters.reasons:
        return html.Section(
            [html.H3(say("feeds.letters")), html.P(say("feeds.no_rejects"), className="quiet")],
            className="reasons-part",
        )
    return html.Section(
        [
            html.H3(say("feeds.reasons")),
            _reasons(say, letters, shown),
            _chosen(say, letters, shown),
            html.P(told, className="told", role="status"),
            *([html.P(say("feeds.item_gone"), className="quiet")] if gone else []),
            html.H3(_title(say, letters)),
            _list(say, letters, shown, read),
            _pages(say, letters, shown),
        ],
        className="reasons-part",
    )


def letters_away(say: Words) -> Component:
    """The dead letters cannot be read."""
    return state_card("broken", say("feeds.letters_away"), say("feeds.letters_away_body"))


def _title(say: Words, letters: Letters) -> str:
    count = say.number(letters.total)
    if letters.reason:
        return say("feeds.letters_of", n=count, reason=reason_word(say, letters.reason))
    return say("feeds.letters_all", n=count)


# --- reasons ------------------------------------------------------------------------------------------


def _reasons(say: Words, letters: Letters, shown: Shown) -> Component:
    heads = [html.Th(say(f"feeds.{name}"), scope="col") for name in HEADS]
    rows = [_reason(say, one, shown) for one in letters.reasons]
    return html.Table(
        [
            html.Caption(say("feeds.reasons_caption"), className="unseen"),
            html.Thead(html.Tr(heads)),
            html.Tbody(rows),
        ],
        className="reasons",
    )


def _reason(say: Words, one: Reason, shown: Shown) -> Component:
    chosen = one.reason == shown.reason
    link = html.A(
        reason_word(say, one.reason),
        href=shown.with_reason(one.reason).href,
        **({"aria-current": "true"} if chosen else {}),
    )
    return html.Tr(
        [
            html.Th(link, scope="row"),
            html.Td(say.number(one.count)),
            html.Td(say.number(one.kept)),
            html.Td(say.number(one.open), className="wrong-text" if one.open else None),
            html.Td(say.soon(one.first_seen)),
            html.Td(age(say, one.last_seen.timestamp())),
        ],
        key=one.reason,
        className="chosen" if chosen else None,
    )


def _chosen(say: Words, letters: Letters, shown: Shown) -> Component:
    """The reason shown: what it means, the last excerpt, and the way to try all of it again."""
    one = next((r for r in letters.reasons if r.reason == shown.reason), None)
    if one is None:
        return html.P(say("feeds.choose_reason"), className="quiet", key="hint")
    excerpt = [html.Pre(one.excerpt[:EXCERPT], className="excerpt")] if one.excerpt else []
    return html.Div(
        [
            html.P([html.Code(one.reason), " ", reason_help(say, one.reason)]),
            *excerpt,
            _replay_all(say, one),
        ],
        className="reason-chosen",
        key=one.reason,
    )


def _replay_all(say: Words, one: Reason) -> Component:
    open_, waiting = one.open or 0, one.waiting or 0
    ready = open_ - waiting
    if ready <= 0:
        key = "feeds.all_waiting" if waiting else "feeds.none_open"
        return html.P(say(key, n=say.number(waiting)), className="quiet")
    at_once = min(ready, REPLAY_MOST)
    rest = [say("feeds.confirm_rest", n=say.number(REPLAY_MOST))] if ready > REPLAY_MOST else []
    number = say.number(at_once)
    return _for_keepers(
        say("feeds.replay_reason", n=number),
        " ".join([say("feeds.confirm_reason", n=number, reason=reason_word(say, one.reason)), *rest]),
        say("feeds.replay_go", n=number),
        ACT_REASON,
    )


def _for_keepers(*said: str) -> Component:
    return html.Div(confirmed(*said), **needs("replay"))


def confirmed(label: str, consequence: str, go: str, act: str) -> Component:
    """A button that first says what will happen; only the second one does it."""
    return html.Details(
        [
            html.Summary(label, className="button"),
            html.Div(
                [
                    html.P(consequence),
                    html.Button(go, type="button", className="button primary", **{"data-act": act}),
                ],
                className="confirm",
            ),
        ],
        className="confirmed",
    )


# --- the items ----------------------------------------------------------------------------------------


def _list(say: Words, letters: Letters, shown: Shown, read: Read | None) -> Component:
    if not letters.rows:
        return html.P(say("feeds.nothing_kept"), className="quiet")
    listed = {letter.id for letter in letters.rows}
    # An item opened by its address may stand on another page: it is then shown first.
    first = [_letter(say, read[0], shown, read)] if read and read[0].id not in listed else []
    rows = [_letter(say, letter, shown, read) for letter in letters.rows]
    return html.Ul([*first, *rows], className="letters one-reason" if letters.reason else "letters")


def _letter(say: Words, letter: Letter, shown: Shown, read: Read | None) -> Component:
    opened = read is not None and read[0].id == letter.id
    row = html.A(
        [
            html.Time(say.soon(letter.received_at), dateTime=letter.received_at.isoformat()),
            html.Span(reason_word(say, letter.reason), className="letter-reason"),
            html.Span(letter.asset or letter.detail or letter.form, className="letter-asset"),
            html.Span(outcome(say, letter), className="letter-outcome"),
            html.Code(excerpt(letter), className="letter-head"),
        ],
        href=shown.reading(letter.id).href,
        className="letter-row",
        **{"aria-expanded": "true" if opened else "false"},
    )
    inside = [_read(say, *read, helped=shown.reason == letter.reason)] if opened and read else []
    return html.Li([row, *inside], key=str(letter.id), className="letter open" if opened else "letter")


def excerpt(letter: Letter) -> str:
    """The beginning of the item on one line, text or bytes."""
    text = readable(letter.head) if letter.size <= len(letter.head) else _cut(letter.head)
    return " ".join(text.split()) if text is not None else letter.head[:40].hex(" ")


def _cut(head: bytes) -> str | None:
    """A head may end within a letter: up to three bytes are let go of."""
    cuts = (readable(head[: len(head) - cut]) for cut in range(4))
    return next((f"{text}…" for text in cuts if text is not None), None)


def outcome(say: Words, letter: Letter) -> list[Any]:
    """Where the letter stands: open, asked for, brought in, or refused again."""
    if letter.waiting:
        return [say("feeds.waiting")]
    if letter.outcome in SETTLED:
        return [icon("tick", 14), say(f"feeds.outcome_{letter.outcome}")]
    if letter.outcome:
        again = say("feeds.outcome_again", reason=reason_word(say, letter.outcome))
        return [status_symbol(Status.DEGRADED, 14), again]
    return []


def _read(say: Words, letter: Letter, item: bytes, *, helped: bool) -> Component:
    """The item with all that is known of it; what would help only where it is not said above already."""
    pairs = [
        (say("feeds.reason"), [html.Code(letter.reason), f" {letter.detail}"]),
        *([] if helped else [(say("feeds.helps"), reason_help(say, letter.reason))]),
        (say("feeds.asset"), letter.asset or "–"),
        (say("feeds.received_at"), say.instant_seconds(letter.received_at)),
        (say("feeds.trace"), html.Code(letter.trace or "–")),
        (say("feeds.form"), say(f"feeds.form_{letter.form}")),
        *_replayed(say, letter),
    ]
    text = readable(item)
    size = say("feeds.bytes", n=say.number(letter.size))
    kind = say("feeds.as_text") if text is not None else say("feeds.as_bytes")
    return html.Div(
        [
            html.Dl(
                [html.Div([html.Dt(name), html.Dd(value)]) for name, value in pairs], className="letter-facts"
            ),
            html.P(f"{kind} · {size}", className="quiet"),
            html.Pre(
                text if text is not None else "\n".join(hex_lines(item)),
                className="item",
                tabIndex="0",
                role="region",
                **{"aria-label": say("feeds.item")},
            ),
            *_replay_one(say, letter),
        ],
        className="letter-read",
    )


def _replayed(say: Words, letter: Letter) -> list[tuple[str, Any]]:
    if letter.asked_at is None:
        return []
    asked = say("feeds.asked", time=say.instant_seconds(letter.asked_at), by=letter.asked_by or "–")
    return [(say("feeds.replay"), [asked, " ", *outcome(say, letter)])]


def _replay_one(say: Words, letter: Letter) -> list[Component]:
    if letter.settled or letter.waiting:
        return []
    said = (say("feeds.replay_one"), say("feeds.confirm_one"), say("feeds.replay_one_go"))
    return [_for_keepers(*said, ACT_ONE)]


def _pages(say: Words, letters: Letters, shown: Shown) -> Component:
    if letters.pages == 1:
        return html.Div()
    before, after = letters.page - 1, letters.page + 1
    links: list[Any] = []
    if before >= 1:
        links.append(html.A(say("feeds.newer"), href=shown.on_page(before).href, className="button"))
    links.append(
        html.Span(say("feeds.page_of", page=say.number(letters.page), pages=say.number(letters.pages)))
    )
    if after <= letters.pages:
        links.append(html.A(say("feeds.older"), href=shown.on_page(after).href, className="button"))
    return html.Nav(links, className="pages", **{"aria-label": say("feeds.pages")})
