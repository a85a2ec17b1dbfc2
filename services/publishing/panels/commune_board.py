"""The panel "commune-board": the key figures of the last month, of the city or of one commune."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date

from model.datasets import KEY_FIGURES
from model.kpis import Kpi
from model.texts import Words
from services.boards import KPI_BY_KEY, KPIS
from services.publishing.chart import chart
from services.publishing.panels import saying
from services.publishing.panels.drawings import Line
from services.publishing.panels.sheets import sheet_files
from services.publishing.panels.story import CityFacts, Drawn, Row, Story
from services.publishing.panels.tables import Outlines, Tables, rows_of

NAME = "commune-board"
DATASETS = KEY_FIGURES
EVERY_S = 86_400
BY_AREA = True
MONTHS = 13
LEAD = ("failure_rate", "junction_availability")
"""The figure that is drawn and set large: the first of these that is published with a value."""
HEADS = ("figure", "value", "before", "year_before", "coverage")
COLUMNS = ("figure", "month", "value", "unit", "month_before", "year_before", "coverage_percent")


@dataclass(frozen=True)
class Figure:
    """One figure of one place: its value by month (None: withheld), and the coverage of the last."""

    kpi: Kpi
    values: Mapping[date, float | None]
    coverage: float | None


@dataclass(frozen=True)
class Board:
    """The figures of one place over the ``months`` up to the newest published, oldest first."""

    facts: CityFacts
    months: tuple[date, ...]
    figures: tuple[Figure, ...]

    @property
    def lead(self) -> Figure | None:
        """The figure that is drawn: of the last month it must have a value."""
        told = {one.kpi.key: one for one in self.figures if self.value(one) is not None}
        return next((told[key] for key in LEAD if key in told), None)

    def value(self, figure: Figure, back: int = 0) -> float | None:
        """Its value ``back`` months before the last."""
        at = len(self.months) - 1 - back
        return figure.values.get(self.months[at]) if at >= 0 else None


def draw(tables: Tables, facts: CityFacts, _outlines: Outlines) -> Drawn:
    """The panel from the published key figures: those of the place ``facts`` are of."""
    board = read(tables, facts)
    last = board.months[-1] if board.months else None
    data_time = saying.end_of(_next(last) - timedelta(days=1), facts.zone) if last else None
    rows = [
        (
            one.kpi.key,
            last.isoformat() if last else None,
            board.value(one),
            one.kpi.unit,
            board.value(one, 1),
            board.value(one, 12),
            one.coverage,
        )
        for one in board.figures
    ]
    data = sheet_files(NAME, facts, data_time, COLUMNS, rows)
    return Drawn(NAME, facts, data_time, EVERY_S, lambda say: _story(board, say), data)


def read(tables: Tables, facts: CityFacts) -> Board:
    """The figures of the city (rows without an area) or of the commune ``facts`` name."""
    wanted = ("day", "area_code", "figure", "value", "coverage")
    rows = [
        row
        for name in DATASETS
        for row in rows_of(tables, name, wanted)
        if (row[1] or "") == facts.area_code and row[2] in KPI_BY_KEY
    ]
    newest = max((row[0] for row in rows), default=None)
    months = _months(newest) if newest else ()
    known: dict[str, dict[date, tuple[float | None, float | None]]] = {}
    for day, _, key, value, coverage in rows:
        known.setdefault(key, {})[day] = (value, coverage)
    figures = tuple(
        Figure(
            kpi,
            {month: value for month, (value, _) in known[kpi.key].items()},
            known[kpi.key].get(months[-1], (None, None))[1],
        )
        for kpi in KPIS
        if kpi.key in known
    )
    return Board(facts, months, figures)


def _months(newest: date) -> tuple[date, ...]:
    number = newest.year * 12 + newest.month - 1
    return tuple(date(n // 12, n % 12 + 1, 1) for n in range(number - MONTHS + 1, number + 1))


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


# --- in words ---------------------------------------------------------------------------------------------


def _story(board: Board, say: Words) -> Story:
    lead, last = board.lead, board.months[-1] if board.months else None
    month = _month(say, last) if last else ""
    return Story(
        domain=say("panel_board.domain"),
        title=say("panel_board.title"),
        headline=_amount(say, lead.kpi, board.value(lead)) if lead else "",
        amount=saying.bold(say("panel_board.amount"), name=_name(say, lead.kpi) if lead else "", month=month),
        sentence=_sentence(board, say),
        grain=say("panel_board.grain", months=MONTHS),
        drawing=_line(board, say),
        label=say("panel_board.label", name=_name(say, lead.kpi) if lead else "", month=month),
        caption=say("panel_board.caption", place=board.facts.where, month=month),
        head=tuple(say(f"panel_board.head_{name}") for name in HEADS),
        rows=tuple(_row(board, one, say) for one in board.figures),
        gap=say("embed.gap"),
        when=month,
        machine=f"{last:%Y-%m}" if last else "",
        cadence=say("panel_board.cadence"),
        coverage=say("panel_board.coverage", n=saying.percent(say, lead.coverage, 0)) if lead else "",
        definition=_definition(say, lead),
        file_title=say("panel_board.file_title", place=board.facts.where),
    )


def _definition(say: Words, lead: Figure | None) -> str:
    formula = f" {_name(say, lead.kpi)} : {say(f'kpi.{lead.kpi.key}.formula')}" if lead else ""
    return say("panel_board.definition") + formula


def _month(say: Words, month: date) -> str:
    return _written(say, month, "LLLL y")


def _written(say: Words, month: date, pattern: str) -> str:
    return str(format_date(month, pattern, locale="en_GB" if say.language == "en" else say.language))


def _name(say: Words, kpi: Kpi) -> str:
    return say(f"kpi.{kpi.key}.name")


def _amount(say: Words, kpi: Kpi, value: float | None) -> str:
    """A value with its unit."""
    if kpi.unit == "%":
        return saying.percent(say, value, kpi.decimals)
    unit = say(f"figure_unit.{kpi.unit}") if kpi.unit else ""
    return f"{say.number(value, kpi.decimals)}{saying.NBSP}{unit}".rstrip()


def _sentence(board: Board, say: Words) -> str:
    """How the figure that is drawn changed against the month before, as both are shown."""
    lead = board.lead
    if lead is None:
        return say("panel_board.nothing" if board.months else "panel_board.no_month")
    now, before = board.value(lead), board.value(lead, 1)
    if now is None or before is None:
        return say("panel_board.no_comparison")
    change = round(now - before, lead.kpi.decimals)
    key = "same" if not change else "down" if change < 0 else "up"
    return say(f"panel_board.{key}", before=_amount(say, lead.kpi, before))


def _row(board: Board, figure: Figure, say: Words) -> Row:
    told = [board.value(figure, back) for back in (0, 1, 12)]
    cells = [None if value is None else _amount(say, figure.kpi, value) for value in told]
    covered = None if figure.coverage is None else saying.percent(say, figure.coverage, 0)
    return Row(_name(say, figure.kpi), (*cells, covered))


def _line(board: Board, say: Words) -> Line:
    lead = board.lead
    values = [lead.values.get(month) if lead else None for month in board.months] or [None]
    drawn = chart(values, None)
    names = [_written(say, month, "MMM y") for month in board.months]
    first, middle, last = (names[0], names[len(names) // 2], names[-1]) if names else ("", "", "")
    return Line(
        chart=drawn,
        ticks=tuple((say.number(value, 1 if drawn.top < 5 else 0), y) for value, y in drawn.ticks),
        days=(first, middle, last),
        gap=say("embed.gap"),
        target="",
    )
