"""Open the analysis of a log's file in this process, and precompute the answers that a report needs.

For processes with limits (ingest.sandbox_child, analysis.calculator_child): only there is a log's file opened."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

from pydantic import TypeAdapter

from workloads.analysis.analysis import Analysis
from workloads.analysis.cache import AnswerCache
from workloads.analysis.priced_log import PricedLog
from workloads.analysis.profile import Extent
from workloads.analysis.spend import LogSpend
from workloads.ingest.database import attach_log, read_source
from workloads.pricing.prices import Assumptions


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendSummary:
    """Exact, in `currency`; `total` is of the priced requests only."""

    total: Decimal
    currency: str
    priced_requests: int
    unpriced_requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSummary:
    """None where it could not be worked out; the log is read all the same."""

    extent: Extent | None = None
    spend: SpendSummary | None = None


EMPTY_SUMMARY = LogSummary()
SUMMARY_ADAPTER: TypeAdapter[LogSummary] = TypeAdapter(LogSummary)


def precompute_answers(
    path: Path, temp: Path, keep_in: Path, assumptions: Assumptions, *, scratch: int | None = None
) -> LogSummary:
    """Ask the workload file at `path`, spilling at most `scratch` bytes into `temp`, which no one else may use.

    All that a report can hold is computed now, apart from any run, and kept in the folder `keep_in`. For a process with
    limits, as workloads.ingest.sandbox_child is. Raises whatever a log can make it raise.
    """
    with open_analysis(path, temp, assumptions, keep_in=keep_in, scratch=scratch) as analysis:
        found = LogSummary(extent=analysis.extent(), spend=_summarize_spend(analysis.spend()))
        analysis.compute_all()
    return found


def _summarize_spend(spend: LogSpend) -> SpendSummary:
    return SpendSummary(
        total=spend.total,
        currency="USD",
        priced_requests=spend.priced_requests,
        unpriced_requests=spend.unpriced_requests,
    )


MIN_MEMORY_MB, MAX_MEMORY_MB = 200, 600


def open_analysis(
    path: Path,
    temp: Path,
    assumptions: Assumptions,
    *,
    keep_in: Path | None = None,
    now: datetime | None = None,
    scratch: int | None = None,
) -> Analysis:
    """An Analysis of the workload file at `path`, spilling at most `scratch` bytes into `temp`, which is its own.

    For a process with limits (workloads.analysis.calculator_child, workloads.ingest.sandbox_child): here a log is opened. Answers are kept in
    the folder `keep_in`, if there is one; where some are there already, the file is opened only for others. Raises
    BadInput for a file that is no workload, or assumptions that it cannot be priced with.
    """
    now = now or datetime.now(UTC)
    kept = None if keep_in is None else AnswerCache(keep_in, path, assumptions, now.date())
    analysis = Analysis(partial(_open_priced_log, path, temp, assumptions, now, scratch), assumptions, kept=kept)
    if not kept:
        analysis.open()
    return analysis


def choose_memory(path: Path) -> str:
    """DuckDB's memory for the workload file at `path`: more for a larger one."""
    size = path.stat().st_size >> 20 if path.exists() else 0
    return f"{min(MIN_MEMORY_MB + size, MAX_MEMORY_MB)}MB"


def _open_priced_log(path: Path, temp: Path, assumptions: Assumptions, now: datetime, scratch: int | None) -> PricedLog:
    con = attach_log(path, temp=temp, memory=choose_memory(path), scratch=scratch)
    try:
        return PricedLog(con, read_source(con), assumptions, now=now)
    except BaseException:
        con.close()
        raise
