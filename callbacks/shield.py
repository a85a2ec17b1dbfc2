"""The shield before a protected record in an asset panel, live or of the past."""

from dataclasses import dataclass
from typing import Any

from dash import no_update

from callbacks.looking import looked
from layouts import protected
from model.errors import Unavailable
from model.looks import Standing
from model.texts import Words
from services.city import City


@dataclass(frozen=True)
class Shield:
    """How the record of one asset stands: ``standing`` None and not ``away``: it is not protected.

    ``key`` names it: empty without protection, else the same while nothing changes.
    """

    say: Words
    standing: Standing | None
    away: bool = False

    @property
    def open(self) -> bool:
        """Whether the record may be shown."""
        return not self.away and (self.standing is None or self.standing.open)

    @property
    def key(self) -> str:
        """What a page remembers of it; it grants nothing."""
        if self.away:
            return "away"
        one = self.standing
        return f"{one.asset_id}:{one.need}:{one.purpose_id}:{self.say.language}" if one else ""

    def over(self, body: list[Any], shown: str | None) -> Any:
        """``body`` where it may be shown, under its purpose; else what is missing, if not on screen yet."""
        if not self.open and self.key == shown:
            return no_update
        if self.away:
            return [protected.away(self.say)]
        if self.standing is None:
            return body
        if self.standing.open:
            return [protected.shown_for(self.say, self.standing), *body]
        return [protected.protected(self.say, self.standing)]


async def shielded(city: City, say: Words, asset_id: int, what: str, **details: Any) -> Shield:
    """The shield before the record of an asset, for who asks; an open one is on record as looked at."""
    try:
        return Shield(say, await looked(city, asset_id, what, **details))
    except Unavailable:
        return Shield(say, None, away=True)


def unchanged(key: str, shown: str | None) -> Any:
    """``key`` for the page to remember, or nothing where it remembers it already."""
    return no_update if key == (shown or "") else key
