"""The last look at a table before it becomes files: small cells hidden, the privacy linter, the attack.

The attack is made over all that is out of the dataset: what this table hides must not follow from the others,
nor what they hide from this one.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from model.datasets import Dataset, Place, Secrecy
from model.errors import VigieError
from model.publications import Finding, Release
from services.publishing.beside import Beside
from services.publishing.linting import MARK, Published, differences, lint_table, margins, suppress

Guard = Callable[[pa.Table, Release, Beside], pa.Table]
"""The table (``to_read`` says of which release), the release it leaves by, and what is out beside it."""


class Withheld(VigieError):
    """A table that may not leave as it is; the message names column and rule, never a value.

    ``findings`` are what speaks against it, for those who decide.
    """

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


def to_read(release: Release) -> Release:
    """The release whose rows the guard wants to see: where cells are hidden, those of the whole city, so that
    two publications of different areas hide the same ones."""
    narrows = release.areas is not None and release.grain.place is Place.AREA
    return replace(release, areas=None) if release.dataset.secrecy is not None and narrows else release


def guarded(table: pa.Table, release: Release, beside: Beside) -> pa.Table:
    """``table`` (of ``to_read(release)``) as it may leave by ``release``: what must be hidden is null and its
    row marked.

    What was hidden before stays hidden, so that no two versions tell what each of them hides. Raises Withheld
    when the linter finds anything against it, or when it and what is out tell a hidden cell together; nothing
    is published then.
    """
    secrecy = release.dataset.secrecy
    if secrecy is not None and secrecy.counted not in table.column_names:
        raise Withheld(f"{release.name}: without {secrecy.counted} no small cell can be told")
    if secrecy is not None and table.num_rows:
        table = _narrowed(_hidden(table, release, secrecy, beside), release, beside)
    found = lint_table(table, release)
    if secrecy is not None and table.num_rows and not found:
        found = differences([*_others(release, beside), _told(table, release, beside)], secrecy)
    if found:
        said = ", ".join(sorted({f"{one.rule} {one.column}".strip() for one in found}))
        raise Withheld(f"{release.name}: {said}", found)
    return table


def _hidden(table: pa.Table, release: Release, secrecy: Secrecy, beside: Beside) -> pa.Table:
    """``table`` suppressed, as every total that is published of its rows wants it."""
    totals = margins(table, release.dataset, beside.releases, beside.codes, release.grain)
    before = _earlier(release, beside)
    return suppress(table, secrecy, totals, earlier=before, key=release.dataset.key)


def _earlier(release: Release, beside: Beside) -> pa.Table | None:
    """What tables of the same grain showed and hid, the last version of this publication last."""
    key = [*release.dataset.key, MARK]
    same = [
        one
        for one in beside.published
        if (one.place, one.span) == (release.grain.place, release.grain.span)
        and set(key) <= set(one.table.column_names)
    ]
    same.sort(key=lambda one: one.name == release.name)
    return pa.concat_tables([one.table.select(key) for one in same]) if same else None


def _narrowed(table: pa.Table, release: Release, beside: Beside) -> pa.Table:
    inside = beside.inside(release)
    if inside is None or to_read(release) is release:
        return table
    return table.filter(pc.is_in(table["area_code"], pa.array(sorted(inside), pa.string())))


def _others(release: Release, beside: Beside) -> Sequence[Published]:
    """What is out: of this publication its cells alone, for a sum that is corrected is another sum of the
    same cells and tells no other."""
    return [
        replace(one, name=f"{one.name} (before)") if one.name == release.name else one
        for one in beside.published
        if one.name != release.name or (one.place, one.span) == _finest(release.dataset)
    ]


def _finest(dataset: Dataset) -> tuple[Place, int]:
    return dataset.grain.place, dataset.grain.span


def _told(table: pa.Table, release: Release, beside: Beside) -> Published:
    time = next((name for name in release.dataset.key if name in ("hour", "day", "month")), "")
    grain = release.grain
    return Published(release.name, table, grain.place, grain.span, time, beside.inside(release))
