"""Judging a proposal against the register, before a row of it was read. Each finding says what would pass."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from model.datasets import BY_NAME, DATASETS, Column, Dataset, Grain, Place, Sensitivity, Shape, Span
from model.publications import LONGEST_RELEASE, Draft, Finding, Rule
from services.publishing.licences import ALLOWED
from services.publishing.linting.contents import kinds_in
from services.publishing.linting.naming import by_name, sensitivity_of

LICENCES: tuple[str, ...] = tuple(one.key for one in ALLOWED)
"""The keys of the licences a city may publish under, unless it narrows them."""

_OF_ASSET = frozenset({"id", "name", "street", "type"})
_OF_AREA = frozenset({"area", "area_code"})


def lint(
    draft: Draft,
    now: datetime,
    licences: Collection[str] = LICENCES,
    register: Mapping[str, Dataset] = BY_NAME,
) -> tuple[Finding, ...]:
    """Everything that speaks against ``draft`` at ``now`` (aware); empty: it may be approved."""
    dataset = register.get(draft.dataset)
    if dataset is None:
        return (Finding(Rule.UNKNOWN_DATASET, "", "dataset_of_register", (("dataset", draft.dataset),)),)
    return (
        *_closed(dataset),
        *_columns(draft, dataset),
        *_needed(draft, dataset),
        *_fineness(draft, dataset),
        *_pace(draft, dataset),
        *_terms(draft, now, licences),
    )


def _closed(dataset: Dataset) -> Iterator[Finding]:
    if dataset.closed is None:
        return
    open_ones = [one.name for one in DATASETS if one.publishable and one.domain == dataset.domain]
    said = (("reason", f"closed.{dataset.closed}"), ("datasets", " ".join(open_ones)))
    yield Finding(Rule.CLOSED_DATASET, "", "open_of_domain", said)


def _columns(draft: Draft, dataset: Dataset) -> Iterator[Finding]:
    if not draft.columns:
        yield Finding(Rule.NO_COLUMN, "", "known_columns", (("columns", " ".join(dataset.by_name)),))
    for name in draft.columns:
        column = dataset.by_name.get(name)
        kind = sensitivity_of(column, dataset) if column else by_name(name)
        if kind is not Sensitivity.NONE:
            yield sensitive(name, kind)
        elif column is None:
            known = " ".join(one.name for one in dataset.columns if one.sensitivity is Sensitivity.NONE)
            yield Finding(Rule.UNKNOWN_COLUMN, name, "known_columns", (("columns", known),))


def sensitive(name: str, kind: Sensitivity) -> Finding:
    """The finding about a column that holds ``kind``: what passes is the catalogue's ``pass_<kind>``."""
    return Finding(Rule.SENSITIVE_COLUMN, name, kind.value, (("holds", f"sensitivity.{kind}"),))


def key_at(dataset: Dataset, place: Place) -> tuple[str, ...]:
    """The columns without which nobody knows what a row of ``dataset`` is about, at a grain that coarse.

    A coarser time keeps the column of the finer one: it holds the beginning of the period.
    """
    kept = tuple(name for name in dataset.key if not finer_in_place(dataset.by_name[name], place))
    by_area = place is Place.AREA and dataset.grain.place is Place.ASSET and "area_code" in dataset.by_name
    return (*kept, "area_code") if by_area and "area_code" not in kept else kept


def finer_in_place(column: Column, place: Place) -> bool:
    """Whether ``column`` tells a place finer than ``place``."""
    if place is Place.ASSET:
        return False
    if column.name in _OF_ASSET or column.shape is Shape.POINT:
        return True
    return place is Place.CITY and (column.name in _OF_AREA or column.shape is Shape.OUTLINE)


def _needed(draft: Draft, dataset: Dataset) -> Iterator[Finding]:
    for name in key_at(dataset, draft.grain.place):
        if name not in draft.columns:
            yield Finding(Rule.KEY_MISSING, name, "add_column")
    secrecy = dataset.secrecy
    if secrecy and set(secrecy.values) & set(draft.columns) and secrecy.counted not in draft.columns:
        yield Finding(Rule.COUNT_MISSING, secrecy.counted, "add_column", (("k", secrecy.k),))


def _fineness(draft: Draft, dataset: Dataset) -> Iterator[Finding]:
    least: Grain = dataset.grain
    if draft.grain.place < least.place:
        yield Finding(Rule.TOO_FINE_PLACE, "", "grain", _grains(draft.grain.place, least.place))
    if draft.grain.span < least.span:
        yield Finding(Rule.TOO_FINE_TIME, "", "grain", _grains(draft.grain.span, least.span))
    for name in draft.columns:
        column = dataset.by_name.get(name)
        if column is None:
            continue
        if finer_in_place(column, max(draft.grain.place, least.place)):
            yield Finding(Rule.TOO_FINE_PLACE, name, "drop_column", _grains(Place.ASSET, draft.grain.place))
        if column.name == "measured_at" and draft.grain.span is not Span.NOW:
            yield Finding(Rule.TOO_FINE_TIME, name, "drop_column", _grains(Span.NOW, draft.grain.span))


def _grains(asked: Place | Span, least: Place | Span) -> tuple[tuple[str, str], ...]:
    return ("asked", f"grain.{asked.name.lower()}"), ("least", f"grain.{least.name.lower()}")


def _pace(draft: Draft, dataset: Dataset) -> Iterator[Finding]:
    if draft.delay_s < dataset.delay_s:
        said = (("asked_s", draft.delay_s), ("least_s", dataset.delay_s))
        yield Finding(Rule.TOO_YOUNG, "", "delay", said)
    if draft.cadence_s < dataset.every_s:
        said = (("asked_s", draft.cadence_s), ("least_s", dataset.every_s))
        yield Finding(Rule.TOO_OFTEN, "", "cadence", said)


def _terms(draft: Draft, now: datetime, licences: Collection[str]) -> Iterator[Finding]:
    if draft.licence not in licences:
        yield Finding(Rule.LICENCE, "", "licences", (("licence", draft.licence),))
    if draft.valid_until is not None and draft.valid_until > now + LONGEST_RELEASE:
        yield Finding(Rule.TOO_LONG, "", "five_years", (("years", LONGEST_RELEASE.days // 366),))
    for kind in kinds_in(draft.why):
        yield Finding(Rule.CONTENT, "", "clean_why", (("holds", f"content.{kind}"),))
