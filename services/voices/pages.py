"""The two pages that answer the form: thanks with the reference, or what could not be taken, words kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from model.errors import BadField
from model.texts import LANGUAGES, Words, words
from model.tokens import colours
from services.publishing import csp_hash
from services.settings import Settings
from services.voices.form import TEMPLATES, form_of, site_address, voice_origin

THEMES = ("light", "dark")


@dataclass(frozen=True)
class Said:
    """One page and the policy it needs."""

    body: str
    policy: str


def spoken(fields: Mapping[str, str], settings: Settings, zone: str) -> Words:
    """The words of the language the form was in; the city's own for one there is not."""
    asked = fields.get("lang", "")
    return words(asked if asked in LANGUAGES else settings.language, zone)


def thanks(settings: Settings, say: Words, fields: Mapping[str, str], reference: str) -> Said:
    """The letter was kept under ``reference``."""
    return _page(settings, say, fields, reference=reference, title=say("voices.thanks"), told="", form=None)


def not_taken(
    settings: Settings, say: Words, fields: Mapping[str, str], told: str, error: BadField | None = None
) -> Said:
    """The form once more with what was typed: ``told`` says why, at the field where ``error`` names one."""
    wrong = {error.field: what_is_wrong(say, error)} if error else {}
    form = form_of(settings, say, _theme(fields), fields, wrong=wrong)
    return _page(
        settings, say, fields, reference="", title=say("voices.not_sent"), told=told, form=form
    )  # fmt: skip


def what_is_wrong(say: Words, error: BadField) -> str:
    """Why a field was not taken, in words."""
    own = f"voices.bad_{error.field}_{error.reason}"
    key = own if say.has(own) else f"voices.bad_{error.reason}"
    return say(key, **{name: say.number(float(str(value))) for name, value in error.values.items()})


def _page(settings: Settings, say: Words, fields: Mapping[str, str], **shows: object) -> Said:
    theme = _theme(fields)
    style = _templates().get_template("said.css").render(colours=colours(theme), dark=theme == "dark")
    body = _templates().get_template("said.html").render(
        say=say, theme=theme, site=site_address(settings), query=f"?lang={say.language}&theme={theme}",
        style=Markup(style), **shows,  # noqa: S704 - our own file
    )  # fmt: skip
    return Said(body, _policy(settings, style))


def _policy(settings: Settings, style: str) -> str:
    forms = " ".join(filter(None, ("'self'", voice_origin(settings))))
    return (
        f"default-src 'none'; style-src '{csp_hash(style)}'; img-src data:; base-uri 'none'; "
        f"form-action {forms}; frame-ancestors 'none'"
    )


def _theme(fields: Mapping[str, str]) -> str:
    return fields["theme"] if fields.get("theme") in THEMES else THEMES[0]


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
