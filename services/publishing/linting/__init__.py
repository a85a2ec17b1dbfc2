"""The privacy linter: what a publication may not let out, and why. It reads and writes nothing.

``lint`` judges what somebody proposes, ``lint_table`` the rows about to leave; ``suppress`` hides small
cells, ``differences`` asks whether several publications together tell what each of them hides.
"""

from services.publishing.linting.cells import MARK, lint_table
from services.publishing.linting.contents import kinds_in
from services.publishing.linting.differencing import Published, differences
from services.publishing.linting.drafts import LICENCES, lint
from services.publishing.linting.suppressing import margins, suppress

__all__ = [
    "LICENCES",
    "MARK",
    "Published",
    "differences",
    "kinds_in",
    "lint",
    "lint_table",
    "margins",
    "suppress",
]
