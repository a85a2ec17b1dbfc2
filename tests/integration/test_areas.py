"""Joins over areas and assets use their spatial indexes; loading in bulk leaves every index behind."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from geodata.areas import areas_at, cut_areas, resolve_all
from geodata.importer import import_file
from geodata.importer.bulk import indexes_last
from tests.integration.town import TOWN, add_communes, csv_lamps, figures, rows, write_csv

GRID = """
    INSERT INTO asset (external_id, source, domain, asset_type, name, geometry)
    SELECT 'G' || i, 'grid', 'lighting', 'streetlight', 'x',
           ST_SetSRID(ST_MakePoint(4.9 + (i % 200) * 0.0015, 47.2 + (i / 200) * 0.0015), 4326)
    FROM generate_series(0, 19999) i
"""


def plan(connection: Connection, query: str) -> str:
    return "\n".join(row[0] for row in connection.execute(text(f"EXPLAIN {query}")))


def test_the_area_of_a_place_is_found_through_the_index_of_the_pieces(engine: Engine, tmp_path: Path) -> None:
    add_communes(engine, tmp_path)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO area (kind, code, name, source, geometry) SELECT 'district', i::text, 'd', "
                "'x', ST_Multi(ST_Expand(ST_SetSRID(ST_MakePoint(4.9 + (i % 40) * 0.007, "
                "47.2 + (i / 40) * 0.007), 4326), 0.0035)) FROM generate_series(0, 1599) i"
            )
        )
        connection.execute(text(GRID))
        cut_areas(connection)
        query = f"SELECT at.* FROM asset a CROSS JOIN LATERAL {areas_at('a.geometry')} at"
        assert "Index Scan using area_piece_geometry_idx" in plan(connection, query)
        assert resolve_all(connection) > 10_000
        assert resolve_all(connection) == 0


def test_a_box_of_the_map_is_read_through_the_index_of_the_assets(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text(GRID))
        connection.execute(text("ANALYZE asset"))
        box = "SELECT id FROM asset WHERE geometry && ST_MakeEnvelope(5.0, 47.3, 5.01, 47.31, 4326)"
        assert "asset_geometry" in plan(connection, box)
        near = "SELECT id FROM asset ORDER BY geometry <-> ST_SetSRID(ST_MakePoint(5, 47.3), 4326) LIMIT 3"
        assert "Index Scan using asset_geometry" in plan(connection, near)


DEFINITIONS = """
    SELECT indexdef FROM pg_indexes WHERE tablename = 'asset'
    UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint
              WHERE conrelid = 'asset'::regclass
    ORDER BY 1
"""


def test_filling_an_empty_table_puts_every_index_and_key_back(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geodata.importer.bulk.WORTHWHILE", 10)
    add_communes(engine, tmp_path)
    before = rows(engine, DEFINITIONS)
    lines = [f"L{n};Rue {n};{4.95 + n / 1000};47.3" for n in range(100)]
    assert figures(import_file(engine, TOWN, csv_lamps(), write_csv(tmp_path, *lines))) == (100, 0, 0, 0)
    assert rows(engine, DEFINITIONS) == before
    assert len(before) > 8
    with engine.begin() as connection, indexes_last(connection, "asset", 1_000_000) as set_aside:
        assert not set_aside, "a table in use keeps its indexes"


def test_a_refused_bulk_load_leaves_the_table_as_it_was(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geodata.importer.bulk.WORTHWHILE", 1)
    monkeypatch.setattr("geodata.importer.report.ImportReport.balanced", property(lambda _report: False))
    before = rows(engine, DEFINITIONS)
    with pytest.raises(Exception, match="do not add up"):
        import_file(engine, TOWN, csv_lamps(), write_csv(tmp_path, "L1;a;5.0;47.3"))
    assert rows(engine, DEFINITIONS) == before
    assert rows(engine, "SELECT count(*) FROM asset") == [(0,)]
