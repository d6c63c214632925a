"""How far a log reaches: its first and last moment and the models it names."""

from dataclasses import dataclass
from datetime import UTC, datetime

from workloads.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """Times are UTC, None where the log has none; with a relative clock they count from 1970-01-01.

    `models` is how many different ones the log names.
    """

    first: datetime | None
    last: datetime | None
    span_seconds: float | None
    models: int


def extent(ledger: Ledger) -> Extent:
    first, last, models = ledger.one('SELECT min("at"), max("at"), count(DISTINCT model) FROM log.requests')
    if not ledger.timed:
        return Extent(first=None, last=None, span_seconds=None, models=models)
    return Extent(
        first=first.replace(tzinfo=UTC),
        last=last.replace(tzinfo=UTC),
        span_seconds=(last - first).total_seconds(),
        models=models,
    )
