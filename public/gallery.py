"""The gallery: every published panel, as it looks, with the lines to paste into a page."""

import hashlib
from datetime import date

from babel.dates import format_date
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from model.errors import BadRequest, Unavailable
from model.texts import LANGUAGES, words
from model.tokens import colours
from public.answers import TEMPLATES, THEMES, Look, away, environment, look, wrong
from public.embeds import Open
from public.headers import FRESH, SANDBOX, gallery_policy, unchanged
from services.publishing import Manifest, csp_hash
from services.settings import Settings

HEIGHT = 590
"""Of the frame in the snippet, in css pixels: all of a panel 420 wide; pages may follow its message."""


async def gallery(door: Open, request: Request) -> Response:
    """The gallery page in the asked language and theme; it says so when nothing is published."""
    try:
        chosen = look(request.query_params, door.settings.language)
        body, scripts, styles = page(door, chosen, list(door.shelf.all()))
    except BadRequest as error:
        return wrong(str(error))
    except Unavailable:
        return away(door.origins)
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    headers = {
        "etag": etag,
        "cache-control": FRESH,
        "content-security-policy": gallery_policy(scripts, styles),
    }
    if unchanged(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="text/html")


def page(door: Open, chosen: Look, manifests: list[Manifest]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The page, and the hashes of its script and its style."""
    style = environment().get_template("gallery.css").render(
        colours=colours(chosen.theme), dark=chosen.theme == "dark", font=typeface(manifests)
    )  # fmt: skip
    script = (TEMPLATES / "gallery.js").read_text(encoding="utf-8")
    say = words(chosen.language)
    body = environment().get_template("gallery.html").render(
        say=say, look=chosen, panels=[_panel(one, chosen) for one in manifests],
        city=manifests[0].about["city"] if manifests else "", origins=door.origins,
        address=address(door.settings), sandbox=SANDBOX, height=HEIGHT, languages=LANGUAGES, themes=THEMES,
        style=Markup(style), script=Markup(script),  # noqa: S704 - our own files
    )  # fmt: skip
    return body, (csp_hash(script),), (csp_hash(style),)


def _panel(manifest: Manifest, chosen: Look) -> dict[str, object]:
    day = manifest.about.get("day")
    locale = "en_GB" if chosen.language == "en" else chosen.language
    return {
        "name": manifest.publication,
        "title": manifest.about["titles"][chosen.language],
        "day": format_date(date.fromisoformat(day), "long", locale=locale) if day else "",
        "version": manifest.version,
    }


def typeface(manifests: list[Manifest]) -> str:
    """Where the typeface is, from the door's root; empty without one."""
    fonts = (manifest.files.get("font.woff2") for manifest in manifests)
    return next((f"fonts/{found.sha256}.woff2" for found in fonts if found), "")


def address(settings: Settings) -> str:
    """Where visitors reach this door, without a slash at the end."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = "localhost" if settings.public_host in ("127.0.0.1", "0.0.0.0", "::") else settings.public_host  # noqa: S104
    return f"http://{host}:{settings.public_port}"
