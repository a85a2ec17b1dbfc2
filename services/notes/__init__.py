"""Notes on time: works, storms and events told where and when they were, and bookmarks of the past.

What is noted is withdrawn, never deleted. Corrections of readings are history's (``services.history``).
Wings meet only at this front.
"""

from services.notes.annotations import annotations_between
from services.notes.book import Notes

__all__ = ["Notes", "annotations_between"]
