"""Boards: the catalogue of figures, and the engine that computes them. Wings meet only at this front."""

from services.boards.area_maps import AreaMaps
from services.boards.boards import Boards
from services.boards.catalogue import FIGURES
from services.boards.engine import compute_board
from services.boards.reducing import pooled, reduce

__all__ = ["FIGURES", "AreaMaps", "Boards", "compute_board", "pooled", "reduce"]
