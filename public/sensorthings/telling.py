"""Entities and lists of them as the standard's JSON, with their links and what is shown beside them."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from public.features.asked import BadParameter
from public.sensorthings.filters.judging import judged
from public.sensorthings.filters.values import ranked
from public.sensorthings.frames import Frame
from public.sensorthings.options import Options
from public.sensorthings.parts import Document, Ints
from public.sensorthings.paths import Places, dug, entity_address
from public.sensorthings.world import DATASTREAMS, FIELDS, OBJECTS, OBSERVATIONS, World

MOST_ENTITIES = 20_000
"""In one answer, those shown beside others too; a list ends early there, with the link to what follows."""

ARRAY_COMPONENTS = ("id", "phenomenonTime", "resultTime", "result", "resultQuality")


@dataclass
class Teller:
    """One answer of ``world``; ``root`` is the service's address, ``told`` how many entities it holds."""

    world: World
    root: str
    told: int = 0

    def listed(self, name: str, places: Places | None, options: Options, address: str) -> Document:
        """The list of the entities of ``name`` at ``places`` (None: all) that ``options`` want."""
        self._check(name, options)
        wanted = self._wanted(name, places, options)
        page = wanted[options.skip : options.skip + options.top]
        value: list[Document] = []
        for place in page.tolist() if isinstance(page, np.ndarray) else page:
            if value and self.told >= MOST_ENTITIES:
                break
            value.append(self.entity(name, place, options, checked=True))
        return self._with_links(options, address, len(wanted), value)

    def references(self, name: str, places: Places | None, options: Options, address: str) -> Document:
        """The addresses alone of the entities that are wanted."""
        self._check(name, options)
        wanted = self._wanted(name, places, options)
        page = wanted[options.skip : options.skip + options.top]
        value = [{"@iot.selfLink": self._address(name, int(place))} for place in page]
        return self._with_links(options, address, len(wanted), value)

    def array(self, places: Places | None, options: Options, address: str) -> Document:
        """Observations as arrays, one for each datastream of the page."""
        self._check(OBSERVATIONS, options)
        wanted = self._wanted(OBSERVATIONS, places, options)
        page = [int(place) for place in wanted[options.skip : options.skip + options.top]]
        components = [path[0] for path in options.select] or list(ARRAY_COMPONENTS)
        by_stream: dict[int, list[list[Any]]] = {}
        for place in page:
            cells = {"id": self.world.identity(OBSERVATIONS, place), **self.world.entity(OBSERVATIONS, place)}
            row = [cells.get(name) for name in components]
            by_stream.setdefault(self.world.stream_of(place), []).append(row)
        value = [
            {
                "Datastream@iot.navigationLink": self._address(DATASTREAMS, stream),
                "components": components,
                "dataArray@iot.count": len(rows),
                "dataArray": rows,
            }
            for stream, rows in by_stream.items()
        ]
        return self._with_links(options, address, len(wanted), value, len(page))

    def entity(self, name: str, place: int, options: Options, *, checked: bool = False) -> Document:
        """One entity with its links, and beside it what ``options`` expand."""
        if not checked:
            self._check(name, options)
        self.told += 1
        document = self._properties(name, place, options)
        here = self._address(name, place)
        chosen = {path[0] for path in options.select}
        for relation_name, relation in self.world.relations(name).items():
            address = f"{here}/{relation_name}"
            inner = options.expand.get(relation_name)
            if inner is None:
                if not chosen or relation_name in chosen:
                    document[f"{relation_name}@iot.navigationLink"] = address
                continue
            places = relation.of(place)
            if not relation.many:
                document[relation_name] = self.entity(relation.target, int(places[0]), inner)
                continue
            listed = self.listed(relation.target, places, inner, address)
            document[relation_name] = listed["value"]
            for link in ("@iot.count", "@iot.nextLink"):
                if link in listed:
                    document[relation_name + link] = listed[link]
        return document

    # --- one entity -----------------------------------------------------------------------------------------

    def _properties(self, name: str, place: int, options: Options) -> Document:
        told = self.world.entity(name, place)
        head = {
            "@iot.id": self.world.identity(name, place),
            "@iot.selfLink": self._address(name, place),
        }
        if not options.select:
            return {**head, **told}
        document: Document = {}
        for path in options.select:
            if path in (("id",), ("@iot.id",)):
                document["@iot.id"] = head["@iot.id"]
            elif path == ("@iot.selfLink",):
                document["@iot.selfLink"] = head["@iot.selfLink"]
            elif path[0] in told:
                _put(document, path, copy(dug(told, path)))
        return document

    def _address(self, name: str, place: int) -> str:
        return entity_address(self.root, name, self.world.identity(name, place))

    # --- lists ----------------------------------------------------------------------------------------------

    def _check(self, name: str, options: Options) -> None:
        """Refuse what there is not in a set."""
        relations = self.world.relations(name)
        known = {"id", "@iot.id", "@iot.selfLink", *FIELDS[name], *relations}
        for path in options.select:
            if path[0] not in known or (len(path) > 1 and path[0] not in OBJECTS):
                raise BadParameter("$select", f"{name} have no property {'/'.join(path)[:60]}")
        for relation in options.expand:
            if relation not in relations:
                raise BadParameter("$expand", f"{name} are not related to {relation[:60]}")

    def _wanted(self, name: str, places: Places | None, options: Options) -> range | Sequence[int] | Ints:
        if places is None:
            places = range(self.world.size(name))
        if options.filter is None and not options.order:
            return places
        kept = np.asarray(places, "i8")
        if options.filter is not None:
            kept = kept[judged(options.filter, Frame(self.world, name, kept))]
        if options.order:
            frame = Frame(self.world, name, kept)
            keys = [ranked(frame.values(path, "$orderby"), down) for path, down in options.order]
            # The first key counts most, and what it leaves equal stays as it was: pages keep their order.
            kept = kept[np.lexsort(keys[::-1])]
        return kept

    def _with_links(
        self, options: Options, address: str, wanted: int, value: list[Document], told: int | None = None
    ) -> Document:
        document: Document = {"@iot.count": wanted} if options.count else {}
        then = options.skip + (len(value) if told is None else told)
        if options.top and then < wanted:
            document["@iot.nextLink"] = f"{address}?{options.further(then, self.world.version)}"
        return {**document, "value": value}


def _put(document: Document, path: tuple[str, ...], value: Any) -> None:
    """``value`` at ``path``, making what is above it."""
    for name in path[:-1]:
        document = document.setdefault(name, {})
    document[path[-1]] = value
