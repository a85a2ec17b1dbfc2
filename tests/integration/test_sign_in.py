"""Signing in over HTTP, as a browser without scripts does it: passwords, second factors, codes, choices."""

import re
import time
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
from services.access import Purpose
from services.city import City, open_city
from services.settings import Settings
from tests.live_city import lay_out
from tests.room import ASSETS
from tests.signing_in import person_of, sign_in

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


# --- the way in --------------------------------------------------------------------------------------


async def test_the_page_stands_without_scripts_and_loads_only_what_is_open(site: Site) -> None:
    browser = site.browser()
    answer = await browser.get("/signin?lang=en")
    assert answer.status_code == 200
    assert '<html lang="en"' in answer.text
    assert "<script>" not in answer.text
    for address in re.findall(r'(?:src|href)="(/assets[^"]+)"', answer.text):
        assert (await browser.get(address)).status_code == 200, address
    for name in ("_dash-config", "plotly", "version"):
        assert name not in answer.text


async def test_a_password_opens_a_session_and_leads_where_she_wanted_to_go(site: Site) -> None:
    browser, login = site.browser(), site.person(Role.SUPERVISOR)
    first = await browser.get("/history?series=area:0")
    assert (first.status_code, first.headers["location"]) == (
        303,
        "/signin?next=/history%3Fseries%3Darea%3A0",
    )
    answer = await enter(browser, login.upper(), next="/history?series=area:0")
    assert (answer.status_code, answer.headers["location"]) == (303, "/history?series=area:0")
    cookies = answer.headers.get_list("set-cookie")
    sid = next(line for line in cookies if line.startswith("sid="))
    assert "HttpOnly" in sid
    assert "SameSite=Lax" in sid
    assert await role_of(browser) == "supervisor"
    assert (await browser.get("/history")).status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x"]
)
async def test_nobody_is_sent_elsewhere(site: Site, elsewhere: str) -> None:
    answer = await enter(site.browser(), site.person(), next=elsewhere)
    assert answer.headers["location"] == "/"


async def test_whatever_is_wrong_the_answer_is_the_same(site: Site) -> None:
    known, disabled, elsewhere = site.person(), site.person(), site.person(password=None)
    site.change("UPDATE person SET disabled_at = now() WHERE login = :login", login=disabled)
    second, _, _ = await with_second_factor(site)
    answers = [
        await enter(site.browser(), "nobody.at.all"),
        await enter(site.browser(), known, "not her password"),
        await enter(site.browser(), disabled),
        await enter(site.browser(), elsewhere),
        await enter(site.browser(), second),
        await enter(site.browser(), second, code="000000"),
        await enter(site.browser(), ""),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({told(answer) for answer in answers}) == 1
    assert "incorrect" in told(answers[0])


async def test_it_takes_as_long_for_a_login_nobody_has(site: Site) -> None:
    """Both compute one hash, which is most of the time; the medians of several are compared."""
    known = site.person()
    times: dict[str, list[float]] = {known: [], "nobody.at.all": []}
    for _ in range(4):
        for login, taken in times.items():
            begun = time.perf_counter()
            with pytest.raises(Exception, match="is wrong"):
                site.city.access.credentials.check(login, "not her password", "", "")
            taken.append(time.perf_counter() - begun)
    one, other = (sorted(taken)[1] for taken in times.values())
    assert 0.4 < one / other < 2.5


async def test_failures_are_in_the_book_and_what_was_typed_is_not(site: Site) -> None:
    login = site.person()
    await enter(site.browser(), login, "not her password")
    await enter(site.browser(), "my-password-typed-as-login")
    with site.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT object, outcome, address, details::text FROM audit_entry "
                 "WHERE action = 'sign_in_failed' ORDER BY number")
        ).all()  # fmt: skip
    assert [(row[0], row[1], row[2]) for row in rows] == [
        (login, "refused", "127.0.0.1"), ("", "refused", "127.0.0.1"),
    ]  # fmt: skip
    assert "my-password" not in str(rows)


