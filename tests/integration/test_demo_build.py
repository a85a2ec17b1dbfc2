"""The demo city in a real PostGIS: every level of its past recounted by SQL, its states from keyframes."""

import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from sqlalchemy import Engine, text

from geodata.assets import read_columns, read_version
from geodata.database import open_engine
from geodata.demo_city import (
    DemoReport,
    build_demo_city,
    bus_lines,
    buses,
    draw_city,
    needs_demo,
    read_city,
)
from geodata.demo_city.build import PAST_DAYS, STAGES
from geodata.profiles import read_profile
from model.demo_people import DEMO_PEOPLE
from model.errors import BadRequest
from model.roles import Role
from model.states import RECORD
from model.texts import LANGUAGES, words
from model.viewer import Viewer
from model.voices import LetterAct, LetterState
from services.access import verify_books
from services.alarms import AlarmEngine, write_demo_alarms
from services.alarms.demo_past import lived_again
from services.voices import Voices
from tests.conftest import Servers

pytestmark = pytest.mark.servers
PROFILE = read_profile("demo")
NOW = datetime(2026, 11, 20, 17, 40, tzinfo=UTC)
SCALE = 0.02


@pytest.fixture(scope="module")
def built(servers: Servers) -> Iterator[tuple[Engine, DemoReport, list[str]]]:
    engine = open_engine(servers.fresh_database(), statement_ms=60_000)
    stages: list[str] = []
    report = build_demo_city(
        engine, PROFILE, now=NOW, scale=SCALE, progress=lambda name, _at, _of: stages.append(name),
        alarms=write_demo_alarms,
    )  # fmt: skip
    yield engine, report, stages
    engine.dispose()


@pytest.fixture(scope="module")
def city(built: tuple[Engine, DemoReport, list[str]]) -> Engine:
    return built[0]


def count(engine: Engine, question: str, **values: object) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text(question), values) or 0)


def test_citizens_wrote_and_every_way_a_letter_can_stand_is_there(city: Engine) -> None:
    letters = Voices(city, PROFILE.zone).list(Viewer(1, "one", "Somebody", Role.ADMINISTRATOR))
    assert {letter.state for letter in letters} == set(LetterState)
    assert any(letter.extended and not letter.closed for letter in letters)
    assert all(earlier.at <= later.at <= NOW for one in letters for earlier, later in pairwise(one.acts))
    assert all(act.appeal for one in letters for act in one.acts if act.kind is LetterAct.REFUSED)


def test_its_people_looked_at_what_they_may_and_their_audit_verifies(city: Engine) -> None:
    verdict = verify_books(city)
    assert verdict.sound
    assert all(book.count > 50 for book in verdict.books if book.book != "changes")
    looks = (
        "SELECT count(*) FROM audit_entry e JOIN asset a ON a.id = e.asset_id WHERE e.action = 'looked' AND "
    )
    assert count(city, looks + "e.at >= '2026-04-30 22:00Z' AND e.at < '2026-05-31 22:00Z'") > 3
    assert (
        count(city, looks + "e.outcome = 'done' AND (e.purpose = '' OR e.details ->> 'reference' = '')") == 0
    )
    cleared = (
        "EXISTS (SELECT FROM video_right v WHERE v.person_id = e.actor_id "
        "AND (v.areas IS NULL OR a.commune_id = ANY(v.areas)))"
    )
    assert count(city, looks + f"a.asset_type = 'camera' AND e.outcome = 'done' AND NOT {cleared}") == 0
    assert count(city, looks + "e.outcome = 'refused'") > 0
    assert count(city, "SELECT count(*) FROM audit_entry WHERE at > :now", now=NOW) == 0
    seen = "SELECT count(*) FROM person p WHERE EXISTS (SELECT FROM session s WHERE s.person_id = p.id)"
    assert count(city, seen) == count(city, "SELECT count(*) FROM person") == len(DEMO_PEOPLE)


