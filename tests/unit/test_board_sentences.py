"""What boards say in words never contradicts their figures: 200 boards by chance, read back in two languages.

The sentences are read by expressions of this file alone; numbers, directions and superlatives are compared
with a recount of the figures, not with the code that wrote them.
"""

import re
from datetime import date
from itertools import pairwise

import pytest
from babel.dates import format_date

from layouts.sentence import figure_sentence, sentence
from model.kpis import Good, KpiBoard, KpiResult, Period, Verdict
from model.texts import words
from tests.unit.made_boards import BY_KEY, MONTH, board, result, situation, without_direction

SITUATIONS = 200
NUMBERS = {
    "fr": "un deux trois quatre cinq six sept huit neuf dix onze douze",
    "en": "one two three four five six seven eight nine ten eleven twelve",
}
COUNTS = {
    language: {word: n for n, word in enumerate(told.split(), 1)} | {"une": 1}
    for language, told in NUMBERS.items()
}
KINDS = {
    "fr": {
        "held": r"(\w+) cibles? tenues?",
        "missed": r"(\w+) cibles? manquées?",
        "free": r"(\w+) sans cible",
        "withheld": r"(\w+) non affichés?",
    },
    "en": {
        "held": r"(\w+) targets? held",
        "missed": r"(\w+) targets? missed",
        "free": r"(\w+) without a target",
        "withheld": r"(\w+) withheld",
    },
}
MOVES = {
    "fr": (r"en (hausse|baisse) de ([^;]+?) en un (jour|mois|an)", r"sans changement en un (jour|mois|an)"),
    "en": (r"(up|down) ([^;]+?) in a (day|month|year)", r"unchanged in a (day|month|year)"),
}
UP = {"hausse": 1, "up": 1, "baisse": -1, "down": -1}
YEAR = {"an", "year"}
FAR = {
    "fr": r"(aucune des|une|\w+)(?: communes?)?(?: sur)? (\w+)(?: communes mesurées)? "
    r"(?:n’est|est|sont) (au-dessus de|sous) ",
    "en": r"(none of the|one|\w+)(?: communes?)?(?: of)? (\w+)(?: communes measured)? "
    r"(?:is|are) (above|below) ",
}
SINCE = {
    "fr": r"en (hausse|baisse) continue depuis (\w+ \d{4})",
    "en": r"(rising|falling) every time since (\w+ \d{4})",
}
EXTREME = {
    "fr": r"la plus (haute|basse) valeur à (\w+) \(",
    "en": r"the (highest|lowest) value in (\w+) \(",
}
ENDS = {
    "fr": r"les communes vont de (.+?) \((\w+)\) à (.+?) \((\w+)\)",
    "en": r"communes range from (.+?) \((\w+)\) to (.+?) \((\w+)\)",
}


def number(text: str, language: str) -> float:
    """The first number of ``text`` as that language writes it."""
    found = re.search(r"[\d\u202f,.]*\d", text)
    assert found, text
    bare = found[0].replace("\u202f", "")
    return float(bare.replace(",", ".") if language == "fr" else bare.replace(",", ""))


def shown(one: KpiResult, value: float) -> float:
    return round(value, one.kpi.decimals)


def change_of(one: KpiResult, change: float) -> float:
    return round(change, max(1, one.kpi.decimals) if one.kpi.change_in_points else 1)


def spelt(word: str, language: str) -> int:
    return COUNTS[language].get(word.lower(), -1) if not word.isdigit() else int(word)


def check_counts(text: str, made: KpiBoard, language: str) -> None:
    told = {
        kind: spelt(found[1], language)
        for kind, pattern in KINDS[language].items()
        if (found := re.search(pattern, text))
    }
    missing = [one for one in made.results if one.value is None]
    kept = [one for one in made.results if one.value is not None]
    truth = {
        "held": sum(one.verdict is Verdict.HELD for one in kept),
        "missed": sum(one.verdict is Verdict.MISSED for one in kept),
        "free": sum(one.verdict is Verdict.NONE for one in kept),
        "withheld": len(missing),
    }
    assert told == {kind: count for kind, count in truth.items() if count}, text
    assert sum(told.values()) == len(made.results)


def check_moves(text: str, one: KpiResult, language: str) -> None:
    """Every direction and its amount; what is said not to change does not as it is shown."""
    moving, still = MOVES[language]
    for way, by, unit in re.findall(moving, text):
        change = one.year_before if unit in YEAR else one.before
        assert change is not None, text
        assert UP[way] * change_of(one, change) > 0, text
        assert number(by, language) == abs(change_of(one, change)), text
    for unit in re.findall(still, text):
        change = one.year_before if unit in YEAR else one.before
        assert change is not None, text
        assert change_of(one, change) == 0, text


def check_far(text: str, one: KpiResult, language: str) -> None:
    """How many communes are said to be beyond the target."""
    found = re.search(FAR[language], text)
    if not found:
        return
    assert one.target is not None
    told = [shown(one, area.value) for area in one.areas if area.value is not None]
    above = found[3] in ("au-dessus de", "above")
    assert above == (one.kpi.good is Good.LOW), text
    count = sum(v > one.target.value if above else v < one.target.value for v in told)
    first = found[1].split()[0].lower()
    said = {"aucune": 0, "none": 0, "une": 1, "one": 1}.get(first, spelt(first, language))
    assert (said, spelt(found[2], language)) == (count, len(told)), text


