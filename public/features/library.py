"""The collections held in memory: read once a version, in a thread, while the version before goes on.

Versions that were replaced stay a while for those who are turning their pages. All together keep to the
memory of the settings: old versions go first, then the collections nobody asked for the longest; one that
does not fit by itself is no collection, its files stay to be downloaded.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

from model.errors import NotFound, Unavailable
from public.features.about import TABLE_FILE, About, read_about
from public.features.collection import Features, TooLarge, load
from public.shelf import Shelf
from services.publishing import ABOUT_FILE, Artefact, Manifest

log = logging.getLogger(__name__)

KEPT_S = 600.0
"""How long a replaced version is kept for the pages of it that are still being turned."""
KEPT_VERSIONS = 10
FIRST_S = 20.0
"""How long a visitor waits for a collection nobody asked for before; then it is 503, and ready soon."""
VERSION_DIGITS = 16


@dataclass(frozen=True)
class Entry:
    """A publication that is a collection: what it says of itself, and which table it is of."""

    name: str
    about: About
    table: Artefact
    manifest: Manifest

    @property
    def version(self) -> str:
        """The version of its table, by content: publishing the same again is the same version."""
        return self.table.sha256[:VERSION_DIGITS]


@dataclass
class _Old:
    features: Features
    since: float


class Library:
    """Every collection of a shelf. Asked from the event loop; one thread reads."""

    def __init__(self, shelf: Shelf, most_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._shelf = shelf
        self._most = most_bytes
        self._clock = clock
        self._abouts: dict[str, About] = {}
        self._current: OrderedDict[str, Features] = OrderedDict()
        self._old: list[_Old] = []
        self._loading: dict[str, tuple[str, Future[Features]]] = {}
        self._too_large: set[str] = set()
        self._reader = ThreadPoolExecutor(1, "features")
        self._lock = Lock()

    def entry(self, name: str) -> Entry:
        """The collection of that name. NotFound alike for unknown, revoked, and what is no collection."""
        manifest = self._shelf.published(name)
        found = self._entry(manifest) if manifest else None
        if found is None:
            self._forget(name)
            raise NotFound("there is no collection of that name")
        return found

    def entries(self) -> Iterator[Entry]:
        """Every collection there is now, by name."""
        for manifest in self._shelf.all():
            found = self._entry(manifest)
            if found:
                yield found

    async def features(self, name: str) -> Features:
        """The newest version of ``name`` that is ready. NotFound; Unavailable when none can be read yet."""
        entry = self.entry(name)
        ready = self._current.get(name)
        if ready and ready.version == entry.version:
            self._current.move_to_end(name)
            return ready
        loading = self._begin(entry)
        if ready:
            return ready
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(loading)), FIRST_S)
        except TimeoutError:
            raise Unavailable(f"{name} is being read") from None
        except TooLarge:
            raise NotFound("there is no collection of that name") from None

    def is_current(self, features: Features) -> bool:
        """Whether ``features`` is what is published now, and not what stands in for it."""
        return self.entry(features.name).version == features.version

    def older(self, name: str, version: str) -> Features | None:
        """That version of ``name``, if it is still kept."""
        now = self._clock()
        held = [one.features for one in self._old if now - one.since <= KEPT_S]
        held += [self._current[name]] if name in self._current else []
        return next((one for one in held if (one.name, one.version) == (name, version)), None)

    @property
    def nbytes(self) -> int:
        """Memory held by all versions, about."""
        return sum(one.nbytes for one in (*self._current.values(), *(old.features for old in self._old)))

    # Reading

    def _entry(self, manifest: Manifest) -> Entry | None:
        about, table = manifest.files.get(ABOUT_FILE), manifest.files.get(TABLE_FILE)
        if about is None or table is None or table.sha256 in self._too_large:
            return None
        if about.sha256 not in self._abouts:
            self._abouts[about.sha256] = read_about(self._shelf.read(about))
        return Entry(manifest.publication, self._abouts[about.sha256], table, manifest)

    def _begin(self, entry: Entry) -> "Future[Features]":
        version, loading = self._loading.get(entry.name, ("", None))
        if loading is None or version != entry.version:
            loading = self._reader.submit(self._load, entry)
            self._loading[entry.name] = entry.version, loading
            loading.add_done_callback(lambda done: self._done(entry, done))
        return loading

    def _load(self, entry: Entry) -> Features:
        with self._lock:
            self._make_room(entry)
        return load(entry.name, entry.version, entry.about, self._shelf.once(entry.table), self._most)

    def _done(self, entry: Entry, done: "Future[Features]") -> None:
        with self._lock:
            if self._loading.get(entry.name, ("", None))[1] is done:
                del self._loading[entry.name]
            failed = done.exception()
            if isinstance(failed, TooLarge):
                self._too_large.add(entry.table.sha256)
            if failed:
                log.warning("collection %s, version %s: %s", entry.name, entry.version, failed)
                return
            self._put(done.result())

    def _put(self, fresh: Features) -> None:
        before = self._current.pop(fresh.name, None)
        if before and before.version != fresh.version:
            self._old.append(_Old(before, self._clock()))
        self._current[fresh.name] = fresh
        self._thin_out()

    def _thin_out(self) -> None:
        now = self._clock()
        self._old = [one for one in self._old if now - one.since <= KEPT_S]
        for name in {one.features.name for one in self._old}:
            mine = [one for one in self._old if one.features.name == name]
            for one in mine[:-KEPT_VERSIONS]:
                self._old.remove(one)
        while self.nbytes > self._most and self._old:
            self._old.pop(0)
        while self.nbytes > self._most and len(self._current) > 1:
            self._current.popitem(last=False)

    def _make_room(self, entry: Entry) -> None:
        """Let old versions go before a new one is read, where it would not fit beside them."""
        expected = self._current[entry.name].nbytes if entry.name in self._current else entry.table.size * 8
        while self._old and self.nbytes + expected > self._most:
            self._old.pop(0)

    def _forget(self, name: str) -> None:
        if name in self._current or any(one.features.name == name for one in self._old):
            with self._lock:
                self._current.pop(name, None)
                self._old = [one for one in self._old if one.features.name != name]
