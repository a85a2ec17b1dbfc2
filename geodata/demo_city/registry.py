"""Writing what stands in the demo city: areas, streets, assets and their datastreams."""

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any, LiteralString, cast

import numpy as np
import psycopg
import shapely
from psycopg import sql
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Engine

from geodata.assets import raise_version
from geodata.demo_city.city import METROPOLIS, DemoCity
from geodata.demo_city.letters import write_letters
from geodata.demo_city.looks import write_looks
from geodata.demo_city.outages import HOUR
from geodata.demo_city.past import FIRST_AREA_ID, Story, datastream_ids
from geodata.demo_city.quantities import COUNTED, QUARTER
from geodata.demo_city.telling import write_notes
from geodata.demo_city.works import write_programme
from geodata.transit import store_lines
from model.domains import ASSET_TYPES, DOMAIN_OF, TYPE_ORDER


def write_city(engine: Engine, story: Story) -> Counter[str]:
    """Write everything that stands there, in one transaction with the new layout version; rows by table."""
    city = story.physics.city
    with engine.begin() as transaction:
        connection = cast("psycopg.Connection[Any]", transaction.connection.driver_connection)
        connection.execute("SET LOCAL statement_timeout = 0")
        _write_areas(connection, city)
        _write_streets(connection, city)
        _write_assets(connection, city)
        store_lines(transaction, list(city.lines), "demo")
        streams = _write_datastreams(connection, story)
        notes = write_notes(connection, story)
        looks = write_looks(connection, story)
        letters = write_letters(connection, story)
        steps = write_programme(connection, story)
        for table in ("area", "asset", "street", "datastream"):
            connection.execute(
                sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), (SELECT max(id) FROM {}))").format(
                    sql.Literal(table), sql.Identifier(table)
                )
            )
        raise_version(transaction)
    return Counter(
        transit_line=len(city.lines),
        area=len(city.communes_list) + 1,
        street=len(city.streets),
        asset=len(city),
        datastream=streams,
        annotation=notes,
        audit_entry=looks,
        citizen_letter=letters,
        programme_step=steps,
    )


def _wkb(shape: BaseGeometry) -> str:
    """Hexadecimal EWKB in WGS84."""
    return str(shapely.to_wkb(shapely.set_srid(shape, 4326), hex=True, include_srid=True))


def _multi(shape: BaseGeometry) -> BaseGeometry:
    if isinstance(shape, Polygon):
        return MultiPolygon([shape])
    return MultiLineString([shape]) if isinstance(shape, LineString) else shape


def _write_areas(connection: psycopg.Connection[Any], city: DemoCity) -> None:
    whole = shapely.coverage_union_all(np.array([c.shape for c in city.communes_list]))
    people = sum(c.population for c in city.communes_list)
    rows: list[tuple[Any, ...]] = [
        (1, "metropolis", "990000000", METROPOLIS, None, people, _wkb(_multi(whole)), "demo")
    ]
    rows += [
        (number, "commune", c.code, c.name, 1, c.population, _wkb(_multi(c.shape)), "demo")
        for number, c in enumerate(city.communes_list, start=FIRST_AREA_ID)
    ]
    _copy(connection, "area (id, kind, code, name, parent_id, population, geometry, source)", rows)


def _write_streets(connection: psycopg.Connection[Any], city: DemoCity) -> None:
    rows = [
        (number, f"V-{number:05d}", "demo", street.name, street.rank, _wkb(_multi(street.shape)))
        for number, street in enumerate(city.streets, start=1)
    ]
    _copy(connection, "street (id, external_id, source, name, rank, geometry)", rows)


def _write_assets(connection: psycopg.Connection[Any], city: DemoCity) -> None:
    shapes = _shapes(city)
    types = [TYPE_ORDER[t] for t in city.types]
    rows = [
        (
            row + 1,
            city.external_ids[row],
            "demo",
            DOMAIN_OF[types[row]].name,
            types[row],
            city.names[row],
            city.street_names[row],
            shapes[row],
            int(city.communes[row]) + FIRST_AREA_ID,
            int(city.parents[row]) + 1 if city.parents[row] >= 0 else None,
            json.dumps(_about(city, row), ensure_ascii=False),
            datetime(city.years[row], 1 + row % 12, 1 + row % 28, tzinfo=UTC),
        )
        for row in range(len(city))
    ]
    columns = "id, external_id, source, domain, asset_type, name, street, geometry, commune_id, parent_id"
    _copy(connection, f"asset ({columns}, attributes, installed_at)", rows)


def _shapes(city: DemoCity) -> list[str]:
    """Each asset's geometry: its place, or its line where it has one."""
    points = shapely.to_wkb(shapely.set_srid(shapely.points(city.lonlat), 4326), hex=True, include_srid=True)
    lines = {row: LineString(about["path"]) for row, about in enumerate(city.attributes) if "path" in about}
    return [_wkb(lines[row]) if row in lines else str(point) for row, point in enumerate(points)]


def _about(city: DemoCity, row: int) -> dict[str, Any]:
    """An asset's attributes; its line is its geometry and not said twice."""
    kept = {name: value for name, value in city.attributes[row].items() if name != "path"}
    return kept | {"installed_year": city.years[row]}


def _write_datastreams(connection: psycopg.Connection[Any], story: Story) -> int:
    ids = datastream_ids(story)
    rows = []
    for (asset_type, name), first in ids.items():
        unit = ASSET_TYPES[asset_type].by_property[name].unit
        members = story.physics.city.of(asset_type).tolist()
        period = HOUR if asset_type in COUNTED else QUARTER
        rows += [(first + at, row + 1, name, unit, period) for at, row in enumerate(members)]
    _copy(connection, "datastream (id, asset_id, observed_property, unit, period_s)", rows)
    return len(rows)


def _copy(connection: psycopg.Connection[Any], target: LiteralString, rows: list[tuple[Any, ...]]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.SQL(target))) as copy,
    ):
        for row in rows:
            copy.write_row(row)
