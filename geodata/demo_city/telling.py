"""What the demo city's people noted of its past: storms, holidays, feeds that were away, planned works.

All of it is read from the story itself, so that a note says what its charts show; it is invented like the
rest, and signed so. In French, as the city's people write.
"""

from datetime import UTC, date, datetime
from typing import Any

import holidays
import numpy as np
import psycopg

from geodata.demo_city.past import Story
from geodata.demo_city.physics_sky import DAY, EPOCH, instant
from model.domains import ASSET_TYPES, TYPE_ORDER
from model.notes import NoteKind

AUTHOR = "Ville de démonstration"
WORKS_TOLD, WORKS_SINCE = 8, 30 * DAY
FEEDS = {"detector": "capteurs de trafic", "control_cabinet": "armoires d’éclairage", "meter": "compteurs"}
BROKEN = (
    ("control_cabinet", "breaker_tripped", "armoires disjonctées"),
    ("junction", "flashing", "carrefours au clignotant"),
    ("junction", "dark", "carrefours éteints"),
    ("gateway", "no_contact", "passerelles perdues"),
    ("building", "power_cut", "bâtiments sans courant"),
)
Row = tuple[str, str, str, datetime, datetime, int | None, str]


def write_notes(connection: psycopg.Connection[Any], story: Story) -> int:
    """Write the annotations that tell ``story``; how many. Its assets must be there."""
    told = [*_storms(story), *_silences(story), *_holidays(story), *_works(story)]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO annotation (kind, title, body, t0, t1, asset_id, author, made_at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [(*row, row[4]) for row in told],
        )
    return len(told)


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _city(kind: NoteKind, title: str, body: str, t0: float, t1: float) -> Row:
    return kind.value, title, body, _at(t0), _at(t1), None, AUTHOR


def _storms(story: Story) -> list[Row]:
    return [_city(NoteKind.STORM, "Orage", _damage(story, *storm), *storm) for storm in story.storms]


def _damage(story: Story, start: int, end: int) -> str:
    """What broke in the storm, counted in the ledger."""
    ledger = story.ledger
    within = ledger.where((ledger.start >= start) & (ledger.start < end))
    types = story.physics.city.types[within.rows]
    counted = []
    for asset_type, state, words in BROKEN:
        code = ASSET_TYPES[asset_type].state_named(state).code
        count = int(np.sum((types == TYPE_ORDER.index(asset_type)) & (within.state == code)))
        counted += [f"{count} {words}"] if count else []
    return "Pendant l’orage\u202f: " + ", ".join(counted) + "."


def _silences(story: Story) -> list[Row]:
    first = story.span.first
    return [
        _city(
            NoteKind.OUTAGE,
            "Flux interrompu\u202f: " + " et ".join(FEEDS[t] for t in cut.asset_types),
            "Rien n’a été reçu de ces équipements\u202f; les courbes gardent le trou.",
            cut.start,
            cut.end,
        )
        for cut in story.cuts
        if cut.end > first
    ]


def _holidays(story: Story) -> list[Row]:
    """Public holidays: buildings are closed and streets emptier."""
    first, last = (
        EPOCH.fromordinal(EPOCH.toordinal() + s // DAY) for s in (story.span.first, story.span.now)
    )
    named = holidays.country_holidays("FR", years=range(first.year, last.year + 1), language="fr")
    days = sorted((day, name) for day, name in named.items() if first < day < last)
    return [_holiday(story, day, name) for day, name in days]


def _holiday(story: Story, day: date, name: str) -> Row:
    number = (day - EPOCH).days
    zone = story.physics.zone
    body = "Jour férié\u202f: bâtiments publics fermés, circulation réduite."
    return _city(NoteKind.EVENT, name, body, instant(zone, number), instant(zone, number + 1))


def _works(story: Story) -> list[Row]:
    """The last planned works on lighting cabinets, each at its cabinet."""
    city, ledger = story.physics.city, story.ledger
    code = ASSET_TYPES["control_cabinet"].state_named("maintenance").code
    theirs = (city.types[ledger.rows] == TYPE_ORDER.index("control_cabinet")) & (ledger.state == code)
    done = ledger.where(
        theirs & (ledger.end < story.span.now) & (ledger.start > story.span.now - WORKS_SINCE)
    )
    newest = np.argsort(done.start)[-WORKS_TOLD:]
    body = "Intervention programmée, armoire hors tension par moments."
    return [
        (
            NoteKind.WORKS.value,
            "Maintenance de l’armoire",
            body,
            _at(done.start[at]),
            _at(done.end[at]),
            int(done.rows[at]) + 1,
            AUTHOR,
        )
        for at in newest
    ]