def test_the_past_is_annotated_from_its_own_story(city: Engine) -> None:
    """Storms stand where many assets fell at once, silences where a feed's hours are missing, works where
    their cabinet was in maintenance."""
    with city.connect() as connection:
        kinds = dict(connection.execute(text("SELECT kind, count(*) FROM annotation GROUP BY 1")).all())
        storm = connection.execute(
            text("SELECT t0, t1 FROM annotation WHERE kind = 'storm' ORDER BY t0 DESC LIMIT 1")
        ).one()
        works = connection.execute(
            text(
                "SELECT n.t0, n.asset_id, a.asset_type FROM annotation n JOIN asset a ON a.id = n.asset_id "
                "WHERE n.kind = 'works' ORDER BY n.t0 DESC LIMIT 1"
            )
        ).one_or_none()
    assert kinds["storm"] >= 2
    assert kinds["outage"] >= 2
    assert kinds["event"] >= 10
    falls = "SELECT count(*) FROM state_change WHERE status IN (3, 4) AND phenomenon_time >= :t0 AND {}"
    during = count(city, falls.format("phenomenon_time < :t1"), t0=storm.t0, t1=storm.t1)
    day_before = count(
        city,
        falls.format("phenomenon_time < :t1"),
        t0=storm.t0 - timedelta(days=1),
        t1=storm.t1 - timedelta(days=1),
    )
    assert during > 3 * max(1, day_before)
    if works is not None and works.t0 > NOW - timedelta(days=13):
        assert works.asset_type == "control_cabinet"
        found = (
            "SELECT count(*) FROM state_change "
            "WHERE asset_id = :asset AND status = 6 AND phenomenon_time = :t0"
        )
        assert count(city, found, asset=works.asset_id, t0=works.t0) == 1


def test_the_report_counts_what_is_there(built: tuple[Engine, DemoReport, list[str]]) -> None:
    engine, report, stages = built
    for table, rows in report.rows.items():
        assert count(engine, f"SELECT count(*) FROM {table}") == rows, table
    assert stages == [f"demo.stage.{name}" for name in STAGES]
    assert all(words(language).has(stage) for language in LANGUAGES for stage in stages)


def test_its_buses_and_their_lines_can_be_read_back(city: Engine) -> None:
    drawn = draw_city(PROFILE, SCALE)
    lines = bus_lines(city)
    assert lines == list(drawn.lines)
    assert all(np.allclose(a.path, b.path) for a, b in zip(lines, drawn.lines, strict=True))
    expected = [(drawn.external_ids[row], drawn.attributes[row]["line"]) for row in drawn.of("bus")]
    assert buses(city) == expected


def test_building_twice_is_refused_and_changes_nothing(city: Engine) -> None:
    assert not needs_demo(city)
    before = count(city, "SELECT count(*) FROM state_change"), read_version(city)
    with pytest.raises(BadRequest, match="already holds a city"):
        build_demo_city(city, PROFILE, now=NOW, scale=SCALE)
    assert (count(city, "SELECT count(*) FROM state_change"), read_version(city)) == before


def test_the_layout_version_was_raised(city: Engine) -> None:
    assert read_version(city) == 2
    assert len(read_columns(city)) == count(city, "SELECT count(*) FROM asset")


def test_postgis_finds_every_asset_in_its_commune(city: Engine) -> None:
    outside = """
        SELECT count(*) FROM asset a LEFT JOIN area r ON r.id = a.commune_id
        WHERE r.id IS NULL OR r.kind <> 'commune' OR NOT ST_Intersects(a.geometry, r.geometry)
    """
    assert count(city, outside) == 0
    assert count(city, "SELECT count(*) FROM area WHERE NOT ST_IsValid(geometry)") == 0
    assert count(city, "SELECT count(*) FROM area WHERE kind = 'commune'") == 23


def test_hours_are_their_observations(city: Engine) -> None:
    different = """
        SELECT count(*) FROM rollup_hour r FULL JOIN (
            SELECT datastream_id, date_trunc('hour', phenomenon_time) AS bucket, count(*) AS n,
                   sum(result) AS sum, min(result) AS min, max(result) AS max
            FROM observation GROUP BY 1, 2
        ) o USING (datastream_id, bucket)
        WHERE r.n IS DISTINCT FROM o.n OR abs(r.sum - o.sum) > 1e-6 OR r.min <> o.min OR r.max <> o.max
           OR abs(r.coverage - o.n / 4.0) > 1e-9
    """
    assert count(city, "SELECT count(*) FROM rollup_hour") > 20_000
    assert count(city, different) == 0


