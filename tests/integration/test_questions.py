"""Every figure of every question equals a recount by SQL: long and short days, gaps, corrections, archive."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, text

from model.answers import QUANTILES
from model.errors import BadRequest, TooBroad, Unavailable
from model.series import Asked
from services.history import YEAR, Archive, History, roll_up_dirty
from tests.integration.small_city import PARIS, add_areas, add_assets, add_streams, observe

pytestmark = pytest.mark.servers
QUARTER = timedelta(minutes=15)
PERIODS = {
    "25 hours": (datetime(2025, 10, 23, 22, tzinfo=UTC), datetime(2025, 10, 27, 23, tzinfo=UTC)),
    "23 hours": (datetime(2026, 3, 26, 23, tzinfo=UTC), datetime(2026, 3, 30, 22, tzinfo=UTC)),
}
FIXED_AT = 40
"""The quarter of each period whose reading is corrected; the next one is declared to say nothing."""


@pytest.fixture(params=PERIODS, scope="module")
def span(request: pytest.FixtureRequest) -> tuple[datetime, datetime]:
    return PERIODS[request.param]


@pytest.fixture(params=["hot", "archived"])
def asked_of(
    request: pytest.FixtureRequest, engine: Engine, span: tuple[datetime, datetime], tmp_path: Path
) -> tuple[Engine, History]:
    """Meters and cabinets in two communes, four local days with gaps and corrections, a week apart twice."""
    t0, t1 = span
    random = np.random.default_rng(11)
    with engine.begin() as connection:
        add_areas(connection, "Aubeterre", "Bellerive")
        add_assets(
            connection, ("meter", 1), ("meter", 1), ("meter", 2), ("meter", None), ("control_cabinet", 1)
        )
        add_streams(
            connection, (1, "energy", 900), (2, "energy", 900), (3, "energy", 900), (4, "energy", 900),
            (5, "power", 900), (1, "power", 900),
        )  # fmt: skip
        for begin, end in ((t0, t1), (t0 - timedelta(days=7), t1 - timedelta(days=7))):
            count = (end - begin) // QUARTER
            for stream in (1, 2, 3, 4, 5):
                gap = set(range(50, 71)) if stream in (1, 3) else set()
                rows = [
                    (begin + QUARTER * q, float(random.normal(40, 9))) for q in range(count) if q not in gap
                ]
                observe(connection, stream, rows)
        connection.execute(
            text(
                "INSERT INTO correction (datastream_id, phenomenon_time, result, author, reason) VALUES "
                "(1, :wrong, 500, 'A', 'r'), (1, :silent, NULL, 'A', 'r'), (5, :wrong, 0, 'A', 'r')"
            ),
            {"wrong": t0 + QUARTER * FIXED_AT, "silent": t0 + QUARTER * (FIXED_AT + 1)},
        )
        _true_readings(connection)
    while roll_up_dirty(engine, PARIS, 2_000):
        pass
    if request.param == "archived":
        assert len(Archive(engine, tmp_path).run(datetime(2026, 9, 1, tzinfo=UTC), 2)) > 7
    return engine, History(engine, PARIS, tmp_path)


def _true_readings(connection: Any) -> None:
    """What the readings are, written down apart by the test's own SQL, before anything is archived."""
    connection.execute(
        text(
            """
            CREATE TABLE truth AS
            SELECT o.datastream_id, o.phenomenon_time AS at,
                   CASE WHEN c.id IS NULL THEN o.result ELSE c.result END AS result,
                   o.phenomenon_time AT TIME ZONE 'Europe/Paris' AS local
            FROM observation o LEFT JOIN correction c USING (datastream_id, phenomenon_time)
            WHERE c.id IS NULL OR c.result IS NOT NULL
            """
        )
    )


def _recount(engine: Engine, question: str, **values: object) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text(question), values).all())


HOURLY = """
    WITH hour AS (
        SELECT date_trunc('hour', at) AS bucket, sum(result) AS sum, avg(result) AS mean, count(*) AS n
        FROM truth WHERE datastream_id = ANY (:streams) AND at >= :t0 AND at < :t1 GROUP BY 1
    )
"""


def test_raw_readings(asked_of: tuple[Engine, History], span: tuple[datetime, datetime]) -> None:
    engine, history = asked_of
    found = history.series(1, "energy", *span, by="raw")
    rows = _recount(
        engine,
        "SELECT extract(epoch FROM at)::float8, result FROM truth WHERE datastream_id = 1 AND at >= :t0 "
        "ORDER BY 1",
        t0=span[0],
    )
    there = np.isfinite(found.values)
    assert list(zip(found.times[there].tolist(), found.values[there].tolist(), strict=True)) == [
        tuple(row) for row in rows
    ]
    quarters = (span[1] - span[0]) / QUARTER
    assert found.coverage == pytest.approx(len(rows) / quarters)
    assert int((~there).sum()) == 1, "one gap: 21 quarters; a single missing one is no silence"
    assert found.used.rows >= len(rows)


