"""The gallery: every published panel, as it looks, with the lines to paste into a page."""

from datetime import date
from functools import partial

from babel.dates import format_date
from starlette.requests import Request
from starlette.responses import Response

from model.texts import Words
from public.addresses import HEIGHT, element, snippet
from public.answers import Look, gone
from public.headers import SANDBOX
from public.opened import Open
from public.site import Page, site_answer
from public.use import use_told
from services.publishing import Manifest


async def gallery(door: Open, request: Request) -> Response:
    """The gallery page in the asked language and theme; it says so when nothing is published."""
    return site_answer(door, request, _page, partial(gone, door.origins))


def _page(door: Open, chosen: Look, say: Words) -> Page:
    manifests = [one for one in door.shelf.all() if _is_panel(one)]
    city = manifests[0].about["city"] if manifests else ""
    title = say("gallery.heading", city=city) if city else say("gallery.title")
    panels = [_panel(door, one, chosen, say) for one in manifests]
    shows = {"panels": panels, "origins": door.origins, "sandbox": SANDBOX, "height": HEIGHT}
    return Page("gallery.html", "panels", title, shows, "gallery.js")


def _is_panel(manifest: Manifest) -> bool:
    return any(name.startswith("panel.") for name in manifest.files)


def _panel(door: Open, manifest: Manifest, chosen: Look, say: Words) -> dict[str, object]:
    day = manifest.about.get("day")
    title = manifest.about["titles"][chosen.language]
    query = f"lang={chosen.language}&theme={chosen.theme}"
    source = f"{door.settings.public_address}/embed/{manifest.publication}?{query}"
    locale = "en_GB" if chosen.language == "en" else chosen.language
    return {
        "name": manifest.publication,
        "title": title,
        "day": format_date(date.fromisoformat(day), "long", locale=locale) if day else "",
        "version": manifest.version,
        "use": use_told(door, manifest.publication, say),
        "areas": _areas(manifest),
        "frame": snippet(source, title),
        "element": element(door.settings, manifest.publication, title, chosen.language),
    }


def _areas(manifest: Manifest) -> list[tuple[str, str]]:
    """Code and name of the communes it can be had of, by name."""
    named: dict[str, str] = manifest.about.get("areas", {})
    return sorted(named.items(), key=lambda item: item[1])
