"""A configuration that cannot be right: the start is refused in one line that names place, key and mend."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from geodata.profiles import CITIES
from services.settings import ROOT

AWAY = {"VIGIE_DATABASE_URL": "postgresql://vigie@/none?host=/nowhere", "VIGIE_REDIS_URL": "unix:///nowhere"}
KEY = {"VIGIE_INTAKE_KEY": "a-key-for-tests-only"}
PATIENCE_S = 60


def refused(var: Path, **settings: str) -> str:
    """What ``app.py ingest`` says when it refuses to start."""
    given = os.environ | AWAY | KEY | {"VIGIE_VAR": str(var), "VIGIE_CITY": "demo", "COLUMNS": "1000"}
    done = subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "ingest"],
        env=given | settings, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1, said
    return said


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A city of one's own, a copy of the invented one."""
    return shutil.copytree(CITIES / "demo", tmp_path / "mytown")


@pytest.mark.parametrize(
    ("declaration", "words"),
    [
        ("adapter = ", ("not TOML",)),
        ('adapter = "mqtt"\ntransport = "pigeon"', ("transport = 'pigeon'", "push, mqtt, poll")),
        ('adapter = "mqqt"\ntransport = "mqtt"\ntopics = ["a/#"]', ("mqqt", "mqtt")),
        ('adapter = "mqtt"\ntransport = "mqtt"\ntopic = "a/#"', ("topic", "topics")),
        ('adapter = "mqtt"\ntransport = "mqtt"\ntopics = ["a/#/b"]', ("a/#/b", "comes last")),
        ('adapter = "datex2"\ntransport = "poll"\nurl = "http://x.org/a.xml"', ("url", "plain_http = true")),
    ],
)
def test_a_broken_declaration_of_a_source(
    city: Path, tmp_path: Path, declaration: str, words: tuple[str, ...]
) -> None:
    (city / "feeds" / "broken.toml").write_text(declaration)
    said = refused(tmp_path / "var", VIGIE_CITY=str(city))
    for word in ("broken.toml", *words):
        assert word in said


def test_a_domain_that_does_not_exist(tmp_path: Path) -> None:
    said = refused(tmp_path, VIGIE_INGEST_DOMAINS="lighting weather")
    assert "VIGIE_INGEST_DOMAINS: no domain weather; known are" in said
    assert "traffic" in said


def test_a_city_that_does_not_exist_or_lacks_something(city: Path, tmp_path: Path) -> None:
    assert "no city profile 'atlantis': known are" in refused(tmp_path / "var", VIGIE_CITY="atlantis")
    profile = city / "city.toml"
    profile.write_text(profile.read_text().replace("time_zone", "time_zones"))
    said = refused(tmp_path / "var", VIGIE_CITY=str(city))
    assert str(profile) in said
    assert "time_zone" in said


def test_a_setting_that_cannot_be_or_is_missing(tmp_path: Path) -> None:
    assert "VIGIE_INTAKE_PORT" in refused(tmp_path, VIGIE_INTAKE_PORT="80700")
    assert "VIGIE_INTAKE_KEY: give a key of at least 16" in refused(tmp_path, VIGIE_INTAKE_KEY="short")
    assert "VIGIE_DATABASE_URL" in refused(tmp_path, VIGIE_DATABASE_URL="nonsense")