def test_a_profile_by_weekday_and_hour(
    asked_of: tuple[Engine, History], span: tuple[datetime, datetime]
) -> None:
    engine, history = asked_of
    for asked, streams, figure in (
        (Asked("energy", *span, asset_id=1), [1], "sum"),
        (Asked("power", *span, asset_id=5), [5], "mean"),
        (Asked("energy", *span, asset_type="meter"), [1, 2, 3, 4], "sum"),
        (Asked("energy", *span, asset_type="meter", area_id=1), [1, 2], "sum"),
    ):
        found = history.profile(asked)
        rows = _recount(
            engine,
            HOURLY + f"""
            SELECT extract(isodow FROM local) - 1, extract(hour FROM local), avg({figure}), count(*)
            FROM hour, LATERAL (SELECT bucket AT TIME ZONE 'Europe/Paris' AS local) l GROUP BY 1, 2""",
            streams=streams, t0=span[0], t1=span[1],
        )  # fmt: skip
        cells, hours = np.full((7, 24), np.nan), np.zeros((7, 24), "i8")
        for weekday, hour, mean, count in rows:
            cells[int(weekday), int(hour)], hours[int(weekday), int(hour)] = mean, count
        np.testing.assert_allclose(found.cells, cells)
        np.testing.assert_array_equal(found.hours, hours)
        by_hour = _recount(
            engine,
            HOURLY + f"""SELECT extract(hour FROM bucket AT TIME ZONE 'Europe/Paris'), avg({figure})
            FROM hour GROUP BY 1 ORDER BY 1""",
            streams=streams, t0=span[0], t1=span[1],
        )  # fmt: skip
        np.testing.assert_allclose(found.by_hour, [row[1] for row in by_hour])
        assert found.used.tables == (("rollup_hour",) if asked.asset_id else ("area_hour",))
        assert 0.8 < found.coverage <= 1


def test_a_comparison_with_the_week_before(
    asked_of: tuple[Engine, History], span: tuple[datetime, datetime]
) -> None:
    engine, history = asked_of
    for asked, streams, figure in (
        (Asked("energy", *span, asset_id=1), [1], "sum"),
        (Asked("power", *span, asset_id=5), [5], "mean"),
        (Asked("energy", *span, asset_type="meter", area_id=2), [3], "sum"),
    ):
        found = history.compare(asked)
        rows = _recount(
            engine,
            HOURLY.replace("at >= :t0 AND at < :t1", "true")
            + f"""
            , pair AS (
                SELECT now.{figure} AS now, earlier.{figure} AS earlier FROM hour now JOIN hour earlier
                  ON earlier.bucket AT TIME ZONE 'Europe/Paris'
                   = (now.bucket AT TIME ZONE 'Europe/Paris') - interval '7 days'
                 AND NOT EXISTS (SELECT FROM hour twin WHERE twin.bucket = now.bucket - interval '1 hour'
                     AND twin.bucket AT TIME ZONE 'Europe/Paris' = now.bucket AT TIME ZONE 'Europe/Paris')
                WHERE now.bucket >= :t0 AND now.bucket < :t1
            )
            SELECT count(*), {"sum" if figure == "sum" else "avg"}(now),
                   {"sum" if figure == "sum" else "avg"}(earlier) FROM pair
            """,
            streams=streams, t0=span[0], t1=span[1],
        )  # fmt: skip
        paired, now, earlier = rows[0]
        assert found.paired == paired
        assert (found.total_now, found.total_then) == (pytest.approx(now), pytest.approx(earlier))
        assert found.change == pytest.approx(now - earlier)
        assert found.percent == pytest.approx(100 * (now - earlier) / earlier)


def test_a_comparison_without_a_past_says_so(
    asked_of: tuple[Engine, History], span: tuple[datetime, datetime]
) -> None:
    _, history = asked_of
    found = history.compare(Asked("energy", *span, asset_id=1), YEAR)
    assert (found.paired, found.coverage_then) == (0, 0.0)
    assert np.isnan(found.total_now) and np.isnan(found.change)
    with pytest.raises(BadRequest):
        history.compare(Asked("energy", *span, asset_id=1), 0)


