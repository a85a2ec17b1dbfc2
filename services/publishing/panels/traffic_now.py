"""The panel "traffic-now": how many road segments flow, are heavy, congested or closed at this moment."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from model.texts import Words
from services.publishing.panels import saying
from services.publishing.panels.drawings import Bar, Bars
from services.publishing.panels.sheets import Value, sheet_files
from services.publishing.panels.story import CityFacts, Drawn, Row, Story
from services.publishing.panels.tables import Outlines, Tables, newest_instant, rows_of

NAME = "traffic-now"
DATASETS = ("traffic-now",)
EVERY_S = 60
BY_AREA = True
STATES = ("free_flow", "heavy", "congested", "closed")
UNKNOWN = "no_data"
COLUMNS = ("area_code", "area", *STATES, UNKNOWN)


@dataclass(frozen=True)
class Commune:
    """One commune: how many of its segments are in each of ``STATES``, and how many are not known."""

    code: str
    name: str
    counts: tuple[int, ...]
    unknown: int


@dataclass(frozen=True)
class Traffic:
    """The city's segments at ``at``, the newest of their measures (UTC)."""

    facts: CityFacts
    at: datetime | None
    communes: tuple[Commune, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """Segments by ``STATES``."""
        return tuple(sum(commune.counts[at] for commune in self.communes) for at in range(len(STATES)))

    @property
    def known(self) -> int:
        """Segments whose state is known."""
        return sum(self.counts)

    @property
    def all(self) -> int:
        """Every published segment."""
        return self.known + sum(commune.unknown for commune in self.communes)


def draw(tables: Tables, facts: CityFacts, _outlines: Outlines) -> Drawn:
    """The panel from the published state of the segments."""
    figures = read(tables, facts)
    rows: list[tuple[Value, ...]] = [
        (one.code, one.name, *one.counts, one.unknown) for one in figures.communes
    ]
    data = sheet_files(NAME, facts, figures.at, COLUMNS, rows)
    return Drawn(NAME, facts, figures.at, EVERY_S, lambda say: _story(figures, say), data)


def read(tables: Tables, facts: CityFacts) -> Traffic:
    """Counts by commune and state."""
    rows = rows_of(tables, "traffic-now", ("area_code", "area", "state", "measured_at"))
    counted: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for code, name, state, _ in rows:
        counted[code or "", name or ""][state if state in STATES else UNKNOWN] += 1
    communes = [
        Commune(code, name, tuple(counts[state] for state in STATES), counts[UNKNOWN])
        for (code, name), counts in counted.items()
    ]
    communes.sort(key=lambda one: one.name)
    return Traffic(facts, newest_instant([row[3] for row in rows]), tuple(communes))


def _story(figures: Traffic, say: Words) -> Story:
    known, flowing = figures.known, figures.counts[0]
    at = saying.instant(say, figures.at) if figures.at else ""
    return Story(
        domain=say("panel_traffic.domain"),
        title=say("panel_traffic.title"),
        headline=saying.percent(say, 100 * flowing / known, 0) if known else "",
        amount=saying.bold(say("panel_traffic.amount"), known=say.number(known)),
        sentence=_sentence(figures, say),
        grain=say("panel_traffic.grain"),
        drawing=Bars(tuple(_bars(figures, say))),
        label=say("panel_traffic.label", at=at),
        caption=say("panel_traffic.caption", city=figures.facts.where, at=at),
        head=(
            say("panel_traffic.head_commune"),
            *(say(f"panel_traffic.state_{state}") for state in STATES),
            say("panel_traffic.state_no_data"),
        ),
        rows=tuple(
            Row(
                commune.name or say("panel_traffic.elsewhere"),
                tuple(say.number(count) for count in (*commune.counts, commune.unknown)),
            )
            for commune in figures.communes
        ),
        gap=say("embed.gap"),
        when=at,
        machine=figures.at.isoformat() if figures.at else "",
        cadence=say("panel_traffic.cadence"),
        coverage=say("panel_traffic.coverage", n=say.number(known), all=say.number(figures.all)),
        definition=say("panel_traffic.definition"),
        file_title=say("panel_traffic.file_title", city=figures.facts.where),
    )


def _sentence(figures: Traffic, say: Words) -> str:
    if not figures.known:
        return say("panel_traffic.nothing")
    said = [
        say("panel_traffic.count", state=say(f"panel_traffic.state_{state}"), n=say.number(count))
        for state, count in zip(STATES[1:], figures.counts[1:], strict=True)
        if count
    ]
    return " ".join(said) if said else say("panel_traffic.all_flowing")


def _bars(figures: Traffic, say: Words) -> list[Bar]:
    known = figures.known
    return [
        Bar(
            say(f"panel_traffic.state_{state}"),
            count / known if known else None,
            say("panel_traffic.share", n=say.number(count), share=saying.percent(say, 100 * count / known, 0))
            if known
            else say("embed.gap"),
        )
        for state, count in zip(STATES, figures.counts, strict=True)
    ]
