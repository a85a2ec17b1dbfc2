"""History: questions over observations, rollups and states. Wings meet only at this front."""

from services.history.areas import DayFigure
from services.history.questions import History

__all__ = ["DayFigure", "History"]
