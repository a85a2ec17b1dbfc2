"""What is taken of what people type: texts without control characters, of bounded length; local addresses."""

import unicodedata
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from model.errors import BadField
from model.notes import ADDRESS_MOST, BODY_MOST, LONGEST_NOTE, TITLE_MOST, NoteDraft, NoteKind
from model.typed import typed_text

OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=731)
"""How far ahead works may be announced."""


def checked_note(draft: NoteDraft, now: datetime) -> NoteDraft:
    """``draft`` with its texts cleaned. Raises BadField naming the field that cannot be taken."""
    if draft.kind not in set(NoteKind):
        raise BadField("kind", "unknown_kind", kind=draft.kind[:20])
    title = typed_text("title", draft.title, TITLE_MOST)
    body = typed_text("body", draft.body, BODY_MOST, needed=False, lines=True)
    _checked_period(draft.t0, draft.t1, now)
    if draft.area_id is not None and draft.asset_id is not None:
        raise BadField("place", "two_places")
    return NoteDraft(draft.kind, title, body, draft.t0, draft.t1, draft.area_id, draft.asset_id)


def _checked_period(t0: datetime, t1: datetime, now: datetime) -> None:
    if t0.tzinfo is None or t1.tzinfo is None:
        raise BadField("t0" if t0.tzinfo is None else "t1", "no_zone")
    if t0 < OLDEST or t0 > now + AHEAD:
        raise BadField("t0", "too_far")
    if t1 < t0:
        raise BadField("t1", "ends_before")
    if t1 - t0 > LONGEST_NOTE:
        raise BadField("t1", "too_long_period", days=LONGEST_NOTE.days)


def checked_address(address: str, pages: Collection[str]) -> str:
    """``address`` as path and query of one of our own ``pages``. Raises BadField for any other.

    Browsers read a backslash as a slash and leave out tabs and line ends, so that ``/\\host`` or
    ``/<tab>/host`` lead elsewhere: both are refused, as is every scheme and host.
    """
    if not address or len(address) > ADDRESS_MOST:
        raise BadField("address", "bad_address")
    odd = "\\" in address or any(unicodedata.category(c)[0] in "CZ" for c in address)
    if odd or not address.startswith("/") or address.startswith("//"):
        raise BadField("address", "bad_address")
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or parts.path not in pages:
        raise BadField("address", "bad_address")
    return parts.path + (f"?{parts.query}" if parts.query else "")
