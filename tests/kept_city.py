"""The demo city kept as in production: built by the owner, rolled up and archived by the recorder's own role,
with notes, corrections, dead letters and accounts of feeds of assets and areas everywhere."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import Engine, insert, make_url, text

from geodata.assets import read_columns
from geodata.database import open_engine, plain_url
from geodata.database_roles import address_for
from geodata.demo_city import build_demo_city
from geodata.profiles import read_profile
from geodata.tables import annotation, dead_letter, feed_minute, feed_status
from model.viewer import Scope
from services.boards import keep_kpis_once
from services.history import Archive
from services.history.upkeep.keeping import keep_once
from services.live.keeping import keep_rules, make_partitions_ahead
from services.live.keyframes import load_state
from tests.conftest import Servers

PROFILE = read_profile("demo")
ZONE = PROFILE.zone
NOW = datetime(2026, 11, 20, 17, 40, tzinfo=UTC)
DAY = date(2026, 11, 19)
ARCHIVED = date(2026, 11, 12)
MONTH = NOW - timedelta(days=30)
SCALE = 0.03
CENTRE, EAST = 2, 8

SCOPES = {
    "a commune": Scope(areas=frozenset({CENTRE})),
    "two domains": Scope(domains=frozenset({"lighting", "traffic"})),
    "both": Scope(areas=frozenset({CENTRE, EAST}), domains=frozenset({"lighting", "access"})),
    "nothing": Scope(areas=frozenset(), domains=frozenset()),
}
KINDS = ("streetlight", "control_cabinet", "detector", "camera", "meter", "access_point", "bus")


def kept_city(servers: Servers, archive_folder: Path) -> str:
    """The address of a new database with the city in it; nobody is connected to it."""
    url = servers.fresh_database()
    owner = open_engine(url, statement_ms=60_000)
    build_demo_city(owner, PROFILE, now=NOW, scale=SCALE, progress=lambda *_: None)
    _tell(owner)
    owner.dispose()
    recorder = open_engine(str(address_for(url, "record")), statement_ms=60_000)
    archive = Archive(recorder, archive_folder)
    keep_kpis_once(recorder, PROFILE, NOW)
    assert archive.archive(ARCHIVED) is not None
    keep_once(recorder, ZONE, NOW, set(), archive=archive)
    assert make_partitions_ahead(recorder, NOW + timedelta(days=60))
    keep_rules(recorder, PROFILE, NOW)
    assert len(load_state(recorder, read_columns(recorder)).records)
    recorder.dispose()
    return url


def some_assets(engine: Engine) -> list[int]:
    """Assets of each kind: in the centre, in the east and elsewhere."""
    with engine.connect() as connection:
        return [int(row[0]) for row in connection.execute(_OF_EACH, {"kinds": list(KINDS)})]


def clone(servers: Servers, url: str) -> str:
    """A copy of the database at ``url``, to which nobody is connected."""
    name = f"t{next(servers.counter)}"
    source = str(psycopg.conninfo.conninfo_to_dict(plain_url(url))["dbname"])
    with psycopg.connect(servers.postgres.url, dbname="postgres", autocommit=True) as admin:
        made = SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(source))
        admin.execute(made)
    return str(make_url(url).set(database=name))


def _tell(engine: Engine) -> None:
    """Notes, corrections, dead letters and accounts of feeds, of assets and areas inside and out."""
    with engine.begin() as connection:
        ids = [row[0] for row in connection.execute(_OF_EACH, {"kinds": list(KINDS)})]
        span = {"kind": "note", "t0": NOW - timedelta(days=3), "t1": NOW, "author": "Ada"}
        places = [{"asset_id": one} for one in ids] + [{"area_id": area} for area in (1, CENTRE, EAST, 9)]
        places = [{"asset_id": None, "area_id": None} | place for place in [*places, {}]]
        connection.execute(
            insert(annotation),
            [span | place | {"title": f"Note {n}"} for n, place in enumerate(places)],
        )
        connection.execute(_WRONG, {"at": NOW - timedelta(days=2)})
        names = connection.scalars(text("SELECT external_id FROM asset WHERE id = ANY (:ids)"), {"ids": ids})
        letter = {"feed": "gateways", "reason": "out_of_range", "detail": "x", "item": b"{}"}
        letter |= {"form": "observation", "trace": "0" * 16, "received_at": NOW}
        connection.execute(insert(dead_letter), [letter | {"asset": name} for name in [*names, "nobody"]])
        counts = dict.fromkeys(("messages", "received", "stored", "duplicate", "dead"), 1)
        minute = counts | {
            "feed": "gateways",
            "minute": NOW - timedelta(minutes=5),
            "lag_sum": 1,
            "lag_max": 1,
        }
        connection.execute(insert(feed_minute), [minute])
        status = {"adapter": "plain", "transport": "http", "period_s": 60, "state": "ok", "detail": ""}
        status |= {"feed": "gateways", "updated_at": NOW, "state_since": NOW}
        connection.execute(insert(feed_status), [status])
        connection.execute(
            text("INSERT INTO reject VALUES ('gateways', 'out_of_range', 3, 'L-000001', :at, :at)"),
            {"at": NOW},
        )


_OF_EACH = text(
    """
    SELECT min(id) FROM asset WHERE asset_type = ANY (:kinds)
    GROUP BY asset_type, CASE commune_id WHEN 2 THEN 2 WHEN 8 THEN 8 ELSE 0 END ORDER BY 1
    """
)
_WRONG = text(
    """
    INSERT INTO correction (datastream_id, phenomenon_time, result, author, reason)
    SELECT d.id, min(o.phenomenon_time), NULL, 'Ada', 'wrong' FROM datastream d
    JOIN observation o ON o.datastream_id = d.id WHERE o.phenomenon_time > :at GROUP BY d.id
    """
)
