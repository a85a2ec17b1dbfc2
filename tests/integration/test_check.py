"""``check`` names every problem with its mend, and finds nothing wrong where nothing is."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from geodata.database_roles import address_for
from model.errors import Unavailable
from services.launch import checking
from services.launch.checking import Finding, check
from services.launch.preparing import running
from services.settings import Settings


def by_subject(settings: Settings) -> dict[str, Finding]:
    return {finding.subject: finding for finding in check(settings)}


def test_a_sound_installation_has_no_problem(tmp_path: Path, database_url: str, redis_url: str) -> None:
    url = address_for(database_url, "web")
    found = by_subject(Settings(var=tmp_path, database_url=url, redis_url=redis_url))
    assert [finding for finding in found.values() if not finding.ok] == []
    assert found["database"].found.startswith("PostGIS 3")
    assert found["database role"].found == "vigie_room, which may what it needs"


def test_a_process_with_more_rights_than_it_needs_is_a_problem(tmp_path: Path, database_url: str) -> None:
    finding = by_subject(Settings(var=tmp_path, database_url=database_url))["database role"]
    assert not finding.ok
    assert finding.found == "vigie is a superuser"
    assert "database-roles.md" in finding.mend


def test_a_role_past_the_row_policies_is_a_problem(tmp_path: Path, engine: Engine, database_url: str) -> None:
    url = address_for(database_url, "web")
    with engine.begin() as connection:
        connection.execute(text("ALTER ROLE vigie_scoped BYPASSRLS"))
    try:
        finding = by_subject(Settings(var=tmp_path, database_url=url))["database role"]
    finally:
        with engine.begin() as connection:
            connection.execute(text("ALTER ROLE vigie_scoped NOBYPASSRLS"))
    assert not finding.ok
    assert "vigie_scoped" in finding.found
    assert "NOBYPASSRLS" in finding.mend


def test_what_is_away_is_named_with_its_mend_and_no_password(tmp_path: Path) -> None:
    settings = Settings(
        city="atlantis",
        var=tmp_path,
        database_url="postgresql://vigie:hunter2@127.0.0.1:9/none",
        redis_url="redis://:hunter2@127.0.0.1:9/0",
    )
    found = by_subject(settings)
    mends = {"city profile": "VIGIE_CITY", "database": "VIGIE_DATABASE_URL", "Redis": "VIGIE_REDIS_URL"}
    for subject, mend in mends.items():
        assert not found[subject].ok
        assert mend in found[subject].mend
    assert "hunter2" not in str(found)


def test_private_servers_are_looked_for_among_the_packages(tmp_path: Path) -> None:
    found = by_subject(Settings(var=tmp_path))
    assert found["database"].ok
    assert "private PostgreSQL" in found["database"].found


def test_missing_bundles_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "BUNDLES", ("maplibre-gl.mjs", "nowhere.js"))
    bundles = by_subject(Settings(var=tmp_path))["browser bundles"]
    assert not bundles.ok
    assert "nowhere.js" in bundles.found
    assert "make bundles" in bundles.mend


def test_a_folder_nobody_may_write_is_named(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("not a folder")
    folder = by_subject(Settings(var=occupied))["var folder"]
    assert not folder.ok
    assert "VIGIE_VAR" in folder.mend


def test_a_command_finds_no_vigie_where_none_runs(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no Vigie runs"):
        running(Settings(var=tmp_path))
