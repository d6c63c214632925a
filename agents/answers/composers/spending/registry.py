"""The composers of questions of those who pay the bill, by the topic of their reading."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from agents.answers.answer import Answer
from agents.answers.composers.spending.pace import compose_budget, compose_pace, compose_reach
from agents.answers.composers.spending.parts import compose_concentration, compose_sides
from agents.answers.composers.spending.users_of import compose_shared, compose_users_of
from agents.language.groups import COUNTS
from agents.language.questions import KnownLogs
from agents.language.reading import Reading
from agents.language.rules.spending.budgets import BUDGET
from agents.language.rules.spending.owners import CONCENTRATION
from agents.language.rules.spending.pace import PACE, REACH
from agents.language.rules.spending.sides import SIDES, SPENDS, TOKENS
from agents.language.rules.spending.users_of import ALL_OF, USERS_OF, WITHOUT
from workloads.query.query import Query
from workloads.query.result import QueryResult

Compose = Callable[[Reading, Sequence[QueryResult], KnownLogs | None], Answer]


@dataclass(frozen=True, slots=True)
class TopicComposer:
    """`fits`: whether a query still has the shape that the topic needs. A follow-up can have changed it."""

    compose: Compose
    fits: Callable[[Query], bool]


def _has_days(query: Query) -> bool:
    return query.by == ("day",) and query.measures == ("spend",) and not query.statistics


def _has_groups(query: Query) -> bool:
    return len(query.by) == 1 and query.measures[0] == "spend" and not (query.statistics or query.having)


def _counts_groups(query: Query) -> bool:
    is_part = len(query.by) == 1 and query.limit_share is not None and len(query.measures) > 1
    return is_part and COUNTS.get(query.by[0]) == query.measures[1]


def _is_spend(query: Query) -> bool:
    return not query.by and query.measures == ("spend",)


def _has_sides(query: Query) -> bool:
    return not query.by and query.measures in (SPENDS, TOKENS)


COMPOSERS: Mapping[str, TopicComposer] = MappingProxyType(
    {
        BUDGET: TopicComposer(compose_budget, _is_spend),
        CONCENTRATION: TopicComposer(compose_concentration, _counts_groups),
        PACE: TopicComposer(compose_pace, _has_days),
        REACH: TopicComposer(compose_reach, _has_days),
        SIDES: TopicComposer(compose_sides, _has_sides),
        USERS_OF: TopicComposer(compose_users_of, _has_groups),
        ALL_OF: TopicComposer(compose_shared, _has_groups),
        WITHOUT: TopicComposer(compose_shared, _has_groups),
    }
)


def compose_topic(reading: Reading, results: Sequence[object], known: KnownLogs | None) -> Answer | None:
    """Return the answer to a reading of one of these topics; None for another one."""
    composer = COMPOSERS.get(reading.topic)
    tables = [each for each in results if isinstance(each, QueryResult)]
    queries = [part.query for part in reading.parts] or [reading.query]
    if composer is None or not tables or not all(composer.fits(query) for query in queries):
        return None
    return composer.compose(reading, tables, known)
