"""The register of datasets: every domain has one, none contradicts itself, and every type is known."""

import pytest

from model.datasets import BY_NAME, DATASETS, Closed, Dataset, Grain, Openness, Place, Sensitivity, Span
from model.datasets.shared import ID
from model.domains import ASSET_TYPES, DOMAINS
from model.publications import draft_of_all
from model.texts import LANGUAGES, catalogue


def test_every_domain_has_an_open_dataset_from_the_start() -> None:
    assert {one.domain for one in DATASETS if one.publishable} == {domain.name for domain in DOMAINS}


def test_names_are_addresses_and_unique() -> None:
    assert len(BY_NAME) == len(DATASETS) + 1, "and the composed boards, which are no entry of the register"
    assert all(name == name.lower() and " " not in name for name in BY_NAME)


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda one: one.name)
def test_a_dataset_is_of_types_of_its_domain_and_open_ones_hold_nothing_sensitive(dataset: Dataset) -> None:
    domain = next(one for one in DOMAINS if one.name == dataset.domain)
    assert set(dataset.types) <= {kind.name for kind in domain.asset_types}
    assert set(dataset.types) <= set(ASSET_TYPES)
    sensitive = [one.name for one in dataset.columns if one.sensitivity is not Sensitivity.NONE]
    assert bool(sensitive) is not dataset.publishable
    if dataset.secrecy:
        assert {dataset.secrecy.counted, *dataset.secrecy.values} <= set(dataset.by_name)


@pytest.mark.parametrize(("openness", "closed"), [(Openness.OPEN, Closed.PRIVACY), (Openness.PERSONAL, None)])
def test_a_dataset_that_contradicts_itself_is_refused(openness: Openness, closed: Closed | None) -> None:
    with pytest.raises(ValueError, match="dataset doors: a reason"):
        Dataset("doors", "access", openness, (ID,), Grain(Place.ASSET, Span.NONE), closed=closed)


def test_a_key_names_columns() -> None:
    with pytest.raises(ValueError, match="no column 'day'"):
        Dataset("x", "access", Openness.OPEN, (ID,), Grain(Place.ASSET, Span.DAY), key=("day",))


def test_finer_in_space_or_in_time_is_finer() -> None:
    least = Grain(Place.AREA, Span.DAY)
    assert Grain(Place.ASSET, Span.MONTH).finer_than(least)
    assert Grain(Place.CITY, Span.HOUR).finer_than(least)
    assert not Grain(Place.CITY, Span.DAY).finer_than(least)


def test_the_publication_a_city_begins_with_keeps_to_the_register() -> None:
    dataset = BY_NAME["energy-by-area"]
    draft = draft_of_all(dataset, "etalab-2.0", "open by default")
    assert draft.columns == tuple(dataset.by_name)
    assert (draft.grain, draft.delay_s, draft.cadence_s) == (dataset.grain, dataset.delay_s, dataset.every_s)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_the_register_says_has_its_words(language: str) -> None:
    keys = [f"dataset.{one.name}_{part}" for one in DATASETS for part in ("title", "what", "how", "limits")]
    for name in {column.name for one in DATASETS for column in one.columns}:
        keys += [f"column.{name}", f"column.{name}_means"]
    keys += [f"openness.{kind}{part}" for kind in Openness for part in ("", "_means")]
    keys += [f"closed.{reason}" for reason in Closed]
    keys += [f"legal_basis.{one.legal_basis}" for one in DATASETS]
    keys += [f"grain.{fine.name.lower()}" for fine in (*Place, *Span)]
    keys += [f"sensitivity.{kind}" for kind in Sensitivity if kind is not Sensitivity.NONE]
    assert [key for key in keys if key not in catalogue(language)] == []
