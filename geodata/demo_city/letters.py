"""What citizens of the demo city wrote to it, and what its steward did about it: invented, like all the rest.

Every way a letter can stand is there: waiting, published, answered, refused, extended, hidden. Dated back
from the story's last instant, so that the month's clocks run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

from geodata.demo_city.past import Story
from geodata.demo_city.physics_sky import DAY
from model.datasets import BY_NAME
from model.demo_people import DEMO_PEOPLE
from model.roles import Role
from model.texts import words
from model.voices import Hiding, LetterAct, LetterKind, Refusal

STEWARD = next(person.name for person in DEMO_PEOPLE if person.role is Role.STEWARD)


@dataclass(frozen=True)
class Did:
    """One thing done about a letter, so many days after it came."""

    days: float
    kind: LetterAct
    words: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Written:
    """One letter: when it came (days before the story ends), about what, its words, and what was done."""

    reference: str
    days_ago: float
    kind: LetterKind
    dataset: str
    language: str
    words: str
    use: str = ""
    did: tuple[Did, ...] = ()


LETTERS = (
    Written(
        "KQ7M-2HRT", 47, LetterKind.WRONG, "lighting-points", "fr",
        "Rue des Tanneurs, trois lampadaires figurent encore sur la carte alors qu’ils ont été déposés "
        "pendant les travaux de l’an dernier.",
        did=(
            Did(0.9, LetterAct.PUBLISHED),
            Did(6.1, LetterAct.ANSWERED,
                "Merci. Le relevé a été vérifié sur place : les points déposés sont sortis de l’inventaire "
                "et le jeu de données est à jour depuis hier."),
        ),
    ),
    Written(
        "VN4D-8XCP", 39, LetterKind.REQUEST, "", "fr",
        "Je souhaite la liste des emplacements d’arceaux à vélos de la métropole, avec leur capacité.",
        "Un calculateur d’itinéraires à vélo, libre et gratuit.",
        did=(
            Did(1.2, LetterAct.PUBLISHED),
            Did(24.0, LetterAct.EXTENDED,
                "Trois communes tiennent encore leur relevé sur papier : il est en cours de saisie."),
        ),
    ),
    Written(
        "B6WE-T9FA", 33, LetterKind.REQUEST, "traffic-counts", "en",
        "Could the hourly counts of the ring road be published with lorries told apart from cars?",
        "A master's thesis on noise along the ring road.",
        did=(
            Did(0.7, LetterAct.PUBLISHED),
            Did(12.3, LetterAct.ANSWERED,
                "The loops in place measure flow, speed and occupancy, not the class of a vehicle: we do not "
                "hold what you ask for. The counts by hour, with all vehicles together, are in the dataset."),
        ),
    ),
    Written(
        "J3UY-5LGS", 26, LetterKind.REQUEST, "video-systems", "fr",
        "Merci de publier les angles de vue et les horaires d’enregistrement de chaque caméra.",
        "Un article sur la vidéoprotection.",
        did=(
            Did(0.4, LetterAct.PUBLISHED),
            Did(9.8, LetterAct.REFUSED,
                "Les angles de vue permettraient de contourner le dispositif. L’emplacement, la finalité et "
                "le responsable de chaque système sont dans le jeu de données, avec les droits que chacun "
                "peut y exercer.", Refusal.SECRET),
        ),
    ),
    Written(
        "PZ2A-7DKN", 15, LetterKind.OTHER, "", "fr",
        "Achetez vos ampoules moins cher sur notre boutique !",
        did=(Did(0.2, LetterAct.HIDDEN, reason=Hiding.ADVERTISING),),
    ),
    Written(
        "H8CR-4MVE", 11, LetterKind.MISSING, "energy-by-area", "fr",
        "Les piscines n’apparaissent pas dans l’énergie des bâtiments : sont-elles comptées ailleurs ?",
        did=(Did(1.1, LetterAct.PUBLISHED),),
    ),
    Written(
        "X5TG-9BQU", 2, LetterKind.WRONG, "car-parks-now", "en",
        "The car park at the station showed 40 free places on Saturday evening; its barrier said full.",
    ),
)  # fmt: skip


_LETTER = """
    INSERT INTO citizen_letter (reference, kind, subject, domain, language, words, use, received_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
"""
_ACT = """
    INSERT INTO citizen_letter_act (letter_id, kind, at, by, reason, words, appeal)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


def write_letters(connection: psycopg.Connection[Any], story: Story) -> int:
    """Write the letters and what was done about each; how many letters."""
    with connection.cursor() as cursor:
        for letter in LETTERS:
            received = story.span.now - letter.days_ago * DAY
            ((number,),) = cursor.execute(_LETTER, _values(letter, received)).fetchall()
            cursor.executemany(_ACT, [(number, *act) for act in _acts(letter, received)])
    return len(LETTERS)


def _values(letter: Written, received: float) -> tuple[object, ...]:
    domain = BY_NAME[letter.dataset].domain if letter.dataset else None
    subject = f"dataset:{letter.dataset}" if letter.dataset else ""
    told = (letter.language, letter.words, letter.use)
    return letter.reference, letter.kind.value, subject, domain, *told, _at(received)


def _acts(letter: Written, received: float) -> Iterator[tuple[object, ...]]:
    yield LetterAct.RECEIVED.value, _at(received), None, "", "", ""
    for done in letter.did:
        appeal = words(letter.language)("voices.appeal") if done.kind is LetterAct.REFUSED else ""
        at = _at(received + done.days * DAY)
        yield done.kind.value, at, STEWARD, str(done.reason), done.words, appeal


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
