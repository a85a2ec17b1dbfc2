"""Boards: the catalogue of figures, and the engine that computes them. Wings meet only at this front."""

from services.boards.boards import Boards
from services.boards.catalogue import FIGURES
from services.boards.engine import compute_board
from services.boards.programmes import Programmes
from services.boards.promises import Promises
from services.boards.reducing import pooled, reduce

__all__ = ["FIGURES", "Boards", "Programmes", "Promises", "compute_board", "pooled", "reduce"]
