"""The register of datasets, in the order of the domains. A new one is one entry in its domain's file."""

from model.datasets import access, boards, energy, lighting, surveillance, traffic, transport
from model.datasets.declaration import (
    Closed,
    Column,
    Dataset,
    Grain,
    Openness,
    Place,
    Secrecy,
    Sensitivity,
    Shape,
    Span,
)

DATASETS: tuple[Dataset, ...] = (
    *lighting.DATASETS,
    *traffic.DATASETS,
    *surveillance.DATASETS,
    *energy.DATASETS,
    *access.DATASETS,
    *transport.DATASETS,
)

KEY_FIGURES = tuple(one.name for one in DATASETS if one.name.endswith("-key-figures"))
"""The datasets the public panel of the figures of the month is drawn from."""

BY_NAME: dict[str, Dataset] = {one.name: one for one in (*DATASETS, boards.COMPOSED_BOARDS)}
"""Whatever a publication may be of: an entry of the register, or a board somebody composed."""

__all__ = [
    "BY_NAME",
    "DATASETS",
    "KEY_FIGURES",
    "Closed",
    "Column",
    "Dataset",
    "Grain",
    "Openness",
    "Place",
    "Secrecy",
    "Sensitivity",
    "Shape",
    "Span",
]
