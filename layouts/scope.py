"""A visitor's scope in words: which part of the city she sees, wherever a page would say "the city". Pure."""

from collections.abc import Collection

from dash import html
from dash.development.base_component import Component

from layouts.view import PageView
from model.domains import DOMAINS
from model.texts import Words

NAMED = 3
"""So many areas or domains are named; of more their number is told."""


def scope_in_words(say: Words, places: Collection[str] | None, domains: Collection[str] | None) -> str:
    """``Quernay · lighting``; empty for the whole city; of a scope that holds nothing, that it does."""
    if places is None and domains is None:
        return ""
    if (places is not None and not places) or (domains is not None and not domains):
        return say("scope.nothing")
    return " · ".join(part for part in (_areas(say, places), _domains(say, domains)) if part)


def _areas(say: Words, places: Collection[str] | None) -> str:
    if places is None:
        return ""
    return ", ".join(sorted(places)) if len(places) <= NAMED else say("scope.areas", n=len(places))


def _domains(say: Words, domains: Collection[str] | None) -> str:
    if domains is None:
        return ""
    if len(domains) > NAMED:
        return say("scope.domains", n=len(domains))
    return ", ".join(say(f"domain.{domain.name}") for domain in DOMAINS if domain.name in domains)


def everywhere(say: Words, view: PageView, otherwise: str) -> str:
    """What the choice of no area at all stands for: the words ``otherwise``, or her own areas."""
    return say(otherwise) if view.places is None else _areas(say, view.places) or say("scope.nothing")


def scope_note(say: Words, view: PageView) -> list[Component]:
    """The scope beside the city's name; nothing for who sees it whole."""
    text = scope_in_words(say, view.places, view.domains)
    if not text:
        return []
    label = say("scope.label")
    return [
        html.Span(
            [html.Span(f"{label} ", className="unseen"), text],
            className="brand-scope", title=f"{label} {text}",
        )
    ]  # fmt: skip
