"""Adding to the city's memory: the dialogs of annotations, their button, the bookmarks of the past. Pure.

A page that lets people annotate places ``note_dialog`` once and ``add_button`` where it likes. What the
dialog begins with is read from the page's address, so any page with an address of its own may have it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dash import dcc, html
from dash.development.base_component import Component

from layouts import form_parts as form
from layouts.acts import needs
from layouts.history_address import period_of, read_chosen, read_instant
from layouts.ids import Notes, Past
from layouts.symbols import icon
from layouts.view import AreaChoice
from model.errors import BadField, BadRequest
from model.notes import BODY_MOST, TITLE_MOST, Bookmark, NoteDraft, NoteKind
from model.registry import AssetCard
from model.texts import Words

CITY = "city"
FIELDS = ("kind", "title", "body", "t0", "t1", "place")
FIELD_IDS = (Notes.KIND, Notes.TITLE, Notes.BODY, Notes.T0, Notes.T1, Notes.PLACE)


@dataclass(frozen=True)
class Begun:
    """What the dialog begins with: a period, and the asset or area the page shows (neither: the city)."""

    t0: datetime
    t1: datetime
    asset: str | None = None
    area: int | None = None


def begun(address: Mapping[str, str], now: datetime, say: Words) -> Begun:
    """What ``address`` shows at ``now``: A to B or the instant of the map, else the period of the charts."""
    area = address.get("area", "")
    asset = address.get("asset") or None
    a, b = (read_instant(address.get(name), now) for name in ("a", "b"))
    at = read_instant(address.get("at"), now)
    if a and b:
        return Begun(min(a, b), max(a, b), asset, int(area) if area.isdigit() else None)
    if at or "at" in address:
        return Begun(at or now, at or now, asset, int(area) if area.isdigit() else None)
    chosen = read_chosen(address)
    try:
        t0, t1 = period_of(chosen, now, say.zone)
    except BadRequest:
        t0, t1 = now - timedelta(days=1), now
    return Begun(t0, t1, chosen.asset, chosen.area or None)


def note_dialog(say: Words, areas: Sequence[AreaChoice] = (), *, may_withdraw: bool = True) -> Component:
    """The dialogs of annotations and the stores they use; once on a page, anywhere in it.

    ``areas`` may be empty where the page does not know them: the dialog is filled when it opens.
    """
    kinds = [{"value": kind.value, "label": say(f"notes.kind_{kind.value}")} for kind in NoteKind]
    parts = [
        form.select_field(Notes.KIND, say("notes.kind"), kinds, NoteKind.WORKS.value),
        form.text_field(Notes.TITLE, say("notes.title"), TITLE_MOST, **{"data-autofocus": True}),
        form.area_field(Notes.BODY, say("notes.body"), BODY_MOST),
        html.Div(
            [
                form.instant_field(Notes.T0, say("notes.t0")),
                form.instant_field(Notes.T1, say("notes.t1")),
            ],
            className="dialog-pair",
        ),
        form.select_field(Notes.PLACE, say("notes.place"), places(say, areas), CITY, searchable=True),
        form.ends(say, Notes.DIALOG, Notes.SAVE, say("notes.save"), Notes.TOLD),
    ]
    return html.Div(
        [
            dcc.Store(id=Notes.CHANGED),
            dcc.Store(id=Notes.PREFILLED),
            form.dialog(say, Notes.DIALOG, say("notes.add"), parts),
            *([_withdraw_dialog(say)] if may_withdraw else []),
        ],
        className="note-dialogs",
    )


def _withdraw_dialog(say: Words) -> Component:
    parts = [
        html.P(id=Notes.WITHDRAW_WHAT),
        form.ends(
            say, Notes.WITHDRAW_DIALOG, Notes.WITHDRAW_SAVE, say("notes.withdraw"), Notes.WITHDRAW_TOLD
        ),
    ]
    return html.Div(
        [
            dcc.Store(id=Notes.WITHDRAWING),
            form.dialog(say, Notes.WITHDRAW_DIALOG, say("notes.withdraw_title"), parts, size="md"),
        ]
    )


def add_button(say: Words) -> Component:
    """The button that opens the dialog."""
    return html.Button(
        [icon("plus", 16), say("notes.add")],
        id=Notes.ADD,
        type="button",
        className="button note-add",
        **needs("note"),
    )


def places(say: Words, areas: Sequence[AreaChoice], card: AssetCard | None = None) -> list[dict[str, str]]:
    """Where an annotation may be: the city, the asset shown, each area."""
    asset = [{"value": f"asset:{card.asset_id}", "label": card.name}] if card else []
    return [
        {"value": CITY, "label": say("history.whole_city")},
        *asset,
        *({"value": f"area:{area.id}", "label": area.name} for area in areas),
    ]


def draft_of(
    say: Words,
    kind: str | None,
    title: str | None,
    body: str | None,
    times: tuple[str | None, str | None],
    place: str | None,
    given: Mapping[str, str],
) -> NoteDraft:
    """What was typed as an annotation to write. Raises BadField for an instant or place that is none."""
    where, _, number = (place or CITY).partition(":")
    if where not in (CITY, "area", "asset") or (where != CITY and not number.isdigit()) or len(number) > 18:
        raise BadField("place", "unknown_place")
    return NoteDraft(
        kind or "", title or "", body or "",
        form.read_field(say, "t0", times[0], given), form.read_field(say, "t1", times[1], given),
        area_id=int(number) if where == "area" else None,
        asset_id=int(number) if where == "asset" else None,
    )  # fmt: skip


# --- bookmarks ----------------------------------------------------------------------------------------


def bookmark_parts(say: Words) -> Component:
    """Keeping the address that is shown under a title, and the list of those kept."""
    return html.Div(
        [
            html.Div(
                [
                    form.text_field(Past.BOOKMARK_TITLE, say("notes.bookmark_title"), TITLE_MOST),
                    html.Button(
                        say("notes.bookmark_save"), id=Past.BOOKMARK_SAVE, type="button",
                        className="button primary",
                    ),
                    html.P(id=Notes.BOOKMARK_TOLD, className="dialog-told", role="status"),
                ],
                className="bookmark-new",
                **needs("note"),
            ),
            html.Div(id=Past.BOOKMARKS, className="bookmark-list"),
            dcc.Store(id=Notes.BOOKMARK_GONE),
        ],
        className="bookmark-parts",
    )  # fmt: skip


def bookmark_list(say: Words, bookmarks: Sequence[Bookmark]) -> Component:
    """The bookmarks kept, the latest first, each a link; one sentence when there are none."""
    if not bookmarks:
        return html.P(say("notes.no_bookmark"), className="quiet")
    return html.Ul([_bookmark(say, one) for one in bookmarks], className="bookmark-rows")


def _bookmark(say: Words, one: Bookmark) -> Component:
    signed = say("notes.signed", author=one.author, made=say.instant(one.made_at))
    remove = html.Button(
        icon("close", 14), type="button", className="bookmark-remove",
        **{
            "data-remove-bookmark": str(one.id),
            "aria-label": say("notes.bookmark_remove", title=one.title),
            "title": say("notes.bookmark_remove", title=one.title),
        },
    )  # fmt: skip
    return html.Li(
        [
            html.Div(
                [dcc.Link(one.title, href=one.address, refresh=True), html.Span(signed, className="quiet")]
            ),
            remove,
        ]
    )


# --- what dialogs are told when they open ----------------------------------------------------------------


def opened_with(say: Words, start: Begun) -> tuple[str, str, dict[str, str]]:
    """The texts of both instant fields, and the instants they stand for."""
    # To the minute: what a person means, and what she would type.
    instants = [at.astimezone(UTC).replace(second=0, microsecond=0) for at in (start.t0, start.t1)]
    texts = [form.field_text(say, at) for at in instants]
    exact = {text: at.isoformat() for text, at in zip(texts, instants, strict=True)}
    return texts[0], texts[1], exact
