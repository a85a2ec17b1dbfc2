"""What a rule says of shelving: for how long at most, and why never. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

LONGEST_S = 8 * 3600.0
"""Of a rule that does not say."""


def longest_shelf(declaration: Mapping[str, Any]) -> timedelta:
    """How long an alarm of the rule ``declaration`` may be shelved at a time."""
    return timedelta(seconds=float(declaration.get("max_shelve_s", LONGEST_S)))


def why_never_shelved(declaration: Mapping[str, Any]) -> str:
    """The reason an alarm of the rule ``declaration`` is not to be shelved at all; empty when it may be."""
    if declaration.get("highly_managed"):
        return "highly_managed"
    return "" if longest_shelf(declaration) > timedelta(0) else "never_shelved"