@pytest.mark.parametrize("lowest", [False, True])
@pytest.mark.parametrize("days", [4, 1])
def test_rankings(
    asked_of: tuple[Engine, History], span: tuple[datetime, datetime], lowest: bool, days: int
) -> None:
    engine, history = asked_of
    t0, t1 = span if days == 4 else (span[0] + timedelta(days=2), span[0] + timedelta(days=3))
    order = "ASC" if lowest else "DESC"
    assets = history.rank("meter", "energy", t0, t1, most=3, lowest=lowest)
    rows = _recount(
        engine,
        f"""SELECT d.asset_id, sum(result), count(*) FROM truth t JOIN datastream d ON d.id = t.datastream_id
        JOIN asset a ON a.id = d.asset_id
        WHERE d.observed_property = 'energy' AND a.asset_type = 'meter' AND at >= :t0 AND at < :t1
        GROUP BY 1 ORDER BY 2 {order} LIMIT 3""",
        t0=t0, t1=t1,
    )  # fmt: skip
    assert [(p.id, p.n) for p in assets.places] == [(row[0], row[2]) for row in rows]
    assert [p.value for p in assets.places] == pytest.approx([row[1] for row in rows])
    hours = (t1 - t0) / timedelta(hours=1)
    assert [p.coverage for p in assets.places] == pytest.approx([row[2] / (4 * hours) for row in rows])
    assert (assets.ranked, assets.silent) == (4, 0)
    areas = history.rank("meter", "energy", t0, t1, of="area", most=2, lowest=lowest)
    rows = _recount(
        engine,
        f"""SELECT coalesce(commune_id, 0), sum(result)
        FROM truth t JOIN datastream d ON d.id = t.datastream_id JOIN asset a ON a.id = d.asset_id
        WHERE d.observed_property = 'energy' AND a.asset_type = 'meter' AND at >= :t0 AND at < :t1
        GROUP BY 1 ORDER BY 2 {order} LIMIT 2""",
        t0=t0, t1=t1,
    )  # fmt: skip
    assert [p.id for p in areas.places] == [row[0] for row in rows]
    assert [p.value for p in areas.places] == pytest.approx([row[1] for row in rows])


def test_distributions(asked_of: tuple[Engine, History], span: tuple[datetime, datetime]) -> None:
    engine, history = asked_of
    for asked, question in (
        (
            Asked("power", *span, asset_id=5),
            "SELECT result AS v FROM truth WHERE datastream_id = 5 AND at >= :t0 AND at < :t1",
        ),
        (
            Asked("energy", *span, asset_type="meter", area_id=1),
            "SELECT sum(result) AS v FROM truth WHERE datastream_id IN (1, 2) AND at >= :t0 AND at < :t1 "
            "GROUP BY datastream_id, date_trunc('hour', at)",
        ),
    ):
        found = history.distribution(asked, bins=8)
        quantiles = ", ".join(f"percentile_cont({q}) WITHIN GROUP (ORDER BY v)" for q in QUANTILES)
        (row,) = _recount(
            engine, f"SELECT count(*), avg(v), min(v), max(v), {quantiles} FROM ({question}) t",
            t0=span[0], t1=span[1],
        )  # fmt: skip
        assert (found.n, found.mean) == (row[0], pytest.approx(row[1]))
        assert (found.edges[0], found.edges[-1]) == (pytest.approx(row[2]), pytest.approx(row[3]))
        assert found.quantiles.tolist() == pytest.approx(list(row[4:]))
        counts = dict(
            _recount(
                engine,
                f"SELECT least(8, width_bucket(v, :low, :high, 8)), count(*) FROM ({question}) t GROUP BY 1",
                t0=span[0], t1=span[1], low=float(found.edges[0]), high=float(found.edges[-1]),
            )
        )  # fmt: skip
        assert found.counts.tolist() == [counts.get(place, 0) for place in range(1, 9)]


def test_a_day_of_an_area_and_of_a_city(
    asked_of: tuple[Engine, History], span: tuple[datetime, datetime]
) -> None:
    engine, history = asked_of
    first = span[0].astimezone(PARIS).date()
    for area, streams in ((1, [1, 2]), (None, [1, 2, 3, 4])):
        found = history.area_days("meter", "energy", first, first + timedelta(days=3), area)
        rows = _recount(
            engine,
            "SELECT local::date, count(*), sum(result), min(result), max(result) FROM truth "
            "WHERE datastream_id = ANY (:streams) AND at >= :t0 AND at < :t1 GROUP BY 1 ORDER BY 1",
            streams=streams, t0=span[0], t1=span[1],
        )  # fmt: skip
        assert [(d.day, d.n, d.min, d.max) for d in found] == [(r[0], r[1], r[3], r[4]) for r in rows]
        assert [d.sum for d in found] == pytest.approx([row[2] for row in rows])
        counted = history.counted_days("meter", "energy", first, first + timedelta(days=3), area)
        assert [(d.day, d.n, d.min, d.max) for d in counted] == [(r[0], r[1], r[3], r[4]) for r in rows]
        assert [d.sum for d in counted] == pytest.approx([row[2] for row in rows])
        assert [d.coverage for d in counted] == pytest.approx([d.coverage for d in found])
    whole = [d.coverage for d in history.area_days("meter", "energy", first, first + timedelta(days=3), 1)]
    assert whole[2:] == [1.0, 1.0], "23, 24 or 25 hours, all of them received"


