"""How good the alarms are: the load of each position against what the field holds acceptable."""

from services.alarms.quality.by_rule import rules_quality
from services.alarms.quality.figures import last_days, quality
from services.alarms.quality.positions import positions_of

__all__ = ["last_days", "positions_of", "quality", "rules_quality"]
