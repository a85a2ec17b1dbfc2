"""Boards: the catalogue of key figures, and the engine that computes them. Wings meet only at this front."""

from services.boards.area_maps import AreaMaps
from services.boards.boards import Boards
from services.boards.catalogue import CITY_BOARD, KPI_BY_KEY, KPIS
from services.boards.demo_past import write_demo_repairs
from services.boards.keeping import keep_kpis, keep_kpis_once
from services.boards.verifying import recompute, verify

__all__ = [
    "CITY_BOARD",
    "KPIS",
    "KPI_BY_KEY",
    "AreaMaps",
    "Boards",
    "keep_kpis",
    "keep_kpis_once",
    "recompute",
    "verify",
    "write_demo_repairs",
]
