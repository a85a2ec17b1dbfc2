"""The city's account with a real browser and the demo's provider: in, out, refused, by keyboard, and axe."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from callbacks import build
from geodata.database import open_engine
from services.city import open_city
from services.launch.demo_identity import identity_worker, with_demo_identity
from services.launch.servers import free_port
from services.settings import read_settings
from tests.browser.site import listening
from tests.browser.test_signing_in import opened, violations
from tests.conftest import Servers
from tests.live_city import lay_out
from tests.room import ASSETS

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    database = servers.fresh_database()
    engine = open_engine(database)
    lay_out(engine)
    engine.dispose()
    wanted = read_settings(
        city="demo", database_url=database, redis_url=servers.redis.url, identity_port=free_port(),
        var=tmp_path_factory.mktemp("account"),
    )  # fmt: skip
    settings = with_demo_identity(wanted, generated=True)
    worker = identity_worker(settings)
    worker.start()
    try:
        with listening(build(open_city(settings), assets=ASSETS)) as url:
            yield url
    finally:
        assert worker.process is not None
        worker.process.terminate()
        worker.process.wait(10)
        servers.drop_database(database)


def at_the_provider(page: Page, site: str) -> None:
    """Go by the button; the provider may still be starting."""
    for _ in range(60):
        page.goto(f"{site}/signin?lang=en")
        page.get_by_role("link", name="Sign in with the authority's account").click()
        if page.get_by_role("heading", name="The authority's account").is_visible():
            return
        page.wait_for_timeout(500)
    raise AssertionError("the provider did not start")


def test_in_with_one_click_and_out_at_both(browser: Browser, site: str) -> None:
    page = opened(browser)
    elsewhere: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            elsewhere.append(request.url)

    page.on("request", note)
    at_the_provider(page, site)
    assert violations(page) == []
    page.get_by_role("button", name="Marc Lavigne").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site}/")
    expect(page.locator("summary").get_by_text("Marc Lavigne")).to_be_visible()
    csrf = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrf")
    page.evaluate(
        """(csrf) => { const form = document.createElement("form"); form.method = "post";
        form.action = "/signout"; const field = document.createElement("input"); field.name = "csrf";
        field.value = csrf; form.append(field); document.body.append(form); form.submit(); }""",
        csrf,
    )
    leave = page.get_by_role("link", name="Sign out of the authority's account too")
    expect(leave).to_be_visible()
    assert violations(page) == []
    leave.click()
    expect(page).to_have_url(lambda url: "/oauth2/end_session" in url)
    assert elsewhere == []
    page.context.close()


def test_who_has_no_right_is_told_whom_to_ask_in_her_language(browser: Browser, site: str) -> None:
    page = opened(browser, 390, 844)
    at_the_provider(page, site)
    page.get_by_label("An account nobody in Vigie knows").fill("passante")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Ask your administrator")
    expect(page.get_by_role("alert")).to_contain_text("passante")
    assert violations(page) == []
    page.get_by_role("link", name="Back to sign-in").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.context.close()


def test_a_no_at_the_provider_leads_back(browser: Browser, site: str) -> None:
    page = opened(browser)
    at_the_provider(page, site)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert")).to_contain_text("did not confirm who you are")
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("Start again from the sign-in page")
    page.context.close()
