"""Previews of published datasets: from the published table alone, the same values beside, small, whole."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
import shapely

from geodata.profiles import read_profile
from model.datasets import BY_NAME
from model.texts import words
from services.publishing.previews import pictures, previews
from services.publishing.previews.showing import Asked, Picture
from services.publishing.rendering import Rendered
from tests import published_tables as made
from tests.published_tables import COMMUNES, OUTLINES, inventory
from tests.released import released

PROFILE = read_profile("demo")
NOW = datetime(2026, 11, 26, 14, tzinfo=UTC)
LEAST_BYTES, MOST_BYTES = 800, 60_000


def placed(table: pa.Table) -> pa.Table:
    """``table`` with a place for each row, spread over the communes."""
    count = table.num_rows
    shapes = shapely.points([5 + 0.1 * (at % 97) / 97 for at in range(count)],
                            [47.3 + 0.08 * (at % 89) / 89 for at in range(count)])  # fmt: skip
    return table.append_column("geometry", pa.array(shapely.to_wkb(shapes), pa.binary()))


def energy() -> pa.Table:
    """As it is published: one commune withheld every day, another not measured on the last."""
    rows = made.energy().to_pylist()
    for row in rows:
        row["suppressed"] = row["area_code"] == "21540"
        if row["area_code"] == "21166" and row["day"] == made.LAST:
            row["energy"] = None
    return pa.Table.from_pylist(rows)


def flows() -> pa.Table:
    """Three loops by the hour, with five hours in which none of them sent."""
    rows = [
        {
            "hour": NOW - timedelta(hours=back), "id": f"loop-{loop}",
            "area": "Valmont", "area_code": "21231",
            "flow": None if 10 <= back < 15 else 100.0 * loop + back,
        }
        for back in range(60)
        for loop in range(3)
    ]  # fmt: skip
    return placed(pa.Table.from_pylist(rows))


TABLES: dict[str, pa.Table] = {
    "lighting-points": placed(inventory("streetlight", 9_000)),
    "lighting-failures": made.failures(),
    "traffic-counts": flows(),
    "traffic-now": placed(made.traffic()),
    "video-systems": made.cameras(),
    "video-availability": made.availability(),
    "energy-by-area": energy(),
}
BOTH, CHART = {"chart", "map"}, {"chart"}
KINDS = {name: CHART if name == "video-availability" else BOTH for name in TABLES}


def asked(name: str, table: pa.Table | None = None, language: str = "fr") -> Asked:
    say = words(language, PROFILE.zone.key)
    return Asked(released(name), PROFILE, TABLES[name] if table is None else table, OUTLINES, say)


def picture(name: str, kind: str, table: pa.Table | None = None) -> Picture:
    return pictures(asked(name, table))[kind]


def cells(shown: Picture) -> dict[str, str | None]:
    return {row.head: row.cells[0] and plain(row.cells[0]) for row in shown.rows}


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def made_of(name: str, table: pa.Table) -> dict[str, Rendered]:
    return previews(released(name), PROFILE, table, OUTLINES)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_picture_is_whole_small_and_named_in_both_languages(name: str) -> None:
    files = made_of(name, TABLES[name])
    assert len(files) == 2 + 8 * len(KINDS[name])
    for file_name, file in files.items():
        text = file.body.decode()
        assert "⟦" not in text and "None" not in text, file_name
        assert len(file.body) < MOST_BYTES, file_name
    for kind in KINDS[name]:
        values = json.loads(files["preview.en.json"].body)[kind]
        drawing = files[f"preview.{kind}.en.dark.narrow.svg"].body.decode()
        assert len(drawing) > LEAST_BYTES
        assert values["label"].startswith(words("en")(f"dataset.{name}_title"))
        assert 'role="img" aria-labelledby="name about"' in drawing
        assert values["rows"], "the values are beside the picture"
    assert made_of(name, TABLES[name]) == files, "the same table, the same bytes"


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_nothing_to_show_is_no_picture_and_no_fault(name: str) -> None:
    dataset = BY_NAME[name]
    if dataset.publishable and name in TABLES:
        assert set(made_of(name, TABLES[name].slice(0, 0))) == {"preview.fr.json", "preview.en.json"}
        hollow = {one: pa.nulls(3, TABLES[name][one].type) for one in TABLES[name].column_names}
        assert "preview.fr.json" in made_of(name, pa.table(hollow))


def test_what_is_withheld_is_hatched_and_what_is_not_measured_is_not_it() -> None:
    shown = picture("energy-by-area", "map")
    told = cells(shown)
    assert (told["Sel"], told["Chenove"]) == ("retiré : trop peu de cas", "pas de mesure")
    assert told["Longeray"] == "1 050"
    drawing = made_of("energy-by-area", TABLES["energy-by-area"])[
        "preview.map.fr.light.wide.svg"
    ].body.decode()
    assert drawing.count('class="area held"') == 2, "the commune and the key"
    assert drawing.count('class="area gapped"') == 2
    assert "url(#held)" in drawing


def test_what_is_withheld_is_in_no_sum() -> None:
    last, *_, first = picture("energy-by-area", "chart").rows
    assert plain(str(last.cells[0])) == "2 000"
    assert plain(str(first.cells[0])) == "–" or first.cells[0] is None, "thirty days, of which fourteen are"
    assert last.cells[1] == "2"


def test_a_rate_is_a_mean_by_its_points() -> None:
    rates = [0.4 * (at + 1) for at in range(4)]
    points = [count for *_, count in COMMUNES]
    mean = sum(rate * count for rate, count in zip(rates, points, strict=True)) / sum(points)
    assert picture("lighting-failures", "chart").rows[0].cells[0] == words("fr").number(mean, 2)


def test_hours_are_the_citys_and_a_gap_stays_one() -> None:
    shown = picture("traffic-counts", "chart")
    assert len(shown.rows) == 48
    assert plain(shown.rows[0].head) == "26 novembre 2026, 15:00"
    assert "Europe/Paris" in shown.caption and "veh/h" in shown.caption
    assert [row.cells[0] is None for row in shown.rows].count(True) == 5
    assert shown.rows[0].cells[0] == "100"


def test_states_are_counted_in_words() -> None:
    told = cells(picture("traffic-now", "chart"))
    assert (told["Fluide"], sum(int(count or 0) for count in told.values())) == ("6", 9)


def test_places_are_counted_once_however_many_hours_there_are() -> None:
    assert "3 lieux" in plain(picture("traffic-counts", "map").caption)


def test_squares_hold_every_place() -> None:
    """Nine thousand lights in four communes: each is in a square, and the table counts them by commune."""
    shown = picture("lighting-points", "map")
    assert sum(int(plain(count or "").replace(" ", "")) for count in cells(shown).values()) == 35_994
    drawing: Any = shown.drawing
    assert 100 < sum(len(re.findall("M", path)) for path in drawing.squares) <= 1_600


def test_names_are_escaped() -> None:
    rows = [row | {"area": "<script>alert(1)</script>"} for row in made.cameras().to_pylist()]
    files = made_of("video-systems", pa.Table.from_pylist(rows))
    assert all(b"<script>" not in file.body for name, file in files.items() if name.endswith("svg"))
