"""A composed board from its proposal to the panel a visitor reads, and back: by the real publisher."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from geodata.profiles import read_profile
from model.composed import Kind, Tile
from model.roles import Role
from model.viewer import Viewer
from services.boards import KPI_BY_KEY
from services.composing import Compositions, Wish
from services.publishing import Manifest, Store
from services.publishing.publisher import Publisher
from services.publishing.register import Publications
from services.settings import read_settings
from tests.figures_kept import RATE, VIDEO, keep_figures
from tests.live_city import lay_out
from tests.somebody import settled

pytestmark = pytest.mark.servers
NAME = "board-le-mois"
WISH = Wish("le-mois", "etalab-2.0", "utile aux habitants")
TILES = (
    Tile("t1", Kind.FIGURE, RATE),
    Tile("t2", Kind.TREND, RATE, width=2),
    Tile("t3", Kind.MAP, RATE),
    Tile("t4", Kind.BARS, RATE),
    Tile("t5", Kind.TEXT, text="Lire <b>avec</b> la couverture."),
    Tile("t6", Kind.FIGURE, VIDEO),
)


@dataclass
class Town:
    """A small city with kept figures: who works there, and its publisher."""

    boards: Compositions
    register: Publications
    publisher: Publisher
    helene: Viewer
    sophie: Viewer
    now: datetime

    @property
    def store(self) -> Store:
        return self.publisher.store

    def let_out(self, dataset: str) -> None:
        """Publish something under the name of a dataset: what is in it does not matter to a board."""
        body = self.store.put(b"published", "application/octet-stream")
        self.store.publish(dataset, {"table.bin": body}, about={}, data_time=None, now=self.now)

    def run(self) -> Manifest | None:
        """The publisher's own job, as if nothing had been made before; what is out of the board then."""
        self.publisher.take_back(self.now)
        self.publisher.tried.clear()
        reports = {one.publication: one for one in self.publisher.run(self.now)}
        assert NAME not in reports or reports[NAME].state != "failed", reports[NAME].why
        return self.store.current(NAME)

    def propose(self) -> None:
        """A board proposed by its owner and approved by a steward."""
        made = self.boards.make(self.helene, "Le mois de la ville", TILES)
        assert self.boards.propose(self.helene, made, WISH) == (1, ())
        assert self.register.approve(self.sophie, NAME, 1)


@pytest.fixture
def town(engine: Engine, tmp_path: Path) -> Iterator[Town]:
    lay_out(engine)
    keep_figures(engine)
    publisher = Publisher(engine, read_settings(var=tmp_path), read_profile("demo"))
    register = Publications(engine, publisher.store)
    helene, sophie = settled(engine, "Hélène", Role.OFFICIAL), settled(engine, "Sophie", Role.STEWARD)
    boards = Compositions(engine, KPI_BY_KEY, register)
    yield Town(boards, register, publisher, helene, sophie, datetime.now(UTC))


def rows(town: Town, manifest: Manifest) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(town.store.read(manifest.files["data.json"]))["rows"]
    return found


def test_a_board_is_proposed_approved_published_and_revoked(town: Town) -> None:
    town.let_out("lighting-failures")
    town.propose()
    manifest = town.run()
    assert manifest is not None
    assert manifest.about["titles"]["fr"] == "Le mois de la ville"
    assert manifest.about["drawn_from"] == ["lighting-failures"]
    page = town.store.read(manifest.files["panel.fr.light.html"]).decode()
    assert "Lire &lt;b&gt;avec&lt;/b&gt; la couverture." in page, "what people wrote is text, never markup"
    assert "1 bloc(s) ne sont pas montrés" in page, "cameras are not published now"
    assert "⟦" not in page
    told = rows(town, manifest)
    assert {row["figure"] for row in told} == {RATE}
    month = max(str(row["month"]) for row in told)
    values = {row["area"]: row["value"] for row in told if row["month"] == month}
    assert values["Bois"] == 3.0
    assert values["Clos"] is None, "what is below its coverage is told as a gap, not as a value"
    assert len({row["month"] for row in told}) == 13
    assert town.register.revoke(town.sophie, NAME, "Chiffre faux.") == 1
    gone = town.store.current(NAME)
    assert gone is None or not gone.files
    again = town.run()
    assert again is None or not again.files


def test_nothing_of_a_board_is_out_before_it_is_approved_nor_without_its_data(town: Town) -> None:
    town.let_out("lighting-failures")
    made = town.boards.make(town.helene, "Le mois de la ville", TILES)
    town.boards.propose(town.helene, made, WISH)
    assert town.run() is None
    town.register.approve(town.sophie, NAME, 1)
    assert (found := town.run()) is not None
    assert found.files
    town.store.revoke("lighting-failures", town.now)
    without = town.run()
    assert without is None or not without.files


def test_what_was_changed_since_is_not_what_was_approved(town: Town) -> None:
    town.let_out("lighting-failures")
    town.propose()
    board = town.boards.list(town.helene)[0]
    other = (replace(TILES[0], key="t9"), Tile("t10", Kind.TEXT, text="Jamais relu"))
    town.boards.save(town.helene, board.id, board.version, "Autre titre", other)
    manifest = town.run()
    assert manifest is not None
    assert "Jamais relu" not in town.store.read(manifest.files["panel.fr.light.html"]).decode()
