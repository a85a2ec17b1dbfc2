"""The figures of alarm quality against an independent recount by SQL, and against bins known by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import Engine, text

from model.alarm_quality import Position
from model.errors import BadProfile
from services.alarms.desk import FloodSettings
from services.alarms.quality import positions_of, quality, rules_quality
from tests.alarms_made_up import add_rule
from tests.integration.small_city import add_areas, add_assets

pytestmark = pytest.mark.servers

PARIS = ZoneInfo("Europe/Paris")
T0 = datetime(2025, 10, 5, 22, tzinfo=UTC)
T1 = T0 + timedelta(days=30, hours=1)
"""A month of the city's local days with the night of 25 hours, 2025-10-26."""
ROOM = Position("")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def city(engine: Engine) -> Engine:
    with engine.begin() as connection:
        add_areas(connection, "Valmont", "Argilly")
        add_assets(connection, *[("streetlight", 1 + n % 2) for n in range(8)], ("camera", 1))
        add_rule(connection, "streetlight.lamp_failure", T0, priority=4)
        add_rule(connection, "camera.no_image", T0, priority=2, domain="surveillance")
        for n in range(3):
            connection.execute(
                text("INSERT INTO alarm_watch (began_at, ended_at) VALUES (:a, :b)"),
                {"a": T0 + n * timedelta(days=10), "b": T0 + n * timedelta(days=10) + timedelta(days=9)},
            )
    return engine


def raised(engine: Engine, at: datetime, asset: int = 1, lasts: timedelta = HOUR,
           answered: timedelta | None = None, **values: Any) -> int:  # fmt: skip
    """An alarm shown at ``at``, over after ``lasts``, acknowledged after ``answered``; with its lines."""
    key = "camera.no_image" if asset == 9 else "streetlight.lamp_failure"
    told = {
        "asset": asset, "key": key, "at": at, "over": at + lasts, "ack": answered and at + answered,
        "shown": at, "confirmed": None, **values,
    }  # fmt: skip
    with engine.begin() as connection:
        made = connection.scalar(
            text(
                """
                INSERT INTO alarm (rule_id, rule_version, alarm_class, asset_id, commune_id, domain,
                    asset_type, priority, severity,
                    raised_at, noticed_at, annunciated_at, last_raised_at, returned_at,
                    acknowledged_at, confirmed_at, closed_at)
                SELECT r.id, 1, r.key, s.id, s.commune_id, s.domain, s.asset_type,
                    CASE r.key WHEN 'camera.no_image' THEN 2 ELSE 4 END, 2, :at, :at,
                    CAST(:shown AS timestamptz),
                    :at, :over, CAST(:ack AS timestamptz), CAST(:confirmed AS timestamptz), :over
                FROM alarm_rule r, asset s WHERE r.key = :key AND s.id = :asset RETURNING id
                """
            ),
            told,
        )
        lines = [("raised", at), *([("acknowledged", told["ack"])] if answered else [])]
        for kind, when in lines:
            connection.execute(
                text("INSERT INTO alarm_event (alarm_id, at, kind) VALUES (:id, :at, :kind)"),
                {"id": made, "at": when, "kind": kind},
            )
    return int(str(made))


def figures(engine: Engine, position: Position = ROOM, t0: datetime = T0, t1: datetime = T1) -> Any:
    return quality(engine, position, t0, t1, PARIS, FloodSettings())


@pytest.mark.parametrize(("count", "floods"), [(10, 0), (11, 1)])
def test_a_flood_begins_above_ten_and_ends_below_five(city: Engine, count: int, floods: int) -> None:
    begin = datetime(2025, 10, 7, 8, 0, tzinfo=UTC)
    for n in range(count):
        raised(city, begin + n * timedelta(seconds=50))
    for bin_, more in enumerate((6, 5, 4, 9), start=1):
        for n in range(more):
            raised(city, begin + bin_ * 10 * MINUTE + n * timedelta(seconds=50))
    found = figures(city)
    assert len(found.floods) == floods
    if floods:
        (flood,) = found.floods
        assert (flood.begin, flood.end - flood.begin) == (begin, 30 * MINUTE)
        assert (flood.count, flood.peak) == (22, 11)
        assert found.in_flood == pytest.approx(30 / (27 * 1440)), "of the time watched"
    assert (found.peak_bin, found.peak_bin_at) == (count, begin)


