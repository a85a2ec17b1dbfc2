"""What a person of a scope may write, what wrong settings show, and where rows belong after a change."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from geodata.database import open_engine
from geodata.database_roles import address_for
from geodata.scoping import scoped
from model.errors import NotFound, VigieError
from model.letters import Selection
from model.notes import CorrectionDraft, NoteDraft
from model.viewer import Scope
from services.feedbook import Feedbook
from services.history import Corrections
from services.notes import Notes
from tests.conftest import Servers
from tests.kept_city import CENTRE, EAST, NOW, SCOPES, ZONE, kept_city, some_assets
from tests.somebody import settled

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def whole(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    url = kept_city(servers, tmp_path_factory.mktemp("archive"))
    yield url
    servers.drop_database(url)


@pytest.fixture
def owner(whole: str) -> Iterator[Engine]:
    engine = open_engine(whole, statement_ms=60_000)
    yield engine
    engine.dispose()


@pytest.fixture
def room(whole: str) -> Iterator[Engine]:
    """The city as the control room's role sees it, in no scope yet."""
    engine = open_engine(str(address_for(whole, "web")), statement_ms=60_000)
    yield engine
    engine.dispose()


# What a person of a scope writes -------------------------------------------------------------------


def test_she_writes_within_her_scope_alone(room: Engine, owner: Engine) -> None:
    scope = SCOPES["both"]
    own = scoped(room, scope)
    with own.connect() as connection:
        visible = set(connection.scalars(text("SELECT id FROM asset")))
    examples = some_assets(room)
    inside = next(one for one in examples if one in visible)
    outside = next(one for one in examples if one not in visible)
    notes, viewer = Notes(own), settled(owner, "Nadia", scope=scope)
    span = {"kind": "note", "title": "Scoped", "body": "", "t0": NOW - timedelta(hours=3), "t1": NOW}

    for place in ({"asset_id": inside}, {"area_id": CENTRE}):
        made = notes.annotate(NoteDraft(**span, **place), viewer)  # type: ignore[arg-type]
        notes.withdraw(made, viewer)
    for place in ({"asset_id": outside}, {"area_id": 9}, {"area_id": 1}, {}):
        with pytest.raises(VigieError):
            notes.annotate(NoteDraft(**span, **place), viewer)  # type: ignore[arg-type]


def test_she_withdraws_nothing_of_others_places(room: Engine, owner: Engine) -> None:
    own = scoped(room, SCOPES["both"])
    viewer = settled(owner, "Nadia", scope=SCOPES["both"])
    with room.connect() as connection:
        elsewhere = connection.scalars(
            text("SELECT id FROM annotation WHERE area_id = 9 OR (area_id IS NULL AND asset_id IS NULL)")
        ).all()
        wrong = connection.scalars(
            text(
                "SELECT c.id FROM correction c JOIN datastream d ON d.id = c.datastream_id "
                "JOIN asset a ON a.id = d.asset_id "
                "WHERE a.domain = 'traffic' AND c.withdrawn_at IS NULL LIMIT 3"
            )
        ).all()
    assert elsewhere
    assert wrong
    for note in elsewhere:
        with pytest.raises(NotFound):
            Notes(own).withdraw(note, viewer)
    for correction_id in wrong:
        with pytest.raises(NotFound):
            Corrections(own).withdraw(correction_id, viewer)


def test_bookmarks_are_seen_where_their_scope_is(room: Engine, owner: Engine) -> None:
    centre, lighting = Scope(frozenset({CENTRE})), frozenset({"lighting"})
    keepers = {
        "all": room,
        "centre": scoped(room, centre),
        "centre lights": scoped(room, Scope(centre.areas, lighting)),
        "lights": scoped(room, Scope(None, lighting)),
    }
    for name, engine in keepers.items():
        Notes(engine).save_bookmark(f"kept in {name}", "/board", settled(owner, "Nadia"), ["/board"])

    def seen(engine: Engine) -> set[str]:
        return {
            one.title.removeprefix("kept in ")
            for one in Notes(engine).bookmarks(["/board"])
            if one.title.startswith("kept in ")
        }

    assert seen(keepers["all"]) == set(keepers)
    assert seen(keepers["centre"]) == {"centre", "centre lights"}
    assert seen(keepers["lights"]) == {"centre lights", "lights"}
    assert seen(keepers["centre lights"]) == {"centre lights"}
    assert seen(scoped(room, Scope(frozenset({9})))) == set()


def test_corrections_and_replays_within_the_scope(room: Engine, owner: Engine) -> None:
    scope = SCOPES["both"]
    own = scoped(room, scope)
    viewer = settled(owner, "Nadia", scope=scope)
    with room.connect() as connection:
        cabinets = {
            inside: connection.scalar(
                text(
                    "SELECT min(id) FROM asset WHERE asset_type = 'control_cabinet' "
                    "AND (commune_id = ANY (:areas)) = :inside"
                ),
                {"areas": [CENTRE, EAST], "inside": inside},
            )
            for inside in (True, False)
        }
    span = (NOW - timedelta(hours=6), NOW - timedelta(hours=4))
    draft = CorrectionDraft(cabinets[True], "power", *span, None, "stuck")
    assert Corrections(own).correct(draft, viewer) > 0
    with pytest.raises(NotFound):
        Corrections(own).correct(CorrectionDraft(cabinets[False], "power", *span, None, "stuck"), viewer)

    book, whole_book = Feedbook(own, ZONE), Feedbook(room, ZONE)
    mine = {letter.asset for letter in book.dead_letters("gateways").rows}
    everything = {letter.asset for letter in whole_book.dead_letters("gateways").rows}
    assert mine < everything
    asked = book.ask_replay(Selection(feed="gateways", reason="out_of_range"), viewer, NOW)
    assert asked == len(mine)
    with room.connect() as connection:
        waiting = set(
            connection.scalars(text("SELECT asset FROM dead_letter WHERE replay_asked_at IS NOT NULL"))
        )
    assert waiting == mine


