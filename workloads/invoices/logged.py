"""Logged spend by day and model, under its own prices and under every hypothesis, computed in SQL.

Rows are read once, and summed by half hour, model and everything that decides their prices. The hypotheses are computed
over these sums, which gives the same amounts to the last digit: see workloads.checks.hypotheses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.analysis.priced_log import PricedLog
from workloads.checks.hypotheses import (
    PRICES_OF_ROWS,
    SUMMED_COLUMNS,
    Hypothesis,
    build_joins,
    build_rows,
    create_other_rates,
    list_hypotheses,
    list_intervals,
)
from workloads.invoices.invoice import LineKind

MAX_CELLS = 20_000
MAX_SLOTS = 200_000
SLOT_SECONDS = 1_800
_KINDS: Mapping[LineKind, str] = {
    LineKind.FRESH_INPUT: "cost_fresh",
    LineKind.CACHE_READ: "cost_read",
    LineKind.CACHE_WRITE: "cost_write",
    LineKind.OUTPUT: "cost_output",
}
_KIND_COSTS: Mapping[str, str] = {
    "cost_fresh": """fresh_input * p_fresh + audio_input * (p_audio_input - p_fresh)
        + image_input * (p_image_input - p_fresh)""",
    "cost_read": "cache_read * p_read + audio_read * (p_audio_read - p_read)",
    "cost_write": "cache_write * p_write + cache_write_1h * (p_write_1h - p_write)",
}
_SUMS = (*SUMMED_COLUMNS, *_KIND_COSTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCell:
    """The priced rows of one day (None: the log has no dates) and model, in USD. `cost` is without `fees`; `others` are
    their costs under each hypothesis, without fees, None where it has no price."""

    day: date | None
    model: str | None
    provider: str | None
    cost: Decimal
    fees: Decimal
    kinds: Mapping[LineKind, Decimal]
    others: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedSpend:
    cells: tuple[LoggedCell, ...]
    hypotheses: tuple[Hypothesis, ...]
    unpriced: tuple[tuple[str | None, str | None], ...]


def has_days(log: PricedLog) -> bool:
    return log.has_times and not log.source.relative_clock


def create_slots(log: PricedLog) -> str:
    """Create the TEMP tables of other rates, and of the priced rows, summed by half hour, model and prices.

    Returns the name of the second one. `slot` are half hours since 1970, NULL if the log has no dates.
    """
    create_other_rates(log, log.build_pricer(), frozenset(model.model for model in log.prices.models))
    slot = f"""epoch_us("at") // {SLOT_SECONDS * 1_000_000}""" if has_days(log) else "NULL::BIGINT"
    keys = ", ".join(("model", "provider", "key", *PRICES_OF_ROWS))
    intervals = ", ".join(f"{sql} AS interval_{place}" for place, sql in enumerate(list_intervals(log)))
    costs = ", ".join(f"({sql})::DECIMAL(24,12) AS {name}" for name, sql in _KIND_COSTS.items())
    sums = ", ".join(f"sum({column})::{_get_type(column)} AS {column}" for column in _SUMS)
    first = ", ".join(f"min({column}) AS {column}" for column in ("moment", "second", "size"))
    return log.create_table(
        "billed_slots",
        f"""CREATE TEMP TABLE billed_slots AS SELECT {keys}, slot, COLUMNS('interval_.*'), {first}, {sums}
        FROM (SELECT *, {slot} AS slot, {costs}, {intervals} FROM ({build_rows()}) WHERE cost IS NOT NULL)
        GROUP BY ALL""",
    )


def _get_type(column: str) -> str:
    return "DECIMAL(24,12)" if column.startswith(("cost", "kinds", "fees")) else "BIGINT"


def list_slots(log: PricedLog, slots: str) -> dict[int, Decimal]:
    """Return the cost of each half hour since 1970, to find by how much an invoice's days are shifted."""
    return dict(log.fetch_all(f"SELECT slot, sum(cost - fees) FROM {slots} GROUP BY slot LIMIT {MAX_SLOTS}"))


def compute_logged(log: PricedLog, slots: str, *, shift_minutes: int) -> LoggedSpend:
    """Return the spend in the table `slots` by day, moved by `shift_minutes` (whole half hours), and model.

    Raises BadInput for too many of them.
    """
    hypotheses = list_hypotheses()
    day = f"make_timestamp((slot * {SLOT_SECONDS} + {shift_minutes * 60}) * 1000000)::DATE"
    kinds = ", ".join(f"sum(p.{column})" for column in _KINDS.values())
    others = ", ".join(f"sum(({each.cost} - p.fees)::DECIMAL(24,12))" for each in hypotheses)
    rows = log.fetch_all(
        f"""SELECT {day} AS day, p.model, p.provider, sum(p.cost - p.fees), sum(p.fees), {kinds}, {others}
        FROM {slots} p {build_joins()} GROUP BY ALL ORDER BY ALL LIMIT {MAX_CELLS + 1}"""
    )
    if len(rows) > MAX_CELLS:
        raise BadInput(text("The log has too many days and models to be compared with an invoice."))
    return LoggedSpend(
        cells=tuple(_to_cell(row) for row in rows),
        hypotheses=hypotheses,
        unpriced=tuple((model.model, model.provider) for model in log.prices.unpriced),
    )


def _to_cell(row: Sequence[object]) -> LoggedCell:
    day, model, provider, cost, fees, *amounts = row
    kinds, others = amounts[: len(_KINDS)], amounts[len(_KINDS) :]
    return LoggedCell(
        day=day,  # type: ignore[arg-type]
        model=model,  # type: ignore[arg-type]
        provider=provider,  # type: ignore[arg-type]
        cost=cost,  # type: ignore[arg-type]
        fees=fees,  # type: ignore[arg-type]
        kinds=dict(zip(_KINDS, kinds, strict=True)),  # type: ignore[arg-type]
        others=tuple(others),  # type: ignore[arg-type]
    )


def find_shift(slots: Mapping[int, Decimal], billed: Mapping[date, Decimal]) -> int:
    """Return the minutes by which the log's times must be moved so that their days are those of the invoice.

    0 unless a shift halves the differences by day, which must be more than a fiftieth of what was billed.
    """
    best, smallest = 0, _measure_gap(slots, billed, 0)
    usual = smallest
    for minutes in sorted(range(-14 * 60, 14 * 60 + 1, 30), key=lambda each: (abs(each), each)):
        gap = _measure_gap(slots, billed, minutes)
        if gap < smallest:
            best, smallest = minutes, gap
    total = sum(billed.values(), Decimal(0))
    return best if usual > abs(total) / 50 and smallest * 2 < usual else 0


def _measure_gap(slots: Mapping[int, Decimal], billed: Mapping[date, Decimal], minutes: int) -> Decimal:
    """Return the sum of the differences of inner days; the first and last one may be incomplete."""
    days: dict[date, Decimal] = {}
    start = date(1970, 1, 1)
    offset, per_day = minutes // 30, 86_400 // SLOT_SECONDS
    for slot, cost in slots.items():
        day = start + timedelta(days=(slot + offset) // per_day)
        days[day] = days.get(day, Decimal(0)) + cost
    return sum((abs(days.get(day, Decimal(0)) - amount) for day, amount in billed.items()), Decimal(0))
