"""A control room that would not be safe does not start (faults.md G27)."""

import secrets
import sys
from types import ModuleType

import pytest
from pydantic import SecretStr

from model.errors import BadSettings
from services.launch.refusing import refuse_unsafe
from services.settings import Settings, read_settings

GOOD = secrets.token_urlsafe(32)


def settings(secret: str | None = GOOD, **others: object) -> Settings:
    return Settings(secret=None if secret is None else SecretStr(secret), **others)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests of this process import the public door."""
    monkeypatch.delitem(sys.modules, "public.door", raising=False)


def test_a_random_secret_is_enough() -> None:
    refuse_unsafe(settings(), generated=False, environment={})


@pytest.mark.parametrize(
    ("secret", "reason"),
    [
        (None, "not set"),
        ("", "not set"),
        ("short", "shorter than 32 bytes"),
        ("x7Qp9" * 6, "shorter than 32 bytes"),
        ("a" * 40, "not random"),
        ("abcabcabc" * 5, "not random"),
        ("changeme-changeme-changeme-changeme", "not random"),
        ("my-very-own-SECRET-for-this-city-2026", "not random"),
    ],
)
def test_a_secret_that_is_none_is_refused_and_never_shown(secret: str | None, reason: str) -> None:
    with pytest.raises(BadSettings, match=f"VIGIE_SECRET is {reason}") as raised:
        refuse_unsafe(settings(secret), generated=True, environment={})
    assert secret is None or len(secret) < 6 or secret not in str(raised.value)


@pytest.mark.parametrize("name", ["DASH_DEBUG", "DASH_MCP_ENABLED", "DASH_HOT_RELOAD"])
@pytest.mark.parametrize("value", ["1", "true", "True", "on"])
def test_debug_and_tools_are_refused(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=name):
        refuse_unsafe(settings(), generated=True, environment={name: value})
    refuse_unsafe(settings(), generated=True, environment={name: "false"})


def test_both_doors_in_one_process_are_the_demos_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "public.door", ModuleType("public.door"))
    with pytest.raises(BadSettings, match="one process"):
        refuse_unsafe(settings(), generated=False, environment={})
    refuse_unsafe(settings(), generated=True, environment={})


def test_one_click_is_for_an_invented_city_on_this_machine() -> None:
    with pytest.raises(BadSettings, match="VIGIE_DEMO_SIGN_IN"):
        refuse_unsafe(settings(demo_sign_in=True), generated=False, environment={})
    with pytest.raises(BadSettings, match="VIGIE_DEMO_SIGN_IN"):
        read_settings(demo_sign_in=True, url="https://vigie.example")
    refuse_unsafe(settings(demo_sign_in=True), generated=True, environment={})
    refuse_unsafe(settings(demo_sign_in=True, url="http://localhost:8050"), generated=True, environment={})


def test_an_empty_address_is_none() -> None:
    assert read_settings(url="").url is None


@pytest.mark.parametrize("url", ["http://vigie.example", "vigie.example", "https://", "https://a.b/path"])
def test_an_address_for_operators_is_https(url: str) -> None:
    with pytest.raises(BadSettings, match="VIGIE_URL"):
        read_settings(url=url)
