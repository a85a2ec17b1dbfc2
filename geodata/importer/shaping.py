"""From rows as read to rows as staged: placed, checked, cleaned, written as COPY text.

All refusals that one row alone can earn happen here; what needs the whole file or the database (repeated
ids, ids of another source) follows in ``staging``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import shapely

from geodata.importer import fields
from geodata.importer.batch import Batch
from geodata.importer.fields import Refusals
from geodata.importer.profile import ImportProfile
from geodata.importer.report import Rejection
from geodata.importer.shapes import Shapes, in_wgs84, mended, read_shapes
from geodata.placing import (
    WGS84,
    Explanation,
    Floats,
    Place,
    explain,
    short_name,
    to_wgs84,
    transformer,
    within,
)
from geodata.profiles import CityProfile
from model.errors import BadFile

TOLERATED = 0.2
"""Share of misplaced rows above which the file itself is doubted and refused, not its rows."""
SAMPLE = 20
"""Misplaced rows looked at before a file may be given up early."""
DIGITS = 7
"""Decimals of stored degrees: a centimetre, so that the last bit of a projection is no change."""


@dataclass
class Staged:
    """One batch ready for COPY: its lines, the refusals, and figures for the report.

    ``points`` c16: x + iy of the accepted points as the file wrote them, to count duplicate positions;
    empty where the rows are lines or surfaces.
    """

    lines: list[str]
    rejections: list[Rejection]
    points: npt.NDArray[np.complex128]
    filtered: int
    mended: int


class Shaper:
    """Shapes the batches of one file, read as ``crs``, for one city."""

    def __init__(self, profile: ImportProfile, city: CityProfile, crs: str, file: str) -> None:
        self._profile, self._city, self._crs, self._file = profile, city, crs, file
        self._seed = f"{profile.target}|{profile.domain}|{profile.asset_type}|{profile.area_kind}".encode()
        self._seen = 0
        self._misplaced: list[tuple[int, Explanation]] = []
        self._misplaced_count = 0

    def shape(self, batch: Batch) -> Staged:
        """``batch`` staged. BadFile as soon as too many rows are misplaced to trust the file."""
        read = len(batch)
        broken = [Rejection(row, "wrong_columns", value=str(n)) for row, n in batch.broken.items()]
        fields.recode(batch, self._profile)
        batch = batch.only(fields.matching(batch, self._profile.filters))
        raw = read_shapes(batch, self._profile.position)
        if self._profile.outside == "leave":
            near = self._inside(in_wgs84(raw, self._crs)) | ~np.isfinite(raw.x)
            batch, raw = batch.only(near), _only(raw, near)
        refusals = Refusals(batch.rows, self._ids(batch, raw))
        placed, count = self._place(raw, refusals)
        lines = self._lines(batch, placed, refusals)
        kept = np.ones(len(batch), bool)
        kept[list(refusals.found)] = False
        accepted = [line for at, line in enumerate(lines) if at not in refusals.found]
        points = (raw.x + 1j * raw.y)[kept & (raw.shapes is None)]
        rejections = sorted([*broken, *refusals.found.values()], key=lambda rejection: rejection.row)
        return Staged(accepted, rejections, points, read - len(batch), count)

    def _ids(self, batch: Batch, raw: Shapes) -> list[str]:
        if self._profile.id is not None:
            found = fields.texts(batch, self._profile.id)
        else:
            found = self._place_names(raw)
        prefix = self._profile.id_prefix
        return [prefix + text if text else "" for text in found] if prefix else found

    def _place_names(self, raw: Shapes) -> list[str]:
        """Ids for files that have none: the place to a decimetre in the city's metric system."""
        lon, lat = to_wgs84(raw.x, raw.y, self._crs)
        x, y = (raw.x, raw.y) if self._crs == self._city.metric_crs else _projected(lon, lat, self._city)
        pairs = zip(np.round(x, 1).tolist(), np.round(y, 1).tolist(), strict=True)
        return [f"{east}-{north}" for east, north in pairs]

    def _place(self, raw: Shapes, refusals: Refusals) -> tuple[Shapes, int]:
        """The batch in WGS84, mended; every row that is not surely in the city is refused."""
        for at, column in raw.unread.items():
            refusals.add(at, "unreadable_position", column)
        for at in raw.elsewhere:
            refusals.add(at, "positions_disagree", self._profile.position.check_lat_lon)
        count = self._mend(raw, refusals)
        placed = in_wgs84(raw, self._crs)
        inside = self._inside(placed)
        self._seen += len(inside)
        self._explain(np.flatnonzero(~inside), raw, refusals)
        return placed, count

    def _mend(self, raw: Shapes, refusals: Refusals) -> int:
        if raw.shapes is None:
            if self._profile.target != "asset":
                for at in np.flatnonzero(np.isfinite(raw.x)).tolist():
                    refusals.add(at, "wrong_geometry", value="Point")
            return 0
        shapes, fixed, wrong = mended(raw.shapes, self._profile.target)
        for at in wrong:
            refusals.add(at, "wrong_geometry", value=shapes[at].geom_type)
        raw.shapes = shapes
        return len(fixed)

    def _inside(self, placed: Shapes) -> npt.NDArray[np.bool_]:
        return within(*placed.boxes(), self._city.bounds)

    def _explain(self, places: npt.NDArray[np.int64], raw: Shapes, refusals: Refusals) -> None:
        """Refuse rows that are nowhere or elsewhere, each with the likeliest story."""
        columns = ", ".join(self._profile.position.columns[:2])
        open_places = [at for at in places.tolist() if at not in refusals.found]
        nowhere = np.isnan(raw.x) | np.isnan(raw.y)
        misplaced = [at for at in open_places if not nowhere[at]]
        self._misplaced_count += len(misplaced)
        hopeless = self._misplaced_count > max(SAMPLE, TOLERATED * self._seen)
        for at in misplaced[:SAMPLE] if hopeless else misplaced:
            x, y = float(raw.x[at]), float(raw.y[at])
            story = explain(x, y, self._crs, self._city)
            self._misplaced.append((int(refusals.rows[at]), story))
            refusals.add(at, story.place.key, columns, f"{x:.10g} {y:.10g}", story.system)
        if hopeless:
            raise self._refused()
        for at in open_places:
            refusals.add(at, "no_position", columns)

    def demand_placed(self) -> None:
        """BadFile when, at the end, more than a fifth of the rows are misplaced."""
        if self._misplaced_count > TOLERATED * self._seen:
            raise self._refused()

    def _refused(self) -> BadFile:
        rows = ", ".join(str(row) for row, _ in self._misplaced[:5])
        stories = [story for _, story in self._misplaced]
        likely = max(stories, key=stories.count)
        columns = ", ".join(self._profile.position.columns[:2]) or "the geometry"
        return BadFile(
            f"{self._file}: {self._misplaced_count} of the first {self._seen} positions ({columns}; "
            f"rows {rows}), read as {short_name(self._crs)}, are not in {self._city.title}. "
            f"{_advice(likely, self._profile)} "
            "Nothing was stored."
        )

    def _lines(self, batch: Batch, placed: Shapes, refusals: Refusals) -> list[str]:
        """Every row as COPY text: hash, row and id, then what the hash is of."""
        profile, zone = self._profile, self._city.zone
        for at, identity in enumerate(refusals.ids):
            if not identity:
                refusals.add(at, "no_id", ", ".join(profile.id.columns if profile.id else ()))
        content = [
            _escaped(self._names(batch, refusals.ids)),
            _escaped(fields.texts(batch, profile.street)),
            *_positions(placed),
            _escaped(fields.attributes(batch, profile, refusals, zone)),
            fields.moments(batch, profile, refusals, zone),
            fields.numbers(batch, profile, refusals, zone),
        ]
        bodies = map("\t".join, zip(*content, strict=True))
        keys = zip(batch.rows.tolist(), _escaped(refusals.ids), bodies, strict=True)
        seed = self._seed
        return [
            f"\\\\x{blake2b(body.encode(), digest_size=16, key=seed).hexdigest()}\t{row}\t{identity}\t{body}"
            for row, identity, body in keys
        ]

    def _names(self, batch: Batch, ids: list[str]) -> list[str]:
        names = fields.texts(batch, self._profile.label)
        default = self._profile.default_name
        return [name or default or identity for name, identity in zip(names, ids, strict=True)]


