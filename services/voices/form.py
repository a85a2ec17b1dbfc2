"""The form a citizen writes in, wherever it stands: where it goes, what it offers, what was typed before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from model.texts import Words
from model.voice_words import subject_title
from model.voices import EMAIL_MOST, NAME_MOST, USE_MOST, WORDS_MOST, LetterKind
from services.settings import Settings
from services.voices.subjects import Subject, subjects

TEMPLATES = Path(__file__).parent / "templates"
"""Of the form and of the pages that answer it; the public site puts the form on its own pages."""
PATH = "/say"
TRAP = "website"
"""A field nobody sees: whoever fills it is a program."""
FIELDS = ("kind", "about", "words", "use", "name", "email", TRAP, "lang", "theme")


@dataclass(frozen=True)
class Form:
    """The form as a template wants it. ``fixed`` is the subject in words where it is not to be chosen."""

    action: str
    subjects: list[Subject]
    values: Mapping[str, str]
    fixed: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)
    kinds: tuple[str, ...] = tuple(kind.value for kind in LetterKind)
    most: Mapping[str, int] = field(
        default_factory=lambda: {"words": WORDS_MOST, "use": USE_MOST, "name": NAME_MOST, "email": EMAIL_MOST}
    )


def form_of(
    settings: Settings,
    say: Words,
    theme: str,
    values: Mapping[str, str] | None = None,
    *,
    fixed: bool = False,
    wrong: Mapping[str, str] | None = None,
) -> Form:
    """The form in the language of ``say``, filled with ``values``; ``fixed``: its subject is not chosen."""
    filled = dict.fromkeys(FIELDS, "") | {"lang": say.language, "theme": theme} | dict(values or {})
    known = subjects(say)
    # A panel is not in the list: whoever came from one keeps it.
    if filled["about"] not in {one.value for one in known}:
        known = [Subject(filled["about"], subject_title(filled["about"], say)), *known]
    told = subject_title(filled["about"], say) if fixed else ""
    return Form(voice_address(settings), known, filled, told, dict.fromkeys(FIELDS, "") | dict(wrong or {}))


def voice_address(settings: Settings) -> str:
    """Where the form goes: the setting, or the devices' door of ``make run``."""
    return settings.voice_url or f"http://localhost:{settings.intake_port}{PATH}"


def voice_origin(settings: Settings) -> str:
    """The origin a page with the form must allow beside its own; empty where it is its own."""
    parts = urlsplit(voice_address(settings))
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def site_address(settings: Settings) -> str:
    """Where the public site is, seen from the page that answers the form; ends with a slash or is empty.

    Behind the public proxy both are one origin and the form's path stands beside the site's pages.
    """
    return f"{settings.public_address}/" if voice_origin(settings) else ""


def spelled(reference: str) -> str:
    """A reference as it is kept, whatever case, spaces or hyphens somebody typed it with."""
    bare = "".join(c for c in reference.upper() if c.isascii() and c.isalnum())[:8]
    return f"{bare[:4]}-{bare[4:]}"