def test_the_night_of_25_hours_has_150_bins(city: Engine) -> None:
    night = datetime(2025, 10, 25, 22, tzinfo=UTC)
    for hours in (2.5, 3.5):
        raised(city, night + hours * HOUR)
    found = figures(city, t0=night, t1=night + 25 * HOUR)
    assert len(found.bins) == 150
    assert [place for place, n in enumerate(found.bins) if n] == [15, 21], "02:30 twice, in two bins"


def test_chattering_fleeting_and_stale_are_told_apart(city: Engine) -> None:
    at = T0 + timedelta(days=2)
    for second in (0, 25, 60, 300):
        raised(city, at + timedelta(seconds=second), 2, lasts=timedelta(seconds=5))
    for second in (0, 30, 61):
        raised(city, at + timedelta(seconds=second), 3, lasts=timedelta(seconds=60))
    raised(city, at, 4, lasts=timedelta(hours=24))
    raised(city, at, 5, lasts=timedelta(hours=24, seconds=1))
    found = figures(city)
    assert [(one.asset, one.count) for one in found.chattering] == [("X-2", 1)]
    assert (found.fleeting, found.stale) == (4, 1)


def test_what_began_while_nobody_watched_is_in_no_rate(city: Engine) -> None:
    """The engine finds it all at once when it comes back: load then, and no rate of the time before."""
    back = T0 + timedelta(days=10)
    for n in range(27):
        raised(city, T0 + n * HOUR, 1)
    for n in range(9):
        raised(city, back - 2 * HOUR, 1 + n % 8, shown=back + n * timedelta(seconds=5))
    raised(city, T0 - HOUR, 2, shown=T0 + MINUTE)
    raised(city, back - HOUR, 3, shown=back - HOUR)
    found = figures(city)
    assert (found.total, found.unwatched, found.peak_bin) == (38, 11, 9)
    assert (found.per_day, found.per_hour) == pytest.approx((1.0, 1 / 24))
    assert found.watched == pytest.approx(27 * 24 / (30 * 24 + 1))


def test_stale_is_told_of_the_worst_day(city: Engine) -> None:
    """Three that are older than a day on one local day, though none of them on every day of the month."""
    for days, lasts in ((0, 4), (1, 3), (2, 2), (12, 2), (29, 9)):
        raised(city, T0 + timedelta(days=days), 1 + days % 8, lasts=timedelta(days=lasts, minutes=-1))
    assert figures(city).stale == 3


def test_the_figures_of_each_class_are_those_of_the_board(city: Engine) -> None:
    for n in range(12):
        raised(city, T0 + n * HOUR, 1 + n % 2, lasts=timedelta(seconds=30 if n < 5 else 600))
    camera = raised(city, T0, 9, confirmed=T0 + MINUTE)
    _happen(city, camera, T0)
    lamp, image = figures(city).rules
    assert (lamp.key, lamp.alarms, lamp.fleeting, lamp.acted, lamp.rated) == (
        "streetlight.lamp_failure", 12, 5, 0, 0
    )  # fmt: skip
    assert (image.key, image.alarms, image.acted, image.rated, image.useless) == (
        "camera.no_image",
        1,
        1,
        1,
        1,
    )
    assert (lamp.per_day, lamp.share) == pytest.approx((12 / 27, 12 / 13))
    assert rules_quality(city, T0, T1) == (lamp, image)


def test_positions_are_measured_for_themselves(city: Engine) -> None:
    for n in range(6):
        raised(city, T0 + n * HOUR, 1 + n % 2)
    raised(city, T0, 9)
    assert figures(city).total == 7
    assert figures(city, Position("p", frozenset({"surveillance"}))).total == 1
    assert figures(city, Position("p", None, frozenset({"1"}))).total == 4
    declared = {"positions": [{"name": "Poste 2", "domains": ["lighting"]}]}
    assert [one.name for one in positions_of(declared)] == ["", "Poste 2"]
    for wrong in ({"name": ""}, {"name": "x", "domains": ["moon"]}, {"name": "x", "areas": []}, {}):
        with pytest.raises(BadProfile):
            positions_of({"positions": [wrong]})


def test_a_quiet_month_without_an_engine_shows_that_nobody_watched(engine: Engine) -> None:
    found = figures(engine)
    assert (found.total, found.watched, found.per_hour, found.peak_bin_at) == (0, 0.0, 0.0, None)


