"""Since when a budget counts, and when it opens again."""

from datetime import datetime, timedelta

from tools.spending.models.budget import Period


def day_of(at: datetime) -> datetime:
    """The first moment of that UTC day."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def began(period: str, now: datetime) -> datetime:
    """Of a day or month. `now` is UTC."""
    return day_of(now).replace(day=1) if period == Period.MONTH else day_of(now)


def opens_at(period: str, now: datetime) -> datetime | None:
    """When the next period begins; None for a run's budget, which the next run has anew."""
    if period == Period.RUN:
        return None
    if period == Period.DAY:
        return day_of(now) + timedelta(days=1)
    return (began(period, now) + timedelta(days=32)).replace(day=1)
