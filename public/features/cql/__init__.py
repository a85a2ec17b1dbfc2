"""CQL2, basic: read from text or JSON into one tree, judged over columns.

tree = read(text, "cql2-text")
rows = judged(tree, features)
"""

from public.features.cql.json_form import from_json
from public.features.cql.judging import judged
from public.features.cql.text_form import from_text
from public.features.cql.tree import BadFilter, Node
from public.features.references import Reference

LANGUAGES = {"cql2-text": from_text, "cql2-json": from_json}
MOST_CHARACTERS = 4_000


def read(text: str, language: str, reference: Reference) -> Node:
    """The tree of a filter, coordinates in ``reference``. BadFilter says what is wrong, and where."""
    if len(text) > MOST_CHARACTERS:
        raise BadFilter(f"a filter has at most {MOST_CHARACTERS:,} characters")
    return LANGUAGES[language](text, reference)


__all__ = ["LANGUAGES", "BadFilter", "Node", "judged", "read"]
