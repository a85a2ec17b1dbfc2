"""One dataset as a partner is given it: the assets of its agreement's areas, with the agreed fields alone."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geodata.assets import Columns
from model.domains import ASSET_TYPES, TYPE_ORDER, AssetType
from model.errors import Unavailable
from model.observations import moment
from model.partners import Agreement, Dataset
from model.registry import AreaName
from model.states import FRESHNESS_SHIFT, Freshness, Status
from services.city import City
from services.takeaway import safe_cell

PAGE_MOST = 10_000
PAGE_USUAL = 1_000


@dataclass(frozen=True)
class Asked:
    """One question: which fields, of which area (0: all agreed ones), after which asset, how many."""

    fields: tuple[str, ...]
    area: int = 0
    after: int = 0
    limit: int = PAGE_USUAL


@dataclass(frozen=True)
class Page:
    """Rows in the order of the assets' numbers; ``more`` the number to go on after, 0 at the end."""

    fields: tuple[str, ...]
    rows: list[list[Any]]
    more: int


def page_of(city: City, agreement: Agreement, dataset: Dataset, asked: Asked) -> Page:
    """The rows of ``dataset`` that ``agreement`` allows. Blocks; raises Unavailable without a layout."""
    columns = city.live.columns
    if columns is None:
        raise Unavailable("the city's assets are not read yet")
    areas = {area.id: area for area in city.registry.areas()}
    found = np.flatnonzero(_allowed(columns, agreement, dataset, asked))
    shown = found[: asked.limit]
    reading = _Reading(city, columns, areas)
    writers = [reading.writers[field] for field in asked.fields]
    rows = [[write(index) for write in writers] for index in shown.tolist()]
    more = int(columns.ids[shown[-1]]) if len(found) > len(shown) else 0
    return Page(asked.fields, rows, more)


def _allowed(columns: Columns, agreement: Agreement, dataset: Dataset, asked: Asked) -> Any:
    """Which assets: of the dataset's types, in the agreement's areas. The city is narrowed to both already;
    asked here again, so that no mistake there gives anything away."""
    codes = [TYPE_ORDER.index(name) for name in dataset.types]
    wanted = np.isin(columns.types, codes) & (columns.ids > asked.after)
    if agreement.areas is not None:
        wanted &= np.isin(columns.areas, sorted(agreement.areas))
    return wanted & (columns.areas == asked.area) if asked.area else wanted


class _Reading:
    """The fields of one asset by live index."""

    def __init__(self, city: City, columns: Columns, areas: Mapping[int, AreaName]) -> None:
        self._columns = columns
        self._areas = areas
        # Taken once: a frame may arrive while the page is written.
        self._records, self._codes = city.live.records.copy(), city.live.codes.copy()
        self.writers: dict[str, Callable[[int], Any]] = {
            "id": lambda at: str(columns.external_ids[at]),
            "type": lambda at: self._type(at).name,
            "name": lambda at: str(columns.names[at]),
            "street": lambda at: str(columns.streets[at]),
            "area": lambda at: self._area(at, "name"),
            "area_code": lambda at: self._area(at, "code"),
            "longitude": lambda at: round(float(columns.lon[at]), 6),
            "latitude": lambda at: round(float(columns.lat[at]), 6),
            "status": lambda at: Status(int(self._records["status"][at])).key,
            "state": self._state,
            "freshness": lambda at: Freshness(int(self._codes[at]) >> FRESHNESS_SHIFT & 3).key,
            "measured_at": self._measured_at,
            "value": self._value,
            "unit": self._unit,
        }

    def _type(self, at: int) -> AssetType:
        return ASSET_TYPES[TYPE_ORDER[int(self._columns.types[at])]]

    def _area(self, at: int, what: str) -> str:
        area = self._areas.get(int(self._columns.areas[at]))
        return str(getattr(area, what)) if area else ""

    def _state(self, at: int) -> str | None:
        state = self._type(at).by_code.get(int(self._records["state"][at]))
        return state.name if state else None

    def _measured_at(self, at: int) -> str | None:
        seconds = int(self._records["time"][at])
        return moment(seconds).isoformat() if seconds else None

    def _value(self, at: int) -> float | None:
        value = float(self._records["value"][at])
        kind = self._type(at)
        if value != value or kind.main is None:
            return None
        return round(value, kind.by_property[kind.main].decimals)

    def _unit(self, at: int) -> str | None:
        kind = self._type(at)
        return kind.by_property[kind.main].unit if kind.main else None


def csv_of(fields: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """The rows as CSV (RFC 4180): a missing value is empty, no text is taken for a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(fields)
    for row in rows:
        writer.writerow([_cell(cell) for cell in row])
    return out.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return safe_cell(value) if isinstance(value, str) else value
