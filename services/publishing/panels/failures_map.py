"""The panel "failures-map": the share of street lights out of order, commune by commune, on a map."""

from dataclasses import dataclass
from datetime import date

from model.texts import Words
from services.publishing.panels import saying
from services.publishing.panels.drawings import Areas, Shape, Steps, classes, step_of
from services.publishing.panels.outlines import Plan
from services.publishing.panels.sheets import sheet_files
from services.publishing.panels.story import CityFacts, Drawn, Row, Story
from services.publishing.panels.tables import Outlines, Tables, rows_of, weighted

NAME = "failures-map"
DATASETS = ("lighting-failures",)
EVERY_S = 86_400
BY_AREA = False
MIN_COVERAGE = 50.0
"""Percent: a commune of which less is known that day has no colour."""

COLUMNS = ("area_code", "area", "day", "failure_rate_percent", "points", "coverage_percent")


@dataclass(frozen=True)
class Commune:
    """One commune on that day; ``rate`` None where too little was known."""

    code: str
    name: str
    rate: float | None
    points: int
    coverage: float


@dataclass(frozen=True)
class Failures:
    """The newest published day; ``communes`` from the highest rate to the lowest, unknown ones last."""

    facts: CityFacts
    day: date | None
    communes: tuple[Commune, ...]
    outlines: Outlines

    @property
    def rate(self) -> float | None:
        """Of the communes together, by their points."""
        return weighted((commune.rate, float(commune.points)) for commune in self.communes)

    @property
    def known(self) -> tuple[Commune, ...]:
        """Those with a rate."""
        return tuple(commune for commune in self.communes if commune.rate is not None)


def draw(tables: Tables, facts: CityFacts, outlines: Outlines) -> Drawn:
    """The panel from the published daily rates; ``outlines`` of the communes by their code, WGS84."""
    figures = read(tables, facts, outlines)
    data_time = saying.end_of(figures.day, facts.zone) if figures.day else None
    day = figures.day.isoformat() if figures.day else None
    rows = [(one.code, one.name, day, one.rate, one.points, one.coverage) for one in figures.communes]
    data = sheet_files(NAME, facts, data_time, COLUMNS, rows)
    return Drawn(NAME, facts, data_time, EVERY_S, lambda say: _story(figures, say), data)


def read(tables: Tables, facts: CityFacts, outlines: Outlines) -> Failures:
    """The communes on the newest day anything is published of."""
    wanted = ("day", "area_code", "area", "failure_rate", "points", "coverage")
    rows = rows_of(tables, "lighting-failures", wanted)
    newest = max((row[0] for row in rows), default=None)
    communes = [_commune(*row[1:]) for row in rows if row[0] == newest]
    communes.sort(key=lambda one: (one.rate is None, -(one.rate or 0), one.name))
    return Failures(facts, newest, tuple(communes), outlines)


def _commune(code: str, name: str, rate: float | None, points: int, coverage: float | None) -> Commune:
    known = (coverage or 0) >= MIN_COVERAGE
    shown = round(rate, 2) if known and rate is not None else None
    return Commune(code, name, shown, points, coverage or 0.0)


def _story(figures: Failures, say: Words) -> Story:
    day = saying.long_day(say, figures.day) if figures.day else ""
    return Story(
        domain=say("embed.domain"),
        title=say("panel_failures.title"),
        headline=saying.percent(say, figures.rate) if figures.rate is not None else "",
        amount=saying.bold(say("panel_failures.amount"), communes=say.number(len(figures.known))),
        sentence=_sentence(figures, say),
        grain=say("panel_failures.grain"),
        drawing=_areas(figures, say),
        label=say("panel_failures.label", day=day, sentence=_sentence(figures, say)),
        caption=say("panel_failures.caption", city=figures.facts.where, day=day),
        head=tuple(say(f"panel_failures.head_{name}") for name in ("commune", "rate", "points", "coverage")),
        rows=tuple(_row(commune, say) for commune in figures.communes),
        gap=say("embed.gap"),
        when=day,
        machine=figures.day.isoformat() if figures.day else "",
        cadence=say("embed.cadence"),
        coverage=say("panel_failures.coverage", n=len(figures.known), all=len(figures.communes)),
        definition=say("embed.definition"),
        file_title=say("panel_failures.file_title", city=figures.facts.where),
    )


def _sentence(figures: Failures, say: Words) -> str:
    if not figures.known:
        return say("panel_failures.nothing")
    highest, lowest = figures.known[0], figures.known[-1]
    return say(
        "panel_failures.sentence",
        highest=highest.name,
        high=saying.percent(say, highest.rate),
        lowest=lowest.name,
        low=saying.percent(say, lowest.rate),
    )


def _areas(figures: Failures, say: Words) -> Areas:
    plan = Plan(figures.outlines)
    steps = classes([commune.rate for commune in figures.communes])
    rates = {commune.code: commune for commune in figures.communes}
    shapes = [
        _shape(plan.path(outline), rates.get(code), code, steps, say)
        for code, outline in sorted(figures.outlines.items())
    ]
    names = tuple(
        say("panel_failures.step", low=say.number(low, 1), high=say.number(high, 1)) for low, high in steps
    )
    missing = any(shape.step is None for shape in shapes)
    return Areas(
        plan.height, tuple(shapes), names if figures.known else (), say("embed.gap") if missing else ""
    )


def _shape(path: str, commune: Commune | None, code: str, steps: Steps, say: Words) -> Shape:
    rate = commune.rate if commune else None
    value = say("embed.gap") if rate is None else saying.percent(say, rate, 2)
    name = say("panel_failures.shape", name=commune.name if commune else code, value=value)
    return Shape(path, step_of(rate, steps), name)


def _row(commune: Commune, say: Words) -> Row:
    rate = None if commune.rate is None else saying.percent(say, commune.rate, 2)
    return Row(commune.name, (rate, say.number(commune.points), saying.percent(say, commune.coverage, 0)))
