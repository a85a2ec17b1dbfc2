"""The analysis pages against recounts by pandas and brute force, with a day of 25 hours and gaps."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from astral import LocationInfo
from astral.sun import sunrise, sunset
from sqlalchemy import Engine, insert, text

from geodata.profiles import CityProfile, read_profile
from geodata.tables import area_hour, asset, rollup_hour
from model.analysis import DOMAINS_SHOWN, Question, Ranking, View
from model.domains import ASSET_TYPES
from model.errors import BadRequest
from services.analysis import Analysis
from services.history import History
from tests.integration.small_city import add_areas, add_assets, add_streams, change, keyframe

pytestmark = pytest.mark.servers

PARIS = ZoneInfo("Europe/Paris")
FIRST, LAST = date(2026, 10, 19), date(2026, 11, 1)
"""Two weeks; 25 October 2026 lasts 25 hours."""
T0, T1 = (datetime(2026, 10, 18, 22, tzinfo=UTC), datetime(2026, 11, 1, 23, tzinfo=UTC))
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
GAP = (datetime(2026, 10, 23, 3, tzinfo=UTC), datetime(2026, 10, 23, 15, tzinfo=UTC))
HOURS = [T0 + timedelta(hours=h) for h in range(round((T1 - T0) / timedelta(hours=1)))]
LAMPS = range(1, 9)
CABINET, DETECTORS, CAMERAS, BUILDING, METER, DOORS = 9, (10, 11), (12, 13), 14, 15, (16, 17)
KINDS = (
    *(("streetlight", 1 + lamp % 2) for lamp in LAMPS),
    ("control_cabinet", 1),
    ("detector", 1),
    ("detector", 2),
    ("camera", 1),
    ("camera", 2),
    ("building", 1),
    ("meter", 1),
    ("access_point", 1),
    ("bollard", 2),
)
OF_AREAS = {
    ("streetlight", "lit_share"): (1, 2),
    ("control_cabinet", "energy"): (1,),
    ("control_cabinet", "power"): (1,),
    ("detector", "flow"): (1, 2),
    ("detector", "speed"): (1, 2),
    ("camera", "fault_share"): (1, 2),
    ("meter", "energy"): (1,),
    ("building", "outdoor_temperature"): (1,),
    ("access_point", "openings"): (1,),
    ("bollard", "openings"): (2,),
}
PROFILE = read_profile("demo")


def _area_rows() -> list[dict[str, object]]:
    """Hourly figures of every kind with values at random; nothing at all was received in GAP."""
    random = np.random.default_rng(11)
    rows = []
    for (kind, name), areas in OF_AREAS.items():
        for area in areas:
            for at in HOURS:
                n = int(random.integers(1, 5))
                most = 15 if name == "outdoor_temperature" else 40
                total = (
                    float(random.random() * n)
                    if name.endswith("share")
                    else float(random.random() * most * n)
                )
                if not GAP[0] <= at < GAP[1]:
                    rows.append(
                        {
                            "area_id": area,
                            "asset_type": kind,
                            "observed_property": name,
                            "bucket": at,
                            "n": n,
                            "sum": total,
                            "min": 0.0,
                            "max": 50.0,
                            "coverage": float(random.choice([0.8, 1.0, 1.0])),
                        }
                    )
    return rows


def _stream_rows() -> list[dict[str, object]]:
    """Hourly speed, flow (detectors) and power (cabinet) by datastream; some hours are missing."""
    random = np.random.default_rng(12)
    rows = []
    for stream in range(1, 6):
        for at in HOURS:
            if random.random() < 0.1:
                continue
            value = float(random.random() * (50 if stream < 3 else 900 if stream < 5 else 3) + 0.5)
            rows.append(
                {
                    "datastream_id": stream,
                    "bucket": at,
                    "n": 2,
                    "sum": 2 * value,
                    "min": value,
                    "max": value,
                    "coverage": 1.0,
                }
            )
    return rows


def _code(kind: str, state: str) -> tuple[int, int]:
    found = ASSET_TYPES[kind].state_named(state)
    return int(found.status), found.code


def _sun(day: date) -> tuple[datetime, datetime]:
    bounds = PROFILE.bounds
    place = LocationInfo(
        latitude=(bounds.south + bounds.north) / 2, longitude=(bounds.west + bounds.east) / 2
    ).observer
    return sunrise(place, day), sunset(place, day)


def _lamp_changes() -> list[tuple[int, datetime, int, int]]:
    """Eight lamps that switch with the sun for two weeks, but for what each is here to show."""
    rows = []
    for day in pd.date_range("2026-10-18", "2026-11-02").date:
        rise, fall = _sun(day)
        for lamp in LAMPS:
            late = timedelta(hours=2) if lamp == 2 and day == date(2026, 10, 28) else timedelta(0)
            early = timedelta(hours=3) if lamp == 3 and day == date(2026, 10, 30) else timedelta(0)
            if not (lamp == 4 and day >= date(2026, 10, 29)):
                rows.append((lamp, fall + late, *_code("streetlight", "on")))
            if not (lamp == 5 and day == date(2026, 10, 31)):
                rows.append((lamp, rise - early, *_code("streetlight", "off")))
    noon = datetime(2026, 10, 27, 11, tzinfo=UTC)
    rows.append((6, noon, *_code("streetlight", "lit_by_day")))
    rows.append((6, noon + timedelta(hours=1.5), *_code("streetlight", "off")))
    rows.append((7, noon, *_code("streetlight", "lit_by_day")))
    rows.append((7, noon + timedelta(minutes=5), *_code("streetlight", "off")))
    rows.append((8, noon + timedelta(hours=9), *_code("streetlight", "lamp_failure")))
    rows.append((8, noon + timedelta(hours=12), *_code("streetlight", "on")))
    return rows


def _other_changes() -> list[tuple[int, datetime, int, int]]:
    day = datetime(2026, 10, 20, tzinfo=UTC)
    camera, door, bollard = "camera", "access_point", "bollard"
    return [
        (12, day, *_code(camera, "no_image")),
        (12, day + timedelta(hours=3), *_code(camera, "no_contact")),
        (12, day + timedelta(hours=5), *_code(camera, "in_service")),
        (13, day + timedelta(days=8, hours=1), *_code(camera, "no_contact")),
        (13, day + timedelta(days=8, hours=1.5), *_code(camera, "in_service")),
        (13, day + timedelta(days=9), *_code(camera, "maintenance")),
        (13, day + timedelta(days=9, hours=4), *_code(camera, "in_service")),
        (13, T1 - timedelta(hours=2), *_code(camera, "no_image")),
        *(
            (
                16,
                day + timedelta(hours=6 * step),
                *_code(door, ("forced", "closed", "held_open", "open")[step % 4]),
            )
            for step in range(40)
        ),
        (17, day + timedelta(days=5, hours=1), *_code(bollard, "jammed")),
        (17, day + timedelta(days=5, hours=2), *_code(bollard, "raised")),
    ]


STATES = {
    **{lamp: _code("streetlight", "on") for lamp in LAMPS},
    **{camera: _code("camera", "in_service") for camera in CAMERAS},
    16: _code("access_point", "closed"),
    17: _code("bollard", "raised"),
}


@pytest.fixture
def city(engine: Engine) -> Iterator[Engine]:
    """Two communes with a little of everything, recorded without a break from 18 October 20:00 UTC."""
    with engine.begin() as connection:
        add_areas(connection, "Ouest", "Est")
        add_assets(connection, *KINDS)
        connection.execute(
            asset.update()
            .where(asset.c.id == CABINET)
            .values(attributes={"rated_kw": 2.0, "dimming_percent": 50})
        )
        connection.execute(
            asset.update().where(asset.c.id.in_(DETECTORS)).values(attributes={"speed_limit_kmh": 50})
        )
        add_streams(
            connection,
            (10, "speed", 900),
            (11, "speed", 900),
            (10, "flow", 900),
            (11, "flow", 900),
            (9, "power", 900),
        )
        connection.execute(insert(area_hour), _area_rows())
        connection.execute(insert(rollup_hour), _stream_rows())
        changes = sorted([*_lamp_changes(), *_other_changes()], key=lambda row: row[1])
        change(connection, *changes)
        known = dict(STATES)
        place = 0
        for at in pd.date_range("2026-10-18 20:00", "2026-11-02 10:00", freq="6h", tz="UTC").to_pydatetime():
            while place < len(changes) and changes[place][1] <= at:
                known[changes[place][0]] = changes[place][2:]
                place += 1
            keyframe(connection, at, dict(known))
    yield engine


def asked(domain: str, area: int | None = None, pick: str | None = None) -> Question:
    return Question(domain, area, FIRST, LAST, T0, T1, pick)


def view_of(engine: Engine, domain: str, area: int | None = None, profile: CityProfile = PROFILE) -> View:
    return Analysis(engine, profile, History(engine, PARIS)).view(asked(domain, area), NOW)


def figures(engine: Engine, kind: str, name: str) -> pd.DataFrame:
    """The rows of ``area_hour`` summed by hour, with the local day, weekday and hour of day."""
    with engine.connect() as connection:
        found = pd.read_sql(
            text(
                "SELECT bucket, n, sum FROM area_hour WHERE asset_type = :kind AND observed_property = :name"
            ),
            connection,
            params={"kind": kind, "name": name},
        )
    found = found.groupby("bucket", as_index=False)[["n", "sum"]].sum()
    local = pd.to_datetime(found["bucket"], utc=True).dt.tz_convert("Europe/Paris")
    return found.assign(day=local.dt.date, weekday=local.dt.weekday, hour=local.dt.hour)


def streams(engine: Engine, name: str) -> pd.DataFrame:
    """Hourly means of detectors, one column a detector, with weekday and hour."""
    with engine.connect() as connection:
        found = pd.read_sql(
            text(
                "SELECT d.asset_id, r.bucket, r.sum / r.n AS mean FROM rollup_hour r "
                "JOIN datastream d ON d.id = r.datastream_id WHERE d.observed_property = :name"
            ),
            connection,
            params={"name": name},
        )
    return found.pivot(index="bucket", columns="asset_id", values="mean")


def facts(view: View, panel: str) -> dict[str, float]:
    return {fact.name: fact.value for fact in view[panel].facts}


# --- lighting ------------------------------------------------------------------------------------------


def _minutes_wrong() -> dict[tuple[int, date], tuple[float, float]]:
    """Lamp and day to minutes lit by day and dark in the night after, by asking the state of every minute."""
    rows = sorted(_lamp_changes(), key=lambda row: row[1])
    lit = {_code("streetlight", s)[1] for s in ("on", "dimmed", "lit_by_day")}
    dark = {_code("streetlight", s)[1] for s in ("off", "lamp_failure", "no_supply")}
    half, found = timedelta(minutes=30), {}
    for lamp in LAMPS:
        mine = [(row[1], row[3]) for row in rows if row[0] == lamp]
        times = np.array([at.timestamp() for at, _ in mine])
        codes = np.array([code for _, code in mine])
        for day in pd.date_range("2026-10-26", "2026-11-01").date:
            (rise, fall), (morrow, _) = _sun(day), _sun(day + timedelta(days=1))
            wrong = []
            for start, stop, bad in ((rise + half, fall - half, lit), (fall + half, morrow - half, dark)):
                minutes = np.arange(start.timestamp() + 30, stop.timestamp(), 60)
                state = codes[np.searchsorted(times, minutes, "right") - 1]
                wrong.append(float(np.isin(state, list(bad)).sum()))
            found[lamp, day] = (wrong[0], wrong[1])
    return found


def test_lamps_lit_by_day_and_dark_at_night_equal_a_replay_of_every_minute(city: Engine) -> None:
    content = view_of(city, "lighting")["deviations"]
    expected = _minutes_wrong()
    days = content.daily.days if content.daily else ()
    assert days == tuple(pd.date_range("2026-10-26", "2026-11-01").date)
    assert content.daily is not None
    for name, at in (("lit_by_day", 0), ("dark_at_night", 1)):
        counts = [sum(expected[lamp, day][at] >= 10 for lamp in LAMPS) for day in days]
        assert content.daily.series[name].tolist() == counts
        assert sum(counts) > 0
    assert content.ranking is not None
    listed = {row.external_id: row.cells for row in content.ranking.rows}
    concerned = {lamp for lamp in LAMPS if any(max(expected[lamp, day]) >= 10 for day in days)}
    assert set(listed) == {f"X-{lamp}" for lamp in concerned}
    for lamp in concerned:
        dark = sum(m for day in days if (m := expected[lamp, day][1]) >= 10) / 60
        lit = sum(m for day in days if (m := expected[lamp, day][0]) >= 10) / 60
        assert listed[f"X-{lamp}"][2] == pytest.approx(dark, abs=0.05 * len(days))
        assert listed[f"X-{lamp}"][4] == pytest.approx(lit, abs=0.05 * len(days))
    assert 7 not in concerned, "five minutes are a test"


def test_lamps_concerned_are_counted_once_in_their_area(city: Engine) -> None:
    content = view_of(city, "lighting")["deviations"]
    assert content.second is not None
    by_area = {row.name: row.cells[:2] for row in content.second.rows}
    listed = [row.cells[0] for row in content.ranking.rows] if content.ranking else []
    assert by_area == {name: (listed.count(name), 4) for name in ("Ouest", "Est")}
    alone = view_of(city, "lighting", 1)["deviations"]
    assert facts({"x": alone}, "x")["lamps"] == 4


def test_compliance_equals_a_recount_over_the_hours_of_certain_night_and_day(city: Engine) -> None:
    content = view_of(city, "lighting")["compliance"]
    rows = figures(city, "streetlight", "lit_share")
    half, hour = timedelta(minutes=30), timedelta(hours=1)
    assert content.daily is not None
    lost = known = 0.0
    for at, day in enumerate(content.daily.days):
        (rise, fall), (morrow, _) = _sun(day), _sun(day + timedelta(days=1))
        for name, start, stop in (
            ("lit_by_day", rise + half, fall - half),
            ("dark_at_night", fall + half, morrow - half),
        ):
            inside = rows[(rows.bucket >= start) & (rows.bucket + hour <= stop)]
            part = inside["sum"].sum() if name == "lit_by_day" else (inside["n"] - inside["sum"]).sum()
            share = 100 * part / inside["n"].sum() if len(inside) else np.nan
            assert content.daily.series[name][at] == pytest.approx(share, nan_ok=True)
            if name == "dark_at_night":
                lost, known = lost + part, known + inside["n"].sum()
    assert facts({"x": content}, "x")["compliance"] == pytest.approx(100 * (1 - lost / known))


def test_burning_hours_by_local_day_equal_a_recount(city: Engine) -> None:
    content = view_of(city, "lighting")["burning"]
    lit, energy = figures(city, "streetlight", "lit_share"), figures(city, "control_cabinet", "energy")
    on_time = (lit["sum"] / lit["n"]).groupby(lit["day"]).sum()
    weighted = energy.groupby("day")["sum"].sum() / 2.0
    assert content.daily is not None
    assert content.daily.series["on_time"].tolist() == pytest.approx(on_time.tolist())
    assert content.daily.series["dim_weighted"].tolist() == pytest.approx(weighted.tolist())
    assert content.daily.lengths[content.daily.days.index(date(2026, 10, 25))] == 25
    rise, fall = _sun(date(2026, 10, 25))
    down = content.daily.series["sun_down"][content.daily.days.index(date(2026, 10, 25))]
    assert down == pytest.approx(25 - (fall - rise).total_seconds() / 3600)


def test_the_year_rate_leaves_out_days_with_gaps(city: Engine) -> None:
    content = view_of(city, "lighting")["burning"]
    assert content.daily is not None
    with city.connect() as connection:
        covered = pd.read_sql(
            text(
                "SELECT area_id, bucket, n, coverage FROM area_hour "
                "WHERE asset_type = 'streetlight' AND observed_property = 'lit_share'"
            ),
            connection,
        )
    weight = covered.groupby("area_id")["n"].max()
    covered["part"] = covered["coverage"] * covered["area_id"].map(weight) / weight.sum()
    local = pd.to_datetime(covered["bucket"], utc=True).dt.tz_convert("Europe/Paris").dt.date
    by_day = covered.groupby(local)["part"].sum()
    lengths = pd.Series({day: 25 if day == date(2026, 10, 25) else 24 for day in by_day.index})
    enough = (by_day / lengths >= 0.9).to_numpy()
    assert not enough[content.daily.days.index(date(2026, 10, 23))]
    told = content.daily.series["on_time"][enough]
    assert len(told) > 5
    assert facts({"x": content}, "x")["year_on_time"] == pytest.approx(365 * told.mean())


def test_the_load_of_a_cabinet_in_the_last_night_equals_a_recount(city: Engine) -> None:
    content = view_of(city, "lighting")["cabinet_load"]
    (_, fall), (rise, _) = _sun(LAST), _sun(LAST + timedelta(days=1))
    half, hour = timedelta(minutes=30), timedelta(hours=1)
    with city.connect() as connection:
        rows = pd.read_sql(
            text("SELECT bucket, sum / n AS kw FROM rollup_hour WHERE datastream_id = 5 ORDER BY bucket"),
            connection,
        )
    inside = rows[(rows.bucket >= fall + half) & (rows.bucket + hour <= rise - half)]
    local = pd.to_datetime(inside["bucket"], utc=True).dt.tz_convert("Europe/Paris").dt.hour
    expected = np.where((local >= 23) | (local < 5), 1.0, 2.0).mean()
    assert content.ranking is not None
    (row,) = content.ranking.rows
    _, measured, wanted, nominal, ratio, *_ = row.cells
    assert (measured, wanted, nominal) == pytest.approx((inside["kw"].mean(), expected, 2.0))
    assert ratio == pytest.approx(100 * inside["kw"].mean() / expected)
    assert content.hours is not None
    power = figures(city, "control_cabinet", "power")
    by_hour = (power["sum"] / power["n"]).groupby(power["hour"]).mean()
    assert content.hours.series["measured"].tolist() == pytest.approx(by_hour.tolist())


# --- traffic -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["flow", "speed"])
def test_the_week_of_hours_equals_a_pivot(city: Engine, name: str) -> None:
    content = view_of(city, "traffic")[name]
    rows = figures(city, "detector", name)
    cells = rows.groupby(["weekday", "hour"])[["n", "sum"]].sum()
    mean = (cells["sum"] / cells["n"]).unstack().to_numpy()
    assert content.week is not None
    np.testing.assert_allclose(content.week.values, mean)
    assert facts({"x": content}, "x")["mean_value"] == pytest.approx(rows["sum"].sum() / rows["n"].sum())


def test_occupancy_that_nobody_measures_says_so(city: Engine) -> None:
    assert view_of(city, "traffic")["occupancy"].empty


def _index(city: Engine) -> pd.Series:
    speed, flow = streams(city, "speed"), streams(city, "flow").reindex(streams(city, "speed").index)
    local = pd.to_datetime(speed.index, utc=True).tz_convert("Europe/Paris")
    working = local.weekday < 5
    by_day = ((local.hour >= 9) & (local.hour < 16)) | ((local.hour >= 19) & (local.hour < 22))
    calm = np.where(working, by_day, (local.hour >= 6) & (local.hour < 22))
    free = speed[calm].quantile(0.85)
    ratio = (free / speed).clip(lower=1)
    weight = flow.where(ratio.notna())
    return (ratio * weight).sum(axis=1) / weight.sum(axis=1)


def test_the_travel_time_index_by_hour_equals_a_recount(city: Engine) -> None:
    content = view_of(city, "traffic")["travel_time"]
    index = _index(city)
    local = pd.to_datetime(index.index, utc=True).tz_convert("Europe/Paris")
    working = index[local.weekday < 5]
    hours = local.hour[local.weekday < 5]
    assert content.hours is not None
    assert content.hours.series["working_days"].tolist() == pytest.approx(
        working.groupby(hours).mean().tolist()
    )
    assert content.hours.series["planning_time"].tolist() == pytest.approx(
        working.groupby(hours).quantile(0.95).tolist()
    )


def test_the_classes_by_hour_equal_a_recount(city: Engine) -> None:
    content = view_of(city, "traffic")["classes"]
    speed = streams(city, "speed")
    hours = pd.to_datetime(speed.index, utc=True).tz_convert("Europe/Paris").hour
    ratio = speed / 50
    assert content.hours is not None
    for name, marked in (
        ("congested", ratio < 0.3),
        ("heavy", (ratio >= 0.3) & (ratio <= 0.7)),
        ("free_flow", ratio > 0.7),
        ("no_data", ratio.isna()),
    ):
        expected = (
            100 * marked.groupby(hours).sum().sum(axis=1) / (2 * pd.Series(hours).value_counts().sort_index())
        )
        assert content.hours.series[name].tolist() == pytest.approx(expected.tolist())


def test_the_fundamental_diagram_holds_every_hour_with_flow_and_speed_of_the_point_picked(
    city: Engine,
) -> None:
    analysis = Analysis(city, PROFILE, History(city, PARIS))
    content = analysis.view(asked("traffic", pick="X-10"), NOW)["fundamental"]
    both = pd.DataFrame({"v": streams(city, "speed")[10], "q": streams(city, "flow")[10]}).dropna()
    density, speed = content.clouds
    assert sorted(density.x.tolist()) == pytest.approx(sorted((both.q / both.v).tolist()))
    assert sorted(speed.y.tolist()) == pytest.approx(sorted(both.v.tolist()))
    assert not density.dense


# --- surveillance --------------------------------------------------------------------------------------


def test_availability_by_day_and_area_equals_a_recount(city: Engine) -> None:
    view = view_of(city, "surveillance")
    rows = figures(city, "camera", "fault_share")
    by_day = rows.groupby("day")[["n", "sum"]].sum()
    content = view["availability"]
    assert content.daily is not None
    assert content.daily.series["available"].tolist() == pytest.approx(
        (100 * (1 - by_day["sum"] / by_day["n"])).tolist()
    )
    whole = 100 * (1 - rows["sum"].sum() / rows["n"].sum())
    assert facts(view, "availability")["availability"] == pytest.approx(whole)
    areas = view["camera_areas"].second
    assert areas is not None
    assert [row.cells[0] for row in areas.rows] == sorted(row.cells[0] for row in areas.rows)
    with city.connect() as connection:
        expected = dict(
            connection.execute(
                text(
                    "SELECT a.name, 100 * (1 - sum(h.sum) / sum(h.n)) FROM area_hour h "
                    "JOIN area a ON a.id = h.area_id "
                    "WHERE asset_type = 'camera' GROUP BY a.name"
                )
            ).all()
        )
    assert {row.name: row.cells[0] for row in areas.rows} == pytest.approx(expected)


def test_outages_begin_and_end_where_the_changes_say(city: Engine) -> None:
    view = view_of(city, "surveillance")
    outages, cameras = view["outages"].ranking, view["cameras"].ranking
    assert outages is not None
    assert cameras is not None
    day = datetime(2026, 10, 20, tzinfo=UTC)
    told = {(row.external_id, row.cells[2]): (row.cells[1], row.cells[4]) for row in outages.rows}
    assert told == {
        ("X-12", day): ("@camera.no_image", 5.0),
        ("X-13", day + timedelta(days=8, hours=1)): ("@camera.no_contact", 0.5),
        ("X-13", T1 - timedelta(hours=2)): ("@camera.no_image", 2.0),
    }
    hours = (T1 - T0) / timedelta(hours=1)
    by_camera = {row.external_id: row.cells[1:] for row in cameras.rows}
    assert by_camera["X-12"] == pytest.approx((100 * (1 - 5 / hours), 5.0, 0.0, 1, 5.0))
    assert by_camera["X-13"] == pytest.approx((100 * (1 - 2.5 / hours), 2.5, 4.0, 2, 2.0))
    assert facts(view, "outages")["still_down"] == 1


def test_what_was_not_recorded_is_not_counted_as_available(city: Engine) -> None:
    """A day without keyframes and changes: known hours shrink, outages do not grow."""
    with city.begin() as connection:
        bounds = {"a": datetime(2026, 10, 26, 3, tzinfo=UTC), "b": datetime(2026, 10, 27, 7, tzinfo=UTC)}
        for table, column in (("state_keyframe", "at"), ("state_change", "phenomenon_time")):
            connection.execute(text(f"DELETE FROM {table} WHERE {column} > :a AND {column} < :b"), bounds)
        evidence = connection.execute(
            text(
                "SELECT max(at) FILTER (WHERE at <= :a), min(at) FILTER (WHERE at >= :b) FROM ("
                "SELECT at FROM state_keyframe UNION SELECT phenomenon_time FROM state_change) e"
            ),
            bounds,
        ).one()
    content = view_of(city, "surveillance")["cameras"]
    away = (evidence[1] - evidence[0]) / (T1 - T0)
    assert content.read.coverage == pytest.approx(1 - away, abs=0.02)
    assert content.read.coverage < 0.95
    assert content.ranking is not None
    down = {row.external_id: row.cells[2] for row in content.ranking.rows}
    assert down == pytest.approx({"X-12": 5.0, "X-13": 2.5})


# --- energy --------------------------------------------------------------------------------------------


def test_consumption_degree_days_and_signature_equal_a_recount(city: Engine) -> None:
    view = view_of(city, "energy")
    kwh = figures(city, "meter", "energy").groupby("day")["sum"].sum()
    warmth = figures(city, "building", "outdoor_temperature")
    mean = (warmth["sum"] / warmth["n"]).groupby(warmth["day"])
    degrees = (18 - (mean.min() + mean.max()) / 2).clip(lower=0)
    degrees[date(2026, 10, 23)] = np.nan  # twelve hours are missing
    content = view["consumption"]
    assert content.daily is not None
    assert content.daily.series["kwh"].tolist() == pytest.approx(kwh.tolist())
    assert content.daily.series["degree_days"].tolist() == pytest.approx(degrees.tolist(), nan_ok=True)
    there = (content.daily.coverage >= 0.9) & degrees.notna().to_numpy()
    assert there.sum() >= 10
    slope, base = np.polyfit(degrees[there], kwh[there], 1)
    assert facts(view, "signature")["slope"] == pytest.approx(slope)
    assert facts(view, "signature")["base_kwh"] == pytest.approx(base)
    r2 = np.corrcoef(degrees[there], kwh[there])[0, 1] ** 2
    assert facts(view, "signature")["r2"] == pytest.approx(r2)
    enough = kwh[content.daily.coverage >= 0.9]
    weekend = [day.weekday() >= 5 for day in enough.index]
    share = 100 * enough[weekend].sum() / enough.sum()
    assert facts(view, "consumption")["weekend_share"] == pytest.approx(share)


def test_the_base_load_is_that_of_one_to_five(city: Engine) -> None:
    rows = figures(city, "meter", "energy")
    night = rows[(rows.hour >= 1) & (rows.hour < 5)]["sum"].mean()
    found = facts(view_of(city, "energy"), "load_profile")
    assert found["base_kw"] == pytest.approx(night)
    assert found["base_share"] == pytest.approx(100 * night / rows["sum"].mean())


def test_without_a_temperature_the_signature_says_what_it_wants(city: Engine) -> None:
    with city.begin() as connection:
        connection.execute(text("DELETE FROM area_hour WHERE observed_property = 'outdoor_temperature'"))
    view = view_of(city, "energy")
    assert (view["signature"].empty, view["signature"].why) == (True, "no_temperature")
    assert not view["consumption"].empty


# --- access --------------------------------------------------------------------------------------------


def _events() -> pd.DataFrame:
    kinds = {(16, 3): "forced", (16, 4): "held_open", (17, 3): "jammed"}
    rows = [
        (row[0], row[1], kinds[row[0], row[3]])
        for row in _other_changes()
        if (row[0], row[3]) in kinds and T0 <= row[1] < T1
    ]
    found = pd.DataFrame(rows, columns=["door", "at", "kind"])
    local = pd.to_datetime(found["at"], utc=True).dt.tz_convert("Europe/Paris")
    return found.assign(hour=local.dt.hour, weekday=local.dt.weekday, day=local.dt.date)


def test_events_by_hour_weekday_and_door_equal_a_recount(city: Engine) -> None:
    view, events = view_of(city, "access"), _events()
    alarms, doors = view["alarms"], view["doors"].ranking
    assert alarms.hours is not None
    assert alarms.second is not None
    assert doors is not None
    for kind in ("forced", "held_open", "jammed"):
        mine = events[events.kind == kind]
        counts = mine.groupby("hour").size().reindex(range(24), fill_value=0).tolist()
        assert alarms.hours.series[kind].tolist() == counts
        assert facts(view, "alarms")[kind] == len(mine)
        column = [name for name, _, _ in alarms.second.columns].index(kind)
        by_weekday = mine.groupby("weekday").size().reindex(range(7), fill_value=0).tolist()
        assert [row.cells[column] for row in alarms.second.rows] == by_weekday
    assert {row.external_id: row.cells[1] for row in doors.rows} == {
        f"X-{door}": count for door, count in events.groupby("door").size().items()
    }


def test_openings_of_doors_and_bollards_add_up(city: Engine) -> None:
    rows = pd.concat([figures(city, kind, "openings") for kind in ("access_point", "bollard")])
    hourly = rows.groupby(["bucket", "weekday", "hour"], as_index=False)["sum"].sum()
    content = view_of(city, "access")["openings"]
    assert content.week is not None
    np.testing.assert_allclose(
        content.week.values, hourly.pivot_table(index="weekday", columns="hour", values="sum")
    )
    assert facts({"x": content}, "x")["openings"] == pytest.approx(rows["sum"].sum())


# --- the question --------------------------------------------------------------------------------------


@pytest.mark.parametrize("domain", DOMAINS_SHOWN)
def test_an_empty_city_is_answered_with_empty_panels(engine: Engine, domain: str) -> None:
    found = view_of(engine, domain)
    assert [key for key, content in found.items() if not content.empty] == []


@pytest.mark.parametrize("domain", DOMAINS_SHOWN)
def test_an_area_alone_is_answered_too(city: Engine, domain: str) -> None:
    for content in view_of(city, domain, 1).values():
        for ranking in (content.ranking, content.second):
            assert ranking is None or _only_of(ranking, "Ouest")


def _only_of(ranking: Ranking, area: str) -> bool:
    at = next((i for i, column in enumerate(ranking.columns) if column[0] == "area"), None)
    return all(at is None or row.cells[at] == area for row in ranking.rows)


def test_an_impossible_question_is_refused(engine: Engine) -> None:
    analysis = Analysis(engine, PROFILE, History(engine, PARIS))
    with pytest.raises(BadRequest):
        analysis.view(Question("weather", None, FIRST, LAST, T0, T1))
    with pytest.raises(BadRequest):
        analysis.view(Question("traffic", None, date(2020, 1, 1), LAST, T0, T1))


def test_answers_are_kept_for_the_next_who_asks(city: Engine) -> None:
    analysis = Analysis(city, PROFILE, History(city, PARIS))
    assert analysis.view(asked("access")) is analysis.view(asked("access"))