def test_days_are_their_hours(city: Engine) -> None:
    different = """
        SELECT count(*) FROM rollup_day r JOIN (
            SELECT datastream_id, (bucket AT TIME ZONE 'Europe/Paris')::date AS day, sum(n) AS n,
                   sum(sum) AS sum, min(min) AS min, max(max) AS max
            FROM rollup_hour GROUP BY 1, 2
        ) h USING (datastream_id, day)
        WHERE r.day > (SELECT min(bucket) AT TIME ZONE 'Europe/Paris' FROM rollup_hour)::date
          AND (r.n <> h.n OR abs(r.sum - h.sum) > 1e-6 OR r.min <> h.min OR r.max <> h.max)
    """
    assert count(city, different) == 0


def test_communes_are_their_datastreams_by_the_hour(city: Engine) -> None:
    different = """
        SELECT count(*) FROM (SELECT * FROM area_hour WHERE bucket >= (SELECT min(bucket) FROM rollup_hour)
               AND observed_property IN ('energy', 'power', 'flow', 'speed')) r
        FULL JOIN (
            SELECT a.commune_id AS area_id, a.asset_type, d.observed_property, h.bucket, sum(h.n) AS n,
                   sum(h.sum) AS sum, min(h.min) AS min, max(h.max) AS max
            FROM rollup_hour h JOIN datastream d ON d.id = h.datastream_id JOIN asset a ON a.id = d.asset_id
            WHERE d.observed_property IN ('energy', 'power', 'flow', 'speed') GROUP BY 1, 2, 3, 4
        ) o USING (area_id, asset_type, observed_property, bucket)
        WHERE r.n IS DISTINCT FROM o.n OR abs(r.sum - o.sum) > 1e-6 OR r.min <> o.min OR r.max <> o.max
    """
    assert count(city, different) == 0


def test_thirteen_months_of_communes_are_thirteen_months_of_assets(city: Engine) -> None:
    different = """
        SELECT count(*) FROM (
            SELECT asset_type, observed_property, (bucket AT TIME ZONE 'Europe/Paris')::date AS day,
                   sum(sum) AS sum, sum(n) AS n
            FROM area_hour WHERE observed_property IN ('energy', 'flow') GROUP BY 1, 2, 3
        ) r FULL JOIN (
            SELECT a.asset_type, d.observed_property, day, sum(r.sum) AS sum, sum(r.n) AS n
            FROM rollup_day r JOIN datastream d ON d.id = r.datastream_id JOIN asset a ON a.id = d.asset_id
            WHERE d.observed_property IN ('energy', 'flow') GROUP BY 1, 2, 3
        ) o USING (asset_type, observed_property, day)
        WHERE r.n IS DISTINCT FROM o.n OR abs(r.sum - o.sum) > 1e-4
    """
    days = count(city, "SELECT max(day) - min(day) FROM rollup_day")
    assert days == PAST_DAYS
    assert count(city, different) == 0


def test_a_feed_that_was_cut_leaves_a_gap(city: Engine) -> None:
    hours = """
        SELECT count(*) FROM area_hour WHERE asset_type = 'detector' AND observed_property = 'flow'
           AND bucket >= :first AND bucket < :last
    """
    cut = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
    assert count(city, hours, first=cut, last=cut + timedelta(hours=3)) == 0
    assert count(city, hours, first=cut - timedelta(hours=3), last=cut) > 0
    assert count(city, "SELECT count(*) FROM rollup_day WHERE coverage < 0.99") > 0


def states_at(engine: Engine, at: datetime, keyframe: datetime) -> dict[int, tuple[int, int]]:
    """Status and state by asset: a keyframe and the changes after it up to ``at``."""
    with engine.connect() as connection:
        ids, records = connection.execute(
            text("SELECT asset_ids, records FROM state_keyframe WHERE at = :at"), {"at": keyframe}
        ).one()
        rows = connection.execute(
            text(
                "SELECT asset_id, status, state FROM state_change "
                "WHERE phenomenon_time > :since AND phenomenon_time <= :at ORDER BY phenomenon_time"
            ),
            {"since": keyframe, "at": at},
        ).all()
    packed = np.frombuffer(zlib.decompress(records), RECORD)
    known = np.frombuffer(zlib.decompress(ids), "<u4")
    states = {int(a): (int(r["status"]), int(r["state"])) for a, r in zip(known, packed, strict=True)}
    return states | {row[0]: (row[1], row[2]) for row in rows}


def keyframes(engine: Engine) -> list[datetime]:
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT at FROM state_keyframe ORDER BY at")))


def test_a_keyframe_and_the_changes_after_it_are_the_next_keyframe(city: Engine) -> None:
    instants = keyframes(city)
    assert len(instants) == 14 * 4 + 2
    assert instants[-1] == NOW
    for first, second in pairwise(instants):
        assert states_at(city, second, first) == states_at(city, second, second), first


