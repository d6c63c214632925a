"""Small logs made by hypothesis, and what queries about them say, in plain Python."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st

from tests.support.workloads.builder import START, Requests
from workloads.analysis.analysis import Analysis

patient = settings(deadline=None, max_examples=settings().max_examples // 6)
"""Each example writes a log and opens it."""

MILLION = Decimal(1_000_000)
PRICES = {"gpt-4o": ("2.5", "1.25", "10"), "gpt-4o-mini": ("0.15", "0.075", "0.6"), "nobody-knows": None}
"""USD per million tokens of fresh input, cached input and output."""

Row = dict[str, Any]

rows: st.SearchStrategy[list[Row]] = st.lists(
    st.fixed_dictionaries(
        {
            "second": st.integers(0, 40 * 86_400),
            "model": st.sampled_from(list(PRICES)),
            "feature": st.sampled_from(["chat", "search", "it's; DROP", None]),
            "team": st.sampled_from(["a", "b", None]),
            "end_user": st.sampled_from(["ann", "bob", "cid", None]),
            "fresh_input": st.integers(0, 5_000),
            "cache_read": st.integers(0, 5_000),
            "output": st.integers(0, 900),
            "ok": st.sampled_from([True, False]),
            "latency_ms": st.sampled_from([None, 120.0, 900.0, 1_700.0]),
        }
    ),
    min_size=1,
    max_size=25,
)


def open_analysis(made: Iterable[Row], folder: Path) -> Analysis:
    log = Requests()
    for row in made:
        log.add(**row)
    return log.write(folder).analysis()


def cost(row: Row) -> Decimal | None:
    prices = PRICES[row["model"]]
    if prices is None:
        return None
    fresh, read, output = map(Decimal, prices)
    exact: Decimal = (row["fresh_input"] * fresh + row["cache_read"] * read + row["output"] * output) / MILLION
    return exact


def local(row: Row, zone: str) -> datetime:
    at = START + timedelta(seconds=row["second"])
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


KEYS: dict[str, Callable[[Row, str], Any]] = {
    "model": lambda row, _: row["model"],
    "feature": lambda row, _: row["feature"],
    "team": lambda row, _: row["team"],
    "user": lambda row, _: row["end_user"],
    "status": lambda row, _: "succeeded" if row["ok"] else "failed",
    "hour": lambda row, zone: local(row, zone).replace(minute=0, second=0),
    "day": lambda row, zone: midnight(local(row, zone)),
    "week": lambda row, zone: midnight(local(row, zone)) - timedelta(days=local(row, zone).weekday()),
    "month": lambda row, zone: midnight(local(row, zone)).replace(day=1),
    "weekday": lambda row, zone: local(row, zone).isoweekday(),
    "hour_of_day": lambda row, zone: local(row, zone).hour,
}


def spend(chosen: Iterable[Row]) -> Decimal | None:
    costs = [each for row in chosen if (each := cost(row)) is not None]
    return sum(costs, Decimal(0)) if costs else None


def tokens(chosen: Iterable[Row]) -> int | None:
    chosen = list(chosen)
    return sum(row["fresh_input"] + row["cache_read"] + row["output"] for row in chosen) if chosen else None


def error_rate(chosen: Iterable[Row]) -> float | None:
    chosen = list(chosen)
    return sum(not row["ok"] for row in chosen) / len(chosen) if chosen else None


MEASURES: dict[str, Callable[[Iterable[Row]], Any]] = {
    "spend": spend,
    "requests": lambda chosen: len(list(chosen)),
    "tokens": tokens,
    "error_rate": error_rate,
    "users": lambda chosen: len({row["end_user"] for row in chosen} - {None}),
}


def same(found: Any, expected: Any) -> bool:
    if isinstance(expected, float):
        return found is not None and abs(float(found) - expected) < 1e-12
    return bool(found == expected)
