"""The panel "equipment": what the city runs, commune by commune, from the published inventories."""

from collections import Counter
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from model.texts import Words
from services.publishing.panels import saying
from services.publishing.panels.drawings import Bar, Bars
from services.publishing.panels.sheets import sheet_files
from services.publishing.panels.story import CityFacts, Drawn, Row, Story
from services.publishing.panels.tables import Outlines, Tables, rows_of

NAME = "equipment"
DATASETS = ("lighting-points", "traffic-equipment", "public-buildings", "video-systems")
EVERY_S = 86_400
BY_AREA = False
SHOWN = 8
"""Bars in the drawing; the table has every commune."""

_INVENTORY = {
    "streetlight": "lighting-points",
    "junction": "traffic-equipment",
    "building": "public-buildings",
}
KINDS = ("streetlight", "junction", "building", "camera")
"""What is counted, in the order of the table's columns; the first ranks the communes."""


@dataclass(frozen=True)
class Commune:
    """One commune with the number of each of ``KINDS``, None where that inventory is not published."""

    code: str
    name: str
    counts: tuple[int | None, ...]


@dataclass(frozen=True)
class Equipment:
    """Every commune, those with the most street lights first, and which kinds are published."""

    facts: CityFacts
    communes: tuple[Commune, ...]
    published: tuple[bool, ...]

    @property
    def totals(self) -> tuple[int | None, ...]:
        """Of the whole city, by kind."""
        return tuple(
            sum(commune.counts[at] or 0 for commune in self.communes) if there else None
            for at, there in enumerate(self.published)
        )


def draw(tables: Tables, facts: CityFacts, _outlines: Outlines) -> Drawn:
    """The panel from the published inventories. An inventory has no time of its own: its publication has."""
    figures = read(tables, facts)
    rows = [(commune.code, commune.name, *commune.counts) for commune in figures.communes]
    data = sheet_files(NAME, facts, None, ("area_code", "area", *KINDS), rows)
    return Drawn(NAME, facts, None, EVERY_S, lambda say: _story(figures, say), data)


def read(tables: Tables, facts: CityFacts) -> Equipment:
    """Counts by commune and kind."""
    counted = [_counts(tables, kind) for kind in KINDS]
    places = dict.fromkeys(place for counts in counted if counts for place in counts)
    published = tuple(counts is not None for counts in counted)
    communes = [
        Commune(code, name, tuple(None if counts is None else counts[code, name] for counts in counted))
        for code, name in places
    ]
    communes.sort(key=lambda commune: (-(commune.counts[0] or 0), commune.name))
    return Equipment(facts, tuple(communes), published)


def _counts(tables: Tables, kind: str) -> Counter[tuple[str, str]] | None:
    if kind == "camera":
        rows = rows_of(tables, "video-systems", ("area_code", "area", "cameras"))
        found = Counter({(code, name): count for code, name, count in rows})
        return found if "video-systems" in tables else None
    table = tables.get(_INVENTORY[kind])
    if table is None or not {"type", "area", "area_code"} <= set(table.column_names):
        return None
    return _grouped(table.filter(pc.equal(table.column("type"), kind)))


def _grouped(table: pa.Table) -> Counter[tuple[str, str]]:
    groups = table.group_by(["area_code", "area"]).aggregate([([], "count_all")]).to_pylist()
    return Counter({(row["area_code"] or "", row["area"] or ""): row["count_all"] for row in groups})


def _story(figures: Equipment, say: Words) -> Story:
    lights = figures.totals[0]
    kinds = [at for at, there in enumerate(figures.published) if there]
    return Story(
        domain=say("panel_equipment.domain"),
        title=say("panel_equipment.title"),
        headline=say.number(lights) if lights is not None else "",
        amount=saying.bold(say("panel_equipment.amount"), communes=say.number(len(figures.communes))),
        sentence=_sentence(figures, say),
        grain=say("panel_equipment.grain", n=min(SHOWN, len(figures.communes))),
        drawing=Bars(tuple(_bars(figures, say))),
        label=say("panel_equipment.label", n=min(SHOWN, len(figures.communes))),
        caption=say("panel_equipment.caption", city=figures.facts.where),
        head=tuple(say(f"panel_equipment.head_{name}") for name in ("commune", *(KINDS[at] for at in kinds))),
        rows=tuple(
            Row(
                commune.name or say("panel_equipment.elsewhere"),
                tuple(say.number(commune.counts[at]) for at in kinds),
            )
            for commune in figures.communes
        ),
        gap=say("embed.gap"),
        when="",
        machine="",
        cadence="",
        coverage="",
        definition=say("panel_equipment.definition"),
        file_title=say("panel_equipment.file_title", city=figures.facts.where),
    )


def _sentence(figures: Equipment, say: Words) -> str:
    said = [
        say(f"panel_equipment.total_{kind}", n=say.number(total))
        for kind, total in zip(KINDS[1:], figures.totals[1:], strict=True)
        if total
    ]
    return say("panel_equipment.also", rest=", ".join(said)) if said else ""


def _bars(figures: Equipment, say: Words) -> list[Bar]:
    most = max((commune.counts[0] or 0 for commune in figures.communes), default=0)
    return [
        Bar(
            commune.name or say("panel_equipment.elsewhere"),
            (commune.counts[0] or 0) / most if most else None,
            say.number(commune.counts[0]),
        )
        for commune in figures.communes[:SHOWN]
    ]
