"""The demo's identity provider: an account a role, on this machine and for an invented city alone."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import Engine, text

from model.errors import Unavailable
from model.roles import Role
from services.access import open_identity, person_of
from services.access.identity_people import linking_of
from services.launch.demo_identity import (
    PEOPLE,
    identity_worker,
    is_demo_identity,
    login_of,
    with_demo_identity,
)
from services.launch.servers import free_port
from services.settings import Settings, read_settings
from tests.providers import consent
from tests.waiting import until


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    wanted = read_settings(
        var=tmp_path_factory.mktemp("demo"), identity_port=free_port(), redis_url="unix:///none"
    )
    return with_demo_identity(wanted, generated=True)


@pytest.fixture(scope="module")
def provider(settings: Settings) -> Iterator[str]:
    worker = identity_worker(settings)
    worker.start()
    assert worker.process is not None
    yield str(settings.oidc_issuer)
    worker.process.terminate()
    worker.process.wait(10)


async def begun(settings: Settings) -> tuple[str, str]:
    ours = open_identity(settings, b"s" * 32)
    assert ours is not None
    found: list[tuple[str, str]] = []

    async def there() -> bool:
        try:
            found.append(await ours.begin("http://localhost:8050", "/", "en"))
        except Unavailable:
            return False
        return True

    await until(there)
    await ours.close()
    return found[0]


async def test_each_account_signs_in_with_its_role(settings: Settings, provider: str, engine: Engine) -> None:
    ours = open_identity(settings, b"s" * 32)
    assert ours is not None
    await begun(settings)
    for role, name in PEOPLE.items():
        url, cookie = await ours.begin("http://localhost:8050")
        query = parse_qs(urlsplit(consent(url, login_of(name))).query)
        known = await ours.finish({key: values[0] for key, values in query.items()}, cookie)
        with engine.begin() as connection:
            person_id = person_of(connection, known, linking_of(settings))
            told = text("SELECT role FROM access_grant WHERE person_id = :id AND revoked_at IS NULL")
            assert list(connection.execute(told, {"id": person_id}).scalars()) == [role.value]
    await ours.close()


async def test_its_page_speaks_both_languages_and_asks_nobody_else(settings: Settings, provider: str) -> None:
    url, _ = await begun(settings)
    english = httpx.get(url, trust_env=False).text
    french = httpx.get(url.replace("ui_locales=en", "ui_locales=fr"), trust_env=False).text
    assert "Data steward" in english and "Gestionnaire de données" in french
    out = httpx.get(url.partition("/oauth2/")[0] + "/oauth2/end_session", trust_env=False).text
    assert not re.findall(r"<(?:link|script|img|iframe)\b", out)
    for page in (english, french):
        assert not re.findall(r"(?:src|href)=", page)
        assert all(name in page for name in PEOPLE.values())


def test_it_is_told_no_secret_and_leaves_a_citys_own_provider_alone(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VIGIE_SECRET", "hidden")
    monkeypatch.setenv("VIGIE_DATABASE_URL", "postgresql://hidden")
    worker = identity_worker(settings)
    assert not [value for value in worker.env.values() if "hidden" in value]
    plain = read_settings(var=tmp_path)
    assert is_demo_identity(settings) and not is_demo_identity(plain)
    assert with_demo_identity(plain, generated=False) is plain
    elsewhere = read_settings(var=tmp_path, url="https://vigie.example")
    assert with_demo_identity(elsewhere, generated=True) is elsewhere
    own = read_settings(var=tmp_path, oidc_issuer="https://login.example", oidc_client_id="vigie")
    assert with_demo_identity(own, generated=True) is own
    assert set(PEOPLE) == set(Role) - {Role.PARTNER, Role.WALL}
