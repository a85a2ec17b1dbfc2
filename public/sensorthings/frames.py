"""Some entities of one set as columns: what filters compare and lists are ordered by."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from public.features.asked import BadParameter
from public.sensorthings.filters.tree import NotOffered
from public.sensorthings.filters.values import Values, gathered, mixed, spans, texts_of
from public.sensorthings.parts import Ints
from public.sensorthings.paths import dug
from public.sensorthings.times import millis
from public.sensorthings.world import DATASTREAMS, FEATURES, FIELDS, OBSERVATIONS, Relation, World

_TIMES = ("phenomenonTime", "resultTime", "time")


@dataclass(frozen=True)
class Frame:
    """The entities of ``name`` at ``places``."""

    world: World
    name: str
    places: Ints

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.places)

    def values(self, path: tuple[str, ...], option: str) -> Values:
        """The values at ``path``, of the entities or of what each is related to.

        BadParameter names ``option`` where there is no such property, NotOffered says what cannot be asked.
        """
        relation = self.world.relations(self.name).get(path[0])
        if relation is not None:
            return self._of_related(relation, path, option)
        if path in (("id",), ("@iot.id",)):
            return self._identities()
        if path[0] not in FIELDS[self.name]:
            raise BadParameter(option, f"{self.name} have no property {'/'.join(path)[:60]}")
        if self.name == OBSERVATIONS:
            return self._of_observations(path, option)
        entities = self.world.tables[self.name].entities
        found = [dug(entities[place], path) for place in self.places.tolist()]
        return _times(found) if path[0] in _TIMES else gathered(found)

    def _identities(self) -> Values:
        if self.name == OBSERVATIONS:
            raise NotOffered("observations are not looked for by id: ask Observations('…') itself")
        ids = self.world.tables[self.name].ids
        return gathered([ids[place] for place in self.places.tolist()])

    def _of_related(self, relation: Relation, path: tuple[str, ...], option: str) -> Values:
        if relation.many:
            raise NotOffered(f"{option}: {path[0]} are several, and several are not compared")
        if len(path) == 1:
            raise BadParameter(option, f"{path[0]} is an entity: name one of its properties")
        if self.name == OBSERVATIONS:
            streams = self._streams()
            relation = self._from_streams(relation)
        else:
            streams = self.places
        different, place = np.unique(streams, return_inverse=True)
        related = np.array([relation.of(int(one))[0] for one in different], "i8")
        return Frame(self.world, relation.target, related).values(path[1:], option).taken(place)

    def _from_streams(self, relation: Relation) -> Relation:
        """An observation's relations by its datastream, of which there are few."""
        if relation.target == DATASTREAMS:
            return Relation(DATASTREAMS, False, lambda stream: [stream])
        things = self.world.tables[DATASTREAMS].relations["Thing"]
        return Relation(FEATURES, False, things.of)

    # --- observations ---------------------------------------------------------------------------------------

    def _of_observations(self, path: tuple[str, ...], option: str) -> Values:
        if path == ("phenomenonTime",):
            return self._when(only_end=False)
        if path == ("resultTime",):
            return self._when(only_end=True)
        if path == ("result",):
            return self._results()
        raise NotOffered(f"{option}: observations are asked for by phenomenonTime, resultTime and result")

    def _streams(self) -> Ints:
        streams = np.zeros(self.size, "i8")
        for which, mine, at in self._by_part():
            streams[mine] = self.world.streams[which] + self.world.parts[which].stream[at]
        return streams

    def _when(self, only_end: bool) -> Values:
        starts, ends = np.zeros(self.size, "i8"), np.zeros(self.size, "i8")
        for which, mine, at in self._by_part():
            part = self.world.parts[which]
            starts[mine], ends[mine] = part.start[at], part.ends(part.start[at])
        known = np.ones(self.size, bool)
        return spans(ends, ends, known) if only_end else spans(starts, ends, known)

    def _results(self) -> Values:
        numbers, texts = np.full(self.size, np.nan), texts_of([""] * self.size)
        worded = np.zeros(self.size, bool)
        for which, mine, at in self._by_part():
            part = self.world.parts[which]
            in_words = np.array([part.in_words(one.column) for one in part.streams] or [False])
            mine_worded = in_words[part.stream[at]]
            worded[mine] = mine_worded
            numbers[mine] = np.where(mine_worded, np.nan, part.result[at])
            words = texts_of(part.words or [""])
            texts[mine] = words[np.where(mine_worded, part.result[at], 0).astype("i8")]
        return mixed(numbers, ~worded, texts, worded)

    def _by_part(self) -> list[tuple[int, Ints, Ints]]:
        """For each part with observations among these: which it is, which of these, and where in it."""
        which = np.searchsorted(self.world.observations, self.places, "right") - 1
        found = []
        for one in np.unique(which).tolist():
            mine = np.flatnonzero(which == one)
            found.append((one, mine, self.places[mine] - int(self.world.observations[one])))
        return found


def _times(texts: list[str | None]) -> Values:
    sides = [(one or "1970-01-01T00:00:00Z").split("/") for one in texts]
    starts, ends = (
        np.array([millis(datetime.fromisoformat(side[end])) for side in sides], "i8") for end in (0, -1)
    )
    return spans(starts, ends, np.array([one is not None for one in texts], bool))
