"""The hub: one per web process, following the live state and fanning frames out to every console."""

from sqlalchemy import Engine


class Hub:
    """Follows the live state of one city."""

    def __init__(
        self, engine: Engine, redis_url: str, *, area_kind: str = "commune", shard: str = "city"
    ) -> None:
        self._engine = engine
        self._redis_url = redis_url
        self._area_kind = area_kind

    async def start(self) -> None:
        """Begin to follow."""

    async def stop(self) -> None:
        """Stop following."""
