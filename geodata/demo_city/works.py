"""The demo city's programme of renewal to LED, as its works department would have declared it."""

from datetime import date, timedelta
from typing import Any

import psycopg

from geodata.demo_city.past import Story
from geodata.demo_city.physics_sky import EPOCH
from geodata.demo_city.renovation import PLANNED

PROGRAMME = ("led_renewal", "led", "lighting", "Passage aux LED", "Renewal to LED")
WORKS = "lanternes LED"


def write_programme(connection: psycopg.Connection[Any], story: Story) -> int:
    """Write the programme and its works, cabinet by cabinet, once the assets are there; how many works."""
    works = story.physics.renovation
    if works is None:
        return 0
    connection.execute(
        "INSERT INTO programme (key, kind, domain, title_fr, title_en, made_by) "
        "VALUES (%s, %s, %s, %s, %s, 'demo')",
        PROGRAMME,
    )
    steps = [(int(row) + 1, _day(int(day)), WORKS) for row, day in zip(works.rows, works.days, strict=True)]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO programme_step (programme_id, asset_id, done_on, kind, made_by) "
            "SELECT id, %s, %s, %s, 'demo' FROM programme WHERE key = 'led_renewal'",
            steps,
        )
    return len(steps)


def _day(day: int) -> date | None:
    return None if day == PLANNED else EPOCH + timedelta(days=day)
