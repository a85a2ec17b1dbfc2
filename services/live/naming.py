"""From what a source calls a thing to the external id of our asset, as the source's declaration says.

[reading]
id = "urn:ngsi-ld:{type}:{asset}"     # how the source writes its ids: {asset} is what we want of it
asset = "EP-{asset}"                  # how the import wrote ours
[reading.assets]                      # or one by one; this comes first
"MUM76.h1" = "BC-001.1"
"""

import re
from functools import lru_cache

import msgspec

from model.errors import BadObservation

_FIELD = re.compile(r"\{(\w+)\}")
LONGEST = 200


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part of a ``[reading]`` table that names assets; an adapter's profile extends it."""

    id: str = "{asset}"
    asset: str = "{asset}"
    assets: dict[str, str] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a template that can name nothing."""
        if "{asset}" not in self.id:
            raise ValueError("`id` holds no {asset}: write how the source's ids hold ours")
        if not _FIELD.search(self.asset):
            raise ValueError("`asset` holds no {asset}: every item would be of one asset")
        pattern(self.id)


@lru_cache(256)
def pattern(template: str, other: str = r"[^:/]*") -> "re.Pattern[str]":
    """``template`` as a pattern: ``{asset}`` is any text, another field any text without ``:`` or ``/``."""
    parts = _FIELD.split(template)
    wanted = [
        f"(?P<{part}>{'.+' if part == 'asset' else other})" if place % 2 else re.escape(part)
        for place, part in enumerate(parts)
    ]
    try:
        return re.compile("".join(wanted), re.DOTALL)
    except re.error as error:
        raise ValueError(f"{template!r}: {error}") from None


def asset_named(names: Names, given: object) -> str:
    """Our external id of what the source calls ``given``; BadObservation ``no_asset_named``."""
    text = given.strip() if isinstance(given, str) else ""
    if text in names.assets:
        return names.assets[text]
    match = pattern(names.id).fullmatch(text) if text else None
    if match is None:
        raise BadObservation("no_asset_named", text[:LONGEST])
    try:
        return _FIELD.sub(lambda field: match[field[1]], names.asset)
    except IndexError as error:
        raise BadObservation("no_asset_named", f"{names.asset}: {error}") from None
