"""Measures that a log cannot give, why, and what would tell."""

from collections.abc import Mapping
from types import MappingProxyType

from core.i18n.text import Text, text
from workloads.analysis.granularity import explain_aggregation, explain_missing_latency
from workloads.analysis.priced_log import PricedLog
from workloads.query.measure import Measure, MissingMeasure

_LATENCY_COLUMNS = frozenset({"latency_ms"})

FIELD_OF_COLUMN: Mapping[str, str] = MappingProxyType(
    {
        "at": "time",
        "ok": "status",
        "end_user": "user",
        "cache_read": "cached_tokens",
        "cache_write": "cache_write_tokens",
    }
)
"""The fields (docs/formats.md) of columns that have another name."""

ABSENT: Mapping[str, Text] = MappingProxyType(
    {
        "latency_ms": text("The log has no latencies."),
        "first_token_ms": text("The log has no times to the first token."),
        "time": text("The log has no times."),
        "status": text("The log doesn't say which requests failed."),
        "user": text("The log doesn't name users."),
    }
)
"""What a log without a field lacks, where the field's name says less."""


def explain_missing_measure(log: PricedLog, measure: Measure) -> MissingMeasure | None:
    """Return why the log cannot give `measure`, or None if it can."""
    absent = [column for column in measure.columns if not log.has_columns(column)]
    if absent:
        field = FIELD_OF_COLUMN.get(absent[0], absent[0])
        why = ABSENT.get(field) or text("The log has no column for {field}.", field=field)
        return MissingMeasure(measure=measure.name, why=why, field=field)
    if measure.per_request and (reason := explain_aggregation(log)):
        why = text("Rows are totals of several requests: {why}", why=reason)
        return MissingMeasure(measure=measure.name, why=why, field="request_id")
    if _LATENCY_COLUMNS.intersection(measure.columns) and (reason := explain_missing_latency(log)):
        return MissingMeasure(measure=measure.name, why=reason, field="latency_ms")
    if (
        measure.unit.startswith("usd")
        and measure.name != "logged_spend"
        and not (log.prices.models or log.has_columns("logged_cost"))
    ):
        why = text("No model of the log has a price.")
        return MissingMeasure(measure=measure.name, why=why, field="model")
    return None
