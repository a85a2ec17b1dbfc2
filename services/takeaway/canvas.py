"""One frame of a replay as a picture: the ground drawn once, points, symbols and the clock each time."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageColor, ImageDraw

from model.domains import ASSET_TYPES, TYPE_ORDER
from model.series import Density
from model.texts import Words
from model.tokens import colours
from services.takeaway.ground import Frame, Lines, frame_over
from services.takeaway.sprites import SEMIBOLD, font, plain, sprite
from services.takeaway.state_table import Moment, class_names

WIDTH, HEIGHT = 960, 800
HEAD, FOOT = 56, 92
TWICE = 2
SIDE = 16
QUIET = ("out_of_service", "unknown", "normal", "active")
LOUD = ("maintenance", "consequence", "degraded", "comms_lost", "fault")
SIZES = {"maintenance": 12, "consequence": 9, "degraded": 13, "comms_lost": 13, "fault": 15}
_COLOURS = {"out_of_service": "border", "unknown": "border", "normal": "lamp", "active": "lampOn"}
_MOVING = np.array([ASSET_TYPES[name].moving for name in TYPE_ORDER])

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Text:
    """What stands on every frame: the place, what the picture is, and the lines at its foot."""

    place: str
    what: str
    foot: tuple[str, ...]


class Canvas:
    """Draws frames of one city: ``moment`` tells where its assets are, ``density`` what the bar shows."""

    def __init__(
        self,
        say: Words,
        moment: Moment,
        lines: Lines,
        bounds: tuple[float, float, float, float],
        density: Density,
        text: Text,
        theme: str,
    ) -> None:
        self._say, self._text, self._theme, self._density = say, text, theme, density
        self._shade = colours(theme)
        self._frame = frame_over(lines, bounds, WIDTH, HEIGHT - HEAD - FOOT)
        columns = moment.columns
        x, y = self._frame.place(columns.lon, columns.lat)
        self._x, self._y = np.rint(x).astype("i4"), np.rint(y).astype("i4") + HEAD
        inside = (x > 1) & (x < WIDTH - 2) & (y > 1) & (y < HEIGHT - HEAD - FOOT - 2)
        self._here = inside & ~_MOVING[columns.types]
        self._base = np.asarray(self._ground(lines))

    def place_of(self, index: int) -> tuple[int, int]:
        """The pixel the asset at live ``index`` is drawn at."""
        return int(self._x[index]), int(self._y[index])

    def frame(self, codes: npt.NDArray[np.uint8], at: datetime) -> Image.Image:
        """The city with ``codes`` (display codes u1, n) at ``at``, RGB."""
        classes = class_names(codes)
        pixels = self._base.copy()
        for name in QUIET:
            self._dots(pixels, self._here & (classes == name), self._shade[_COLOURS[name]])
        picture = Image.fromarray(pixels)
        for name in LOUD:
            self._symbols(picture, np.flatnonzero(self._here & (classes == name)), name)
        self._write(picture, classes, at)
        return picture

    def _ground(self, lines: Lines) -> Image.Image:
        """Land, streets and borders, and what is the same on every frame."""
        size = (WIDTH * TWICE, (HEIGHT - HEAD - FOOT) * TWICE)
        drawn = Image.new("RGB", size, self._shade["outside"])
        pen = ImageDraw.Draw(drawn)
        for line in lines.areas:
            pen.polygon(_scaled(self._frame, line), self._shade["land"])
        for rank in sorted(lines.streets, reverse=True):
            for line in lines.streets[rank]:
                pen.line(_scaled(self._frame, line), self._shade["avenue"], 3 if rank == 1 else 2)
        for line in lines.areas:
            pen.line(_scaled(self._frame, line), self._shade["border"], 2)
        whole = Image.new("RGB", (WIDTH, HEIGHT), self._shade["panel"])
        small = drawn.resize((WIDTH, HEIGHT - HEAD - FOOT), Image.Resampling.LANCZOS)
        whole.paste(small, (0, HEAD))
        pen = ImageDraw.Draw(whole)
        pen.text((SIDE, 10), plain(self._text.place), self._shade["ink"], font(20, SEMIBOLD))
        pen.text((SIDE, 34), plain(self._text.what), self._shade["ink2"], font(13))
        for row, told in enumerate(self._text.foot):
            pen.text((SIDE, HEIGHT - 40 + row * 17), plain(told), self._shade["ink3"], font(13))
        self._bars(pen)
        return whole

    def _bars(self, pen: ImageDraw.ImageDraw) -> None:
        """Changes by gravity over the whole time, as the timeline shows them."""
        density = self._density
        graves = [("fault", "fault"), ("degraded", "degraded"), ("comms_lost", "comms")]
        totals = sum(getattr(density, name) for name, _ in graves)
        top = max(1, int(np.max(totals, initial=0)))
        width = (WIDTH - 2 * SIDE) / max(1, len(density.times))
        floor = HEIGHT - 50
        pen.line([(SIDE, floor), (WIDTH - SIDE, floor)], self._shade["rule2"], 1)
        for step in range(len(density.times)):
            y = float(floor)
            for name, colour in graves:
                high = getattr(density, name)[step] / top * 30
                if high:
                    x = SIDE + step * width
                    pen.rectangle([x, y - high, x + max(1.0, width - 1), y], self._shade[colour])
                    y -= high

    def _dots(self, pixels: Pixels, kept: npt.NDArray[np.bool_], colour: str) -> None:
        """Points of two pixels square."""
        x, y, ink = self._x[kept], self._y[kept], ImageColor.getrgb(colour)
        for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
            pixels[y + dy, x + dx] = ink

    def _symbols(self, picture: Image.Image, indices: npt.NDArray[np.intp], name: str) -> None:
        drawn = sprite(name, SIZES[name], self._theme)
        half = drawn.width // 2
        for index in indices.tolist():
            place = int(self._x[index]) - half, int(self._y[index]) - half
            picture.paste(drawn, place, drawn)

    def _write(self, picture: Image.Image, classes: npt.NDArray[np.object_], at: datetime) -> None:
        """The clock, the date, how many of each gravity, and where on the bar this is."""
        pen, say = ImageDraw.Draw(picture), self._say
        right = WIDTH - SIDE
        pen.text((right, 8), say.time(at), self._shade["ink"], font(32, SEMIBOLD), anchor="ra")
        pen.text((right - 96, 22), plain(say.day(at, "full")), self._shade["ink2"], font(15), anchor="ra")
        for row, name in enumerate(reversed(LOUD)):
            y = HEAD + 14 + row * 22
            drawn = sprite(name, 16, self._theme)
            picture.paste(drawn, (SIDE, y), drawn)
            count = say.number(int((classes == name).sum()))
            text = plain(f"{count}  {say(f'legend.{name}')}")
            pen.text((SIDE + 24, y + 8), text, self._shade["ink"], font(13), anchor="lm")
        times = self._density.times
        if len(times):
            whole = len(times) * self._density.step_s
            x = SIDE + (at.timestamp() - times[0]) / whole * (WIDTH - 2 * SIDE)
            x = min(max(x, SIDE), right)
            pen.line([(x, HEIGHT - FOOT + 6), (x, HEIGHT - 46)], self._shade["ink"], 2)


def _scaled(frame: Frame, line: npt.NDArray[np.float64]) -> list[tuple[float, float]]:
    x, y = frame.place(line[:, 0], line[:, 1])
    return list(zip((x * TWICE).tolist(), (y * TWICE).tolist(), strict=True))
