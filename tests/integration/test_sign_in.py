"""Signing in over HTTP, as a browser without scripts does it: passwords, steps, codes, choices, the demo."""

import re
import time

import pytest
from sqlalchemy import text

from model.roles import Role
from services.access import Purpose
from tests.sign_in_site import (
    ANOTHER,
    DATA,
    PASSWORD,
    Site,
    enter,
    post,
    role_of,
    site,
    told,
    with_second_factor,
)
from tests.signing_in import person_of, sign_in

__all__ = ["site"]


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
