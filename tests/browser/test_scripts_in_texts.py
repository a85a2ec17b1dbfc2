"""Scripts in every text a city, its feeds or its people may hold: not one runs, with the policy and without.

Without it (``bypass_csp``) our own code alone stands between a text and the page; with it, nothing that is
written into a page may even be tried.
"""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine, text

from geodata.database import open_engine
from model.roles import Role
from tests.browser.site import control_room
from tests.clock import began
from tests.conftest import Servers
from tests.integration.small_city import add_streams, change, keyframe, observe
from tests.live_city import lay_out
from tests.made_feeds import lay_out_feeds
from tests.signing_in import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.servers]

ACT = "window.ran=(window.ran||0)+1"
TAGS = ("img", "svg", "video", "audio", "iframe", "body", "input", "details", "math", "object", "embed")
HANDLERS = ("onerror", "onload", "onfocus", "ontoggle", "onmouseover", "onanimationstart", "onpointerenter")
OTHERS = (
    f"<script>{ACT}</script>",
    f"</script><script>{ACT}</script>",
    f"</title><script>{ACT}</script>",
    f"'\"><script>{ACT}</script>",
    f"javascript:{ACT}",
    f"JaVaScRiPt:{ACT}//",
    f"<a href='javascript:{ACT}'>x</a>",
    f"<form action='javascript:{ACT}'><button>x</button></form>",
    f"<iframe srcdoc='<script>parent.{ACT}</script>'>",
    f"<meta http-equiv='refresh' content='0;url=javascript:{ACT}'>",
    f"[x](javascript:{ACT})",
    f"${{{ACT}}}",
    f"{{{{constructor.constructor('{ACT}')()}}}}",
    f"<style>@import 'javascript:{ACT}';</style>",
    "<base href='//127.0.0.1:9/'><script src=x.js></script>",
    f"%3Cscript%3E{ACT}%3C/script%3E",
    f"&lt;script&gt;{ACT}&lt;/script&gt;",
    f"<noscript><p title='</noscript><img src=x onerror={ACT}>'>",
    f"<xmp><img alt='</xmp><img src=x onerror={ACT}>'>",
    f"\u202e<img src=x onerror={ACT}>",
)
PAYLOADS = [f"<{tag} src=x tabindex=0 autofocus {on}={ACT}>" for tag, on in itertools.product(TAGS, HANDLERS)]
PAYLOADS += [f'"><{tag} src=x {HANDLERS[0]}={ACT} x="' for tag in TAGS] + list(OTHERS)
LAMPS = len(PAYLOADS)
TRIPPED, NO_SUPPLY = 3, 10

PAGES = {
    Role.ADMINISTRATOR: (
        "/", "/?asset=A-1", "/history?at=now", "/history?series=asset:A-1", "/history?notes=1", "/analysis",
        "/report", "/boards/city", "/boards/communes", "/boards/commune/1", "/boards/figure/failure_rate",
        "/feeds", "/feeds?feed=lighting-mqtt", "/people", "/sessions", "/partners", "/account",
    ),
    Role.DPO: ("/audit?p=30d", "/people", "/boards/city"),
}  # fmt: skip


def test_the_corpus_is_large_enough() -> None:
    assert len(set(PAYLOADS)) >= 100


@dataclass
class Site:
    """A city whose every text is a script, and its database."""

    url: str
    engine: Engine