def test_keyframes_hold_no_time_after_them_and_none_of_the_unknown(city: Engine) -> None:
    with city.connect() as connection:
        for at, packed in connection.execute(text("SELECT at, records FROM state_keyframe")).all():
            records = np.frombuffer(zlib.decompress(packed), RECORD)
            assert records["time"].max() <= at.timestamp()
            assert ((records["time"] == 0) == (records["status"] == 0)).all()


def test_fault_shares_are_the_states_recounted(city: Engine) -> None:
    """One evening hour of the storm, recounted second by second from keyframe and changes."""
    hour = datetime(2026, 11, 14, 21, 0, tzinfo=UTC)
    start = max(k for k in keyframes(city) if k <= hour)
    with city.connect() as connection:
        changes = connection.execute(
            text(
                "SELECT asset_id, phenomenon_time, status FROM state_change "
                "WHERE phenomenon_time > :a AND phenomenon_time < :b ORDER BY phenomenon_time"
            ),
            {"a": hour, "b": hour + timedelta(hours=1)},
        ).all()
        kinds = dict(connection.execute(text("SELECT id, asset_type FROM asset")).tuples().all())
        told = dict(
            connection.execute(
                text(
                    "SELECT asset_type, sum(sum) FROM area_hour WHERE observed_property = 'fault_share' "
                    "AND bucket = :hour GROUP BY 1"
                ),
                {"hour": hour},
            )
            .tuples()
            .all()
        )
    down = np.zeros((len(kinds) + 1, 3_600), bool)
    for asset, (status, _) in states_at(city, hour, start).items():
        down[asset] = status in (4, 5)
    for asset, at, status in changes:
        down[asset, int((at - hour).total_seconds()) :] = status in (4, 5)
    for kind, figure in told.items():
        rows = [asset for asset, name in kinds.items() if name == kind]
        assert np.isclose(down[rows].mean(axis=1).sum(), figure, atol=1e-6), kind
    assert sum(told.values()) > 0


def test_every_asset_type_has_a_failure_rate_for_every_hour(city: Engine) -> None:
    with city.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT asset_type, count(DISTINCT bucket), min(min), max(max), bool_and(sum <= n + 1e-9) "
                "FROM area_hour WHERE observed_property = 'fault_share' GROUP BY 1"
            )
        ).all()
    assert len(rows) == 11
    for kind, hours, low, high, bounded in rows:
        assert hours >= PAST_DAYS * 24, kind
        assert 0 <= low <= high <= 1, kind
        assert bounded


def test_openings_are_the_changes_of_doors(city: Engine) -> None:
    different = """
        SELECT count(*) FROM (
            SELECT date_trunc('hour', phenomenon_time) AS bucket, count(*)::float AS sum FROM state_change c
            JOIN asset a ON a.id = c.asset_id WHERE a.asset_type = 'access_point' AND c.state = 2
              AND phenomenon_time < date_trunc('hour', CAST(:now AS timestamptz)) GROUP BY 1
        ) c FULL JOIN (
            SELECT bucket, sum(sum) AS sum FROM area_hour WHERE asset_type = 'access_point'
               AND observed_property = 'openings' AND bucket >= (SELECT min(bucket) FROM rollup_hour)
            GROUP BY 1
        ) r USING (bucket) WHERE coalesce(c.sum, 0) <> coalesce(r.sum, 0)
    """
    assert count(city, different, now=NOW) == 0


def test_there_is_room_for_next_month_and_new_rows(city: Engine) -> None:
    with city.connect() as connection:
        connection.execute(
            text("INSERT INTO state_change VALUES (1, :at, 1, 1)"), {"at": NOW + timedelta(days=20)}
        )
        new = connection.scalar(
            text(
                "INSERT INTO asset (external_id, source, domain, asset_type, name) "
                "VALUES ('new', 'test', 'lighting', 'streetlight', 'new') RETURNING id"
            )
        )
        assert new == connection.scalar(text("SELECT count(*) FROM asset"))
        connection.rollback()