def _advice(story: Explanation, profile: ImportProfile) -> str:
    if story.place is Place.OTHER_SYSTEM:
        return f"They would be with --crs {story.system}: add it if that is how the file was made."
    if story.place is Place.SWAPPED and profile.position.lon:
        return "They would be with longitude and latitude exchanged: exchange lon and lat in [position]."
    if story.place is Place.SWAPPED:
        return 'They would be with longitude and latitude exchanged: set axes = "lat_lon" in [position].'
    return "No usual system or order of axes places them there: is this another city's file?"


def _projected(lon: Floats, lat: Floats, city: CityProfile) -> tuple[Floats, Floats]:
    x, y = transformer(WGS84, city.metric_crs).transform(lon, lat)
    return np.asarray(x, "f8"), np.asarray(y, "f8")


def _only(raw: Shapes, keep: npt.NDArray[np.bool_]) -> Shapes:
    """The rows of ``raw`` where ``keep`` is True, places of its marks moved along."""
    moved = np.cumsum(keep) - 1
    return Shapes(
        raw.x[keep],
        raw.y[keep],
        None if raw.shapes is None else raw.shapes[keep],
        {int(moved[at]): column for at, column in raw.unread.items() if keep[at]},
        {int(moved[at]) for at in raw.elsewhere if keep[at]},
    )


def _positions(placed: Shapes) -> Iterable[list[str]]:
    """Longitude, latitude and, unless all are points, the shape as hexadecimal EWKB."""
    count = len(placed.x)
    if placed.shapes is None:
        lon, lat = (map(repr, np.round(axis, DIGITS).tolist()) for axis in (placed.x, placed.y))
        return list(lon), list(lat), ["\\N"] * count
    packed = shapely.to_wkb(shapely.set_srid(placed.shapes, 4326), hex=True, include_srid=True)
    return ["\\N"] * count, ["\\N"] * count, [text or "\\N" for text in packed.tolist()]


def _escaped(column: list[str]) -> list[str]:
    """Text as COPY takes it; control characters are gone by now, so only the backslash matters."""
    if any("\\" in text for text in column):
        return [text.replace("\\", "\\\\") for text in column]
    return column
