"""Open the analysis of a log's file in this process, and precompute the answers that a report needs.

For child processes with limits (ingest.sandbox_child, analysis.calculator_child): a log's file is opened only there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

from pydantic import TypeAdapter

from workloads.analysis.analysis import Analysis, ignore_share
from workloads.analysis.cache import AnswerCache
from workloads.analysis.priced_log import PricedLog
from workloads.analysis.profile import LogSpan
from workloads.analysis.spend import LogSpend
from workloads.ingest.database import attach_log, read_source
from workloads.invoices.invoice import BilledCosts
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.price_file import PriceFile
from workloads.pricing.prices import Prices

MIN_MEMORY_MB, MAX_MEMORY_MB = 200, 600
"""DuckDB's memory before it spills to disk; a process takes up to twice that, plus its own code. Not everything can
spill: percentiles of ten million requests (500 MB of a stored log) need more than those of a million."""


def open_analysis(
    path: Path,
    temp: Path,
    assumptions: Assumptions,
    *,
    answers_dir: Path | None = None,
    now: datetime | None = None,
    scratch: int | None = None,
    invoice: BilledCosts | None = None,
    price_file: PriceFile | None = None,
) -> Analysis:
    """Return an Analysis of the workload file at `path`, spilling at most `scratch` bytes into its own `temp`.

    Answers are cached in `answers_dir`, if given. If it has cached answers, the file is opened only to compute
    others. Raises BadInput for a file that is no workload, or for assumptions that it cannot be priced with.
    """
    now = now or datetime.now(UTC)
    cache = None if answers_dir is None else AnswerCache(answers_dir, path, assumptions, now.date(), price_file)
    analysis = Analysis(
        partial(_open_priced_log, path, temp, assumptions, now, scratch=scratch, price_file=price_file),
        assumptions,
        cache=cache,
        invoice=invoice,
    )
    if not cache:
        analysis.open()
    return analysis


def choose_memory(path: Path) -> str:
    """Return DuckDB's memory limit for the workload file at `path`: more for a larger one."""
    size = path.stat().st_size >> 20 if path.exists() else 0
    return f"{min(MIN_MEMORY_MB + size, MAX_MEMORY_MB)}MB"


def _open_priced_log(
    path: Path,
    temp: Path,
    assumptions: Assumptions,
    now: datetime,
    *,
    scratch: int | None,
    price_file: PriceFile | None,
) -> PricedLog:
    con = attach_log(path, temp=temp, memory=choose_memory(path), scratch=scratch)
    try:
        return PricedLog(con, read_source(con), assumptions, now=now, price_file=price_file)
    except BaseException:
        con.close()
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendSummary:
    """The exact cost of the requests in `currency`: of those with a price, and `stated` of those whose cost only the
    log states."""

    total: Decimal
    currency: str
    priced_requests: int | None  # None: rows sum up an unknown number
    unpriced_requests: int | None
    stated: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSummary:
    """The figures shown beside a log; None where they could not be computed."""

    extent: LogSpan | None = None
    spend: SpendSummary | None = None
    prices: Prices | None = None


MAX_SHOWN_PRICES = 200
"""Models in the table of prices beside a log."""

EMPTY_SUMMARY = LogSummary()
SUMMARY_ADAPTER: TypeAdapter[LogSummary] = TypeAdapter(LogSummary)


def precompute_answers(
    path: Path,
    temp: Path,
    answers_dir: Path,
    assumptions: Assumptions,
    *,
    scratch: int | None = None,
    price_file: PriceFile | None = None,
    on_share: Callable[[float], None] = ignore_share,
) -> LogSummary:
    """Compute all answers for a report about the workload file at `path`, and save them in `answers_dir`.

    Spills at most `scratch` bytes into `temp`, which must not be shared. `on_share` gets the share of the answers that
    is computed. Raises any error that a log can cause.
    """
    with open_analysis(
        path, temp, assumptions, answers_dir=answers_dir, scratch=scratch, price_file=price_file
    ) as analysis:
        summary = LogSummary(extent=analysis.extent(), spend=summarize_spend(analysis.spend()), prices=analysis.prices)
        analysis.compute_all(on_share)
    return summary


def summarize_spend(spend: LogSpend) -> SpendSummary:
    """Return the part of the spend that is shown beside a log."""
    return SpendSummary(
        total=spend.total,
        currency="USD",
        priced_requests=spend.priced_requests,
        unpriced_requests=spend.unpriced_requests,
        stated=spend.stated or Decimal(0),  # a plain 0
    )