def fill(engine: Engine) -> None:
    """Write payloads into whatever takes a text: assets, streets, areas, notes, people, the audit."""
    now = began()
    with engine.begin() as connection:
        fed = range(101, 101 + LAMPS)
        keyframe(connection, now - timedelta(hours=2), dict.fromkeys([10, 11, 12, 13, *fed], (2, 2)))
        change(connection, (10, now - timedelta(hours=1), 4, TRIPPED))
        change(connection, *((lamp, now - timedelta(minutes=lamp % 50 + 1), 4, 4) for lamp in fed))
        for lamp, payload in zip(fed, PAYLOADS, strict=True):
            connection.execute(
                text("UPDATE asset SET name = :p, street = :p, source = :p, parent_id = NULL WHERE id = :id"),
                {"p": payload, "id": lamp},
            )
        for asset, payload in ((10, PAYLOADS[0]), (11, OTHERS[0]), (12, OTHERS[6]), (13, PAYLOADS[-1])):
            attributes = json.dumps({"tooltip": payload, "popup": payload, payload: payload})
            connection.execute(
                text("UPDATE asset SET name = :p, street = :p, attributes = CAST(:a AS jsonb) WHERE id = :i"),
                {"p": payload, "i": asset, "a": attributes},
            )
        connection.execute(text("UPDATE area SET name = :p"), {"p": PAYLOADS[0]})
        connection.execute(
            text(
                "INSERT INTO annotation (kind, title, body, t0, t1, author) "
                "VALUES ('note', :p, :q, now() - interval '2 hours', now(), :p)"
            ),
            {"p": PAYLOADS[0], "q": OTHERS[0]},
        )
        connection.execute(
            text("INSERT INTO bookmark (title, address, author) VALUES (:p, '/history?at=now', :p)"),
            {"p": PAYLOADS[0]},
        )
        connection.execute(
            text("INSERT INTO person (login, name, email, made_by) VALUES (lower(:p), :p, :p, :p)"),
            {"p": PAYLOADS[0]},
        )
        add_streams(connection, (10, "power", 900))
        observe(connection, 1, [(now - timedelta(minutes=15 * back), 7.0) for back in range(90)])
        connection.execute(text("UPDATE layout SET version = version + 1"))


@pytest.fixture(scope="module")
def site(servers: Servers) -> Iterator[Site]:
    database = servers.fresh_database()
    engine = open_engine(database)
    lay_out(engine, LAMPS)
    lay_out_feeds(engine, began())
    fill(engine)
    with control_room(database, servers.redis.url) as url:
        yield Site(url, engine)
    engine.dispose()
    servers.drop_database(database)


def poke(page: Page) -> None:
    """Do what people do: point at things, choose a line, search, unfold."""
    for selector in (".attention-row", "[role=row]", "summary", ".note", "button.place", "canvas"):
        found = page.locator(selector)
        for at in range(min(found.count(), 6)):
            if found.nth(at).is_visible():
                found.nth(at).dispatch_event("mouseover")
    search = page.locator("input[type=search], .search input").first
    if search.count() and search.is_visible():
        search.fill("<img")
        page.keyboard.press("ArrowDown")


@pytest.mark.parametrize("bypass", [False, True], ids=["with the policy", "without"])
@pytest.mark.parametrize("role", PAGES, ids=str)
def test_no_text_becomes_a_script(browser: Browser, site: Site, role: Role, bypass: bool) -> None:
    context = browser.new_context(viewport={"width": 1600, "height": 900}, bypass_csp=bypass)
    sign_in(site.engine, role).enter(context, site.url)
    page = context.new_page()
    page.add_init_script(
        "window.broken = []; document.addEventListener('securitypolicyviolation',"
        " event => window.broken.push(event.violatedDirective + ' ' + event.blockedURI));"
    )
    outside: list[str] = []
    page.on(
        "request", lambda r: None if r.url.startswith((site.url, "data:", "blob:")) else outside.append(r.url)
    )
    for path in PAGES[role]:
        page.goto(site.url + path)
        page.wait_for_selector("main .top-bar", timeout=30_000)
        page.wait_for_load_state("load")
        poke(page)
        ran, broken = page.evaluate("[window.ran || 0, window.broken]")
        assert (ran, broken) == (0, []), path
    # And were one written into the page, this test would know.
    page.evaluate("text => document.body.insertAdjacentHTML('beforeend', text)", PAYLOADS[0])
    page.wait_for_function("window.ran > 0" if bypass else "window.broken.length > 0")
    assert [url for url in outside if not url.startswith((site.url, "data:", "blob:"))] == []
    context.close()
