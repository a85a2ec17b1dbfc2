"""Programmes of renovation: works imported and kept, how far they are, and what they changed."""

from services.boards.programmes.front import Programmes

__all__ = ["Programmes"]
