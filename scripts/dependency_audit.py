"""Whether a dependency has a known vulnerability: Python packages by pip-audit, JavaScript ones by npm.

    python scripts/dependency_audit.py

Ends with 1 when one is known and not excepted in ``scripts/audit-exceptions.txt``. Where the advisories
cannot be reached it says so and ends with 0: a check that fails without a network would be switched off.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EXCEPTIONS = ROOT / "scripts" / "audit-exceptions.txt"
DEADLINE_S = 120
GRAVE = ("high", "critical")


@dataclass(frozen=True)
class Found:
    """One advisory that is about a version we pin."""

    package: str
    id: str
    mend: str


@dataclass(frozen=True)
class Audit:
    """What one audit knows: how many packages were looked at, and what was found among them."""

    name: str
    looked_at: int
    found: tuple[Found, ...]
    away: str = ""


def exceptions(text: str, today: date) -> frozenset[str]:
    """The advisories excepted today; lines are ``id until reason``. ValueError names a wrong line."""
    kept = set()
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            parts = line.split(maxsplit=2)
            if len(parts) < 3:
                raise ValueError(f"line {number}: give the id, the day the exception ends, and why")
            if date.fromisoformat(parts[1]) >= today:
                kept.add(parts[0])
    return frozenset(kept)


def python_audit(told: str) -> Audit:
    """What pip-audit's JSON says."""
    packages = json.loads(told)["dependencies"]
    audited = [package for package in packages if "skip_reason" not in package]
    found = [
        Found(f"{package['name']} {package['version']}", advisory["id"], ", ".join(advisory["fix_versions"]))
        for package in audited
        for advisory in package.get("vulns", ())
    ]
    away = "" if audited else "the advisories of Python packages were not reached"
    return Audit("Python packages", len(audited), tuple(found), away)


def script_audit(told: str) -> Audit:
    """What npm's JSON says; of what browsers load, high and critical alone."""
    answer = json.loads(told)
    if "vulnerabilities" not in answer:
        return Audit("JavaScript packages", 0, (), "the advisories of JavaScript packages were not reached")
    found = [
        Found(name, str(_source(entry)), str(entry.get("range", "")))
        for name, entry in answer["vulnerabilities"].items()
        if entry["severity"] in GRAVE
    ]
    total = answer.get("metadata", {}).get("dependencies", {}).get("total", 0)
    return Audit("JavaScript packages", int(total), tuple(found))


def _source(entry: dict[str, Any]) -> object:
    via = [one for one in entry.get("via", ()) if isinstance(one, dict)]
    return via[0].get("url") or via[0].get("source") if via else entry["name"]


def run(command: list[str | Path], name: str) -> tuple[str, str]:
    """The output of ``command``, or why there is none."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", f"{name}: {type(error).__name__}"
    return done.stdout, "" if done.stdout.lstrip().startswith("{") else f"{name} gave no answer"


def audits() -> Iterable[Audit]:
    """Both audits; one that cannot be made says why."""
    # Beside this interpreter, or wherever it is installed: it is no dependency of the product.
    pip_audit = Path(sys.executable).parent / "pip-audit"
    tool = str(pip_audit) if pip_audit.exists() else shutil.which("pip-audit")
    if tool is None:
        yield Audit("Python packages", 0, (), "pip-audit is not installed: pip install pip-audit")
    else:
        command = [
            tool,
            "-r",
            "requirements.txt",
            "--no-deps",
            "--disable-pip",
            "-f",
            "json",
            "--timeout",
            "10",
        ]
        told, away = run(command, "pip-audit")
        yield Audit("Python packages", 0, (), away) if away else python_audit(told)
    if (npm := shutil.which("npm")) is None:
        yield Audit("JavaScript packages", 0, (), "npm is not installed")
    else:
        told, away = run([npm, "audit", "--json", "--omit=dev"], "npm audit")
        yield Audit("JavaScript packages", 0, (), away) if away else script_audit(told)


def main() -> int:
    """Audit, tell, and say whether something must be done."""
    excepted = exceptions(EXCEPTIONS.read_text(encoding="utf-8"), datetime.now(UTC).date())
    open_ones = 0
    for audit in audits():
        say(f"{audit.name}: " + (audit.away or f"{audit.looked_at} looked at, {len(audit.found)} advisories"))
        for found in audit.found:
            known = found.id in excepted
            open_ones += not known
            say(
                f"  {found.package}: {found.id}, mended in {found.mend or '-'}{', excepted' if known else ''}"
            )
    return 1 if open_ones else 0


def say(text: str) -> None:
    """One line on the terminal."""
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
