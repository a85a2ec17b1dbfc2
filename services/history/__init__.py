"""History: questions over observations, rollups and states. Wings meet only at this front."""

from services.history.questions import History

__all__ = ["History"]
