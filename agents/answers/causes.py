"""Settle what depends on what was measured: "which day was the dearest, and why?", "requests of the top user"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agents.answers.calls import Call, list_calls
from agents.answers.composers.group_answers import list_named
from agents.language.questions import KnownLogs
from agents.language.reading import Member, Reading
from agents.language.rules.changes import OPEN
from agents.language.rules.details.causes import explain_group
from agents.language.steps.members import MEMBER, fill_member
from workloads.query.query import Query
from workloads.query.result import QueryResult

Measured = tuple[Reading, list[object]]
"""A reading and the results of its calls."""

MAX_ROUNDS = 3
"""Rankings that depend on each other: "which day of the top user was the most expensive, and why?"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A reading, and for each of its calls in order what it returned, or the Call that is still to be made."""

    reading: Reading
    results: tuple[object, ...]

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(each for each in self.results if isinstance(each, Call))

    def fill(self, more: Sequence[object]) -> list[object]:
        """Return all results, with those of `calls` in their places."""
        left = iter(more)
        return [next(left) if isinstance(each, Call) else each for each in self.results]


def is_open(reading: Reading) -> bool:
    """Whether a part of the reading depends on what the part before it returns."""
    return any(_is_pending(each) for each in (reading, *reading.rest))


def _is_pending(reading: Reading) -> bool:
    return reading.topic == OPEN or reading.member is not None


def settle(reading: Reading, results: Sequence[object], known: KnownLogs | None) -> Settled:
    """Return the reading with what its `results` tell, those of its calls so far. What they don't tell is left out."""
    left = iter(results)
    settled: list[Reading] = []
    found: list[object] = []
    before: Measured | None = None
    ranking: Measured | None = None
    for each in (replace(reading, rest=()), *reading.rest):
        if _is_pending(each):
            parts = tuple(_settle_one(each, ranking if each.member else before, known))
            calls = [call for part in parts for call in list_calls(part)]
            settled += parts
            found += calls
            before = (parts[0], []) if parts else None
            continue
        own = [next(left) for _ in list_calls(each)]
        settled.append(each)
        found += own
        before = (each, own)
        ranking = before if each.topic == MEMBER else ranking
    first, *others = settled
    return Settled(reading=replace(first, rest=tuple(others)), results=tuple(found))


def _settle_one(pending: Reading, before: Measured | None, known: KnownLogs | None) -> Iterator[Reading]:
    """Yield what depends on the ranking before it, settled if that was measured; nothing if it has no such group."""
    if before is None:
        return
    asked, results = before
    if not results:
        yield pending  # the ranking itself is not measured yet
        return
    result = results[-1]
    named = list_named(asked.query, result) if isinstance(result, QueryResult) else []
    place = (asked.rank or 1) - 1
    if place >= len(named):
        return
    if pending.member is not None:
        yield _fill(pending, pending.member, named[place:])
    else:
        dimensions = known.vocabulary.dimensions if known else frozenset[str]()
        yield _explain(asked.query, named[place][0], named, dimensions)


def _fill(pending: Reading, member: Member, named: Sequence[Sequence[object]]) -> Reading:
    values = [row[0].date().isoformat() if isinstance(row[0], datetime) else str(row[0]) for row in named]
    return fill_member(pending, member, values[: member.count])


def _explain(query: Query, value: object, rows: Sequence[Sequence[object]], dimensions: frozenset[str]) -> Reading:
    days = frozenset(row[0].date() for row in rows if isinstance(row[0], datetime))
    return explain_group(query, value, dimensions, days)
