"""What the portal knows of datasets: the register, and what of it is published now."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.datasets import BY_NAME, DATASETS, Dataset
from model.texts import Words
from public.shelf import Shelf
from services.publishing import ABOUT_FILE, Manifest

About = Mapping[str, Any]


@dataclass(frozen=True)
class Known:
    """One dataset as the portal shows it: the register's entry and, where it is published, what is.

    ``name`` is that of its page: the publication's, or the dataset's where nothing is published of it.
    """

    name: str
    dataset: Dataset
    manifest: Manifest | None
    about: About | None

    def title(self, say: Words) -> str:
        """Its title in the language of ``say``."""
        return say(f"dataset.{self.dataset.name}_title")

    def text(self, say: Words, part: str) -> str:
        """One of its texts: ``what``, ``how`` or ``limits``."""
        return say(f"dataset.{self.dataset.name}_{part}")

    def tells_of(self, words: str, say: Words) -> bool:
        """Whether every one of ``words`` is in its title, its texts or the names of its columns."""
        columns = " ".join(say(f"column.{column.name}") for column in self.dataset.columns)
        texts = " ".join((self.title(say), self.text(say, "what"), self.text(say, "how"), self.name, columns))
        return all(word in texts.casefold() for word in words.casefold().split())


def all_known(shelf: Shelf) -> list[Known]:
    """Every dataset of the register, in its order, once for each of its publications.

    Raises Unavailable when what is published cannot be read.
    """
    published: dict[str, list[Known]] = {}
    for manifest in shelf.all():
        one = _published(shelf, manifest)
        if one:
            published.setdefault(one.dataset.name, []).append(one)
    return [
        known
        for dataset in DATASETS
        for known in published.get(dataset.name) or [Known(dataset.name, dataset, None, None)]
    ]


def known_as(shelf: Shelf, name: str) -> Known | None:
    """The dataset whose page is called ``name``; None when there is none."""
    return next((one for one in all_known(shelf) if one.name == name), None)


def _published(shelf: Shelf, manifest: Manifest) -> Known | None:
    found = manifest.files.get(ABOUT_FILE)
    if found is None:
        return None
    about = json.loads(shelf.read(found))
    dataset = BY_NAME.get(about["dataset"])
    # A dataset that left the register is not explained any more, so it is not shown either.
    return Known(manifest.publication, dataset, manifest, about) if dataset else None
