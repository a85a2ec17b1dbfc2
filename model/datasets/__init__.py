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

BY_NAME: dict[str, Dataset] = {one.name: one for one in (*DATASETS, boards.COMPOSED_BOARDS)}
"""Whatever a publication may be of: an entry of the register, or a board somebody composed."""

__all__ = [
    "BY_NAME",
    "DATASETS",
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
