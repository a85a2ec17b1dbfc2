"""The registry of one city, as callbacks are handed it: every question in one place."""

from sqlalchemy import Engine

from model.errors import Unavailable
from model.registry import AreaName, AssetCard, Fact, Found, LatestValue
from services.registry.cards import asset_id_of, card
from services.registry.finding import areas, places, search
from services.registry.values import latest_values, recent_changes

_UNREAD: tuple[str, ...] = ("",)


class Registry:
    """The registry of one city. Every method blocks (call it in a thread) and ends within two seconds.

    All raise Unavailable when the database is away, except ``area_names``.
    """

    def __init__(self, engine: Engine, area_kind: str) -> None:
        self._engine = engine
        self._area_kind = area_kind
        self._names: dict[int, str] = {}
        self._names_version = -1
        self._places: tuple[str, ...] | None = _UNREAD

    def search(self, query: str, limit: int = 12) -> list[Found]:
        """Assets by name, id or street, best first: see ``finding.search``."""
        return search(self._engine, query, limit)

    def areas(self) -> list[AreaName]:
        """The areas assets are counted under, by name."""
        return areas(self._engine, self._area_kind)

    def places(self) -> tuple[str, ...] | None:
        """The names of the areas of this scope; None for the whole city. Read once: a wing is of one layout.

        While the database is away they are not known: three dots.
        """
        if self._places is _UNREAD:
            try:
                self._places = places(self._engine)
            except Unavailable:
                return ("…",)
        return self._places

    def area_names(self, version: int) -> dict[int, str]:
        """Names of the areas by id, read once for each layout version.

        While the database is away the last names known are as good as any: they are returned.
        """
        if version != self._names_version:
            try:
                self._names = {area.id: area.name for area in self.areas()}
            except Unavailable:
                return self._names
            self._names_version = version
        return self._names

    def asset_id_of(self, external_id: str) -> int:
        """The id of the asset called ``external_id``. NotFound when there is none."""
        return asset_id_of(self._engine, external_id)

    def card(self, asset_id: int) -> AssetCard:
        """The card of ``asset_id``. NotFound when there is none."""
        return card(self._engine, asset_id)

    def latest_values(self, asset_id: int) -> list[LatestValue]:
        """The newest value of each of its datastreams."""
        return latest_values(self._engine, asset_id)

    def recent_changes(self, asset_id: int, limit: int = 6) -> list[Fact]:
        """Its last changes of state, newest first."""
        return recent_changes(self._engine, asset_id, limit)