async def test_guessing_is_slowed_down_and_said(site: Site) -> None:
    login, browser = site.person(), site.browser()
    statuses = [(await enter(browser, login, "wrong guess number 1")).status_code for _ in range(7)]
    assert 429 in statuses
    waiting = await enter(browser, login)
    assert waiting.status_code == 429
    assert int(waiting.headers["retry-after"]) >= 1
    assert "Trop d’essais" in told(waiting)
    assert await role_of(browser) is None


# --- second factors ----------------------------------------------------------------------------------


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


async def test_a_code_is_asked_for_and_taken_once(site: Site) -> None:
    login, telephone, used = await with_second_factor(site)
    kept = site.one("SELECT totp_secret FROM person WHERE login = :login", login=login)
    assert telephone.secret.encode() not in bytes(kept)
    assert (await enter(site.browser(), login, code=used)).status_code == 401, "used already"
    # A telephone half a minute ahead is still taken; what came before it is not.
    ahead = telephone.at(int(time.time()) + 30)
    browser = site.browser()
    assert (await enter(browser, login, code=f"{ahead[:3]} {ahead[3:]}")).status_code == 303
    assert await role_of(browser) == "operator"
    assert (await enter(site.browser(), login, code=ahead)).status_code == 401


async def test_a_second_factor_goes_with_the_password(site: Site) -> None:
    login, telephone, _ = await with_second_factor(site)
    browser = site.browser()
    await enter(browser, login, code=telephone.at(int(time.time()) + 30))
    csrf = browser.cookies["csrf"]
    wrong = await post(browser, "/account/second/remove", csrf=csrf, before="not her password")
    assert wrong.headers["location"] == "/account?told=bad_wrong"
    done = await post(browser, "/account/second/remove", csrf=csrf, before=PASSWORD)
    assert done.headers["location"] == "/account?told=told_second_off"
    assert (await enter(site.browser(), login)).status_code == 303


# --- steps in between --------------------------------------------------------------------------------


async def test_a_password_must_be_changed_before_anything_else(site: Site) -> None:
    browser, login = site.browser(), site.person()
    site.change("UPDATE person SET must_change = true WHERE login = :login", login=login)
    answer = await enter(browser, login, next="/feeds")
    assert answer.headers["location"] == "/signin/password"
    assert await role_of(browser) is None
    for new, again, why in (
        ("short", "short", "Trop court"), (ANOTHER, ANOTHER + "!", "ne sont pas les mêmes"),
        (PASSWORD, PASSWORD, "mot de passe actuel"), ("motdepasse2026", "motdepasse2026", "facile à deviner"),
    ):  # fmt: skip
        refused = await post(browser, "/signin/password", new=new, again=again)
        assert refused.status_code == 400
        assert why in told(refused)
    done = await post(browser, "/signin/password", new=ANOTHER, again=ANOTHER)
    assert done.headers["location"] == "/feeds"
    assert await role_of(browser) == "operator"
    assert (await enter(site.browser(), login)).status_code == 401
    assert (await enter(site.browser(), login, ANOTHER)).status_code == 303


