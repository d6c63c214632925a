"""Settle causes that depend on what was measured: "which day was the most expensive, and why?"."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from agents.answers.calls import Call, list_calls
from agents.answers.composers.group_answers import list_named
from agents.language.questions import KnownLogs
from agents.language.reading import Reading
from agents.language.rules.changes import OPEN
from agents.language.rules.details.causes import explain_group
from workloads.query.query import Query
from workloads.query.result import QueryResult


def has_open_cause(reading: Reading) -> bool:
    return bool(reading.rest) and reading.rest[-1].topic == OPEN


def settle_cause(reading: Reading, results: Sequence[object], known: KnownLogs | None) -> Reading:
    """Return the reading with the cause of its first group in the place of an open one. `results` are those of its
    calls so far; the cause needs further ones (`list_further_calls`)."""
    if not has_open_cause(reading):
        return reading
    dimensions = known.vocabulary.dimensions if known else frozenset[str]()
    asked = reading.rest[-2] if len(reading.rest) > 1 else reading
    result = results[-1] if results else None
    settled: tuple[Reading, ...] = ()
    if isinstance(result, QueryResult):
        named = list_named(asked.query, result)
        place = (asked.rank or 1) - 1
        if place < len(named):
            settled = (_explain(asked.query, named[place][0], named, dimensions),)
    return replace(reading, rest=(*reading.rest[:-1], *settled))


def _explain(query: Query, value: object, rows: Sequence[Sequence[object]], dimensions: frozenset[str]) -> Reading:
    days = frozenset(row[0].date() for row in rows if isinstance(row[0], datetime))
    return explain_group(query, value, dimensions, days)


def list_further_calls(reading: Reading, results: Sequence[object]) -> tuple[Call, ...]:
    """Return the calls of a settled reading that have no result yet."""
    return list_calls(reading)[len(results) :]
