"""Key figures of the city: what is declared of them, and what a board of them holds."""

from model.kpis.declaration import DAYS_OF_A_YEAR, Good, Kpi, Measure, Period, Target
from model.kpis.results import AreaValue, KpiBoard, KpiResult, KpiTable, PeriodValue, Truth, TruthDay, Verdict

__all__ = [
    "DAYS_OF_A_YEAR",
    "AreaValue",
    "Good",
    "Kpi",
    "KpiBoard",
    "KpiResult",
    "KpiTable",
    "Measure",
    "Period",
    "PeriodValue",
    "Target",
    "Truth",
    "TruthDay",
    "Verdict",
]
