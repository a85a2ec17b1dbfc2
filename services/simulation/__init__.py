"""Simulation: senders that are a feed like any other, and a replay of recorded observations."""

from services.simulation.posting import send
from services.simulation.replay import replay
from services.simulation.running import simulate
from services.simulation.wishes import StormWish, wish

__all__ = ["StormWish", "replay", "send", "simulate", "wish"]
