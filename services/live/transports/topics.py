"""Topic templates: what a broker is asked for, and which names a topic carries.

``vigie/{city}/{asset_type}/{asset}/{property}`` asks for ``vigie/demo/+/+/+`` and names three things.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

FIELDS = ("asset_type", "asset", "property")
_FIELD = re.compile(r"\{(\w+)\}")
_LEVEL = r"([^/+#\x00]+)"


class Topics:
    """The templates of one source in one city; ``filters`` are what the broker is asked for.

    ValueError where a template is none: an unknown field, a ``#`` that does not come last.
    """

    def __init__(self, templates: Sequence[str], city: str) -> None:
        asked = [template.replace("{city}", city) for template in templates]
        self._patterns = sorted((_pattern(one) for one in asked), key=lambda pattern: -pattern.groups)
        filters = [_FIELD.sub("+", one) for one in asked]
        self.filters = [one for one in filters if not any(_covers(other, one) for other in filters)]
        self.names = lru_cache(50_000)(self._names)

    def _names(self, raw: bytes) -> Mapping[str, str]:
        """What the topic ``raw`` names, by the most telling template that fits; else nothing."""
        topic = raw.decode("utf-8", "replace")
        for pattern in self._patterns:
            found = pattern.fullmatch(topic)
            if found is not None:
                return found.groupdict()
        return {}


def _pattern(template: str) -> "re.Pattern[str]":
    levels = template.split("/")
    if "#" in template and levels.index("#") != len(levels) - 1:
        raise ValueError(f"{template!r}: # stands alone and comes last")
    fields = _FIELD.findall(template)
    if len(fields) != len(set(fields)):
        raise ValueError(f"{template!r} names a field twice")
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise ValueError(f"{template!r}: {', '.join(sorted(unknown))} is none of city, {', '.join(FIELDS)}")
    return re.compile("/".join(map(_level, levels)).replace("/.*", "(?:/.*)?"), re.DOTALL)


def _level(level: str) -> str:
    if level == "#":
        return ".*"
    if level == "+":
        return "[^/]*"
    field = _FIELD.fullmatch(level)
    if field:
        return f"(?P<{field[1]}>{_LEVEL[1:-1]})"
    if _FIELD.search(level) or set("+#") & set(level):
        raise ValueError(f"{level!r}: a field, + or # is a level of its own")
    return re.escape(level)


def _covers(wide: str, narrow: str) -> bool:
    """Whether every topic of ``narrow`` comes by ``wide`` too: the broker then need not send it twice."""
    return wide != narrow and wide.endswith("/#") and narrow.startswith(wide[:-1])
