"""Settings: each is documented, wrong ones are refused by name, secrets never show."""

import re
from pathlib import Path

import pytest

from model.errors import BadSettings
from services.settings import Settings, is_loopback, read_settings

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    names = {f"VIGIE_{name.upper()}" for name in Settings.model_fields}
    assert sorted(name for name in names if f"`{name}`" not in page) == []


def test_the_page_names_no_setting_that_is_gone() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    known = {f"VIGIE_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"VIGIE_[A-Z_]+[A-Z]", page)) - known == set()


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "192.168.1.4", "::", "example.org", "10.0.0.1", "127.0.0.1.evil"]
)
def test_the_control_room_refuses_any_other_address(host: str) -> None:
    with pytest.raises(BadSettings, match=r"VIGIE_HOST.*loopback"):
        read_settings(host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.9.10", "[::1]"])
def test_loopback_is_loopback(host: str) -> None:
    assert is_loopback(host)
    assert read_settings(host=host).host == host


def test_a_wrong_setting_is_named_and_its_value_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_PORT", "eighty-secret")
    with pytest.raises(BadSettings) as raised:
        read_settings()
    assert "VIGIE_PORT" in str(raised.value)
    assert "eighty-secret" not in str(raised.value)


def test_secrets_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "VIGIE_INTAKE_KEY").write_text("from-a-file-of-secrets")
    settings = read_settings(secrets=tmp_path)
    assert settings.intake_key is not None
    assert settings.intake_key.get_secret_value() == "from-a-file-of-secrets"
    assert "from-a-file" not in repr(settings)
