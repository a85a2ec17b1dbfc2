"""Each dataset read from real rows of PostGIS: the release's columns, areas, grain and delay, and no more."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
import shapely
from sqlalchemy import Engine, text

from geodata.profiles import CityProfile, read_profile
from model.datasets import DATASETS, Grain, Place, Shape, Span
from model.domains import ASSET_TYPES
from model.publications import Release
from model.states import Status
from services.history import History
from services.history.upkeep.rollups import roll_up_dirty
from services.publishing.datasets import READERS, Asked, CannotCoarsen, read, times_of
from tests.integration.small_city import (
    PARIS,
    add_areas,
    add_assets,
    add_streams,
    area_days_follow,
    change,
    keyframe,
    observe,
)
from tests.released import grain, released

NOW = datetime(2026, 3, 20, 10, 20, tzinfo=UTC)
DAY = datetime(2026, 3, 17, 23, tzinfo=UTC)  # 18 March begins, in Paris
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.servers


@pytest.fixture
def profile() -> CityProfile:
    return read_profile("demo")


def rows(engine: Engine, profile: CityProfile, release: Release, now: datetime = NOW) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read(engine, profile, release, now).to_pylist()
    return found


def add_hours(
    engine: Engine, asset_type: str, name: str, area: int, first: datetime, values: list[tuple[int, float]]
) -> None:
    """Hours of an area's figure from ``first``: (n, sum) each, all of them covered."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO area_hour (area_id, asset_type, observed_property, bucket, n, sum, min, max, "
                "coverage) VALUES (:area, :type, :name, :at, :n, :sum, 0, 1, 1)"
            ),
            [
                {"area": area, "type": asset_type, "name": name, "at": first + i * HOUR, "n": n, "sum": total}
                for i, (n, total) in enumerate(values)
            ],
        )
    area_days_follow(engine)


def two_communes(engine: Engine, *kinds: tuple[str, int | None]) -> None:
    with engine.begin() as connection:
        add_areas(connection, "Ouest", "Est")
        add_assets(connection, *kinds)


def test_every_open_dataset_has_a_reader_and_no_closed_one_has() -> None:
    assert set(READERS) == {one.name for one in DATASETS if one.publishable}


@pytest.mark.parametrize("name", sorted(READERS))
def test_a_city_without_anything_gives_a_table_of_the_declared_columns(
    engine: Engine, profile: CityProfile, name: str
) -> None:
    release = released(name)
    table = read(engine, profile, release, NOW)
    assert table.column_names == list(release.columns)
    assert table.num_rows == 0
    kinds = {Shape.COUNT: pa.int64(), Shape.NUMBER: pa.float64(), Shape.DAY: pa.date32()}
    for column in release.dataset.columns:
        assert table.schema.field(column.name).type == kinds.get(
            column.shape, table.schema.field(column.name).type
        )


def test_an_inventory_lists_what_stands_in_the_released_areas(engine: Engine, profile: CityProfile) -> None:
    two_communes(
        engine,
        ("streetlight", 1),
        ("control_cabinet", 2),
        ("streetlight", None),
        ("camera", 1),
        ("streetlight", 2),
    )
    with engine.begin() as connection:
        connection.execute(text("UPDATE asset SET removed_at = now() WHERE id = 5"))
        connection.execute(text("UPDATE asset SET name = 'A, \"b\"', street = '' WHERE id = 1"))
    found = rows(engine, profile, released("lighting-points"))
    assert [(one["id"], one["type"], one["area"], one["area_code"]) for one in found] == [
        ("X-1", "streetlight", "Ouest", "1"),
        ("X-2", "control_cabinet", "Est", "2"),
        ("X-3", "streetlight", None, None),
    ]
    assert [found[0]["name"], found[0]["street"], found[1]["street"]] == ['A, "b"', "", None]
    assert shapely.from_wkb(found[0]["geometry"]).equals_exact(shapely.Point(5.11, 47.5), 1e-9)
    assert [
        one["id"] for one in rows(engine, profile, released("lighting-points", areas=frozenset({2})))
    ] == ["X-2"]
    few = read(engine, profile, released("lighting-points", columns=("id", "area")), NOW)
    assert few.column_names == ["id", "area"]
    with pytest.raises(CannotCoarsen, match="lighting-points"):
        read(engine, profile, released("lighting-points", **grain(Place.CITY, Span.NONE)), NOW)


