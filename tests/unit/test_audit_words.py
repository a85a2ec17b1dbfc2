"""Every act, purpose and fault has its words; heads and verdicts as lines; what was done a moment ago."""

import pytest

from layouts.audit_address import months, read_search, search_of
from model.audit import Action, Book
from model.auditing import BookVerdict, Fault, FaultKind, Head, Verdict
from model.errors import BadFile
from model.looks import PURPOSES, Need, Purpose
from model.roles import Role
from model.texts import LANGUAGES, words
from services.access import head_lines, read_heads, verdict_lines
from services.access.once import MOST, Once
from tests.clock import began

HEAD = Head("looks", 12, bytes(range(32)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_there_is_has_its_words(language: str) -> None:
    say = words(language)
    keys = [f"audit.action.{one}" for one in Action] + [f"audit.book.{one}" for one in Book]
    keys += [f"audit.fault.{one}" for one in FaultKind] + [f"looks.purpose.{one}" for one in Purpose]
    keys += [f"role.{one}" for one in Role] + [f"looks.{kind}_title" for kind in PURPOSES]
    keys += [f"looks.{need}_body" for need in Need if need is not Need.NONE]
    assert [key for key in keys if not say.has(key)] == []


def test_heads_come_back_from_their_lines() -> None:
    lines = head_lines([HEAD, Head("security", 1, bytes(32))])
    text = "# 2026-11-27T23:00:00Z\n\n" + "\n".join(lines)
    assert read_heads(text, "heads.txt") == (HEAD, Head("security", 1, bytes(32)))


@pytest.mark.parametrize(
    "line",
    ["looks", "looks 12", "pirates 12 " + "00" * 32, "looks x " + "00" * 32, "looks 12 zz",
     "looks 0 " + "00" * 32, "looks 12 00", "looks 12 " + "00" * 32 + " more"],
)  # fmt: skip
def test_a_line_that_is_no_head_is_named(line: str) -> None:
    with pytest.raises(BadFile, match=r"heads.txt, line 2"):
        read_heads(f"# kept\n{line}", "heads.txt")


def test_a_verdict_says_what_is_wrong_and_where() -> None:
    fault = Fault(FaultKind.MISSING, 13)
    books = (BookVerdict("looks", 6, 7, 5, HEAD, fault), BookVerdict("security", 6, 7, 5, HEAD))
    assert verdict_lines(Verdict(began(), books)) == [
        "looks: missing at entry 13; in order up to 12",
        "security: 7 entries from 6 on are as they were written; 5 went before by their retention",
    ]


def test_what_was_done_a_moment_ago_is_remembered_and_no_longer() -> None:
    lasting, gone = Once(60), Once(0)
    for once in (lasting, gone):
        once.note("a")
    assert lasting.done("a")
    assert not lasting.done("b")
    assert not gone.done("a")
    for number in range(MOST):
        lasting.note(number)
    assert not lasting.done("a"), "bounded: it is then recorded twice, never not at all"


def test_what_an_address_gets_wrong_is_left_out() -> None:
    search = read_search(
        {"p": "2026-13", "role": "pirate", "asset": "x" * 500, "text": "a\x00b", "book": "looks"}
    )
    assert search.period == "30d"
    assert search["role"] == ""
    assert len(search["asset"]) == 200
    assert search["text"] == "ab"
    assert search["book"] == "looks"
    assert search_of(None, None, None, {}).fields == {}


def test_months_are_offered_from_this_one_back() -> None:
    say = words("fr")
    found = months(began(), say.zone)
    assert found[0][0] == f"{say.local(began()):%Y-%m}"
    assert len({name for name, _ in found}) == len(found) == 36
    assert all(read_search({"p": name}).period == name for name, _ in found)