async def test_who_holds_several_rights_chooses_and_may_change(site: Site) -> None:
    browser, login = site.browser(), site.person(Role.SUPERVISOR)
    site.change(
        "INSERT INTO access_grant (person_id, role, areas, made_by) "
        "SELECT id, 'official', '{1}', 'tests' FROM person WHERE login = :login", login=login,
    )  # fmt: skip
    other, _ = person_of(site.engine, Role.ADMINISTRATOR)
    foreign = site.one("SELECT id FROM access_grant WHERE person_id = :id", id=other)
    assert (await enter(browser, login)).headers["location"] == "/signin/role"
    page = (await browser.get("/signin/role")).text
    grants = dict(
        zip(re.findall(r'value="(\d+)"><b>', page), re.findall(r"<b>([^<]+)</b><small>", page), strict=True)
    )
    assert set(grants.values()) == {"Chef de salle", "Élu ou responsable"}
    assert "Val" in page
    assert (await post(browser, "/signin/role", grant=str(foreign))).headers[
        "location"
    ] == "/signin?told=late"
    chosen = next(grant for grant, name in grants.items() if name == "Chef de salle")
    assert (await post(browser, "/signin/role", grant=chosen)).headers["location"] == "/"
    assert await role_of(browser) == "supervisor"
    before = browser.cookies["sid"]
    another = next(grant for grant in grants if grant != chosen)
    csrf = browser.cookies["csrf"]
    assert (
        (await post(browser, "/account/act", csrf=csrf, grant=str(foreign)))
        .headers["location"]
        .startswith("/account")
    )
    assert (await post(browser, "/account/act", csrf=csrf, grant=another)).headers["location"] == "/"
    assert await role_of(browser) == "official"
    browser.cookies.clear()
    browser.cookies.set("sid", before, domain="localhost.local", path="/")
    old = await browser.get("/session", headers={**DATA, "cookie": f"sid={before}"})
    assert old.status_code == 401, "the session before is over"
    assert site.one("SELECT ended_why FROM session WHERE ended_at IS NOT NULL") == "replaced"


async def test_without_a_right_in_force_nobody_comes_in(site: Site) -> None:
    login = site.person()
    site.change("UPDATE access_grant SET revoked_at = now()")
    answer = await enter(site.browser(), login)
    assert answer.status_code == 403
    assert "aucune habilitation" in told(answer)


async def test_a_step_cannot_be_begun_in_the_middle(site: Site) -> None:
    browser = site.browser()
    browser.cookies.set("signing", "made-up", domain="localhost.local", path="/")
    for path, form in (
        ("/signin/password", {"new": ANOTHER, "again": ANOTHER}),
        ("/signin/role", {"grant": "1"}),
    ):
        assert (await browser.get(path)).headers["location"] == "/signin?told=late"
        assert (await post(browser, path, **form)).headers["location"] == "/signin?told=late"


# --- codes to be used once ---------------------------------------------------------------------------


async def test_a_new_person_chooses_her_password_by_a_code(site: Site) -> None:
    login, chief = site.person(password=None), sign_in(site.engine)
    person = site.one("SELECT id FROM person WHERE login = :login", login=login)
    code = site.city.access.codes.make(chief.viewer, person, Purpose.PASSWORD)
    browser = site.browser()
    assert (await post(browser, "/signin/code", once="AAAA-BBBB-CCCC")).status_code == 401
    assert (await post(browser, "/signin/code", once=code.lower())).headers["location"] == "/signin/password"
    assert (await post(site.browser(), "/signin/code", once=code)).status_code == 401, "used"
    assert await role_of(browser) is None
    assert (await post(browser, "/signin/password", new=ANOTHER, again=ANOTHER)).headers["location"] == "/"
    assert await role_of(browser) == "operator"


async def test_a_code_does_not_go_past_a_second_factor(site: Site) -> None:
    login, telephone, _ = await with_second_factor(site)
    chief = sign_in(site.engine)
    person = site.one("SELECT id FROM person WHERE login = :login", login=login)
    code = site.city.access.codes.make(chief.viewer, person, Purpose.PASSWORD)
    browser = site.browser()
    await post(browser, "/signin/code", once=code)
    done = await post(browser, "/signin/password", new=ANOTHER, again=ANOTHER)
    assert done.headers["location"] == "/signin"
    assert await role_of(browser) is None
    assert (await enter(browser, login, ANOTHER)).status_code == 401
    ahead = telephone.at(int(time.time()) + 30)
    assert (await enter(browser, login, ANOTHER, code=ahead)).status_code == 303


