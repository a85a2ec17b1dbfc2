"""Analyses of the city's memory by domain, for those who plan and maintain. Wings meet only at this front."""

from services.analysis.analysis import LONGEST_DAYS, Analysis
from services.analysis.states import Stretches, stretches

__all__ = ["LONGEST_DAYS", "Analysis", "Stretches", "stretches"]
