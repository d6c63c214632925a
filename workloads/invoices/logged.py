"""Logged spend by day and model, under its own prices and under every hypothesis, computed in SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.analysis.priced_log import PricedLog
from workloads.checks.hypotheses import Hypothesis, build_joins, create_other_rates, list_hypotheses
from workloads.invoices.invoice import LineKind

MAX_CELLS = 20_000
MAX_SLOTS = 200_000
SLOT_SECONDS = 1_800
_KIND_COSTS: Mapping[LineKind, str] = {
    LineKind.FRESH_INPUT: """p.fresh_input * p.p_fresh + p.audio_input * (p.p_audio_input - p.p_fresh)
        + p.image_input * (p.p_image_input - p.p_fresh)""",
    LineKind.CACHE_READ: "p.cache_read * p.p_read + p.audio_read * (p.p_audio_read - p.p_read)",
    LineKind.CACHE_WRITE: "p.cache_write * p.p_write + p.cache_write_1h * (p.p_write_1h - p.p_write)",
    LineKind.OUTPUT: "p.cost_output",
}


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


def list_slots(log: PricedLog) -> dict[int, Decimal]:
    """Return the cost of each half hour since 1970, to find by how much an invoice's days are shifted."""
    rows = log.fetch_all(
        f"""SELECT epoch_us("at") // {SLOT_SECONDS * 1_000_000} AS slot, sum(cost - fees) FROM priced
        WHERE cost IS NOT NULL GROUP BY slot LIMIT {MAX_SLOTS}"""
    )
    return dict(rows)


def compute_logged(log: PricedLog, *, shift_minutes: int) -> LoggedSpend:
    """Return the log's spend by day, moved by `shift_minutes`, and model. Raises BadInput for too many of them."""
    hypotheses = list_hypotheses()
    create_other_rates(log, log.build_pricer(), frozenset(model.model for model in log.prices.models))
    day = f"""(p."at" + INTERVAL ({shift_minutes}) MINUTE)::DATE""" if has_days(log) else "NULL::DATE"
    kinds = ", ".join(f"sum(({sql})::DECIMAL(24,12))" for sql in _KIND_COSTS.values())
    others = ", ".join(f"sum(({each.cost} - p.fees)::DECIMAL(24,12))" for each in hypotheses)
    rows = log.fetch_all(
        f"""SELECT {day} AS day, p.model, p.provider, sum(p.cost - p.fees), sum(p.fees), {kinds}, {others}
        FROM priced p {build_joins()} WHERE p.cost IS NOT NULL GROUP BY ALL ORDER BY ALL LIMIT {MAX_CELLS + 1}"""
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
    kinds, others = amounts[: len(_KIND_COSTS)], amounts[len(_KIND_COSTS) :]
    return LoggedCell(
        day=day,  # type: ignore[arg-type]
        model=model,  # type: ignore[arg-type]
        provider=provider,  # type: ignore[arg-type]
        cost=cost,  # type: ignore[arg-type]
        fees=fees,  # type: ignore[arg-type]
        kinds=dict(zip(_KIND_COSTS, kinds, strict=True)),  # type: ignore[arg-type]
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