async def test_a_wall_becomes_its_device_by_a_code(site: Site) -> None:
    person, _ = person_of(site.engine, Role.WALL)
    site.change("UPDATE person SET kind = 'device' WHERE id = :id", id=person)
    code = site.city.access.codes.make(sign_in(site.engine).viewer, person, Purpose.DEVICE)
    browser = site.browser()
    answer = await post(browser, "/signin/code", once=code)
    assert answer.headers["location"] == "/"
    assert await role_of(browser) == "wall_display"
    assert "Max-Age" in next(
        line for line in answer.headers.get_list("set-cookie") if line.startswith("sid=")
    )
    assert site.one("SELECT count(*) FROM audit_entry WHERE action = 'device_enrolled'") == 1


# --- the demo ----------------------------------------------------------------------------------------


async def test_each_role_of_the_demo_is_one_click(site: Site) -> None:
    page = (await site.browser().get("/signin?lang=en")).text
    keys = re.findall(r'name="as" value="(\w+)"', page)
    expected = {role.value for role in Role} - {"partner"}
    seen = set()
    for key in keys:
        browser = site.browser()
        answer = await post(browser, "/signin/demo", **{"as": key})
        assert answer.status_code == 303
        seen.add(await role_of(browser))
        again = site.browser()
        await post(again, "/signin/demo", **{"as": key})
    assert seen == expected
    assert site.one("SELECT count(*) FROM person WHERE made_by = 'demo'") == len(keys), "made once"
    assert site.one("SELECT domains FROM access_grant WHERE role = 'field_agent'") == ["lighting"]
    assert (await post(site.browser(), "/signin/demo", **{"as": "nobody"})).status_code == 404


async def test_the_demo_is_offered_nowhere_else(site: Site) -> None:
    plain = site.city.settings
    for changed in ({"demo_sign_in": False}, {"url": "https://vigie.example"}):
        site.city.settings = plain.model_copy(update=changed)
        browser = site.browser()
        assert "/signin/demo" not in (await browser.get("/signin")).text
        assert (await post(browser, "/signin/demo", **{"as": "administrator"})).status_code == 404
        assert await role_of(browser) is None


# --- out, and forgeries ------------------------------------------------------------------------------


async def test_signing_out_ends_it_everywhere_and_takes_the_cookies(site: Site) -> None:
    browser = site.browser()
    await enter(browser, site.person())
    token = browser.cookies["sid"]
    answer = await post(browser, "/signout", csrf=browser.cookies["csrf"])
    assert answer.headers["location"] == "/signin?told=out"
    assert "sid" not in browser.cookies
    stolen = await site.browser().get("/session", headers={**DATA, "cookie": f"sid={token}"})
    assert stolen.status_code == 401
    assert "déconnecté" in told(await browser.get("/signin?told=out"))
    assert site.one("SELECT ended_why FROM session") == "signed_out"


