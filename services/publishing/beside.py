"""What else is out, or may be, of the dataset a table is about to leave from: what a guard must know."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Engine, text

from geodata.asking import asking
from model.datasets import Dataset, Place, Span
from model.publications import Release
from services.publishing.artefacts import Manifest, Store
from services.publishing.drawing_panels import published_tables
from services.publishing.linting import Published

_PLACES = text("SELECT id, code, parent_id FROM area WHERE code IS NOT NULL")
_TIMES = ("hour", "day", "month")


@dataclass(frozen=True)
class Beside:
    """``releases`` of the dataset in force, their areas with those within them; the tables that are
    ``published`` of it, the last version of the same publication among them; ``codes`` of areas by id."""

    releases: tuple[Release, ...] = ()
    published: tuple[Published, ...] = ()
    codes: Mapping[int, str] = field(default_factory=dict)

    def inside(self, release: Release) -> frozenset[str] | None:
        """The codes of the areas ``release`` is of; None: the whole city."""
        areas = next((one.areas for one in self.releases if one.name == release.name), release.areas)
        return None if areas is None else frozenset(self.codes[one] for one in areas if one in self.codes)


def beside(engine: Engine, store: Store, release: Release, releases: Sequence[Release]) -> Beside:
    """What ``release`` stands beside, of ``releases`` in force and of what ``store`` has out.

    Nothing for a dataset without secrecy: its tables hide nothing. Raises Unavailable without a database or
    when a published table cannot be read.
    """
    dataset = release.dataset
    if dataset.secrecy is None:
        return Beside()
    with asking(engine) as connection:
        places = {area: (code, parent) for area, code, parent in connection.execute(_PLACES)}
    held = tuple(
        replace(one, areas=_within(one.areas, places)) for one in releases if one.dataset.name == dataset.name
    )
    codes = {area: code for area, (code, _) in places.items()}
    return Beside(held, tuple(_published(store, dataset)), codes)


def _within(
    areas: frozenset[int] | None, places: Mapping[int, tuple[str, int | None]]
) -> frozenset[int] | None:
    """``areas`` and those that lie in them, as the readers of datasets take them."""
    if areas is None:
        return None
    return areas | {area for area, (_, parent) in places.items() if parent in areas}


def _published(store: Store, dataset: Dataset) -> Iterator[Published]:
    for name in store.names():
        manifest = store.current(name)
        if manifest and manifest.about.get("dataset") == dataset.name:
            for table in published_tables(store, (name,)).values():
                time = next((one for one in _TIMES if one in table.column_names), "")
                yield Published(name, table, *_grain(manifest, dataset), time, _areas(manifest))


def _grain(manifest: Manifest, dataset: Dataset) -> tuple[Place, Span]:
    told = manifest.about.get("grain")
    if told is None:
        return dataset.grain.place, dataset.grain.span
    return Place[told["place"].upper()], Span[told["span"].upper()]


def _areas(manifest: Manifest) -> frozenset[str] | None:
    told = manifest.about.get("areas")
    return None if told is None else frozenset(told)
