"""What is drawn and said around key figures: outlines of the communes, and the pieces of a sentence."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outline:
    """A commune's outline as an SVG path in the board's little map."""

    area_id: int
    name: str
    path: str


@dataclass(frozen=True)
class LittleMap:
    """Outlines of all communes in one box of ``width`` by ``height``."""

    width: float
    height: float
    outlines: tuple[Outline, ...]


@dataclass(frozen=True)
class Phrase:
    """A piece of the board's sentence; what matters most is ``strong``, context is quiet."""

    text: str
    weight: str = "plain"
