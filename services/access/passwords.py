"""Which passwords are taken, and how they are kept: length and no well-known ones (ANSSI, NIST 800-63B).

Signs and capitals are not asked for: they make passwords that people write down and programs guess.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from model.errors import BadField

LEAST, MOST = 12, 200
COMMON = Path(__file__).with_name("common_passwords.txt")
_LEET = str.maketrans("013457@$!€", "oieasta" + "sie")
_KEYS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "azertyuiopqsdfghjklmwxcvbn",
         "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm")  # fmt: skip
_HASHER = PasswordHasher()
"""argon2id with the parameters of RFC 9106 for little memory: 64 MiB, three passes."""


def normal(password: str) -> str:
    """``password`` as every keyboard types it: composed (NFKC), so that é is é."""
    return unicodedata.normalize("NFKC", password)


def check_new(password: str, *own_words: str) -> None:
    """Raise BadField unless ``password`` may be taken; ``own_words`` are its owner's login and name."""
    text = normal(password)
    if len(text) < LEAST:
        raise BadField("password", "too_short", least=LEAST)
    if len(text) > MOST:
        raise BadField("password", "too_long", most=MOST)
    if _guessed(text, own_words):
        raise BadField("password", "well_known")


def _guessed(text: str, own_words: tuple[str, ...]) -> bool:
    bare = _bare(text)
    own = {part for word in own_words for part in re.split(r"[^a-z0-9]+", _bare(word)) if len(part) > 2}
    # What is left when all that a guesser begins with is taken out must still be something to guess.
    rest = bare
    for word in sorted(_common() | own, key=len, reverse=True):
        rest = rest.replace(word, "")
    return _repeats(bare) or _runs(bare) or (len(re.sub(r"[\W\d_]", "", rest)) < 4 and rest != bare)


def _bare(text: str) -> str:
    """In small letters without accents, figures and signs that stand for letters read as them."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    head = plain.rstrip("0123456789!?.*-_ ")
    return head.translate(_LEET) + plain[len(head) :]


def _repeats(text: str) -> bool:
    """A short piece again and again: ``abcabcabcabc``."""
    return any(
        text == (text[:size] * (len(text) // size + 1))[: len(text)] for size in range(1, len(text) // 2 + 1)
    )


def _runs(text: str) -> bool:
    """Keys that lie side by side, from one row of a keyboard or counted on."""
    keys = re.sub(r"[\W_]", "", text)
    return any(
        run in row * 2 or run in (row * 2)[::-1] for row in _KEYS for run in (keys, keys.rstrip("0123456789"))
    )


@cache
def _common() -> frozenset[str]:
    lines = COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def hashed(password: str) -> str:
    """``password`` as the database keeps it: argon2id, its salt and parameters beside it."""
    return _HASHER.hash(normal(password))


def matches(kept: str | None, password: str) -> bool:
    """Whether ``password`` is the one ``kept``; takes as long when there is none."""
    try:
        right = _HASHER.verify(kept or _nobodys(), normal(password))
    except (Argon2Error, InvalidHashError):
        return False
    return right and kept is not None


def outdated(kept: str) -> bool:
    """Whether ``kept`` was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody's password, checked when there is no other")
