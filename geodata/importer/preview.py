"""The map of a rehearsal: one HTML file with an inline drawing, nothing fetched from anywhere."""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, radians
from pathlib import Path

import shapely
from sqlalchemy import Connection, text

from geodata.importer.report import ImportReport
from geodata.profiles import Bounds, CityProfile
from model.domains import TYPE_ORDER
from model.texts import Words, words
from model.tokens import colours

WIDTH = 1200.0
POINTS = 20_000
"""Assets drawn at most, evenly taken from all; the counts beside the map are of all."""


@dataclass(frozen=True)
class _Sheet:
    """The drawing's plane: degrees of the city's bounds to pixels, north up."""

    bounds: Bounds

    @property
    def scale(self) -> float:
        return WIDTH / ((self.bounds.east - self.bounds.west) * self._squeeze)

    @property
    def height(self) -> float:
        return (self.bounds.north - self.bounds.south) * self.scale

    @property
    def _squeeze(self) -> float:
        return cos(radians((self.bounds.south + self.bounds.north) / 2))

    def at(self, lon: float, lat: float) -> str:
        """The place of a position as SVG writes it."""
        x = (lon - self.bounds.west) * self._squeeze * self.scale
        return f"{x:.1f},{(self.bounds.north - lat) * self.scale:.1f}"


def write_preview(
    connection: Connection, city: CityProfile, reports: Sequence[ImportReport], path: Path
) -> Path:
    """Draw areas, streets and assets as ``connection`` sees them now to ``path``, with the reports below.

    In the city's first language. No script, no link, no outside request.
    """
    say = words(city.languages[0], city.time_zone)
    sheet = _Sheet(city.bounds)
    body = "".join(
        [
            f"<h1>{html.escape(say('import.preview.title', city=city.title))}</h1>",
            f"<p>{html.escape(say('import.preview.rehearsal'))}</p>",
            _drawing(connection, sheet, say),
            *(f"<pre>{html.escape(report.text(say))}</pre>" for report in reports),
        ]
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_PAGE.format(lang=say.language, style=_style(), body=body), encoding="utf-8")
    return path


_PAGE = (
    '<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Vigie</title>'
    "<style>{style}</style></head><body>{body}</body></html>"
)


def _style() -> str:
    ink = colours("light")
    return (
        f"body{{font:15px/1.5 system-ui,sans-serif;margin:24px;color:{ink['ink']};background:{ink['panel']}}}"
        f"svg{{width:100%;height:auto;max-height:82vh;background:{ink['outside']}}}"
        f".area{{fill:{ink['land']};stroke:{ink['border']}}}.street{{fill:none;stroke:{ink['street']}}}"
        f".rank1{{stroke:{ink['avenue']};stroke-width:2}}.asset{{stroke:{ink['maint']};stroke-width:2.4;"
        "stroke-linecap:round;fill:none}pre{white-space:pre-wrap}"
    )


def _drawing(connection: Connection, sheet: _Sheet, say: Words) -> str:
    total = int(connection.scalar(text("SELECT count(*) FROM asset WHERE removed_at IS NULL")) or 0)
    label = html.escape(say("import.preview.map", count=say.number(total)), quote=True)
    parts = [
        _paths("area", connection.execute(text("SELECT ST_AsBinary(geometry) FROM area ORDER BY id")), sheet),
        _streets(connection, sheet),
        _assets(connection, sheet, total, say),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {sheet.height:.0f}" role="img" '
        f'aria-label="{label}">{"".join(parts)}</svg>'
    )


def _streets(connection: Connection, sheet: _Sheet) -> str:
    query = text(
        "SELECT ST_AsBinary(geometry) FROM street WHERE removed_at IS NULL AND (rank = 1) = :main ORDER BY id"
    )
    minor, main = (connection.execute(query, {"main": main}) for main in (False, True))
    return _paths("street", minor, sheet) + _paths("street rank1", main, sheet)


def _assets(connection: Connection, sheet: _Sheet, total: int, say: Words) -> str:
    """A group a type: points as dots, lines and surfaces by their outline; a title names the type."""
    query = text(
        "SELECT ST_AsBinary(geometry) FROM (SELECT geometry, row_number() OVER (ORDER BY id) AS turn "
        "FROM asset WHERE removed_at IS NULL AND asset_type = :kind) a WHERE turn % :step = 0"
    )
    step = max(1, -(-total // POINTS))
    groups = []
    for kind in TYPE_ORDER:
        drawn = _paths("asset", connection.execute(query, {"kind": kind, "step": step}), sheet)
        if drawn:
            groups.append(f"<g><title>{html.escape(say(f'type.{kind}'))}</title>{drawn}</g>")
    return "".join(groups)


def _paths(css: str, rows: Iterable[Sequence[bytes]], sheet: _Sheet) -> str:
    lines = [_outline(shapely.from_wkb(bytes(row[0])), sheet) for row in rows]
    return f'<path class="{css}" d="{"".join(lines)}"/>' if lines else ""


def _outline(shape: shapely.Geometry, sheet: _Sheet) -> str:
    rings: list[shapely.Geometry] = []
    for part in shapely.get_parts(shape):
        rings += shapely.get_rings(part).tolist() if part.geom_type == "Polygon" else [part]
    return "".join(_track(shapely.get_coordinates(ring).tolist(), sheet) for ring in rings)


def _track(coordinates: list[list[float]], sheet: _Sheet) -> str:
    places = [sheet.at(lon, lat) for lon, lat in coordinates]
    return f"M{places[0]}L{' '.join(places[1:] or places)}"
