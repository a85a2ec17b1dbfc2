"""Finding: assets by name, id or street; the city's areas by name."""

import re
import unicodedata

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from geodata.scoping import areas_of
from model.registry import AreaName, Found

DEADLINE_MS = 2_000
LONGEST_QUERY = 80


# The expression of the index asset_search; a search that is written otherwise reads the whole table.
_HAYSTACK = "lower(a.external_id || ' ' || a.name || ' ' || coalesce(a.street, ''))"

_SEARCH = """
    SELECT a.id, a.external_id, a.name, coalesce(a.street, ''), a.asset_type, coalesce(d.name, c.name, '')
    FROM asset a LEFT JOIN area c ON c.id = a.commune_id LEFT JOIN area d ON d.id = a.district_id
    WHERE a.removed_at IS NULL AND {every}
    ORDER BY lower(a.external_id) = :whole DESC, lower(a.external_id) LIKE :start DESC,
             lower(a.name) LIKE :start DESC, lower(a.name) LIKE :inside DESC,
             a.parent_id IS NULL DESC, length(a.name), a.external_id
    LIMIT :limit
"""
# Only our own expressions are put together below; what people type is bound.

_ACCENTED, _PLAIN = "àâäçéèêëîïôöùûüÿ", "aaaceeeeiioouuuy"
_UNACCENT = str.maketrans(_ACCENTED, _PLAIN)
_BARE_HAYSTACK = f"translate({_HAYSTACK}, '{_ACCENTED}', '{_PLAIN}')"


def search_terms(query: str) -> list[str]:
    """The words of ``query`` to look for: NFC, lower case, no control characters, at most six."""
    clean = "".join(c for c in unicodedata.normalize("NFC", query) if unicodedata.category(c)[0] != "C")
    return clean[:LONGEST_QUERY].lower().split()[:6]


def like_pattern(word: str) -> str:
    """``word`` as the inside of a LIKE pattern that matches it and nothing else."""
    return re.sub(r"([\\%_])", r"\\\1", word)


def search(engine: Engine, query: str, limit: int = 12) -> list[Found]:
    """Assets whose id, name or street hold every word of ``query``, best first, at most ``limit``.

    An exact id comes first, then what begins with the query, then causes (cabinets, junctions) before what
    hangs on them. What is found by the index as typed wins; only when that is nothing are accents left out
    on both sides, which reads the table. Raises Unavailable when the database is away.
    """
    words = search_terms(query)
    if not words:
        return []
    with asking(engine, DEADLINE_MS) as connection:
        return _matching(connection, _HAYSTACK, words, limit) or _matching(
            connection, _BARE_HAYSTACK, [word.translate(_UNACCENT) for word in words], limit
        )


def _matching(connection: Connection, haystack: str, words: list[str], limit: int) -> list[Found]:
    whole = " ".join(words)
    every = " AND ".join(f"{haystack} LIKE :word{i}" for i in range(len(words)))
    values = {f"word{i}": f"%{like_pattern(word)}%" for i, word in enumerate(words)}
    values |= {"whole": whole, "start": f"{like_pattern(whole)}%", "inside": f"%{like_pattern(whole)}%"}
    rows = connection.execute(text(_SEARCH.format(every=every)), {**values, "limit": limit})
    return [Found(*row) for row in rows]


# Where areas lie is no secret, so no row policy narrows them; which are offered does follow the scope. A
# scope may name districts where the city counts by commune, or the other way round.
_AREAS = text(
    """
    SELECT id, kind, code, name, population FROM area WHERE kind = :kind AND (CAST(:own AS integer[]) IS NULL
        OR id = ANY (:own) OR parent_id = ANY (:own)
        OR id IN (SELECT parent_id FROM area WHERE id = ANY (:own)))
    ORDER BY name
    """
)
_PLACES = text("SELECT name FROM area WHERE id = ANY (:own) ORDER BY name")


def areas(engine: Engine, kind: str) -> list[AreaName]:
    """The areas of ``kind`` (``metropolis``, ``commune``, ``district``) in the scope of ``engine``, by name.

    Raises Unavailable.
    """
    with asking(engine, DEADLINE_MS) as connection:
        found = connection.execute(_AREAS, {"kind": kind, "own": areas_of(engine)})
        return [AreaName(*row) for row in found]


def places(engine: Engine) -> tuple[str, ...] | None:
    """The names of the areas ``engine`` is bound to, by name; None for the whole city. Raises Unavailable."""
    own = areas_of(engine)
    if own is None:
        return None
    with asking(engine, DEADLINE_MS) as connection:
        return tuple(connection.scalars(_PLACES, {"own": own}))
