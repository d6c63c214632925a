from tools.spending.models.budget import Budget, Period
from tools.spending.models.hold import Hold
from tools.spending.models.spend import DaySpend, Kind, Spend

__all__ = ["Budget", "DaySpend", "Hold", "Kind", "Period", "Spend"]
