"""The panel "lighting-status": its figures (``services/publishing/lighting.py``) said and drawn."""

from model.texts import Words
from services.publishing.chart import chart
from services.publishing.lighting import PUBLICATION, LightingStatus
from services.publishing.panels.drawings import Line
from services.publishing.panels.story import CityFacts, Drawn, Row, Story
from services.publishing.tables import as_csv, as_json
from services.publishing.wording import Said

DAY_S = 86_400


def lighting_panel(status: LightingStatus) -> Drawn:
    """``status`` ready to be rendered."""
    facts = CityFacts(status.city, status.generated, status.attribution, status.licence, status.zone)
    data = {
        "json": (as_json(status), "application/json"),
        "csv": (as_csv(status), "text/csv; charset=utf-8"),
    }
    return Drawn(PUBLICATION, facts, status.data_time, DAY_S, lambda say: _story(status, say), data)


def _story(status: LightingStatus, say: Words) -> Story:
    said = Said(status, say)
    latest = status.latest
    return Story(
        domain=say("embed.domain"),
        title=say("embed.title"),
        headline=said.headline if latest else "",
        amount=said.amount,
        sentence=said.sentence,
        grain=say("embed.grain", days=len(status.days)),
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
        file_title=say("embed.chart_title", city=status.city),
    )


def _line(status: LightingStatus, said: Said) -> Line:
    drawn = chart([day.rate for day in status.days], status.target.rate if status.target else None)
    last = len(status.days) - 1
    days = status.days[0].day, status.days[last // 2].day, status.days[last].day
    return Line(
        chart=drawn,
        ticks=tuple((said.tick(value), y) for value, y in drawn.ticks),
        days=(said.short_day(days[0]), said.short_day(days[1]), said.short_day(days[2])),
        gap=said.say("embed.gap"),
        target=said.say("embed.target", rate=said.percent(status.target.rate)) if status.target else "",
    )
