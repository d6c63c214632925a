"""What a reading says: the names of its measures, groups, conditions and kinds, and where its question says it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from agents.language.lexicon import Span
from agents.language.named_measures import ONE_REQUEST
from agents.language.reading import QuestionKind, Reading
from agents.language.scan import Scan
from agents.language.times.calendar import TimeSpan
from agents.language.vocabulary import NameSpan
from workloads.query.dimensions import get_dimension
from workloads.query.query import Period, Query

DAYS = frozenset({"day", "week", "month", "hour", "weekday", "hour_of_day"})


def iter_readings(reading: Reading) -> Iterator[Reading]:
    yield reading
    for each in reading.rest:
        yield from iter_readings(each)


def _list_queries(reading: Reading) -> list[Query]:
    claims = (reading.claim,) if reading.claim is not None else ()
    return [reading.query, *(part.query for part in reading.parts), *claims]


@dataclass(frozen=True)
class Traces:
    """What the readings of a question say, as names, and what of the question they are compared with, by place."""

    scan: Scan
    readings: tuple[Reading, ...]

    @cached_property
    def kinds(self) -> frozenset[QuestionKind]:
        return frozenset(each.kind for each in self.readings)

    @cached_property
    def queries(self) -> tuple[Query, ...]:
        return tuple(query for each in self.readings for query in _list_queries(each))

    @cached_property
    def measures(self) -> frozenset[str]:
        named = {name for query in self.queries for name in query.measures}
        return frozenset(named | {each.measure for query in self.queries for each in query.having})

    @cached_property
    def groups(self) -> frozenset[str]:
        named = {name for query in self.queries for name in query.by}
        return frozenset(named | {each.dimension for each in self.readings if each.dimension})

    @cached_property
    def fields(self) -> frozenset[str]:
        return frozenset(each.field for query in self.queries for each in query.where)

    @cached_property
    def values(self) -> frozenset[object]:
        named: set[object] = {value for query in self.queries for each in query.where for value in each.values}
        for each in self.readings:
            named |= {each.premise, *each.focus, *(part.label for part in each.parts)}
            named |= {each.supposition.model} if each.supposition else set()
        return frozenset(named)

    @cached_property
    def operators(self) -> frozenset[str]:
        return frozenset(self.scan.list_names("operators"))

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(each.dimension for found in self.scan.names for each in found.names)

    @cached_property
    def numbers(self) -> frozenset[int]:
        return frozenset(place for each in self.scan.numbers for place in range(each.start, each.end))

    @cached_property
    def one_request(self) -> frozenset[int]:
        spans = self.scan.iter_spans("measures", "requests")
        return frozenset(each.start for each in spans if self.scan.tokens[each.start].text in ONE_REQUEST)

    @property
    def is_over_time(self) -> bool:
        return any(get_dimension(name).is_time for name in self.groups) or not self.fields.isdisjoint(DAYS)

    @property
    def is_in_period(self) -> bool:
        return any(query.period != Period() for query in self.queries) or any(each.horizon for each in self.readings)

    def has_word(self, parts: tuple[str, ...], words: frozenset[str]) -> bool:
        return any(part in word for part in parts for word in words)

    def has_name(self, span: NameSpan) -> bool:
        return any(each.value in self.values or each.dimension in self.values for each in span.names)

    def has_period(self, time: TimeSpan) -> bool:
        if time.filter is not None:
            return time.filter.field in self.fields
        is_period = time.start is not None or time.end is not None
        return not is_period or self.is_in_period or not self.fields.isdisjoint(DAYS)

    def iter_repeated_ranks(self) -> Iterator[Span]:
        """Yield the last of the rankings of "which do we use most, and which costs most?" if two are read alike."""
        ranks = [span for span in self.scan.iter_spans("operators") if span.concept.name in ("most", "least")]
        asked = [(q.by, q.where, q.period, q.order) for q in (each.query for each in self.readings)]
        if len(ranks) > 1 and len(asked) > 1 and asked[0] in asked[1:]:
            yield ranks[-1]
