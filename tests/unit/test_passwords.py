"""Which passwords are taken, which codes of a telephone, and what pages of plain HTML escape."""

import pyotp
import pytest

from callbacks.agents import browser_words
from callbacks.cookies import own_path, read_cookie, set_cookie
from layouts.account_menu import initials, short_name
from layouts.plain_html import el, joined
from model.errors import BadField
from services.access import passwords, totp
from services.access.signing import Signing, Signings


@pytest.mark.parametrize(
    "password",
    [
        "three green apples fall", "correct horse battery", "j'aime les pommes vertes", "xkcd-9Fqe-lmno",
        "éclairage public au fond", "bus rapide vers la gare", "ÉÀÇÙÉÀÇÙtrouvé",
    ],
)  # fmt: skip
def test_length_is_enough(password: str) -> None:
    passwords.check_new(password, "claire.martin", "Claire Martin")


@pytest.mark.parametrize(
    "password",
    [
        "motdepasse123", "P@ssw0rd1234", "azertyuiop12", "qwertyuiop2026", "123456789012", "210987654321",
        "aaaaaaaaaaaa", "abcabcabcabc", "soleilsoleil", "Administrateur1!", "password-password",
        "Claire.Martin2026", "martinclaire!", "Vigie-2026-Vigie!", "Décembre2026!!",
    ],
)  # fmt: skip
def test_what_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(BadField) as bad:
        passwords.check_new(password, "claire.martin", "Claire Martin")
    assert bad.value.reason == "well_known"


@pytest.mark.parametrize(("password", "reason"), [("x7!Qp9", "too_short"), ("a b" * 100, "too_long")])
def test_the_bounds_are_named(password: str, reason: str) -> None:
    with pytest.raises(BadField) as bad:
        passwords.check_new(password)
    assert bad.value.reason == reason


def test_a_hash_is_argon2id_and_takes_any_keyboards_accents() -> None:
    kept = passwords.hashed("caf\u00e9 noir du matin")
    assert kept.startswith("$argon2id$")
    assert passwords.matches(kept, "cafe\u0301 noir du matin")
    assert not passwords.matches(kept, "cafe noir du matin")
    assert not passwords.matches(None, "cafe noir du matin")
    assert not passwords.matches("no hash at all", "cafe noir du matin")


def test_a_code_is_of_a_step_around_now() -> None:
    secret, now = totp.new_secret(), 1_800_000_000.0
    telephone = pyotp.TOTP(secret)
    step = int(now // 30)
    for away, found in ((-60, None), (-30, step - 1), (0, step), (30, step + 1), (60, None)):
        assert totp.step_of(secret, telephone.at(int(now) + away), now) == found
    for wrong in ("", "12345", "1234567", "abcdef", "１２３４５６"):
        assert totp.step_of(secret, wrong, now) is None


def test_a_sealed_secret_is_its_persons_and_this_keys() -> None:
    vault = totp.Vault(b"a" * 32)
    kept = vault.closed("SECRET", 7)
    assert b"SECRET" not in kept
    assert vault.opened(kept, 7) == "SECRET"
    assert vault.opened(kept, 8) is None
    assert totp.Vault(b"b" * 32).opened(kept, 7) is None


def test_what_a_browser_carries_between_steps_cannot_be_made_up() -> None:
    signings = Signings(b"a" * 32)
    signing = Signing(7, "local", "/feeds", must_change=True)
    cookie = signings.closed(signing)
    assert signings.opened(cookie) == signing
    assert signings.opened(cookie[:-2] + "xx") is None
    assert Signings(b"b" * 32).opened(cookie) is None
    assert signings.opened("é") is None
    assert signings.opened("") is None


def test_cookies_are_read_and_written_as_they_should() -> None:
    headers = [(b"x", b"y"), (b"cookie", b'a=1; sid="t-0"; b=2')]
    assert (read_cookie(headers, "sid"), read_cookie(headers, "id"), read_cookie([], "a")) == ("t-0", "", "")
    assert set_cookie("__Host-sid", "t", secure=True).split("; ") == [
        "__Host-sid=t", "HttpOnly", "Path=/", "SameSite=Lax", "Secure",
    ]  # fmt: skip
    assert "HttpOnly" not in set_cookie("csrf", "t", secure=False, readable=True)
    assert "Max-Age=0" in set_cookie("sid", "", secure=False, seconds=0)


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/history?at=1", "/history?at=1"), ("", "/"), (None, "/"), ("history", "/"), ("//a.b", "/"),
        ("/\\a.b", "/"), ("https://a.b", "/"), ("/a\nb", "/"), ("/a\x00", "/"),
    ],
)  # fmt: skip
def test_the_way_on_stays_here(asked: str | None, path: str) -> None:
    assert own_path(asked) == path


def test_plain_html_escapes_what_is_no_html() -> None:
    made = el(
        "p", "a < b", el("b", "&"), None, False, title='"x"', hidden=True, class_="note", aria_label=None
    )
    assert made == '<p title="&quot;x&quot;" hidden class="note">a &lt; b<b>&amp;</b></p>'
    assert joined(["<i>", el("br")]) == "&lt;i&gt;<br>"


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
         "Safari/537.36 Edg/131.0.0.0", "Edge 131, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox 133, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
         "Version/18.1 Mobile/15E148 Safari/604.1", "Safari 18, iPhone"),
        ("curl/8.5.0", "curl/8.5.0"), ("<script>alert(1)</script>", "scriptalert1/script"), ("", "–"),
    ],
)  # fmt: skip
def test_browsers_are_told_in_words(agent: str, told: str) -> None:
    assert browser_words(agent) == told


def test_names_fit_a_bar() -> None:
    assert (initials("Jean-Pierre du Bois"), initials("Wall"), initials("")) == ("JB", "W", "")
    assert (short_name("Sophie Lacroix"), short_name("Chloé Vidal")) == ("S. Lacroix", "Chloé Vidal")