async def test_a_form_of_another_site_changes_nothing(site: Site) -> None:
    browser, login = site.browser(), site.person()
    await enter(browser, login)
    csrf = browser.cookies["csrf"]
    forged: tuple[tuple[dict[str, str], dict[str, str]], ...] = (
        ({}, {}),
        ({}, {"csrf": "guessed"}),
        ({"origin": "https://evil.example"}, {"csrf": csrf}),
        ({"origin": "null"}, {"csrf": csrf}),
        ({"sec-fetch-site": "cross-site"}, {"csrf": csrf}),
        ({"x-csrf-token": "guessed"}, {}),
    )
    for headers, form in forged:
        answer = await browser.post("/signout", data=form, headers=headers)
        assert answer.status_code == 403, (headers, form)
    assert await role_of(browser) == "operator"
    # Nor does it sign somebody in as another: what she then writes would be the other's.
    mine = site.browser()
    answer = await mine.post(
        "/signin", data={"login": login, "password": PASSWORD}, headers={"origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert await role_of(mine) is None


async def test_a_callback_needs_the_token_too(site: Site) -> None:
    browser = site.browser()
    await enter(browser, site.person())
    answer = await browser.post("/_dash-update-component", json={"output": "x", "inputs": []})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "not_from_here"


async def test_bodies_that_are_no_forms_are_refused(site: Site) -> None:
    browser = site.browser()
    for body, kind in (
        (b"{}", "application/json"), (b"a=b" * 5_000, "application/x-www-form-urlencoded"),
        (b"\xff=\xfe", "application/x-www-form-urlencoded"),
        (b"&".join([b"a=1"] * 90), "application/x-www-form-urlencoded"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"login=a%00b&password=x", "application/x-www-form-urlencoded"),
        (b"login=%ff%fe&password=%ed%a0%80", "application/x-www-form-urlencoded"),
        (b"login=" + b"x" * 5_000 + b"&password=" + b"y" * 2_000, "application/x-www-form-urlencoded"),
    ):  # fmt: skip
        answer = await browser.post("/signin", content=body, headers={"content-type": kind})
        assert answer.status_code in (400, 401, 415), body[:20]
        assert "Traceback" not in answer.text


# --- one's own account -------------------------------------------------------------------------------


async def test_ones_other_sessions_are_seen_and_ended(site: Site) -> None:
    login, here, there = site.person(), site.browser(), site.browser()
    await enter(here, login)
    await enter(there, login)
    other = site.one("SELECT max(id) FROM session")
    foreign = sign_in(site.engine).viewer.session_id
    csrf = here.cookies["csrf"]
    assert f'"value":"{other}"' in await account_page(here)
    assert (
        (await post(here, "/account/end", csrf=csrf, session=str(foreign)))
        .headers["location"]
        .endswith("bad_refused")
    )
    assert (
        (await post(here, "/account/end", csrf=csrf, session=str(other)))
        .headers["location"]
        .endswith("told_ended")
    )
    assert (await role_of(here), await role_of(there)) == ("operator", None)


async def test_a_changed_password_ends_the_other_sessions(site: Site) -> None:
    login, here, there = site.person(), site.browser(), site.browser()
    await enter(here, login)
    await enter(there, login)
    form = {"csrf": here.cookies["csrf"], "new": ANOTHER, "again": ANOTHER}
    wrong = await post(here, "/account/password", before="not her password", **form)
    assert wrong.headers["location"] == "/account?told=bad_wrong"
    done = await post(here, "/account/password", before=PASSWORD, **form)
    assert done.headers["location"] == "/account?told=told_password"
    assert (await role_of(here), await role_of(there)) == ("operator", None)


# --- each role its own -------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.OFFICIAL, Role.DPO, Role.WALL])
async def test_a_browser_hears_only_of_what_its_role_may_call(site: Site, role: Role) -> None:
    from callbacks.wiring import doors

    browser = site.browser()
    told_ = (await browser.get("/_dash-dependencies", headers=sign_in(site.engine, role).headers)).json()
    may = {door.output for door in doors(site.app) if door.output and role in door.may}
    assert {entry["output"] for entry in told_} == may
    assert 0 < len(told_) < len(site.app.state.dash._callback_list)
    assert (await browser.get("/_dash-dependencies", headers=DATA)).status_code == 401


async def test_refusals_are_written_once_a_minute_with_how_often(site: Site) -> None:
    official = sign_in(site.engine, Role.OFFICIAL)
    browser = site.browser()
    for _ in range(5):
        assert (await browser.get("/live/snapshot", headers=official.headers)).status_code == 403
    await site.city.access.refusals.settled()
    with site.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT actor, role, object, (details->>'count')::int FROM audit_entry "
                 "WHERE action = 'refused' ORDER BY number")
        ).all()  # fmt: skip
    assert sum(row[3] for row in rows) == 5
    assert len(rows) <= 2
    assert {row[:3] for row in rows} == {("Ada Test", "official", "GET /live/snapshot")}
