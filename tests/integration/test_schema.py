"""The schema comes up on a real PostGIS, and reads back as empty columns."""

from sqlalchemy import Engine

from geodata.assets import read_columns, read_version


def test_an_empty_city_has_empty_columns(engine: Engine) -> None:
    assert read_version(engine) == 1
    assert len(read_columns(engine)) == 0