def test_cameras_are_counted_by_area_and_never_listed(engine: Engine, profile: CityProfile) -> None:
    two_communes(engine, ("camera", 1), ("camera", 1), ("camera", 2), ("gateway", 1))
    assert rows(engine, profile, released("video-systems")) == [
        {"area": "Ouest", "area_code": "1", "cameras": 2},
        {"area": "Est", "area_code": "2", "cameras": 1},
    ]
    city = rows(engine, profile, released("video-systems", **grain(Place.CITY, Span.NONE)))
    assert city == [{"area": None, "area_code": None, "cameras": 3}]
    with pytest.raises(CannotCoarsen):
        read(engine, profile, released("video-systems", **grain(Place.ASSET, Span.NONE)), NOW)


def failures(engine: Engine) -> None:
    """18 March: of Ouest's four lights a quarter was out, of Est's one none; 19 March half of Ouest's."""
    two_communes(engine, *[("streetlight", 1)] * 4, ("streetlight", 2))
    add_hours(engine, "streetlight", "fault_share", 1, DAY, [(4, 1.0)] * 24 + [(4, 2.0)] * 24)
    add_hours(engine, "streetlight", "fault_share", 2, DAY, [(1, 0.0)] * 24)


def test_failures_are_those_of_the_board_by_commune_and_day(engine: Engine, profile: CityProfile) -> None:
    failures(engine)
    found = rows(engine, profile, released("lighting-failures"))
    told = [tuple(one.values()) for one in found]
    assert told == [
        (date(2026, 3, 18), "Ouest", "1", 4, 25.0, 100.0),
        (date(2026, 3, 18), "Est", "2", 1, 0.0, 100.0),
        (date(2026, 3, 19), "Ouest", "1", 4, 50.0, 100.0),
        (date(2026, 3, 19), "Est", "2", 1, None, 0.0),
    ]
    first, last = date(2026, 3, 18), date(2026, 3, 19)
    days = History(engine, PARIS).area_days("streetlight", "fault_share", first, last)
    city = rows(engine, profile, released("lighting-failures", **grain(Place.CITY, Span.DAY)))
    assert [one["failure_rate"] for one in city] == [round(100 * day.mean, 2) for day in days] == [20.0, 50.0]
    assert [one["points"] for one in city] == [5, 5]
    only = rows(engine, profile, released("lighting-failures", areas=frozenset({2})))
    assert {one["area"] for one in only} == {"Est"}


def test_nothing_younger_than_its_delay_leaves(engine: Engine, profile: CityProfile) -> None:
    failures(engine)
    midnight = datetime(2026, 3, 19, 23, tzinfo=UTC)  # the 19th ends
    late = released("lighting-failures", delay_s=3_600)
    for now, last in (
        (midnight + HOUR, date(2026, 3, 19)),
        (midnight + HOUR - timedelta(seconds=1), date(2026, 3, 18)),
    ):
        assert rows(engine, profile, late, now)[-1]["day"] == last
    assert rows(engine, profile, released("lighting-failures", delay_s=10 * 86_400)) == []


def test_months_are_whole_and_made_of_what_was_received(engine: Engine, profile: CityProfile) -> None:
    failures(engine)
    monthly = released("lighting-failures", **grain(Place.AREA, Span.MONTH))
    assert rows(engine, profile, monthly) == []
    found = rows(engine, profile, monthly, datetime(2026, 4, 1, 9, tzinfo=UTC))
    assert [(one["day"], one["area"], one["points"]) for one in found] == [
        (date(2026, 3, 1), "Ouest", 4),
        (date(2026, 3, 1), "Est", 1),
    ]
    assert [one["failure_rate"] for one in found] == [None, None], "two days of 31 are no month"
    assert found[0]["coverage"] == pytest.approx(100 * 2 / 31, abs=0.1)


