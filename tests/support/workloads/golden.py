"""Small made-up files in the layouts of systems, with figures that were computed by hand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.support.workloads.builder import Log
from tests.support.workloads.ingested_logs import IngestedLog, ingest_log

SUMS = "SELECT sum(fresh_input)::BIGINT, sum(cache_read)::BIGINT, sum(cache_write)::BIGINT, sum(output)::BIGINT"
RATES: Mapping[str, tuple[str, str, str, str]] = {
    "gpt-4o-mini": ("0.15", "0.075", "0.15", "0.6"),
    "gpt-4o": ("2.5", "1.25", "2.5", "10"),
    "gpt-5": ("1.25", "0.125", "1.25", "10"),
    "claude-haiku-4-5": ("1", "0.1", "1.25", "5"),
    "gemini-2.5-flash": ("0.3", "0.03", "0.3", "2.5"),
}
"""USD per million tokens: fresh input, cache reads, cache writes of five minutes, output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """A file and the truth about it. `buckets`: fresh input, cache reads, cache writes and output of all rows."""

    format: str
    content: str
    rows: int
    buckets: tuple[int, int, int, int]
    cost: Decimal
    requests: int | None = None  # as many as rows if it isn't said; 0: unknown
    assume_model: str = ""


def cost_of(model: str, fresh: int, read: int, write: int, output: int) -> Decimal:
    """Return the price of these tokens."""
    pairs = zip((fresh, read, write, output), RATES[model], strict=True)
    return sum((tokens * Decimal(rate) for tokens, rate in pairs), Decimal(0)) / 1_000_000


def to_lines(*rows: Mapping[str, Any]) -> str:
    """Return the rows as JSON lines."""
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def check_golden(tmp_path: Path, golden: Golden) -> IngestedLog:
    """Read the file, and compare all of its figures with the truth."""
    log = ingest_log(tmp_path, golden.content)
    assert (log.source.format, log.source.guessed) == (golden.format, False)
    assert log.source.rows == golden.rows, log.source.rejected
    wanted = golden.rows if golden.requests is None else golden.requests or None
    assert log.source.requests == wanted
    assert log.query(f"{SUMS} FROM log.requests") == [golden.buckets]
    priced = Log(path=log.out).priced_log(assume_model=golden.assume_model or None)
    assert priced.fetch_all("SELECT sum(cost), count(*) - count(cost) FROM priced") == [(golden.cost, 0)]
    return log
