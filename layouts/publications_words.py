"""How datasets and publications are told: states, details, delays; addresses of the register. Pure."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from layouts.symbols import freshness_symbol, status_symbol
from model.datasets import Dataset, Grain
from model.finding_words import column_name, lasting
from model.publications import Publication
from model.texts import Words

PATH = "/publications"


def address_of(dataset: str) -> str:
    """The address that opens a dataset; empty closes it."""
    return f"{PATH}?dataset={quote(dataset)}" if dataset else PATH


def title_of(say: Words, dataset: str) -> str:
    """What a dataset is called."""
    return say(f"dataset.{dataset}_title")


def grain_text(say: Words, grain: Grain) -> str:
    """A detail in space and time: by commune, by day."""
    return ", ".join(say(f"grain.{part.name.lower()}") for part in (grain.place, grain.span))


def age_text(say: Words, seconds: int) -> str:
    """How old data is when it leaves."""
    return lasting(say, seconds) if seconds else say("publications.at_once")


def columns_text(say: Words, columns: Sequence[str]) -> str:
    """Columns by name, in their order."""
    return ", ".join(column_name(say, name) for name in columns)


def state_of(dataset: Dataset, held: Sequence[Publication], now: datetime) -> str:
    """How a dataset stands, in a word of the catalogues (``publications.state_<word>``)."""
    if not dataset.publishable:
        return "closed"
    out = any(one.in_force(now) for one in held)
    waiting = any(one.waiting(now) for one in held)
    if out:
        return "out_waiting" if waiting else "out"
    return "waiting" if waiting else "nothing"


_SIGNS = {
    "out": "live", "in_force": "live", "out_waiting": "late", "waiting": "late", "proposed": "late",
    "nothing": "never", "replaced": "never", "expired": "stale",
}  # fmt: skip


def state_mark(say: Words, state: str) -> Component:
    """Shape and word of a state: what waits looks late, what is closed out of service."""
    sign = freshness_symbol(_SIGNS[state]) if state in _SIGNS else status_symbol("out_of_service")
    return html.Span([sign, say(f"publications.state_{state}")], className="standing-mark")
