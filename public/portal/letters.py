"""Citizens' letters as the public site shows them: words, how each stands, its clock, and the answers."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from model.texts import Words
from model.voice_words import clock_text, subject_title
from model.voices import LetterKind, LetterState, dataset_of, days_left, digest_of, is_over
from public.opened import Open
from services.publishing import VOICES, VOICES_FILE

Told = Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """What the city wrote about a letter."""

    title: str
    at: str
    reason: str
    words: str
    appeal: str


@dataclass(frozen=True)
class Shown:
    """One letter in words. ``words`` is empty for one that is not published; ``told`` says how it stands."""

    reference: str
    kind: str
    about: str
    dataset: str
    received: str
    state: str
    clock: str
    late: bool
    language: str
    words: str
    use: str
    replies: tuple[Reply, ...]
    told: str
    changed: str


def told_letters(door: Open) -> dict[str, Any] | None:
    """What the publisher told of letters; None when it never did. Raises Unavailable."""
    manifest = door.shelf.published(VOICES)
    if manifest is None:
        return None
    found: dict[str, Any] = json.loads(door.shelf.read(manifest.files[VOICES_FILE]))
    return found


def letters_about(door: Open, subject: str) -> list[Told]:
    """The published letters about ``subject``, newest first."""
    told = told_letters(door)
    return [one for one in told["letters"] if one["subject"] == subject] if told else []


def letter_named(told: Told | None, reference: str) -> Told | None:
    """The letter of ``reference``: whole where it was published, else how it stands; None for none."""
    if told is None:
        return None
    published = (one for one in told["letters"] if one["reference"] == reference)
    hidden: Told | None = told["others"].get(digest_of(reference))
    return next(published, hidden)


def shown_letters(letters: Iterable[Told], say: Words, now: datetime) -> list[Shown]:
    """Each of ``letters`` in the language of ``say``, its clock as of ``now``."""
    return [shown_letter(one, say, now) for one in letters]


def shown_letter(one: Told, say: Words, now: datetime) -> Shown:
    """One letter in words, its clock as of ``now``."""
    clock, late = _clock(one, say, now)
    subject, state = one.get("subject", ""), LetterState(one["state"])
    return Shown(
        reference=one.get("reference", ""),
        kind=say(f"voices.kind_{one['kind']}"),
        about=subject_title(subject, say) if subject else "",
        dataset=dataset_of(subject),
        received=say("voices.received", day=_day(one["received_at"], say)),
        state=say(f"voices.state_{state}"),
        clock=clock,
        late=late,
        language=one["language"],
        words=one.get("words", ""),
        use=one.get("use", ""),
        replies=tuple(_replies(one, say)),
        told=_standing(one, say),
        changed=max([one["received_at"], *(one[name]["at"] for name in _REPLIES if name in one)]),
    )


_REPLIES = {"extension": "", "answer": "", "refusal": "refusal_"}
"""What the city may have written, in its order, and what its reasons begin with in the catalogues."""


def _replies(one: Told, say: Words) -> Iterable[Reply]:
    for name, reasons in _REPLIES.items():
        if name in one:
            reply = one[name]
            reason = say(f"voices.{reasons}{reply['reason']}") if reply["reason"] else ""
            title = say(f"voices.{name}_title")
            yield Reply(title, _day(reply["at"], say), reason, reply["words"], reply["appeal"])


def _standing(one: Told, say: Words) -> str:
    """How a letter that is not published stands, without a word of it."""
    day = _day(one["received_at"], say)
    if "hidden" in one:
        return f"{say('voices.found_hidden', day=day)} ({say('voices.hiding_' + one['hidden'])})"
    return say("voices.found_waiting", day=day)


def _clock(one: Told, say: Words, now: datetime) -> tuple[str, bool]:
    """What the clock says, and whether a request is late: nothing once it is over."""
    kind = LetterKind(one["kind"])
    if is_over(kind, LetterState(one["state"])):
        return "", False
    due = date.fromisoformat(one["due"])
    left = days_left(due, now, say.zone)
    return clock_text(say, kind, due, left), kind is LetterKind.REQUEST and left < 0


def _day(text: str, say: Words) -> str:
    return say.day(datetime.fromisoformat(text))