def test_lights_that_were_not_there_yet_are_not_counted(engine: Engine, profile: CityProfile) -> None:
    failures(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE asset SET installed_at = '2026-03-19 12:00Z' WHERE id = 1"))
        connection.execute(text("UPDATE asset SET removed_at = '2026-03-19 12:00Z' WHERE id = 5"))
    found = rows(engine, profile, released("lighting-failures"))
    assert [(one["day"].day, one["area"], one["points"]) for one in found] == [
        (18, "Ouest", 3), (18, "Est", 1), (19, "Ouest", 4),
    ]  # fmt: skip


def test_availability_is_of_the_whole_city_and_of_the_declared_types(
    engine: Engine, profile: CityProfile
) -> None:
    two_communes(engine, ("access_point", 1), ("bollard", 1), ("camera", 2))
    add_hours(engine, "access_point", "fault_share", 1, DAY, [(1, 0.1)] * 24)
    add_hours(engine, "bollard", "fault_share", 1, DAY, [(1, 1.0)] * 24)
    add_hours(engine, "camera", "fault_share", 2, DAY, [(1, 0.0)] * 24)
    for name, share in (("access-availability", 90.0), ("video-availability", 100.0)):
        first = rows(engine, profile, released(name))[0]
        assert first == {"day": date(2026, 3, 18), "points": 1, "availability": share, "coverage": 100.0}
    with pytest.raises(CannotCoarsen):
        read(engine, profile, released("access-availability", **grain(Place.ASSET, Span.DAY)), NOW)


def test_energy_is_the_sum_of_an_area_and_withheld_where_too_little_came(
    engine: Engine, profile: CityProfile
) -> None:
    two_communes(engine, *[("meter", 1)] * 3, ("meter", None))
    add_hours(engine, "meter", "energy", 1, DAY, [(12, 30.0)] * 24)
    add_hours(engine, "meter", "energy", 0, DAY, [(4, 1.0)] * 12)
    found = rows(engine, profile, released("energy-by-area"))
    told = [(one["area"], one["delivery_points"], one["energy"], one["coverage"]) for one in found]
    assert told == [("Ouest", 3, 720.0, 100.0), (None, 1, None, 50.0)]
    city = rows(engine, profile, released("energy-by-area", **grain(Place.CITY, Span.DAY)))
    assert [(one["area"], one["delivery_points"], one["energy"]) for one in city] == [(None, 4, 732.0)]


def loops(engine: Engine) -> None:
    """Two loops in Ouest: of the first two hours, of the second one hour."""
    two_communes(engine, ("detector", 1), ("detector", 1))
    with engine.begin() as connection:
        add_streams(connection, (1, "flow", 1800), (1, "occupancy", 1800), (2, "flow", 1800))
        half = HOUR / 2
        observe(connection, 1, [(DAY, 100.0), (DAY + half, 300.0), (DAY + HOUR, 60.0)])
        observe(connection, 2, [(DAY, 0.1), (DAY + half, 0.3)])
        observe(connection, 3, [(DAY, 800.0), (DAY + half, 800.0)])
        # Their retention may have run out by the day this test is run; the figures it leaves do not.
        connection.execute(text("DELETE FROM retention_rule"))
    while roll_up_dirty(engine, PARIS):
        pass


def test_counts_are_the_hourly_means_of_each_loop(engine: Engine, profile: CityProfile) -> None:
    loops(engine)
    found = rows(engine, profile, released("traffic-counts"))
    told = [(one["hour"], one["id"], one["flow"], one["occupancy"], one["coverage"]) for one in found]
    assert told == [
        (DAY, "X-1", 200.0, 20.0, 100.0),
        (DAY, "X-2", 800.0, None, 100.0),
        (DAY + HOUR, "X-1", 60.0, None, 50.0),
    ]
    assert {one["area"] for one in found} == {"Ouest"}
    young = rows(engine, profile, released("traffic-counts"), DAY + HOUR + HOUR + timedelta(minutes=59))
    assert {one["hour"] for one in young} == {DAY}
    assert rows(engine, profile, released("traffic-counts", areas=frozenset({2}))) == []


@pytest.mark.parametrize(
    ("place", "span", "told"),
    [
        (Place.AREA, Span.HOUR, [(0, None, "Ouest", 500.0, 100.0), (1, None, "Ouest", 60.0, 25.0)]),
        (Place.CITY, Span.HOUR, [(0, None, None, 500.0, 100.0), (1, None, None, 60.0, 25.0)]),
        (Place.ASSET, Span.DAY, [(0, "X-1", "Ouest", 153.0, 6.2), (0, "X-2", "Ouest", 800.0, 4.2)]),
        (Place.CITY, Span.DAY, [(0, None, None, 412.0, 5.2)]),
    ],
)
def test_coarser_counts_are_means_over_all_their_values(
    engine: Engine, profile: CityProfile, place: Place, span: Span, told: list[tuple[Any, ...]]
) -> None:
    loops(engine)
    found = rows(engine, profile, released("traffic-counts", **grain(place, span)))
    assert [
        (round((one["hour"] - DAY) / HOUR), one["id"], one["area"], one["flow"], one["coverage"])
        for one in found
    ] == told
    if place is not Place.ASSET:
        assert {one["geometry"] for one in found} == {None}


def test_counts_by_month(engine: Engine, profile: CityProfile) -> None:
    loops(engine)
    monthly = released("traffic-counts", **grain(Place.CITY, Span.MONTH))
    assert rows(engine, profile, monthly) == []
    found = rows(engine, profile, monthly, datetime(2026, 4, 2, tzinfo=UTC))
    assert [(one["hour"], one["flow"]) for one in found] == [(datetime(2026, 2, 28, 23, tzinfo=UTC), 412.0)]


def code(asset_type: str, name: str) -> int:
    return ASSET_TYPES[asset_type].state_named(name).code


def test_roads_now_are_as_the_history_knows_them(engine: Engine, profile: CityProfile) -> None:
    two_communes(engine, ("segment", 1), ("segment", 2), ("segment", 2))
    seen = NOW - timedelta(minutes=2)
    with engine.begin() as connection:
        add_streams(connection, (1, "speed", 180), (2, "speed", 180))
        connection.execute(text(
            "UPDATE asset SET geometry = 'SRID=4326;LINESTRING(5.1 47.5, 5.2 47.5, 5.3 47.5)' WHERE id = 1"
        ))  # fmt: skip
        observe(connection, 1, [(NOW - timedelta(minutes=5), 70.0), (seen, 43.4)])
        observe(connection, 2, [(NOW - timedelta(minutes=30), 20.0)])
        keyframe(
            connection,
            NOW - timedelta(minutes=3),
            {
                1: (Status.NORMAL, code("segment", "free_flow")),
                2: (Status.DEGRADED, code("segment", "congested")),
            },
        )
        change(connection, (1, seen, Status.ACTIVE, code("segment", "heavy")))
    found = rows(engine, profile, released("traffic-now"))
    told = [(one["id"], one["state"], one["speed"], one["measured_at"]) for one in found]
    assert told == [
        ("X-1", "heavy", 43.0, seen),
        ("X-2", "congested", None, NOW - timedelta(minutes=3)),
        ("X-3", "no_data", None, None),
    ]
    assert shapely.from_wkb(found[0]["geometry"]).equals(shapely.Point(5.2, 47.5))
    late = rows(engine, profile, released("traffic-now", delay_s=180))
    assert (late[0]["state"], late[0]["speed"]) == ("free_flow", 70.0)
    with pytest.raises(CannotCoarsen):
        read(engine, profile, released("traffic-now", **grain(Place.AREA, Span.NOW)), NOW)


def test_car_parks_now_and_their_time(engine: Engine, profile: CityProfile) -> None:
    two_communes(engine, ("car_park", 1))
    seen = NOW - timedelta(minutes=4)
    with engine.begin() as connection:
        add_streams(connection, (1, "free_places", 300))
        observe(connection, 1, [(seen, 312.0)])
        keyframe(connection, seen, {1: (Status.ACTIVE, code("car_park", "open"))})
    release = released("car-parks-now")
    table = read(engine, profile, release, NOW)
    one = table.to_pylist()[0]
    assert (one["state"], one["free_places"], one["measured_at"]) == ("open", 312, seen)
    assert times_of(Asked(engine, profile, release, NOW), table).data_time == seen


def test_vehicles_are_counted_over_the_hour_and_unknown_hours_are_gaps(
    engine: Engine, profile: CityProfile
) -> None:
    two_communes(engine, ("bus", None), ("bus", None))
    t0 = datetime(2026, 3, 20, 5, tzinfo=UTC)
    depot, out = code("bus", "at_depot"), code("bus", "in_service")
    with engine.begin() as connection:
        keyframe(connection, t0, {1: (Status.ACTIVE, out), 2: (Status.NORMAL, depot)})
        change(
            connection,
            (2, t0 + HOUR + HOUR / 2, Status.DEGRADED, code("bus", "bunched")),
            (1, t0 + 2 * HOUR, Status.NORMAL, depot),
        )
        keyframe(
            connection,
            t0 + 2 * HOUR,
            {1: (Status.NORMAL, depot), 2: (Status.DEGRADED, code("bus", "bunched"))},
        )
        keyframe(
            connection,
            t0 + 4 * HOUR,
            {1: (Status.NORMAL, depot), 2: (Status.DEGRADED, code("bus", "bunched"))},
        )
    release = released("vehicles-in-service")
    table = read(engine, profile, release, t0 + 4 * HOUR)
    found = table.to_pylist()
    assert [one["hour"] for one in found] == [t0, t0 + HOUR, t0 + 2 * HOUR]
    assert [one["vehicles"] for one in found] == [1, 2, 1]
    assert {one["coverage"] for one in found} == {100.0}
    assert times_of(Asked(engine, profile, release, NOW), table).gaps == ()
    with pytest.raises(CannotCoarsen):
        read(engine, profile, released("vehicles-in-service", areas=frozenset({1})), NOW)


def test_times_tell_the_extent_the_newest_value_and_the_gaps(engine: Engine, profile: CityProfile) -> None:
    failures(engine)
    add_hours(engine, "streetlight", "fault_share", 1, DAY - timedelta(days=3), [(4, 1.0)] * 24)
    release = released("lighting-failures")
    times = times_of(Asked(engine, profile, release, NOW), read(engine, profile, release, NOW))
    assert (times.first, times.last) == (DAY - timedelta(days=3), DAY + timedelta(days=2))
    assert times.data_time == DAY + timedelta(days=2)
    assert times.gaps == ((DAY - timedelta(days=2), DAY),)


def test_days_of_23_and_25_hours_are_days(engine: Engine, profile: CityProfile) -> None:
    two_communes(engine, ("streetlight", 1))
    first = datetime(2026, 3, 28, 23, tzinfo=UTC)  # 29 March lasts 23 hours
    add_hours(engine, "streetlight", "fault_share", 1, first, [(1, 0.0)] * (23 + 24))
    found = rows(engine, profile, released("lighting-failures"), datetime(2026, 3, 31, 12, tzinfo=UTC))
    assert [(one["day"].day, one["coverage"]) for one in found] == [(29, 100.0), (30, 100.0)]


def test_the_grain_of_every_open_dataset_is_one_its_reader_tells(
    engine: Engine, profile: CityProfile
) -> None:
    for one in DATASETS:
        if one.publishable:
            assert isinstance(one.grain, Grain)
            read(engine, profile, released(one.name), NOW)