def test_every_figure_equals_a_recount_by_sql_over_a_synthetic_month(city: Engine) -> None:
    chance = np.random.default_rng(191)
    span = (T1 - T0).total_seconds()
    at = T0
    for _ in range(420):
        storm = chance.random() < 0.06
        at = T0 + timedelta(seconds=float(chance.uniform(0, span - 90_000)))
        for _ in range(int(chance.integers(8, 16)) if storm else 1):
            at += timedelta(seconds=float(chance.uniform(1, 40)))
            answered = timedelta(seconds=float(chance.gamma(2, 200))) if chance.random() < 0.8 else None
            alarm = raised(
                city, at, int(chance.integers(1, 10)),
                timedelta(seconds=float(chance.exponential(9_000)) * (1 + 40 * (chance.random() < 0.1)) + 1),
                answered,
                confirmed=at if chance.random() < 0.3 else None, shown=at if chance.random() < 0.9 else None,
            )  # fmt: skip
            if chance.random() < 0.1:
                _happen(city, alarm, at)
    found = figures(city)
    assert found.total > 500 and len(found.floods) > 3
    assert found.unwatched > 20 and found.stale > 1, "days without an engine, whose alarms are in no rate"
    told = _recounted(city)
    assert {
        "total": found.total, "peak": found.peak_bin, "bins": sum(n > 0 for n in found.bins),
        "fleeting": found.fleeting, "stale": found.stale, "p1": found.by_priority[1],
        "p2": found.by_priority[2], "p4": found.by_priority[4], "suppressed": found.suppressed,
    } == told["counts"]  # fmt: skip
    assert [(f.begin, f.end, f.count) for f in found.floods] == told["floods"]
    assert [(one.asset, one.count) for one in found.offenders] == told["offenders"]
    assert {(one.asset, one.count) for one in found.chattering} == told["chattering"]
    assert found.per_hour == pytest.approx(told["per_hour"])
    assert found.in_flood == pytest.approx(told["in_flood"])
    assert (found.outcome, found.useless) == pytest.approx(told["shares"])
    assert [
        (one.priority, one.acknowledged, one.median_s, one.p95_s) for one in found.responses if one.count
    ] == [
        (priority, n, pytest.approx(median), pytest.approx(late))
        for priority, n, median, late in told["responses"]
    ]


def _happen(engine: Engine, alarm: int, at: datetime) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO alarm_event (alarm_id, at, kind) VALUES (:id, :at, 'suppressed')"),
            {"id": alarm, "at": at},
        )
        connection.execute(
            text("INSERT INTO person (login, name, made_by) VALUES (:l, 'P', 'test') ON CONFLICT DO NOTHING"),
            {"l": "p"},
        )
        connection.execute(
            text("INSERT INTO alarm_rating (alarm_id, person_id, useless) SELECT :id, id, true FROM person"),
            {"id": alarm},
        )


_BINS = """
    SELECT b, b + interval '10 minutes' AS e, count(a.id) AS n
    FROM generate_series(CAST(:t0 AS timestamptz), CAST(:t1 AS timestamptz) - interval '10 minutes',
                         '10 minutes') b
    LEFT JOIN alarm a ON a.annunciated_at >= b AND a.annunciated_at < b + interval '10 minutes' GROUP BY 1
"""


def _watched_in_flood(engine: Engine) -> float:
    """Minute by minute: of those watched, how many lie in a flood."""
    question = f"""
        WITH RECURSIVE bin AS (SELECT *, row_number() OVER (ORDER BY b) AS k FROM ({_BINS}) x),
        walk AS (SELECT k, b, n, n > 10 AS flood FROM bin WHERE k = 1
            UNION ALL SELECT bin.k, bin.b, bin.n, CASE WHEN walk.flood THEN bin.n >= 5 ELSE bin.n > 10 END
            FROM walk JOIN bin ON bin.k = walk.k + 1)
        SELECT avg(flood::int)::float8 FROM walk WHERE EXISTS (
            SELECT FROM alarm_watch w WHERE walk.b >= w.began_at AND walk.b < w.ended_at)
    """
    with engine.connect() as connection:
        return float(str(connection.scalar(text(question), {"t0": T0, "t1": T1})))


