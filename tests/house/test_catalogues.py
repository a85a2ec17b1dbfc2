"""Every word is in both catalogues, with the same blanks to fill; every key the code says exists."""

import ast
import re
import string
from pathlib import Path

import pytest

from model.domains import DOMAINS
from model.states import Freshness, Status
from model.texts import LANGUAGES, catalogue

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("layouts", "callbacks", "public", "intake", "services", "geodata", "model")
SAYERS = {"say", "words", "_say"}


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_the_catalogues_hold_the_same_keys() -> None:
    french, english = (set(catalogue(language)) for language in ("fr", "en"))
    assert french == english, sorted(french ^ english)


def test_the_same_blanks_are_filled_in_both() -> None:
    french, english = catalogue("fr"), catalogue("en")
    differing = [key for key in french if blanks(french[key]) != blanks(english[key])]
    assert differing == []


def test_no_text_is_empty() -> None:
    assert [key for language in LANGUAGES for key, text in catalogue(language).items() if not text] == []


def said_keys() -> set[tuple[str, str]]:
    """Literal keys given to ``say("…")`` anywhere in the code: (key, file)."""
    found = set()
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                key = _said(node)
                if key is not None:
                    found.add((key, str(file.relative_to(ROOT))))
    return found


def _said(node: ast.AST) -> str | None:
    if not (isinstance(node, ast.Call) and node.args and _name(node.func) in SAYERS):
        return None
    first = node.args[0]
    is_key = isinstance(first, ast.Constant) and isinstance(first.value, str) and "." in first.value
    return first.value if is_key else None


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def test_every_key_said_in_code_is_in_the_catalogues() -> None:
    known = catalogue("fr")
    assert sorted((key, file) for key, file in said_keys() if key not in known) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_domain_type_property_and_state_has_its_word(language: str) -> None:
    keys = [f"status.{s.key}" for s in Status] + [f"freshness.{f.key}" for f in Freshness]
    for domain in DOMAINS:
        keys.append(f"domain.{domain.name}")
        for kind in domain.asset_types:
            keys.append(f"type.{kind.name}")
            keys += [f"property.{p.name}" for p in kind.properties]
            keys += [f"state.{kind.name}.{s.name}" for s in kind.states]
    assert [key for key in keys if key not in catalogue(language)] == []


def test_french_typography_uses_real_apostrophes_and_spaces() -> None:
    """A thin no-break space stands before ; : ! ? » and after «, never an ordinary space (or none)."""
    misplaced = re.compile(r"(?<!\u202f)[!?;»](?!\w)|«(?!\u202f)")
    wrong = [
        (key, text)
        for key, text in catalogue("fr").items()
        if misplaced.search(text.replace("\u00a0", "\u202f"))
    ]
    assert wrong == []