def check_streak(text: str, one: KpiResult, language: str) -> None:
    way, since = re.search(SINCE[language], text).groups()  # type: ignore[union-attr]
    locale = {"fr": "fr", "en": "en_GB"}[language]
    starts = [format_date(step.start, "LLLL y", locale=locale) for step in one.trend]
    run = [step.value for step in one.trend[starts.index(since) :]]
    told = [shown(one, value) for value in run if value is not None]
    assert len(told) == len(run) >= 4, text
    rising = way in ("hausse", "rising")
    pairs = pairwise(told)
    assert all(b > a if rising else b < a for a, b in pairs), text
    assert rising == (one.kpi.good is Good.LOW), "only what gets worse is said so"


def check_extreme(text: str, one: KpiResult, language: str) -> None:
    """*The* highest or lowest commune is it, and no other shows the same."""
    for which, name in re.findall(EXTREME[language], text):
        told = {area.name: shown(one, area.value) for area in one.areas if area.value is not None}
        ends = max if which in ("haute", "highest") else min
        assert told[name] == ends(told.values()), text
        assert list(told.values()).count(told[name]) == 1, text
    for low, low_name, high, high_name in re.findall(ENDS[language], text):
        told = {area.name: shown(one, area.value) for area in one.areas if area.value is not None}
        assert (told[low_name], told[high_name]) == (min(told.values()), max(told.values())), text
        assert (number(low, language), number(high, language)) == (told[low_name], told[high_name]), text
        assert all(list(told.values()).count(told[name]) == 1 for name in (low_name, high_name)), text


def check_target(text: str, one: KpiResult, language: str) -> None:
    missed = {"fr": "à côté de la cible (", "en": "target missed ("}[language]
    held = {"fr": "cible tenue (", "en": "target held ("}[language]
    for mark, verdict in ((missed, Verdict.MISSED), (held, Verdict.HELD)):
        if mark in text:
            assert one.verdict is verdict, text
            assert one.target is not None
            assert number(text.split(mark)[1], language) == pytest.approx(one.target.value, abs=1e-6)


def named(made: KpiBoard, text: str, language: str) -> KpiResult:
    """The figure a phrase is about, by its short name."""
    say = words(language)
    names = {say(f"kpi.{one.kpi.key}.short"): one for one in made.results}
    return next(one for name, one in names.items() if text.strip().startswith((f"{name}:", f"{name}\u00a0:")))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_sentence_contradicts_its_figures(language: str) -> None:
    say = words(language)
    seen = {"strong": 0, "quiet": 0, "far": 0, "extreme": 0}
    for seed in range(SITUATIONS):
        made = situation(seed)
        phrases = sentence(say, made)
        assert "⟦" not in "".join(phrase.text for phrase in phrases)
        check_counts(phrases[0].text, made, language)
        for phrase in phrases[1:]:
            one, text = named(made, phrase.text, language), phrase.text
            seen[phrase.weight] += 1
            seen["far"] += bool(re.search(FAR[language], text))
            seen["extreme"] += bool(re.search(EXTREME[language], text))
            check_moves(text, one, language)
            check_extreme(text, one, language)
            check_target(text, one, language)
            if phrase.weight == "strong":
                assert one.value is not None
                at = re.search({"fr": r"à ([\d\u202f,]+)", "en": r"at ([\d,.]+)"}[language], text)
                assert at and number(at[1], language) == shown(one, one.value), text
                check_far(text, one, language)
            else:
                check_streak(text, one, language)
            if made.area_id is not None:
                assert not re.search(FAR[language], text) and not re.search(EXTREME[language], text)
    assert all(count > SITUATIONS / 20 for count in seen.values()), seen


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_sentence_of_one_figure_never_contradicts_it(language: str) -> None:
    say = words(language)
    for seed in range(SITUATIONS):
        for one in situation(seed).results:
            text = figure_sentence(say, one, Period.MONTH)
            assert "⟦" not in text
            rest = text[len(say(f"kpi.{one.kpi.key}.name")) :]
            if one.value is None:
                assert {"fr": "non affiché", "en": "withheld"}[language] in rest
                assert not re.search(MOVES[language][0], rest)
                continue
            assert number(rest, language) == shown(one, one.value), text
            check_moves(rest, one, language)
            check_extreme(rest, one, language)
            check_target(rest, one, language)


def said(made: KpiBoard, language: str = "en") -> str:
    return "".join(phrase.text for phrase in sentence(words(language), made))


def test_a_change_that_rounding_hides_has_no_direction() -> None:
    made = board(result("failure_rate", 1.52, target=1.5, before=-0.004))
    assert "unchanged in a month" in said(made)
    assert "down" not in said(made)


def test_a_shared_extreme_is_nobodys() -> None:
    worse = (1.0, 1.1, 1.2, 1.3)
    tied = board(result("failure_rate", 1.4, trend=worse, areas=(2.0, 2.0, 1.0, 0.5), before=None))
    assert "highest" not in said(tied)


def test_what_no_direction_is_good_for_gets_neither_better_nor_worse() -> None:
    one = without_direction(result("failure_rate", 1.4, target=1.0, trend=(1.0, 1.1, 1.2, 1.3)))
    assert "every time" not in said(board(one))
    assert "missed" not in said(board(one))


def test_a_board_begins_with_its_period() -> None:
    made = board(result("failure_rate"), area=2)
    assert said(made).startswith("October 2026: one figure")
    assert said(made, "fr").startswith("Octobre 2026\u00a0: un chiffre")
    assert date(2026, 10, 1) == MONTH
    assert BY_KEY