# --- questions that are refused, with a better one ----------------------------------------------------------


def test_a_question_that_would_run_for_minutes_is_answered_with_a_better_one(engine: Engine) -> None:
    with engine.begin() as connection:
        add_assets(connection, ("meter", None))
        add_streams(connection, (1, "energy", 1))
        connection.execute(
            text(
                "INSERT INTO asset (id, external_id, source, domain, asset_type, name, geometry) "
                "SELECT i, 'Y-' || i, 'test', 'energy', 'meter', 'm', 'SRID=4326;POINT(5 47)' "
                "FROM generate_series(100, 20000) AS i"
            )
        )
        connection.execute(
            text(
                "INSERT INTO datastream (id, asset_id, observed_property, unit, period_s) "
                "SELECT i, i, 'energy', 'kWh', 900 FROM generate_series(100, 20000) AS i"
            )
        )
    history = History(engine, PARIS)
    t1 = datetime(2026, 6, 1, tzinfo=UTC)
    t0 = t1 - timedelta(days=365)
    with pytest.raises(TooBroad) as raw:
        history.series(1, "energy", t0, t1, by="raw")
    assert raw.value.better["by"] == "hour"
    nearer = datetime.fromisoformat(str(raw.value.better["t0"]))
    assert t0 < nearer < t1
    assert history.series(1, "energy", nearer, t1, by="raw").empty
    assert history.series(1, "energy", t0, t1, by="hour").empty
    with pytest.raises(TooBroad) as ranked:
        history.rank("meter", "energy", t0, t1)
    assert ranked.value.better["of"] == "area"
    assert history.rank("meter", "energy", t0, t1, of="area").ranked == 0
    nearer = datetime.fromisoformat(str(ranked.value.better["t0"]))
    assert history.rank("meter", "energy", nearer, t1).silent == 19_902
    with pytest.raises(TooBroad) as spread:
        history.distribution(Asked("energy", t0, t1, asset_type="meter"))
    nearer = datetime.fromisoformat(str(spread.value.better["t0"]))
    assert history.distribution(Asked("energy", nearer, t1, asset_type="meter")).n == 0


def test_what_is_archived_cannot_be_asked_of_a_history_without_archive(
    engine: Engine, tmp_path: Path
) -> None:
    at = datetime(2025, 11, 3, tzinfo=UTC)
    with engine.begin() as connection:
        add_assets(connection, ("meter", None))
        add_streams(connection, (1, "energy", 900))
        observe(connection, 1, [(at, 1.0)])
    while roll_up_dirty(engine, PARIS):
        pass
    Archive(engine, tmp_path).run(at + timedelta(days=30), 2)
    with pytest.raises(Unavailable, match="VIGIE_ARCHIVE"):
        History(engine, PARIS).series(1, "energy", at, at + timedelta(hours=1), by="raw")
    found = History(engine, PARIS, tmp_path).series(1, "energy", at, at + timedelta(hours=1))
    assert (found.values.tolist(), found.source, found.used.tables) == ([1.0], "raw", ("archive",))


def test_a_thinned_series_keeps_every_extreme_that_shows(engine: Engine) -> None:
    at = datetime(2025, 11, 3, tzinfo=UTC)
    random = np.random.default_rng(2)
    with engine.begin() as connection:
        add_assets(connection, ("meter", None))
        add_streams(connection, (1, "energy", 60))
        rows = [(at + timedelta(minutes=n), float(v)) for n, v in enumerate(random.normal(50, 5, 6000))]
        rows[2345] = (rows[2345][0], 900.0)
        del rows[4000:4800]
        observe(connection, 1, rows)
    found = History(engine, PARIS).series(1, "energy", at, at + timedelta(days=5), by="raw", points=400)
    assert found.thinned
    assert 200 < len(found) <= 400
    assert np.nanmax(found.values) == 900.0
    assert np.nanmin(found.values) == min(value for _, value in rows)
    assert int(np.isnan(found.values).sum()) == 1
    kept = {(at.timestamp(), value) for at, value in rows}
    there = np.isfinite(found.values)
    assert set(zip(found.times[there].tolist(), found.values[there].tolist(), strict=True)) <= kept
    whole = History(engine, PARIS).series(1, "energy", at, at + timedelta(days=5), by="raw")
    assert whole.coverage == found.coverage
    assert not whole.thinned
