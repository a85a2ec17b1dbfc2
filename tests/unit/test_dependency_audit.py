"""The audit of dependencies: what counts as found, as excepted, and as not looked at."""

import importlib.util
import json
import sys
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "dependency_audit.py"


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dependency_audit", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["dependency_audit"] = module
    spec.loader.exec_module(module)
    return module


def test_an_advisory_is_found_and_a_package_not_looked_at_is_not_fine(audit: ModuleType) -> None:
    told = {
        "dependencies": [
            {"name": "a", "version": "1", "vulns": [{"id": "GHSA-1", "fix_versions": ["2"], "aliases": []}]},
            {"name": "b", "version": "1", "vulns": []},
            {"name": "c", "skip_reason": "not found"},
        ]
    }
    seen = audit.python_audit(json.dumps(told))
    assert (seen.looked_at, [found.id for found in seen.found], seen.away) == (2, ["GHSA-1"], "")
    nothing = audit.python_audit(json.dumps({"dependencies": told["dependencies"][2:]}))
    assert nothing.looked_at == 0 and "not reached" in nothing.away


def test_of_scripts_the_grave_ones_count(audit: ModuleType) -> None:
    entry = {"name": "x", "severity": "high", "range": "<2", "via": [{"url": "https://advisory.example/1"}]}
    told = {"vulnerabilities": {"x": entry, "y": {**entry, "severity": "low"}}}
    assert [found.id for found in audit.script_audit(json.dumps(told)).found] == [
        "https://advisory.example/1"
    ]
    assert "not reached" in audit.script_audit('{"error": {}}').away


def test_an_exception_ends(audit: ModuleType) -> None:
    text = "# why\nGHSA-1 2026-03-01 not reachable\nGHSA-2 2026-02-01 old\n"
    assert audit.exceptions(text, date(2026, 3, 1)) == {"GHSA-1"}
    with pytest.raises(ValueError, match="line 1"):
        audit.exceptions("GHSA-1 2026-03-01", date(2026, 3, 1))


@pytest.mark.parametrize(("ids", "code"), [((), 0), (("GHSA-9",), 1), (("GHSA-1",), 0)])
def test_it_fails_for_what_is_open_alone(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ids: tuple[str, ...], code: int
) -> None:
    (tmp_path / "excepted").write_text("GHSA-1 2999-01-01 not reachable\n")
    monkeypatch.setattr(audit, "EXCEPTIONS", tmp_path / "excepted")
    found = tuple(audit.Found("a 1", one, "2") for one in ids)
    monkeypatch.setattr(
        audit, "audits", lambda: [audit.Audit("x", 1, found), audit.Audit("y", 0, (), "away")]
    )
    assert audit.main() == code
