"""Rules called useless: the queue in which they are looked at again, with a change that facts propose."""

from services.alarms.reviews.queue import Reviews
from services.alarms.reviews.trying import side_by_side

__all__ = ["Reviews", "side_by_side"]
