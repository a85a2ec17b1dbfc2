"""The catalogue against the SHACL shapes of DCAT-AP 3.0.1, in every form, and the same bytes every time."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import DCAT, DCTERMS, Graph, URIRef

from model.datasets import BY_NAME, DATASETS, Dataset
from services.publishing.catalogue import (
    CATALOGUE_FILES,
    Distribution,
    Entry,
    Publisher,
    catalogue_graph,
    written,
)
from services.publishing.outlets import outlets_of

ADDRESS = "https://donnees.example.org"
PUBLISHER = Publisher(
    "Valmont-sur-Arce",
    ADDRESS,
    "donnees@example.org",
    ("fr", "en"),
    {"fr": "Données ouvertes", "en": "Open data"},
    {"fr": "Ce que la ville publie.", "en": "What the city publishes."},
)
DAY = datetime(2026, 11, 1, tzinfo=UTC)


def entry(dataset: Dataset) -> Entry:
    """``dataset`` as it stands in the catalogue: with two files when it is open."""
    formats = (("csv", "text/csv; charset=utf-8"), ("fgb", "application/flatgeobuf"))
    files = tuple(
        Distribution(f"data/{dataset.name}.{name}", name, media, 1_000, "ab" * 32) for name, media in formats
    )
    columns = [{"name": one.name, "shape": one.shape.value} for one in dataset.columns]
    told = {"name": dataset.name, "dataset": dataset.name, "key": dataset.key, "columns": columns}
    return Entry(
        name=dataset.name,
        dataset=dataset,
        title={"fr": f"Titre {dataset.name}", "en": f"Title {dataset.name}"},
        what={"fr": "Quoi", "en": "What"},
        keywords={"fr": ("éclairage",), "en": ("lighting",)},
        licence="https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
        rights={"fr": "Sécurité des sites", "en": "Security of sites"},
        every_s=dataset.every_s,
        issued=DAY,
        modified=DAY,
        begins=DAY,
        ends=DAY,
        bounds=(4.86, 47.22, 5.2, 47.42),
        version=3,
        files=files if dataset.publishable else (),
        outlets=outlets_of(told) if dataset.publishable else (),
    )


@pytest.fixture(scope="module")
def graph() -> Graph:
    return catalogue_graph(PUBLISHER, map(entry, DATASETS))


@pytest.fixture(scope="module")
def shapes(shared_data: Path) -> Graph:
    return Graph().parse(shared_data / "dcat" / "dcat-ap-3.0.1-shapes.ttl")


@pytest.mark.parametrize("file", CATALOGUE_FILES)
def test_the_catalogue_conforms_in_every_form(graph: Graph, shapes: Graph, file: str) -> None:
    kind = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml"}[file.rpartition(".")[2]]
    read = Graph().parse(data=written(graph)[file], format=kind)
    assert set(read) == set(graph), "nothing is lost on the way"
    conforms, _, told = validate(read, shacl_graph=shapes, allow_warnings=True)
    assert conforms, told


def test_the_oracle_finds_a_dataset_without_a_title(graph: Graph, shapes: Graph) -> None:
    broken = Graph() + graph
    broken.remove((URIRef(f"{ADDRESS}/datasets/lighting-points"), DCTERMS.title, None))
    assert not validate(broken, shacl_graph=shapes, allow_warnings=True)[0]


def test_the_same_catalogue_is_the_same_bytes(graph: Graph) -> None:
    again = catalogue_graph(PUBLISHER, map(entry, reversed(DATASETS)))
    assert written(again) == written(graph)


def test_a_closed_dataset_is_listed_with_its_reason_and_no_file(graph: Graph) -> None:
    doors = URIRef(f"{ADDRESS}/datasets/doors")
    assert (URIRef(f"{ADDRESS}/catalogue"), DCAT.dataset, doors) in graph
    assert not list(graph.objects(doors, DCAT.distribution))
    assert list(graph.objects(doors, DCTERMS.rights))


def test_high_value_is_said_with_its_law() -> None:
    alone = catalogue_graph(PUBLISHER, [entry(BY_NAME["traffic-counts"])])
    assert b"2023/138" in written(alone)["catalogue.ttl"]
    plain = catalogue_graph(PUBLISHER, [entry(BY_NAME["lighting-points"])])
    assert b"2023/138" not in written(plain)["catalogue.ttl"]


def test_a_catalogue_of_nothing_is_one() -> None:
    empty = catalogue_graph(PUBLISHER, [])
    assert b"Valmont" in written(empty)["catalogue.ttl"]
