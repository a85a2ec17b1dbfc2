"""Boards that people compose: kept in versions, shared within rights, proposed to the public.

Wings meet only at this front.
"""

from services.composing.compositions import Compositions
from services.composing.proposing import Wish

__all__ = ["Compositions", "Wish"]