def test_the_city_reads_back_as_it_was_drawn(city: Engine) -> None:
    drawn, read = draw_city(PROFILE, SCALE), read_city(city)
    assert read.external_ids == drawn.external_ids
    assert np.array_equal(read.parents, drawn.parents)
    assert np.array_equal(read.types, drawn.types)
    assert np.allclose(read.lonlat, drawn.lonlat)
    for asset_type in (
        "streetlight",
        "control_cabinet",
        "detector",
        "meter",
        "building",
        "access_point",
        "segment",
    ):
        rows = drawn.of(asset_type)
        assert np.allclose(read.rating[rows], drawn.rating[rows], atol=1e-3), asset_type
        assert np.array_equal(read.kind[rows], drawn.kind[rows]), asset_type
    paths = [
        [about[row]["path"] for row in drawn.of("segment")] for about in (read.attributes, drawn.attributes)
    ]
    assert paths[0] == paths[1]


def test_a_build_that_was_killed_is_built_again(engine: Engine) -> None:
    """The history is written before the assets: without assets it is left over, and cleared."""
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO rollup_day VALUES (9999, '2020-01-01', 1, 1, 1, 1, 1)"))
    assert needs_demo(engine)
    report = build_demo_city(engine, PROFILE, now=NOW, scale=0.006, past_days=15)
    assert count(engine, "SELECT count(*) FROM rollup_day") == report.rows["rollup_day"]
    assert count(engine, "SELECT count(*) FROM rollup_day WHERE datastream_id = 9999") == 0


# --- its alarms ------------------------------------------------------------------------------------------


def test_its_past_alarms_are_what_its_states_say(city: Engine) -> None:
    """Of every rule about a state, without delay: each alarm began with a change to that state."""
    question = """
        WITH told AS (
            SELECT r.key FROM alarm_rule r JOIN alarm_rule_version v ON v.rule_id = r.id
            WHERE v.declaration -> 'condition' ->> 'type' = 'status'
                  AND coalesce((v.declaration ->> 'on_delay_s')::float8, 0) = 0
        ) SELECT count(*), count(*) FILTER (WHERE EXISTS (
            SELECT FROM state_change s WHERE s.asset_id = a.asset_id AND s.state = a.state
            AND s.phenomenon_time = a.raised_at)) FROM alarm a JOIN told t ON t.key = a.alarm_class
        WHERE a.raised_at > :first
    """
    with city.connect() as connection:
        every, found = connection.execute(text(question), {"first": NOW - timedelta(days=13)}).one()
    assert every > 50
    assert found == every


def test_its_people_answered_and_what_stands_is_left_open_for_the_engine(city: Engine) -> None:
    assert count(city, "SELECT count(*) FROM alarm WHERE acknowledged_at IS NOT NULL") > 20
    assert count(city, "SELECT count(*) FROM alarm WHERE acknowledged_at < annunciated_at") == 0
    assert count(city, "SELECT count(*) FROM alarm WHERE noticed_at > :now OR closed_at > :now", now=NOW) == 0
    closed = (
        "SELECT count(*) FROM alarm WHERE (closed_at IS NULL) = (returned_at IS NOT NULL AND "
        "(acknowledged_at IS NOT NULL OR annunciated_at IS NULL OR cause_id IS NOT NULL) "
        "AND (NOT latching OR reset_at IS NOT NULL))"
    )
    assert count(city, closed) == 0
    assert count(city, "SELECT count(DISTINCT actor) FROM alarm_event WHERE actor <> ''") >= 2
    assert count(city, "SELECT count(*) FROM alarm_watch") == 3
    before = "SELECT count(*) FROM alarm"
    standing = count(city, before + " WHERE closed_at IS NULL")
    watched = AlarmEngine(city, PROFILE)
    try:
        number = count(city, before)
        watched.step(NOW + timedelta(seconds=2))
        assert count(city, before) == number, "nothing is raised twice"
        assert count(city, before + " WHERE closed_at IS NULL") == standing > 0
    finally:
        watched.close()


def test_its_past_alarms_are_the_same_with_every_build(built: tuple[Engine, DemoReport, list[str]]) -> None:
    engine, report, _ = built
    again = lived_again(engine, report.story, PROFILE)
    question = "SELECT id, raised_at, acknowledged_at, cause_id FROM alarm WHERE id <= :n ORDER BY id"
    with engine.connect() as connection:
        rows = connection.execute(text(question), {"n": len(again)}).all()
    kept = [
        (r.id, r.raised_at.timestamp(), r.acknowledged_at and r.acknowledged_at.timestamp(), r.cause_id)
        for r in rows
    ]
    assert kept == [(one.id, one.raised, one.acknowledged, one.cause or None) for one in again]
