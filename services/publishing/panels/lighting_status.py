"""The panel "lighting-status": the share of street lights out of order, day by day, said and drawn.

Its figures are in ``lighting_figures.py`` beside it, its words in ``lighting_words.py``.
"""

from typing import Any

from model.texts import Words
from services.publishing.chart import chart
from services.publishing.panels.drawings import Line
from services.publishing.panels.lighting_figures import DAYS, LightingStatus, lighting_status
from services.publishing.panels.lighting_words import Said
from services.publishing.panels.sheets import sheet_files
from services.publishing.panels.story import CityFacts, Drawn, Row, Story
from services.publishing.panels.tables import Outlines, Tables, rows_of

NAME = "lighting-status"
DATASETS = ("lighting-failures",)
EVERY_S = 900
"""Its days change once a day, and whenever late data corrects one of them."""
BY_AREA = True
DAY_S = 86_400
COLUMNS = ("day", "failure_rate_percent", "coverage_percent")


def draw(tables: Tables, facts: CityFacts, _outlines: Outlines) -> Drawn:
    """The panel from the published daily rates of communes."""
    rows = rows_of(tables, "lighting-failures", ("day", "failure_rate", "coverage", "points"))
    return drawn(lighting_status(facts, rows))


def drawn(status: LightingStatus) -> Drawn:
    """``status`` ready to be rendered."""
    rows = [(day.day.isoformat(), day.rate, day.coverage) for day in status.days]
    data = sheet_files(NAME, status.facts, status.data_time, COLUMNS, rows, said=_said(status))
    return Drawn(NAME, status.facts, status.data_time, DAY_S, lambda say: _story(status, say), data)


def _said(status: LightingStatus) -> dict[str, Any]:
    """What the panel says beside its rows, for programs."""
    target = status.target
    return {
        "points": status.points,
        "points_out_of_order": status.out_of_order,
        "failure_rate_percent": status.headline,
        "change_points": status.change,
        "target": target
        and {
            "failure_rate_percent": target.rate,
            "met": status.target_met,
            "source": target.source,
            "date": target.since,
        },
    }


def _story(status: LightingStatus, say: Words) -> Story:
    said = Said(status, say)
    latest = status.latest
    return Story(
        domain=say("embed.domain"),
        title=say("embed.title"),
        headline=said.headline if latest else "",
        amount=said.amount,
        sentence=said.sentence,
        grain=say("embed.grain", days=DAYS),
        drawing=_line(status, said),
        label=said.chart_label,
        caption=said.caption,
        head=(say("embed.day_column"), say("embed.rate_column"), say("embed.coverage_column")),
        rows=tuple(
            Row(
                said.day(day.day),
                (None if day.rate is None else said.percent(day.rate, 2), said.percent(day.coverage, 0)),
                day.day.isoformat(),
            )
            for day in said.newest_first
        ),
        gap=say("embed.gap"),
        when=said.day(latest.day) if latest else "",
        machine=latest.day.isoformat() if latest else "",
        cadence=say("embed.cadence"),
        coverage=say("embed.coverage_text", n=said.percent(latest.coverage, 0)) if latest else "",
        definition=said.definition,
        file_title=say("embed.chart_title", city=status.facts.where),
    )


def _line(status: LightingStatus, said: Said) -> Line:
    lines = chart([day.rate for day in status.days], status.target.rate if status.target else None)
    last = len(status.days) - 1
    ends = [status.days[at].day for at in (0, last // 2, last)] if status.days else []
    first, middle, newest = (said.short_day(day) for day in ends) if ends else ("", "", "")
    return Line(
        chart=lines,
        ticks=tuple((said.tick(value), y) for value, y in lines.ticks),
        days=(first, middle, newest),
        gap=said.say("embed.gap"),
        target=said.say("embed.target", rate=said.percent(status.target.rate)) if status.target else "",
    )
