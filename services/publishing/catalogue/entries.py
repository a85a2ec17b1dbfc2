"""What the catalogue says of a dataset, in no vocabulary yet: texts by language, period, place, files."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from model.datasets import Dataset
from services.publishing.outlets import Outlet

Texts = Mapping[str, str]
"""A text by language."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Whose catalogue it is. ``address`` is the public door's, without a slash at its end; ``contact`` an
    e-mail address or a page where questions are taken; ``title`` and ``what`` are the catalogue's own."""

    name: str
    address: str
    contact: str
    languages: tuple[str, ...]
    title: Texts
    what: Texts


@dataclass(frozen=True, slots=True)
class Distribution:
    """One file of a publication: its ``path`` under the public door, format name, size, SHA-256 in hex."""

    path: str
    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One dataset in the catalogue; without ``files`` it is listed and not given out.

    ``name`` is the publication's, or the dataset's own where nothing of it is published; ``bounds`` are
    west, south, east, north in WGS84; ``begins`` and ``ends`` the time its rows are of (aware UTC), None
    where it has none; ``licence`` the address of the licence's text; ``rights`` says in words who may have
    what is not open.
    """

    name: str
    dataset: Dataset
    title: Texts
    what: Texts
    keywords: Mapping[str, tuple[str, ...]]
    licence: str
    rights: Texts
    every_s: int
    issued: datetime | None
    modified: datetime | None
    begins: datetime | None
    ends: datetime | None
    bounds: tuple[float, float, float, float] | None
    version: int
    files: tuple[Distribution, ...]
    outlets: tuple[Outlet, ...] = ()