def _recounted(engine: Engine) -> dict[str, Any]:
    asked = {"t0": T0, "t1": T1}
    with engine.connect() as connection:

        def rows(question: str) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in connection.execute(text(question), asked)]

        counts = rows(
            f"""
            SELECT count(*), (SELECT max(n) FROM ({_BINS}) x), (SELECT count(*) FROM ({_BINS}) x WHERE n > 0),
                count(*) FILTER (WHERE returned_at - raised_at < interval '1 minute'),
                (SELECT coalesce(max(n), 0) FROM (
                    SELECT count(*) AS n FROM alarm a, generate_series(
                        CAST(:t0 AS timestamptz) AT TIME ZONE 'Europe/Paris',
                        CAST(:t1 AS timestamptz) AT TIME ZONE 'Europe/Paris' - interval '1 day', '1 day') d
                    WHERE annunciated_at IS NOT NULL
                      AND raised_at + interval '24 hours' < (d + interval '1 day') AT TIME ZONE 'Europe/Paris'
                      AND least(returned_at, :t1) > greatest(
                          raised_at + interval '24 hours', d AT TIME ZONE 'Europe/Paris')
                    GROUP BY d) x),
                count(*) FILTER (WHERE priority = 1), count(*) FILTER (WHERE priority = 2),
                count(*) FILTER (WHERE priority = 4),
                (SELECT count(DISTINCT alarm_id) FROM alarm_event WHERE kind = 'suppressed')
            FROM alarm WHERE annunciated_at IS NOT NULL
            """
        )[0]
        floods = rows(
            f"""
            WITH RECURSIVE bin AS (SELECT *, row_number() OVER (ORDER BY b) AS k FROM ({_BINS}) x),
            walk AS (SELECT k, b, e, n, n > 10 AS flood FROM bin WHERE k = 1
                UNION ALL SELECT bin.k, bin.b, bin.e, bin.n,
                    CASE WHEN walk.flood THEN bin.n >= 5 ELSE bin.n > 10 END
                FROM walk JOIN bin ON bin.k = walk.k + 1)
            SELECT min(b), max(e), sum(n)::int FROM (
                SELECT *, k - row_number() OVER (PARTITION BY flood ORDER BY k) AS run FROM walk
            ) x WHERE flood GROUP BY run ORDER BY 1
            """
        )
        chattering = rows(
            """
            SELECT asset, count(*) FROM (
                SELECT s.external_id AS asset, e.at,
                    lead(e.at, 2) OVER (PARTITION BY a.rule_id, a.asset_id ORDER BY e.at) AS third
                FROM alarm_event e JOIN alarm a ON a.id = e.alarm_id JOIN asset s ON s.id = a.asset_id
                WHERE e.kind = 'raised'
            ) x WHERE third - at <= interval '1 minute' GROUP BY 1
            """
        )
        per_hour, shares, responses, offenders = (
            rows("SELECT (SELECT count(*) FROM alarm WHERE "
                 "EXISTS (SELECT FROM alarm_watch WHERE annunciated_at BETWEEN began_at AND ended_at) AND "
                 "EXISTS (SELECT FROM alarm_watch WHERE raised_at BETWEEN began_at AND ended_at))::float8 / "
                 "(SELECT extract(epoch FROM sum(ended_at - began_at)) / 3600 FROM alarm_watch)::float8"),
            rows("SELECT avg((confirmed_at IS NOT NULL)::int)::float8, avg((EXISTS ("
                 "SELECT FROM alarm_rating g WHERE g.alarm_id = a.id))::int)::float8 "
                "FROM alarm a WHERE annunciated_at IS NOT NULL"),
            rows("SELECT priority, count(acknowledged_at), percentile_cont(0.5) WITHIN GROUP (ORDER BY t), "
                 "percentile_cont(0.95) WITHIN GROUP (ORDER BY t) FROM (SELECT *, extract(epoch FROM "
                 "acknowledged_at - annunciated_at)::float8 AS t FROM alarm "
                 "WHERE annunciated_at IS NOT NULL) x GROUP BY 1 ORDER BY 1"),
            rows("SELECT s.external_id, count(*) FROM alarm a JOIN asset s ON s.id = a.asset_id "
                 "WHERE annunciated_at IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, min(annunciated_at) LIMIT 10"),
        )  # fmt: skip
    names = ("total", "peak", "bins", "fleeting", "stale", "p1", "p2", "p4", "suppressed")
    return {
        "counts": dict(zip(names, counts, strict=True)), "floods": floods, "chattering": set(chattering),
        "per_hour": per_hour[0][0], "shares": shares[0], "responses": responses, "offenders": offenders,
        "in_flood": _watched_in_flood(engine),
    }  # fmt: skip
