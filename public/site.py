"""The pages of the public site: one frame with the same ways in, in each language and theme, no cookies."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from model.errors import BadRequest, Unavailable
from model.texts import LANGUAGES, Words, words
from model.tokens import colours
from public.answers import TEMPLATES, THEMES, Look, away, environment, look, wrong
from public.headers import FRESH, site_policy, unchanged
from public.opened import Open
from services.publishing import Manifest, csp_hash

SECTIONS = (
    ("panels", ""),
    ("datasets", "datasets"),
    ("programs", "programs"),
    ("requests", "requests"),
    ("transparency", "transparency"),
)
"""The ways in: key of the text and path, in the order of the navigation."""


@dataclass(frozen=True)
class Page:
    """One page as its template wants it: which, the section it is in, its title, and what it shows.

    ``sends_to`` is the origin its form goes to, where that is another one.
    """

    template: str
    section: str
    title: str
    shows: dict[str, object]
    script: str = ""
    sends_to: str = ""
    status: int = 200


Make = Callable[[Open, Look, Words], Page | None]


def site_answer(door: Open, request: Request, make: Make, missing: Callable[[], Response]) -> Response:
    """The page that ``make`` gives, or what ``missing`` answers when there is none; 400 or 503 as it fits."""
    try:
        chosen = look(request.query_params, door.settings.language)
        manifests = list(door.shelf.all())
        say = words(chosen.language, _first(manifests, "time_zone") or "Europe/Paris")
        page = make(door, chosen, say)
        if page is None:
            return missing()
        body, policy = _rendered(door, request, Shown(chosen, say, manifests), page)
    except BadRequest as error:
        return wrong(str(error))
    except Unavailable:
        return away(door.origins)
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": FRESH, "content-security-policy": policy}
    if unchanged(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, page.status, headers, "text/html")


@dataclass(frozen=True)
class Shown:
    """What a page is shown in: the visitor's choice, the words, and what is published, looked at once."""

    look: Look
    say: Words
    manifests: list[Manifest]


def _rendered(door: Open, request: Request, shown: Shown, page: Page) -> tuple[str, str]:
    """The page's bytes and its policy: our one style and script by hash, nothing from elsewhere."""
    chosen = shown.look
    root = "../" * request.url.path.strip("/").count("/")
    found = typeface(shown.manifests)
    style = environment().get_template("site.css").render(
        colours=colours(chosen.theme), dark=chosen.theme == "dark", font=f"{root}{found}" if found else ""
    )  # fmt: skip
    script = (TEMPLATES / page.script).read_text(encoding="utf-8") if page.script else ""
    body = environment().get_template(page.template).render(
        say=shown.say, look=chosen, page=page, root=root,
        city=_first(shown.manifests, "city"),
        query=f"?lang={chosen.language}&theme={chosen.theme}",
        sections=SECTIONS, languages=LANGUAGES, themes=THEMES, address=door.settings.public_address,
        style=Markup(style), script=Markup(script), **page.shows,  # noqa: S704 - our own files
    )  # fmt: skip
    return body, site_policy((csp_hash(script),) if script else (), (csp_hash(style),), page.sends_to)


def typeface(manifests: list[Manifest]) -> str:
    """Where the typeface is, from the door's root; empty without one."""
    fonts = (manifest.files.get("font.woff2") for manifest in manifests)
    return next((f"fonts/{found.sha256}.woff2" for found in fonts if found), "")


def _first(manifests: list[Manifest], fact: str) -> str:
    """What the first publication that tells ``fact`` says of it; empty when none does."""
    found = (manifest.about.get(fact) for manifest in manifests)
    return next((str(told) for told in found if told), "")
