"""An animated replay: a time of the city as one picture that plays anywhere, made with Pillow.

Frames are drawn one by one as the encoder asks for them, so that memory holds one, however long it plays.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from sqlalchemy import Engine

from model.takeaway import Label, foot, period
from model.texts import Words
from services.history import History
from services.takeaway.canvas import Canvas, Text
from services.takeaway.ground import read_lines
from services.takeaway.making import a_place
from services.takeaway.reel import Pace, codes_by_frame, pace
from services.takeaway.state_table import Chosen, Moment, wanted
from services.takeaway.table import TooLong, TooMuch

DEADLINE_S = 90.0
MOST_BYTES = 40_000_000
BARS = 180

KINDS = {"webp": "image/webp", "gif": "image/gif"}


@dataclass(frozen=True, eq=False, slots=True)
class ReplayAsked:
    """What is replayed: the city's memory, A and B, the city at A, ``speed`` city seconds a second, the
    filters, the theme and the kind of file."""

    engine: Engine
    history: History
    area_kind: str
    bounds: tuple[float, float, float, float]
    a: datetime
    b: datetime
    before: Moment
    chosen: Chosen
    speed: float
    theme: str = "past"
    kind: str = "webp"


class Reel(Image.Image):
    """An image of many frames of which one is drawn at a time, when ``seek`` asks for it."""

    def __init__(self, frames: Iterator[Image.Image], count: int, deadline: float) -> None:
        super().__init__()
        self._frames, self._deadline = frames, deadline
        self.n_frames, self.is_animated, self._at = count, True, -1
        self.seek(0)

    def seek(self, frame: int) -> None:
        """Draw the next frame; EOFError past the last, TooLong past the deadline.

        Frames are drawn in order and once: an encoder goes through them so. Frame 0 may be asked again.
        """
        if frame >= self.n_frames:
            raise EOFError("no more frames")
        if time.monotonic() > self._deadline:
            raise TooLong(f"not ready within {DEADLINE_S:g} s: ask for a shorter time or a higher speed")
        while self._at < frame:
            drawn = next(self._frames)
            self._at += 1
            self.im, self._mode, self._size = drawn.im, drawn.mode, drawn.size
            self.palette = drawn.palette

    def tell(self) -> int:
        """The frame drawn now."""
        return self._at


def replay(asked: ReplayAsked, say: Words, label: Label) -> bytes:
    """The replay as a file. Blocks for some seconds.

    Raises TooLong past the deadline, TooMuch when the file would be larger than ``MOST_BYTES``, Unavailable.
    """
    deadline = time.monotonic() + DEADLINE_S
    with a_place():
        found = pace(asked.a, asked.b, asked.speed)
        reel = Reel(frames(asked, say, label, found), len(found.instants), deadline)
        out = BytesIO()
        reel.save(out, **_options(asked.kind, found))
    if out.tell() > MOST_BYTES:
        raise TooMuch(f"larger than {MOST_BYTES // 1_000_000} MB: ask for a shorter time or one domain")
    return out.getvalue()


def _options(kind: str, found: Pace) -> dict[str, Any]:
    # The last frame stays a while, so that the end is seen before it begins again.
    each = [found.each_ms] * (len(found.instants) - 1) + [max(2_000, found.each_ms)]
    if kind == "gif":
        return {"format": "GIF", "save_all": True, "duration": each, "loop": 0, "optimize": False}
    return {
        "format": "WEBP", "save_all": True, "duration": each, "loop": 0, "lossless": True, "quality": 20,
        "method": 0,
    }  # fmt: skip


def frames(asked: ReplayAsked, say: Words, label: Label, found: Pace) -> Iterator[Image.Image]:
    """The pictures of the replay, in order, RGB (for GIF with one palette for all)."""
    played = asked.history.played(asked.before.columns, asked.a, asked.b)
    density = asked.history.timeline(asked.a, asked.b, BARS).density
    lines = read_lines(asked.engine, asked.area_kind)
    text = Text(label.place, f"{label.title} · {period(say, label)}", tuple(foot(say, label)))
    moment = asked.before
    canvas = Canvas(say, moment, lines, asked.bounds, density, text, asked.theme)
    hidden = ~wanted(moment.columns, asked.chosen)
    palette: Image.Image | None = None
    for at, codes in zip(found.instants, codes_by_frame(played, found.instants), strict=True):
        drawn = canvas.frame(_without(codes, hidden), at)
        if asked.kind == "gif":
            palette = palette or drawn.quantize(255, dither=Image.Dither.NONE)
            drawn = drawn.quantize(palette=palette, dither=Image.Dither.NONE)
        yield drawn


def _without(codes: npt.NDArray[np.uint8], hidden: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """Codes with what the filters hide as normal: it recedes, and keeps its place."""
    return np.where(hidden, np.uint8(1), codes)
