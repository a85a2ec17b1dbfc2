"""The panel "energy-week": what public buildings used in the last seven days, beside the seven before."""

from dataclasses import dataclass
from datetime import date

from model.texts import Words
from services.publishing.panels import saying
from services.publishing.panels.drawings import Column, Columns, heights
from services.publishing.panels.sheets import sheet_files
from services.publishing.panels.story import CityFacts, Drawn, Row, Story
from services.publishing.panels.tables import Outlines, Tables, last_days, rows_of

NAME = "energy-week"
DATASETS = ("energy-by-area",)
EVERY_S = 86_400
BY_AREA = True
DAYS = 7
COLUMNS = ("day", "energy_kwh", "energy_week_before_kwh", "areas", "areas_withheld")


@dataclass(frozen=True)
class Day:
    """One local day: kWh of the areas that are published, how many those are, and how many are withheld."""

    day: date
    energy: float | None
    areas: int
    withheld: int


@dataclass(frozen=True)
class Week:
    """Seven days, and the seven before, each oldest first."""

    facts: CityFacts
    now: tuple[Day, ...]
    before: tuple[Day, ...]

    @property
    def total(self) -> float | None:
        """kWh of the week; None where a day is missing, for a sum of fewer days is no week."""
        return _total(self.now)

    @property
    def change(self) -> float | None:
        """Against the week before, in percent; only between weeks of the same areas, all days known."""
        now, before = self.total, _total(self.before)
        alike = {day.areas for day in (*self.now, *self.before)}
        if now is None or not before or len(alike) != 1:
            return None
        return round(100 * (now / before - 1), 1)


def draw(tables: Tables, facts: CityFacts, _outlines: Outlines) -> Drawn:
    """The panel from the published table of energy by commune: the sum of what is published, nothing more."""
    week = read(tables, facts)
    newest = next((day.day for day in reversed(week.now) if day.energy is not None), None)
    data_time = saying.end_of(newest, facts.zone) if newest else None
    rows = [
        (now.day.isoformat(), now.energy, before.energy, now.areas, now.withheld)
        for now, before in zip(week.now, week.before, strict=True)
    ]
    data = sheet_files(NAME, facts, data_time, COLUMNS, rows)
    return Drawn(NAME, facts, data_time, EVERY_S, lambda say: _story(week, say), data)


def read(tables: Tables, facts: CityFacts) -> Week:
    """The week up to the newest published day."""
    rows = rows_of(tables, "energy-by-area", ("day", "energy"))
    days = last_days(rows, 2 * DAYS)
    by_day: dict[date, list[float | None]] = {day: [] for day in days}
    for day, energy in rows:
        if day in by_day:
            by_day[day].append(energy)
    read_days = [_day(day, values) for day, values in by_day.items()]
    return Week(facts, tuple(read_days[DAYS:]), tuple(read_days[:DAYS]))


def _day(day: date, values: list[float | None]) -> Day:
    known = [value for value in values if value is not None]
    return Day(day, float(round(sum(known))) if known else None, len(known), len(values) - len(known))


def _total(days: tuple[Day, ...]) -> float | None:
    known = [day.energy for day in days if day.energy is not None]
    return sum(known) if known and len(known) == len(days) else None


def _story(week: Week, say: Words) -> Story:
    last = next((day for day in reversed(week.now) if day.energy is not None), None)
    first_day, last_day = (
        (saying.long_day(say, day.day) for day in (week.now[0], week.now[-1])) if week.now else ("", "")
    )
    return Story(
        domain=say("panel_energy.domain"),
        title=say("panel_energy.title"),
        headline="" if week.total is None else say("panel_energy.mwh", n=say.number(week.total / 1_000, 1)),
        amount=saying.bold(say("panel_energy.amount"), areas=say.number(last.areas if last else 0)),
        sentence=_sentence(week, say),
        grain=say("panel_energy.grain"),
        drawing=_columns(week, say),
        label=say("panel_energy.label", first=first_day, last=last_day, sentence=_sentence(week, say)),
        caption=say("panel_energy.caption", city=week.facts.where, first=first_day, last=last_day),
        head=tuple(say(f"panel_energy.head_{name}") for name in ("day", "now", "before", "areas")),
        rows=tuple(_rows(week, say)),
        gap=say("embed.gap"),
        when=saying.long_day(say, last.day) if last else "",
        machine=last.day.isoformat() if last else "",
        cadence=say("embed.cadence"),
        coverage=_withheld(last, say),
        definition=say("panel_energy.definition"),
        file_title=say("panel_energy.file_title", city=week.facts.where),
    )


def _sentence(week: Week, say: Words) -> str:
    if week.total is None:
        return say("panel_energy.no_week" if week.now else "panel_energy.nothing")
    change = week.change
    if change is None:
        return say("panel_energy.no_comparison")
    key = "same" if change == 0 else "less" if change < 0 else "more"
    return say(f"panel_energy.{key}", n=say.number(abs(change), 1))


def _withheld(last: Day | None, say: Words) -> str:
    if last is None or not last.withheld:
        return ""
    key = "withheld_one" if last.withheld == 1 else "withheld"
    return say(f"panel_energy.{key}", areas=say.number(last.areas), withheld=say.number(last.withheld))


def _columns(week: Week, say: Words) -> Columns:
    step, top = heights([day.energy for day in (*week.now, *week.before)])
    ticks = tuple((say.number(i * step), 1 - i * step / top) for i in range(round(top / step) + 1))
    columns = tuple(
        Column(saying.weekday(say, now.day), _share(now, top), _share(before, top))
        for now, before in zip(week.now, week.before, strict=True)
    )
    return Columns(ticks, columns, say("panel_energy.now"), say("panel_energy.before"))


def _share(day: Day, top: float) -> float | None:
    return None if day.energy is None else day.energy / top


def _rows(week: Week, say: Words) -> list[Row]:
    pairs = list(zip(week.now, week.before, strict=True))
    return [
        Row(
            saying.long_day(say, now.day),
            (_kwh(now, say), _kwh(before, say), say.number(now.areas)),
            now.day.isoformat(),
        )
        for now, before in reversed(pairs)
    ]


def _kwh(day: Day, say: Words) -> str | None:
    return None if day.energy is None else say.number(day.energy)
