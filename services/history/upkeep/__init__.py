"""Keeping the figures true: rollups, corrections, and the proof that nothing is missing."""
