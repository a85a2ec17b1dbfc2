"""The list of datasets: open, restricted and personal ones alike, found by words, domain and kind."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from model.datasets import Openness
from model.domains import DOMAINS
from model.errors import BadRequest
from model.texts import Words
from public.answers import Look, gone
from public.opened import Open
from public.portal.known import Known, all_known
from public.site import Page, site_answer

WORDS_MOST = 100
"""Characters of a search: a longer one is no search of a person's."""


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for; empty parts do not narrow."""

    words: str
    domain: str
    kind: str


@dataclass(frozen=True)
class Line:
    """One dataset in the list."""

    name: str
    title: str
    what: str
    domain: str
    openness: str
    closed: str
    fresh: str
    formats: tuple[str, ...]


async def datasets(door: Open, request: Request) -> Response:
    """The datasets page; 400 names a parameter that cannot be."""

    def make(door: Open, _look: Look, say: Words) -> Page:
        wanted = _wanted(request)
        everything = all_known(door.shelf)
        lines = [_line(one, say) for one in everything if _fits(one, wanted, say)]
        shows = {
            "lines": lines,
            "wanted": wanted,
            "count": len(everything),
            "domains": [domain.name for domain in DOMAINS],
            "kinds": [kind.value for kind in Openness],
        }
        return Page("datasets.html", "datasets", say("portal.title"), shows)

    return site_answer(door, request, make, partial(gone, door.origins))


def _wanted(request: Request) -> Wanted:
    asked = request.query_params
    wanted = Wanted(asked.get("q", "").strip(), asked.get("domain", ""), asked.get("kind", ""))
    if len(wanted.words) > WORDS_MOST:
        raise BadRequest(f"q has at most {WORDS_MOST} characters")
    if wanted.domain and wanted.domain not in {domain.name for domain in DOMAINS}:
        raise BadRequest("domain is none of the city's domains")
    if wanted.kind and wanted.kind not in set(Openness):
        raise BadRequest("kind is open, restricted, personal or anonymised")
    return wanted


def _fits(one: Known, wanted: Wanted, say: Words) -> bool:
    return (
        wanted.domain in ("", one.dataset.domain)
        and wanted.kind in ("", one.dataset.openness.value)
        and one.tells_of(wanted.words, say)
    )


def _line(one: Known, say: Words) -> Line:
    dataset = one.dataset
    return Line(
        name=one.name,
        title=one.title(say),
        what=one.text(say, "what"),
        domain=say(f"domain.{dataset.domain}"),
        openness=say(f"openness.{dataset.openness.value}"),
        closed=say(f"closed.{dataset.closed.value}") if dataset.closed else "",
        fresh=_fresh(one, say),
        formats=tuple(file["format"] for file in one.about["files"]) if one.about else (),
    )


def _fresh(one: Known, say: Words) -> str:
    if one.about is None:
        return "" if one.dataset.closed else say("portal.not_yet")
    at = one.about["data_time"]
    if at is None:
        return say("portal.inventory")
    return say("portal.data_of", at=say.instant(datetime.fromisoformat(at)))
