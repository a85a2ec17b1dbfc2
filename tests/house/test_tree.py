"""Facts of the house that a person would otherwise have to remember."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("commands", "layouts", "callbacks", "public", "intake", "services", "geodata", "model")


def python_files() -> list[Path]:
    return [ROOT / "app.py", *(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))]


def test_imports_follow_the_arrows() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_nothing_is_pickled() -> None:
    """A pickle in a cache runs code (faults.md 1.2): neither pickle nor its cousins are imported."""
    forbidden = {"pickle", "dill", "shelve", "marshal", "flask_caching", "diskcache"}
    for file in python_files():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not forbidden & {name.split(".")[0] for name in names}, file


def test_no_page_asks_another_site() -> None:
    """Our own css and js name no address but the XML namespaces browsers never fetch."""
    for file in (ROOT / "assets").rglob("*"):
        if file.suffix in {".js", ".css"} and "vendor" not in file.parts:
            found = re.findall(r"https?://[^\s\"'`)]+", file.read_text(encoding="utf-8"))
            assert [url for url in found if not url.startswith("http://www.w3.org/")] == [], file


def test_every_public_function_says_what_it_does() -> None:
    missing = []
    for file in python_files():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        if file.name != "__init__.py" or tree.body:
            missing += [] if ast.get_docstring(tree) else [str(file.relative_to(ROOT))]
        for node in [*tree.body, *(m for c in tree.body if _is_public_class(c) for m in c.body)]:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                hidden = node.name.startswith("_") or "migrations" in file.parts
                if not hidden and not ast.get_docstring(node):
                    missing.append(f"{file.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert missing == []


def _is_public_class(node: ast.stmt) -> bool:
    return isinstance(node, ast.ClassDef) and not node.name.startswith("_")


def test_bundles_are_pinned_and_their_lock_names_no_host() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    versions = [*package["dependencies"].values(), *package["devDependencies"].values()]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)
    assert "resolved" not in (ROOT / "package-lock.json").read_text()


def test_requirements_are_pinned() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        assert all("==" in line for line in lines), name
        assert "index-url" not in text


def test_the_command_line_explains_itself() -> None:
    done = subprocess.run(
        [sys.executable, "app.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    for name in ("serve", "demo", "import", "ingest", "record", "publish", "public", "migrate", "check"):
        assert re.search(rf"\b{name}\b", done.stdout), name


def test_every_link_of_the_documents_leads_somewhere() -> None:
    broken = []
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            if not target.startswith(("http:", "https:", "mailto:")) and not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []
