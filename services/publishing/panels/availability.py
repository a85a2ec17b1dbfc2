"""The panel "availability": how much of the time each service of the city worked, over thirty days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from model.texts import Words
from services.publishing.panels import saying
from services.publishing.panels.drawings import Bar, Bars
from services.publishing.panels.sheets import sheet_files
from services.publishing.panels.story import CityFacts, Drawn, Row, Story
from services.publishing.panels.tables import Outlines, Tables, last_days, rows_of, weighted

NAME = "availability"
DATASETS = ("lighting-failures", "video-availability", "access-availability")
EVERY_S = 86_400
BY_AREA = False
DAYS = 30
HEADS = ("service", "mean", "lowest", "day", "days")
COLUMNS = ("service", "first_day", "last_day", "availability_percent", "lowest_percent", "lowest_day", "days")


@dataclass(frozen=True)
class Service:
    """One service: its mean over the days it was measured, its lowest day, and how many were measured."""

    key: str
    mean: float | None
    lowest: float | None
    lowest_day: date | None
    days: int


@dataclass(frozen=True)
class Availability:
    """The services that are published, in the order of ``DATASETS``, from ``first`` to ``last``."""

    facts: CityFacts
    services: tuple[Service, ...]
    first: date | None
    last: date | None

    @property
    def measured(self) -> list[Service]:
        """Those with a mean, lowest first."""
        return sorted((one for one in self.services if one.mean is not None), key=lambda one: one.mean or 0)


def draw(tables: Tables, facts: CityFacts, _outlines: Outlines) -> Drawn:
    """The panel from the published tables of ``DATASETS``; what is not published is not in it."""
    figures = read(tables, facts)
    data_time = saying.end_of(figures.last, facts.zone) if figures.last else None
    rows = [
        (
            one.key,
            _day(figures.first),
            _day(figures.last),
            _rounded(one.mean),
            _rounded(one.lowest),
            _day(one.lowest_day),
            one.days,
        )
        for one in figures.services
    ]
    data = sheet_files(NAME, facts, data_time, COLUMNS, rows)
    return Drawn(NAME, facts, data_time, EVERY_S, lambda say: _story(figures, say), data)


def read(tables: Tables, facts: CityFacts) -> Availability:
    """The figures of the last ``DAYS`` days any of the services has."""
    by_service = {
        "lighting": _lighting(tables),
        "video": rows_of(tables, "video-availability", ("day", "availability")),
        "access": rows_of(tables, "access-availability", ("day", "availability")),
    }
    known = {key: rows for key, rows in by_service.items() if rows}
    days = last_days([row for rows in known.values() for row in rows], DAYS)
    services = tuple(_service(key, rows, set(days)) for key, rows in known.items())
    return Availability(facts, services, days[0] if days else None, days[-1] if days else None)


def _lighting(tables: Tables) -> list[tuple[date, float | None]]:
    """What is not out of order works: every commune by its number of points."""
    rows = rows_of(tables, "lighting-failures", ("day", "failure_rate", "points"))
    days = sorted({row[0] for row in rows})
    rates = {day: weighted((rate, points) for at, rate, points in rows if at == day) for day in days}
    return [(day, None if rate is None else 100 - rate) for day, rate in rates.items()]


def _service(key: str, rows: Sequence[tuple[date, float | None]], days: set[date]) -> Service:
    values = [(value, day) for day, value in rows if day in days and value is not None]
    lowest, lowest_day = min(values, default=(None, None))
    mean = sum(value for value, _ in values) / len(values) if values else None
    return Service(key, mean, lowest, lowest_day, len(values))


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _story(figures: Availability, say: Words) -> Story:
    lowest = figures.measured[0] if figures.measured else None
    first, last = (saying.long_day(say, day) if day else "" for day in (figures.first, figures.last))
    return Story(
        domain=say("panel_availability.domain"),
        title=say("panel_availability.title"),
        headline=saying.percent(say, lowest.mean, 2) if lowest else "",
        amount=saying.bold(
            say("panel_availability.amount"),
            service=_name(lowest, say),
            n=str(len(figures.measured)),
        ),
        sentence=_sentence(lowest, say),
        grain=say("panel_availability.grain", days=DAYS),
        drawing=Bars(tuple(_bar(one, say) for one in figures.services)),
        label=say("panel_availability.label", first=first, last=last),
        caption=say("panel_availability.caption", city=figures.facts.where, first=first, last=last),
        head=tuple(say(f"panel_availability.head_{name}") for name in HEADS),
        rows=tuple(_row(one, say) for one in figures.services),
        gap=say("embed.gap"),
        when=last,
        machine=_day(figures.last) or "",
        cadence=say("embed.cadence"),
        coverage=say("panel_availability.coverage", n=lowest.days, days=DAYS) if lowest else "",
        definition=say("panel_availability.definition"),
        file_title=say("panel_availability.file_title", city=figures.facts.where),
    )


def _name(service: Service | None, say: Words) -> str:
    return say(f"panel_availability.service_{service.key}") if service else ""


def _sentence(lowest: Service | None, say: Words) -> str:
    if lowest is None or lowest.lowest_day is None:
        return say("panel_availability.nothing", days=DAYS)
    day = saying.long_day(say, lowest.lowest_day, year=False)
    return say("panel_availability.sentence", day=day, value=saying.percent(say, lowest.lowest, 2))


def _bar(service: Service, say: Words) -> Bar:
    length = None if service.mean is None else service.mean / 100
    return Bar(_name(service, say), length, saying.percent(say, service.mean, 2))


def _row(service: Service, say: Words) -> Row:
    if service.mean is None or service.lowest_day is None:
        return Row(_name(service, say), (None, None, None, say.number(0)))
    mean, lowest = (saying.percent(say, value, 2) for value in (service.mean, service.lowest))
    day = saying.long_day(say, service.lowest_day)
    return Row(_name(service, say), (mean, lowest, day, say.number(service.days)))
