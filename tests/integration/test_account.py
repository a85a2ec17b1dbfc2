"""One's own account over HTTP: second factors, sessions, signing out, forgeries, what each role hears of."""

import time

import pytest
from sqlalchemy import text

from model.roles import Role
from tests.sign_in_site import (
    ANOTHER,
    DATA,
    PASSWORD,
    Site,
    account_page,
    enter,
    post,
    role_of,
    site,
    told,
    with_second_factor,
)
from tests.signing_in import sign_in

__all__ = ["site"]


# --- second factors ----------------------------------------------------------------------------------


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
