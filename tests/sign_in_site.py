"""A control room that people sign in to in tests, as a browser without scripts does it."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pyotp
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text

from callbacks import build
from model.roles import Role
from services.city import City, open_city
from services.settings import Settings
from tests.live_city import lay_out
from tests.room import ASSETS
from tests.signing_in import person_of

PASSWORD = "three green apples fall"
ANOTHER = "seven blue boats return"
PAGE = {"accept": "text/html"}
DATA = {"accept": "application/json"}


@dataclass
class Site:
    """A control room and browsers before it: each keeps its cookies, and sends no script's headers."""

    city: City
    app: Any
    engine: Engine
    browsers: list[httpx.AsyncClient] = field(default_factory=list)

    def browser(self) -> httpx.AsyncClient:
        """One that nobody used yet."""
        transport = httpx.ASGITransport(app=self.app, client=("127.0.0.1", 50_000))
        opened = httpx.AsyncClient(transport=transport, base_url="http://localhost:8050", headers=PAGE)
        self.browsers.append(opened)
        return opened

    def person(self, role: Role = Role.OPERATOR, password: str | None = PASSWORD, **grant: Any) -> str:
        """A new person who has ``password``: her login."""
        person, _ = person_of(self.engine, role, **grant)
        if password is not None:
            self.city.access.credentials.set_password(person, password)
        return str(self.one("SELECT login FROM person WHERE id = :id", id=person))

    def one(self, question: str, **values: Any) -> Any:
        """One value of the database."""
        with self.engine.connect() as connection:
            return connection.scalar(text(question), values)

    def change(self, statement: str, **values: Any) -> None:
        """Change something in the database."""
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)


@pytest.fixture
async def site(engine: Engine, database_url: str, redis_url: str) -> AsyncIterator[Site]:
    lay_out(engine)
    settings = Settings(
        city="demo", database_url=database_url, redis_url=redis_url, demo_sign_in=True,
        secret=SecretStr("x0F3-unguessable-in-these-tests-9qLm"),
    )  # fmt: skip
    city = open_city(settings)
    app = build(city, assets=ASSETS)
    async with app.router.lifespan_context(app):
        opened = Site(city, app, engine)
        yield opened
        for browser in opened.browsers:
            await browser.aclose()


async def post(browser: httpx.AsyncClient, path: str, **form: str) -> httpx.Response:
    """Send a form as the page would."""
    return await browser.post(path, data=form, headers={"origin": "http://localhost:8050"})


async def enter(
    browser: httpx.AsyncClient, login: str, password: str = PASSWORD, **more: str
) -> httpx.Response:
    """Send the sign-in form."""
    return await post(browser, "/signin", login=login, password=password, **more)


async def role_of(browser: httpx.AsyncClient) -> str | None:
    """The role the browser is signed in with; None: it is not."""
    answer = await browser.get("/session", headers=DATA)
    return str(answer.json()["role"]) if answer.status_code == 200 else None


def told(answer: httpx.Response) -> str:
    """What the page says happened."""
    found = re.search(r'id="told">(.*?)</p>', answer.text)
    return found[1] if found else ""


async def with_second_factor(site: Site) -> tuple[str, pyotp.TOTP, str]:
    """A person with a second factor, her telephone, and the code of it that is used up."""
    login = site.person()
    browser = site.browser()
    await enter(browser, login)
    csrf = browser.cookies["csrf"]
    assert (await post(browser, "/account/second", csrf=csrf)).status_code == 303
    page = await account_page(browser)
    (shown,) = re.findall(r"\b(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}\b", page)
    telephone = pyotp.TOTP(shown.replace(" ", ""))
    wrong = await post(browser, "/account/second/confirm", csrf=csrf, code="000000")
    assert wrong.headers["location"] == "/account?told=bad_wrong"
    used = telephone.now()
    done = await post(browser, "/account/second/confirm", csrf=csrf, code=used)
    assert done.headers["location"] == "/account?told=told_second_on"
    return login, telephone, used


async def account_page(browser: httpx.AsyncClient) -> str:
    """What the account's callback answers."""
    dependencies = (await browser.get("/_dash-dependencies")).json()
    output = next(one["output"] for one in dependencies if "account-body" in one["output"])
    asked = {
        "output": output, "outputs": {"id": "account-body", "property": "children"},
        "inputs": [{"id": "language", "property": "data", "value": "en"}],
        "state": [{"id": "location", "property": "search", "value": ""}], "changedPropIds": [],
    }  # fmt: skip
    answer = await browser.post(
        "/_dash-update-component", json=asked, headers={"x-csrf-token": browser.cookies["csrf"]}
    )
    assert answer.status_code == 200, answer.text
    return answer.text
