"""Titles of rules that name their limit: the limit has a place in them, so that no title outlives its limit.

"Voltage above {limit}" is told as "Voltage above 253 V", in each language's own figures.
"""

import re

from model.alarm_rules import Beyond, Changing, Rule
from model.domains import ASSET_TYPES
from model.errors import BadField
from model.texts import Words, words

PLACE = "{limit}"


def unit_of(rule: Rule) -> str:
    """The unit of what the rule reads, after a thin space; empty where it reads nothing or has none."""
    known = ASSET_TYPES.get(rule.asset_type)
    found = known.by_property.get(getattr(rule.condition, "observed_property", "")) if known else None
    return f"\u202f{found.unit}" if found and found.unit else ""


def limit_words(say: Words, rule: Rule) -> str:
    """The limits of ``rule`` with their unit; empty for one that compares with none."""
    match rule.condition:
        case Beyond(below=low, above=high) | Changing(fall=low, rise=high):
            limits = [say.exact(limit) for limit in (low, high) if limit is not None]
            return f"{' / '.join(limits)}{unit_of(rule)}" if limits else ""
        case _:
            return ""


def titled(rule: Rule, wording: dict[str, str]) -> dict[str, str]:
    """``wording`` with the limit in its place.

    Raises BadField for ``title_<language>``: ``no_limit`` where the rule has none to fill in, ``names_limit``
    where a figure with the unit is written out, which the next version would leave behind.
    """
    return {language: _told(rule, language, text) for language, text in wording.items()}


def _told(rule: Rule, language: str, text: str) -> str:
    limit = limit_words(words(language), rule)
    if PLACE in text and not limit:
        raise BadField(f"title_{language}", "no_limit")
    if written := _written_out(text, unit_of(rule).strip()):
        raise BadField(f"title_{language}", "names_limit", which=written)
    return text.replace(PLACE, limit)


def _written_out(text: str, unit: str) -> str:
    """A figure followed by ``unit`` in ``text``."""
    found = unit and re.search(rf"\d+(?:[.,]\d+)?\s*{re.escape(unit)}(?!\w)", text)
    return found.group() if found else ""