@pytest.mark.parametrize(
    "attempt",
    [
        "SELECT * FROM person",
        "SELECT * FROM session",
        "SELECT * FROM audit_entry",
        "SELECT * FROM scope_index",
        "SELECT * FROM observation_2026_11_19",
        "UPDATE asset SET name = 'mine'",
        "DELETE FROM annotation",
        "UPDATE annotation SET title = 'mine'",
        "INSERT INTO observation VALUES (1, now(), 1)",
    ],
)
def test_a_scope_opens_nothing_else(room: Engine, attempt: str) -> None:
    with (
        scoped(room, SCOPES["a commune"]).connect() as connection,
        pytest.raises(ProgrammingError, match="permission denied"),
    ):
        connection.execute(text(attempt))


@pytest.mark.parametrize("areas", ["", " ", "x", "2;8", "2,", ",2", "-1", "2 OR 1=1", "**"])
def test_settings_that_are_wrong_show_nothing(room: Engine, areas: str) -> None:
    with room.begin() as connection:
        connection.execute(
            text("SELECT set_config('role', 'vigie_scoped', true), set_config('vigie.areas', :areas, true)"),
            {"areas": areas},
        )
        connection.execute(text("SELECT set_config('vigie.domains', '*', true)"))
        for table in ("asset", "datastream", "state_change", "observation", "rollup_day", "area_day"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table


def test_a_scope_ends_with_its_transaction(room: Engine) -> None:
    own = scoped(room, SCOPES["nothing"])
    for _ in range(3):
        with own.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM asset")) == 0
            assert connection.scalar(text("SELECT current_user")) == "vigie_scoped"
        with room.connect() as connection:
            assert connection.scalar(text("SELECT current_user")) == "vigie_room"
            assert connection.scalar(text("SELECT count(*) FROM asset"))


# Where rows belong, kept by triggers ---------------------------------------------------------------


def test_what_moves_to_another_commune_moves_with_its_whole_past(room: Engine, owner: Engine) -> None:
    own = scoped(room, Scope(frozenset({9})))
    counted = text(
        "SELECT (SELECT count(*) FROM asset), (SELECT count(*) FROM state_change), "
        "(SELECT count(*) FROM observation)"
    )

    def seen() -> tuple[int, ...]:
        with own.connect() as connection:
            return tuple(connection.execute(counted).one())

    def moved(commune: int | None) -> tuple[int, ...]:
        with owner.begin() as connection:
            values = {"id": cabinet, "commune": commune}
            connection.execute(text("UPDATE asset SET commune_id = :commune WHERE id = :id"), values)
        return seen()

    before = seen()
    with owner.connect() as connection:
        cabinet = connection.scalar(
            text("SELECT min(id) FROM asset WHERE asset_type = 'control_cabinet' AND commune_id = 2")
        )
        of_it = tuple(connection.execute(_OF_ONE, {"id": cabinet}).one())
    assert all(of_it)
    assert moved(9) == tuple(a + b for a, b in zip(before, of_it, strict=True))
    assert moved(None) == before
    assert moved(2) == before


_OF_ONE = text(
    """
    SELECT 1, (SELECT count(*) FROM state_change WHERE asset_id = :id),
           (SELECT count(*) FROM observation WHERE datastream_id IN
            (SELECT id FROM datastream WHERE asset_id = :id))
    """
)


def test_what_is_added_and_taken_away_is_known_at_once(room: Engine, owner: Engine) -> None:
    """Assets by statement and by COPY, datastreams as the recorder adds them, and gaps between ids."""
    own = scoped(room, Scope(frozenset({9}), frozenset({"traffic"})))
    seen = text("SELECT count(*), (SELECT count(*) FROM datastream) FROM asset")

    def visible() -> tuple[int, ...]:
        with own.connect() as connection:
            return tuple(connection.execute(seen).one())

    before = visible()
    row = "'test', '{domain}', '{kind}', 'x', {commune}"
    with owner.begin() as connection:
        highest = connection.scalar(text("SELECT max(id) FROM asset"))
        for number, (commune, kind, domain) in enumerate(
            [(9, "detector", "traffic"), (9, "camera", "surveillance"), (2, "detector", "traffic")], 1
        ):
            told = row.format(domain=domain, kind=kind, commune=commune)
            connection.execute(
                text(
                    "INSERT INTO asset (id, external_id, source, domain, asset_type, name, commune_id) "
                    f"VALUES (:id, :name, {told})"
                ),
                {"id": highest + 500 * number, "name": f"new-{number}"},
            )
            connection.execute(
                text(
                    "INSERT INTO datastream (asset_id, observed_property, unit, period_s) "
                    "VALUES (:id, 'flow', 'veh/h', 60)"
                ),
                {"id": highest + 500 * number},
            )
    assert visible() == (before[0] + 1, before[1] + 1)
    with owner.begin() as connection:
        connection.execute(text("DELETE FROM datastream WHERE asset_id > :id"), {"id": highest})
        connection.execute(text("DELETE FROM asset WHERE id > :id"), {"id": highest})
    assert visible() == before
    with owner.connect() as connection:
        places = dict(tuple(row) for row in connection.execute(text("SELECT name, places FROM scope_index")))
    assert None not in places["asset"] + places["stream"]
