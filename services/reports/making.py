"""Making a report of one place and month: read once, drawn in each language and form, filed all or none."""

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlalchemy import Engine

from geodata.profiles import CityProfile
from model.errors import NotNow
from model.monthly import (
    FIGURES_CHANGED,
    Drawn,
    MonthlyReport,
    computed_at,
    figures_shown,
    month_after,
    stored_since,
)
from services.history import day_start
from services.reports.archive import Archive
from services.reports.collecting import Figures, Found, collected, report_in
from services.takeaway import can_make_pdf, pdf_of

log = logging.getLogger(__name__)

Draw = Callable[[MonthlyReport, str], Drawn]
"""Draws a report in a language; handed in, since what is seen lives above this house's services."""
VIGIE = "Vigie"
PAPER_S = 300.0
"""Nobody waits for it, and the machine has other work."""


class Maker:
    """Makes the reports of one city and files them. Methods block, and raise Unavailable."""

    def __init__(self, engine: Engine, profile: CityProfile, boards: Figures, draw: Draw) -> None:
        self._engine, self._profile, self._boards, self._draw = engine, profile, boards, draw
        self.archive = Archive(engine, profile.area_kind)

    def due(self, area_id: int, month: date, now: datetime) -> int | None:
        """Make the report where it is due at ``now`` (aware): its version, or None where it is not.

        Due is a month that is over, whose figures were stored after its end, and of which there is no report
        yet, or one that shows other figures.
        """
        version, figures = self.archive.newest(area_id, month)
        found = collected(self._engine, self._profile, self._boards, area_id, month)
        if not stored_since(found[:2], day_start(month_after(month), self._profile.zone)):
            return None
        if version and figures_shown(found[:2]) == figures:
            return None
        reason = "" if not version else FIGURES_CHANGED
        return self._make(area_id, found, now, version + 1, VIGIE, reason, self._profile.languages)

    def make(
        self, area_id: int, month: date, now: datetime, by: str, reason: str = "",
        languages: Sequence[str] | None = None,
    ) -> int:  # fmt: skip
        """Make another version of the report, whatever there is; its number.

        NotNow where no figure of the month is stored, or another process was faster.
        """
        version, _ = self.archive.newest(area_id, month)
        found = collected(self._engine, self._profile, self._boards, area_id, month)
        if computed_at(found[:2]) is None:
            raise NotNow("no_figures", month=f"{month:%Y-%m}")
        chosen = languages or self._profile.languages
        return self._make(area_id, found, now, version + 1, by, reason, chosen)

    def _make(
        self, area_id: int, found: Found, now: datetime, version: int, by: str, reason: str,
        languages: Sequence[str],
    ) -> int:  # fmt: skip
        files: dict[tuple[str, str], bytes] = {}
        for language in languages:
            report = report_in(self._profile, language, found, now, version, reason)
            drawn = self._draw(report, language)
            files[language, "html"] = drawn.page.encode()
            files[language, "pptx"] = drawn.slides
            if can_make_pdf():
                files[language, "pdf"] = pdf_of(drawn.paper, PAPER_S)
        self.archive.file(report, area_id, files, by)
        log.info("report of %s for %s: version %s", f"{report.board.start:%Y-%m}", report.place, version)
        return version
