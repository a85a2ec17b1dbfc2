"""Analyses of the city's memory by domain, for those who plan and maintain. Wings meet only at this front."""

from services.analysis.analysis import LONGEST_DAYS, Analysis

__all__ = ["LONGEST_DAYS", "Analysis"]
