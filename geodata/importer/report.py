"""What an import did: rows in = stored + updated + unchanged + rejected, each rejection with its reason."""

import csv
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model.texts import LANGUAGES, Words, words

KEPT = 100_000
"""Rejections remembered one by one; beyond, they are still counted."""
SHOWN = 20
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Rejection:
    """One row that was not taken. ``row`` is its 1-based place in the file; ``system`` a likely CRS."""

    row: int
    reason: str
    id: str = ""
    column: str = ""
    value: str = ""
    system: str = ""

    def why(self, say: Words) -> str:
        """The reason in words."""
        return say(
            f"import.reason.{self.reason}", column=self.column or "–", value=self.value, system=self.system
        )

    def mend(self, say: Words) -> str:
        """What to do about it, in words."""
        return say(f"import.mend.{self.reason}", column=self.column or "–", system=self.system)


@dataclass
class ImportReport:
    """The account of one file.

    ``read`` rows in the file, of which ``filtered`` are not meant by the profile; ``rows_in`` the rest.
    ``gone`` assets of this source that the file no longer has; ``outside`` stored in no area at all;
    ``duplicate_points`` rows at exactly the place of an earlier one, kept; ``numbered`` repeated ids made
    unique by a number; ``mended`` invalid surfaces made valid; ``orphans`` whose parent is not known.
    ``missing`` says that an optional file was not there.
    """

    profile: str
    title: str
    file: str
    target: str
    dry_run: bool = False
    missing: bool = False
    read: int = 0
    filtered: int = 0
    stored: int = 0
    updated: int = 0
    unchanged: int = 0
    gone: int = 0
    outside: int = 0
    duplicate_points: int = 0
    numbered: int = 0
    mended: int = 0
    orphans: int = 0
    crs: str = ""
    crs_from: str = ""
    licence: str = ""
    attribution: str = ""
    seconds: float = 0.0
    preview: Path | None = None
    reasons: Counter[str] = field(default_factory=Counter)
    rejections: list[Rejection] = field(default_factory=list)
    notes: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        """Rows not taken."""
        return self.reasons.total()

    @property
    def rows_in(self) -> int:
        """Rows the profile means."""
        return self.read - self.filtered

    @property
    def balanced(self) -> bool:
        """Whether every row is accounted for; the importer refuses to end otherwise."""
        return self.rows_in == self.stored + self.updated + self.unchanged + self.rejected

    @property
    def changed(self) -> bool:
        """Whether the city is another one now. Areas gone from their file stay in it."""
        return bool(self.stored or self.updated or (self.gone and self.target != "area"))

    @property
    def refused(self) -> bool:
        """Whether rows came in and not one was taken."""
        return 0 < self.rows_in == self.rejected

    def __str__(self) -> str:
        """The report in the first of the languages."""
        return self.text(words(LANGUAGES[0]))

    def reject(self, rejections: Iterable[Rejection]) -> None:
        """Count rejections, and keep the first of them one by one."""
        for rejection in rejections:
            self.reasons[rejection.reason] += 1
            if len(self.rejections) < KEPT:
                self.rejections.append(rejection)

    def text(self, say: Words) -> str:
        """The report for a terminal."""
        if self.missing:
            return say("import.report.missing", title=self.title, file=self.file)
        lines = [say("import.report.heading", title=self.title, file=self.file)]
        if self.dry_run:
            lines.append(say("import.report.dry_run"))
        lines += [
            f"  {say(f'import.report.{key}'):<34}{say.number(value):>12}" for key, value in self._sums()
        ]
        lines += [f"  {text}" for text in self._remarks(say)]
        lines += [f"    {text}" for text in self._first_rejections(say)]
        return "\n".join(lines)

    def _sums(self) -> list[tuple[str, int]]:
        always = ("rows_in", "stored", "updated", "unchanged", "rejected")
        some = ("filtered", "gone", "outside", "duplicate_points", "numbered", "mended", "orphans")
        return [(key, getattr(self, key)) for key in always] + [
            (key, getattr(self, key)) for key in some if getattr(self, key)
        ]

    def _remarks(self, say: Words) -> list[str]:
        remarks = [say("import.report.crs", crs=self.crs, origin=say(f"import.crs_from.{self.crs_from}"))]
        remarks += [say(f"import.note.{code}", **values) for code, values in self.notes]
        if self.attribution or self.licence:
            remarks.append(say("import.report.licence", attribution=self.attribution, licence=self.licence))
        if self.preview:
            remarks.append(say("import.report.preview", path=self.preview))
        return remarks

    def _first_rejections(self, say: Words) -> list[str]:
        lines = [
            say("import.report.row", row=r.row, why=r.why(say), mend=r.mend(say))
            for r in self.rejections[:SHOWN]
        ]
        more = self.rejected - len(lines)
        return [*lines, say("import.report.more", count=say.number(more))] if more else lines

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON takes it, with the first rejections."""
        plain = {k: v for k, v in vars(self).items() if k not in ("rejections", "preview")}
        return plain | {
            "rows_in": self.rows_in,
            "rejected": self.rejected,
            "reasons": dict(self.reasons),
            "preview": str(self.preview) if self.preview else None,
            "rejections": [vars(r) for r in self.rejections[:100]],
        }

    def as_json(self) -> str:
        """``as_dict`` as text."""
        return json.dumps(self.as_dict(), ensure_ascii=False, allow_nan=False)

    def write_rejections(self, path: Path, say: Words) -> Path:
        """Write row, id, reason, column, value and mend of every rejection as CSV.

        A text that a spreadsheet would run as a formula gets an apostrophe before it.
        """
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            table = csv.writer(stream, delimiter=";")
            table.writerow(
                [say(f"import.column.{c}") for c in ("row", "id", "reason", "column", "value", "mend")]
            )
            for r in self.rejections:
                texts = (r.id, r.why(say), r.column, r.value, r.mend(say))
                table.writerow([r.row, *(_inert(text) for text in texts)])
        return path


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
