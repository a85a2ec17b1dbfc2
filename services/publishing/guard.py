"""The last look at a table before it becomes files: small cells hidden, then the privacy linter."""

from collections.abc import Callable

import pyarrow as pa

from model.errors import VigieError
from model.publications import Release
from services.publishing.linting import MARK, lint_table, suppress

Guard = Callable[[pa.Table, Release, pa.Table | None], pa.Table]
"""The table, the release it leaves by, and what its last version said (None: it is the first)."""


class Withheld(VigieError):
    """A table that may not leave as it is; the message names column and rule, never a value."""


def guarded(table: pa.Table, release: Release, earlier: pa.Table | None) -> pa.Table:
    """``table`` as it may leave by ``release``: what must be hidden is null and its row marked.

    What ``earlier`` hid stays hidden, so that no two versions tell what each of them hides. Raises Withheld
    when the linter finds anything against it; nothing is published then.
    """
    secrecy = release.dataset.secrecy
    if secrecy is not None and secrecy.counted not in table.column_names:
        raise Withheld(f"{release.name}: without {secrecy.counted} no small cell can be told")
    if secrecy is not None and table.num_rows:
        known = earlier if earlier is not None and MARK in earlier.column_names else None
        table = suppress(table, secrecy, earlier=known, key=release.dataset.key)
    found = lint_table(table, release)
    if found:
        said = ", ".join(sorted({f"{one.rule} {one.column}".strip() for one in found}))
        raise Withheld(f"{release.name}: {said}")
    return table
