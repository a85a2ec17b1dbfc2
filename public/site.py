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
from public.addresses import address
from public.answers import TEMPLATES, THEMES, Look, away, environment, look, wrong
from public.headers import FRESH, site_policy, unchanged
from public.opened import Open
from services.publishing import Manifest, csp_hash

SECTIONS = (
    ("panels", ""),
    ("datasets", "datasets"),
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
        page = make(door, chosen, words(chosen.language, _zone(door)))
        if page is None:
            return missing()
        body, policy = rendered(door, request, chosen, page)
    except BadRequest as error:
        return wrong(str(error))
    except Unavailable:
        return away(door.origins)
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": FRESH, "content-security-policy": policy}
    if unchanged(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, page.status, headers, "text/html")


def rendered(door: Open, request: Request, chosen: Look, page: Page) -> tuple[str, str]:
    """The page's bytes and its policy: our one style and script by hash, nothing from elsewhere."""
    manifests = list(door.shelf.all())
    root = "../" * request.url.path.strip("/").count("/")
    found = typeface(manifests)
    style = environment().get_template("site.css").render(
        colours=colours(chosen.theme), dark=chosen.theme == "dark", font=f"{root}{found}" if found else ""
    )  # fmt: skip
    script = (TEMPLATES / page.script).read_text(encoding="utf-8") if page.script else ""
    body = environment().get_template(page.template).render(
        say=words(chosen.language, _zone(door)), look=chosen, page=page, root=root,
        city=_city(manifests),
        query=f"?lang={chosen.language}&theme={chosen.theme}",
        sections=SECTIONS, languages=LANGUAGES, themes=THEMES, address=address(door.settings),
        style=Markup(style), script=Markup(script), **page.shows,  # noqa: S704 - our own files
    )  # fmt: skip
    return body, site_policy((csp_hash(script),) if script else (), (csp_hash(style),), page.sends_to)


def _city(manifests: list[Manifest]) -> str:
    """The city's name, as its publications say it."""
    found = (manifest.about.get("city") for manifest in manifests)
    return next((str(name) for name in found if name), "")


def typeface(manifests: list[Manifest]) -> str:
    """Where the typeface is, from the door's root; empty without one."""
    fonts = (manifest.files.get("font.woff2") for manifest in manifests)
    return next((f"fonts/{found.sha256}.woff2" for found in fonts if found), "")


def _zone(door: Open) -> str:
    """The city's time zone, as its publications say it."""
    found = (manifest.about.get("time_zone") for manifest in door.shelf.all())
    return next((str(zone) for zone in found if zone), "Europe/Paris")
