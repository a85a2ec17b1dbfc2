"""The parts and worlds held in memory: each part made once a version, kept a while for pages being turned."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import anyio.to_thread

from model.errors import NotFound, Unavailable
from public.features.library import KEPT_S, KEPT_VERSIONS, Entry, Library
from public.sensorthings.parts import Part, observed, part_of
from public.sensorthings.world import World, version_of


class Outdated(Exception):
    """A page of a world that is no longer kept."""


@dataclass
class _Kept:
    part: Part
    since: float


class Worlds:
    """What is published as observations, now and a while ago. Asked from the event loop.

    ``most_bytes`` bounds all parts together: beyond it those nobody asked for the longest go, and are made
    again when somebody does.
    """

    def __init__(
        self, library: Library, base: str, language: str, most_bytes: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._library = library
        self._base, self._language = base, language
        self._most = most_bytes
        self._clock = clock
        self._parts: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._worlds: OrderedDict[str, World] = OrderedDict()
        self._making = asyncio.Lock()

    async def now(self) -> World:
        """Everything published now. Raises Unavailable when that is nothing, or cannot be read yet."""
        entries = self._entries()
        if not entries:
            raise Unavailable("nothing is published")
        parts = [part for entry in entries if (part := await self._part(entry)) is not None]
        if not parts:
            raise Unavailable("nothing is published")
        return self._world(parts)

    async def at(self, version: str) -> World:
        """The world of a page before. Raises Outdated where one of its parts is no longer kept or allowed."""
        world = self._worlds.get(version)
        if world is None:
            world = await self.now()
        allowed = {entry.name for entry in self._entries()}
        if world.version != version or not all(one.name in allowed for one in world.parts):
            raise Outdated(version)
        return world

    def _entries(self) -> list[Entry]:
        return [entry for entry in self._library.entries() if observed(entry.about)]

    async def _part(self, entry: Entry) -> Part | None:
        key = (entry.name, entry.version)
        async with self._making:
            if key not in self._parts:
                try:
                    features = await self._library.features(entry.name)
                except NotFound:  # it was taken back meanwhile
                    return None
                # While a new version is read, the library gives the one before.
                key = (features.name, features.version)
                if key not in self._parts:
                    part = await anyio.to_thread.run_sync(part_of, features)
                    self._parts[key] = _Kept(part, self._clock())
                    self._thin_out()
            self._parts.move_to_end(key)
            self._parts[key].since = self._clock()
            return self._parts[key].part

    def _world(self, parts: Sequence[Part]) -> World:
        version = version_of(parts)
        if version not in self._worlds:
            self._worlds[version] = World(parts, self._base, self._language)
        self._worlds.move_to_end(version)
        return self._worlds[version]

    def _thin_out(self) -> None:
        """Let go of parts nobody asked for in a while, old versions first, and of the worlds made of them."""
        now = self._clock()
        newest = {name: version for name, version in self._parts}
        versions = [key for key in self._parts if newest[key[0]] != key[1]]
        for key in versions:
            mine = [one for one in versions if one[0] == key[0]]
            if now - self._parts[key].since > KEPT_S or key not in mine[-KEPT_VERSIONS:]:
                del self._parts[key]
        while len(self._parts) > 1 and sum(one.part.nbytes for one in self._parts.values()) > self._most:
            self._parts.popitem(last=False)
        held = {id(one.part) for one in self._parts.values()}
        for version in [v for v, w in self._worlds.items() if not all(id(p) in held for p in w.parts)]:
            del self._worlds[version]
