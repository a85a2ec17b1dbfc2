"""The three forms of a monthly report, drawn at once. Pure."""

from collections.abc import Mapping

from layouts.monthly_document import page, paper
from layouts.monthly_slides import slides
from model.monthly import Drawn, MonthlyReport
from model.texts import words


def draw(report: MonthlyReport, language: str, *, style: str, faces: Mapping[str, bytes]) -> Drawn:
    """``report`` in ``language`` for a browser, for paper and as slides."""
    say = words(language, report.origin.zone)
    return Drawn(page(say, report, style, faces), paper(say, report, style), slides(say, report))
