"""Commitments and works in the real database: versions and the audit, refusals, lists with their mistakes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, text
from sqlalchemy.exc import DBAPIError

from geodata.profiles import read_profile
from geodata.promise_tables import programme
from geodata.scoping import scoped
from geodata.tables import area_day
from layouts import programmes as programmes_page
from layouts import promises as promises_page
from layouts.promise_forms import draft_of, filled
from model.errors import BadField, Refused
from model.roles import Role
from model.texts import words
from model.viewer import Scope, Viewer
from services.boards import Programmes, Promises
from services.boards.declaring import begin
from tests.integration.small_city import add_areas, add_assets

pytestmark = pytest.mark.servers
PROFILE = read_profile("demo")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
STEWARD = Viewer(0, "jo", "Jo", Role.STEWARD)
OFFICIAL = Viewer(0, "lu", "Lu", Role.OFFICIAL)
DAYS = 410


@pytest.fixture
def city(engine: Engine) -> Engine:
    """Two communes of two lamps each on a cabinet, measured every day: half of the baseline is drawn.

    The demo's baseline is 15,650,000 / (33,100 * 4,190) kWh a point and hour lit; lamps burn half of the day.
    """
    each = 15_650_000 / (33_100 * 4_190)
    rows = []
    for at in range(DAYS):
        day = date(2026, 11, 19) - timedelta(days=at)
        for commune in (1, 2):
            key = {"area_id": commune, "day": day, "min": 0.0, "max": 1.0, "coverage": 1.0, "fullest": 24}
            lit = {"asset_type": "streetlight", "observed_property": "lit_share", "n": 48, "sum": 24.0}
            kwh = {"asset_type": "control_cabinet", "observed_property": "energy", "n": 96}
            rows += [key | lit, key | kwh | {"sum": 0.5 * each * 2 * 12}]
    with engine.begin() as connection:
        add_areas(connection, "Aubeterre", "Bellerive")
        lamps = [("streetlight", commune) for commune in (1, 1, 2, 2)]
        add_assets(connection, *lamps, ("control_cabinet", 1), ("control_cabinet", 2))
        connection.execute(insert(area_day), rows)
        connection.execute(
            insert(programme).values(
                key="led", kind="led", domain="lighting", title_fr="LED", title_en="LED", made_by="test"
            )
        )
    assert begin(engine, PROFILE) == 1
    assert begin(engine, PROFILE) == 0
    return engine


def test_a_saving_from_stored_days_and_who_changed_its_promise(city: Engine) -> None:
    promises = Promises(city, PROFILE)
    (told,) = promises.states(NOW)
    assert told.saving == pytest.approx(0.5, abs=0.003)
    assert told.months[-1].start == date(2026, 10, 1)
    changed = [*filled(words("fr"), told.commitment)]
    changed[4], changed[-1] = "70", "avenant 2"
    draft = draft_of(changed)
    with pytest.raises(Refused):
        promises.write(OFFICIAL, draft)
    with pytest.raises(BadField) as taken:
        promises.write(STEWARD, draft, new=True)
    assert (taken.value.field, taken.value.reason) == ("key", "known")
    assert promises.write(STEWARD, draft) == 2
    (now,) = promises.states(NOW)
    assert now.commitment.draft.target_share == pytest.approx(0.7)
    assert [one.made_by for one in promises.versions("lighting_65")] == ["Jo", "city.toml"]
    with city.connect() as connection:
        entry = connection.execute(text("SELECT action, object, actor FROM audit_entry")).all()
        assert [tuple(one) for one in entry] == [("commitment_written", "lighting_65", "Jo")]
        with pytest.raises(DBAPIError):
            connection.execute(text("UPDATE commitment_version SET target_share = 0.1"))


def test_who_sees_a_part_of_the_city_is_told_no_saving_and_writes_none(city: Engine) -> None:
    scope = Scope(areas=frozenset({1}))
    part = Promises(scoped(city, scope), PROFILE)
    (told,) = part.states(NOW)
    assert (told.withheld, told.saving, told.kwh, told.months) == ("partial", None, None, ())
    with pytest.raises(Refused):
        part.write(Viewer(0, "jo", "Jo", Role.STEWARD, scope=scope), told.commitment.draft)
    elsewhere = Promises(scoped(city, Scope(domains=frozenset({"traffic"}))), PROFILE)
    assert elsewhere.states(NOW) == ()


def test_a_list_of_works_tells_each_mistake_by_row_and_column_and_imports_all_or_nothing(
    city: Engine,
) -> None:
    programmes = Programmes(city, PROFILE)
    wrong = (
        "asset;area;done_on;kind\n"
        "X-5;;2026-03-01;LED\n"
        "X-99;;2026-03-01;LED\n"
        ";7;;LED\n"
        "X-6;;01/03/2026;LED\n"
        "X-6;;2027-03-01;LED\n"
        "X-6;2;;LED\n"
        ";;;LED\n"
        "X-6;;;\n"
        "X-5;;;LED\n"
    )
    lines = programmes.check(STEWARD, "led", wrong, NOW)
    assert [(line.row, *line.problem[:2]) for line in lines if line.problem] == [
        (3, "asset", "unknown_asset"), (4, "area", "unknown_area"), (5, "done_on", "no_date"),
        (6, "done_on", "ahead"), (7, "area", "both"), (8, "asset", "neither"), (9, "kind", "empty"),
        (10, "asset", "twice"),
    ]  # fmt: skip
    told_wrong = [programmes_page.line_problem(words("fr"), line) for line in lines if line.problem]
    assert "⟦" not in str(told_wrong)
    with pytest.raises(BadField) as refused:
        programmes.add(STEWARD, "led", wrong, NOW)
    assert refused.value.values == {"row": 3, "column": "asset"}
    with pytest.raises(BadField):
        programmes.check(STEWARD, "led", "asset;when\nX-5;2026-03-01\n", NOW)
    with pytest.raises(Refused):
        programmes.add(OFFICIAL, "led", "asset,done_on,kind\nX-5,2026-03-01,LED\n", NOW)
    assert programmes.states(NOW)[0].steps == ()
    right = "asset,area,done_on,kind\nX-5,,2026-03-01,LED\n"
    assert programmes.add(STEWARD, "led", right, NOW) == 1
    (told,) = programmes.states(NOW)
    assert [(area.name, area.points, area.done) for area in told.areas] == [("Aubeterre", 0, 0)]
    assert programmes.add(STEWARD, "led", "area,done_on,kind\n1,2026-03-02,LED\n", NOW) == 1
    (told,) = programmes.states(NOW)
    effect = told.effect(1, "kwh_per_point")
    assert effect is not None
    assert (effect.points, effect.change) == (2, pytest.approx(0, abs=0.1))
    assert effect.difference == pytest.approx(0)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_both_pages_say_everything_in_both_languages(city: Engine, language: str) -> None:
    say = words(language, PROFILE.time_zone)
    promises, programmes = Promises(city, PROFILE), Programmes(city, PROFILE)
    programmes.add(STEWARD, "led", "area,done_on,kind\n1,2026-03-02,LED\n2,,LED\n", NOW)
    states = promises.states(NOW)
    history = {"lighting_65": promises.versions("lighting_65")}
    told = promises_page.body(say, states, history, past=True, keeps=True, generated=True)
    works = programmes_page.body(say, programmes.states(NOW), keeps=True, generated=True)
    for page in (told, works):
        assert "⟦" not in str(page.to_plotly_json())
