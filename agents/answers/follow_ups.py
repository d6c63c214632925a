"""Follow-up questions of an answer: chips, which change one part of the question as it was understood, and questions to
ask next."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from agents.answers.answer import Answer, AnswerKind, Chip, ChipKind, Choice
from agents.answers.conditions import describe_filter, describe_having, describe_period
from agents.answers.phrases import find_quotient, list_inline_dimensions, list_measures, name_quotient
from agents.language.questions import KnownLogs
from agents.language.reading import QuestionKind, Quotient, Reading
from core.i18n.text import Text, text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import MEASURES
from workloads.query.query import Filter, Operator, Query

MAX_OPTIONS = 6

MEASURE_CHOICES: Mapping[str, str] = MappingProxyType(
    {
        "spend": "spend instead",
        "requests": "requests instead",
        "tokens": "tokens instead",
        "cost_per_request": "cost per request instead",
        "error_rate": "error rate instead",
        "latency_p95": "p95 latency instead",
    }
)
"""Follow-up questions that change the measure."""

GROUP_CHOICES: Mapping[str, str] = MappingProxyType(
    {
        "model": "by model",
        "feature": "by feature",
        "team": "by team",
        "customer": "by customer",
        "user": "by user",
        "provider": "by provider",
        "api_key": "by API key",
        "week": "by week",
        "month": "by month",
        "day": "by day",
    }
)
"""Follow-up questions that change the groups."""

MAX_SUGGESTIONS = 3
CLOSE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "retries": ("What do failed requests cost?", "Which requests failed?"),
        "cancelled": ("How many requests failed?", "How many requests are there?"),
        "quality": ("Which model has the lowest cost per request?", "Error rate by model"),
        "revenue": ("Spend by customer", "Spend by feature"),
        "sessions": ("Spend by user", "Requests by day"),
        "duplicates": ("How many requests are there?", "Requests by day"),
        "reach": ("What will next month cost?",),
        "alert": ("What will next month cost?", "Any anomalies in our daily spend?"),
        "content": ("Input tokens by feature", "Input tokens by model"),
    }
)
"""What comes close to a topic that no log can answer, and can be asked."""

STARTERS = ("What did we spend in total?", "Spend by model", "How can we save money?")
UNPRICED_STARTERS = ("How many tokens did we use in total?", "Tokens by model", "Requests by day")
"""Questions about a log without any price."""

OF_MONEY = frozenset({"spend", "cost", "save", "expensive"})


def describe_reading(reading: Reading, known: KnownLogs | None = None) -> tuple[Chip, ...]:
    """Return what was understood of a question about figures, and what was not. The options need the log's names."""
    unread = (Chip(kind=ChipKind.UNREAD, label=text("{words}", words=quote_words(reading.unread))),)
    return (*_describe_understood(reading, known), *(unread if reading.unread else ()))


def note_unread(reading: Reading) -> tuple[Text, ...]:
    """Return the note on what was not understood, if anything was not."""
    if not reading.unread:
        return ()
    return (text("Not understood, so not taken into account: {words}.", words=quote_words(reading.unread)),)


def quote_words(words: Iterable[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)


def _describe_understood(reading: Reading, known: KnownLogs | None) -> tuple[Chip, ...]:
    if reading.parts:
        labels = " / ".join(part.label for part in reading.parts)
        query = reading.parts[0].query
        compared = Chip(kind=ChipKind.COMPARE, label=text("{parts}", parts=labels))
        return (*_describe_measures(query, known), compared, *_describe_filters(query, known))
    query = reading.query
    period = describe_period(query.period)
    is_figure = reading.kind is QuestionKind.MEASURE
    return (
        *(_describe_measures(query, known, find_quotient(reading)) if is_figure else ()),
        *(_describe_groups(query, known) if is_figure else ()),
        *(Chip(kind=ChipKind.CONDITION, label=describe_having(each)) for each in query.having),
        *_describe_filters(query, known),
        *((Chip(kind=ChipKind.PERIOD, label=period, options=_list_periods(known)),) if period is not None else ()),
    )


def _describe_measures(query: Query, known: KnownLogs | None, quotient: Quotient | None = None) -> tuple[Chip, ...]:
    label = list_measures(query.measures) if quotient is None else name_quotient(quotient)
    options = _choose((name, MEASURES[name].title, ask) for name, ask in MEASURE_CHOICES.items())
    left = {*query.measures, *(() if known is None else known.missing)}
    others = tuple(option for name, option in options if name not in left)
    return (Chip(kind=ChipKind.MEASURE, label=label, options=others[:MAX_OPTIONS]),)


def _describe_groups(query: Query, known: KnownLogs | None) -> tuple[Chip, ...]:
    if not query.by:
        return ()
    label = text("by {dimensions}", dimensions=list_inline_dimensions(query.by))
    has = frozenset() if known is None else known.vocabulary.dimensions
    options = _choose((name, get_dimension(name).title, ask) for name, ask in GROUP_CHOICES.items())
    others = [
        option for name, option in options if name not in query.by and (name in has or get_dimension(name).is_time)
    ]
    return (Chip(kind=ChipKind.BY, label=label, options=tuple(others if known else ())),)


def _describe_filters(query: Query, known: KnownLogs | None) -> tuple[Chip, ...]:
    return tuple(
        Chip(kind=ChipKind.FILTER, label=describe_filter(each), options=_list_values(each, known))
        for each in query.where
    )


def _list_values(each: Filter, known: KnownLogs | None) -> tuple[Choice, ...]:
    """Return other values of the filter's dimension, those with the most spend first."""
    if known is None or each.operator is not Operator.IS or each.field not in GROUP_CHOICES:
        return ()
    names = [
        name.value for names in known.vocabulary.by_tokens.values() for name in names if name.dimension == each.field
    ]
    others = [name for name in names if name not in each.values]
    return tuple(
        Choice(label=name, ask=f'only {each.field.replace("_", " ")} "{name}"') for name in others[:MAX_OPTIONS]
    )


def _list_periods(known: KnownLogs | None) -> tuple[Choice, ...]:
    if known is None or not known.extent.is_dated:
        return ()
    return (
        Choice(label=text("Last 7 days"), ask="in the last 7 days"),
        Choice(label=text("Last 30 days"), ask="in the last 30 days"),
        Choice(label=text("Whole log"), ask="over the whole log"),
    )


def _choose(options: Iterable[tuple[str, Text, str]]) -> list[tuple[str, Choice]]:
    return [(name, Choice(label=title, ask=ask)) for name, title, ask in options]


def suggest_questions(reading: Reading, answer: Answer, known: KnownLogs | None) -> tuple[str, ...]:
    """Return at most MAX_SUGGESTIONS questions that follow from an answer."""
    has = known.vocabulary.dimensions if known else frozenset({"model"})
    is_dated = known.extent.is_dated if known else True
    match reading.kind:
        case _ if answer.kind is AnswerKind.CANNOT:
            found = [*_list_close(reading.topic, has), *STARTERS]
        case QuestionKind.MEASURE:
            found = _follow_figures(reading, has, is_dated=is_dated)
        case QuestionKind.ANOMALIES if is_dated:
            found = ["Spend by day", "List the 10 most expensive requests", "Why did spend change last week?"]
        case QuestionKind.EXPLAIN | QuestionKind.COMPARE if is_dated:
            found = ["Spend by week", "List the 10 most expensive requests", "Any anomalies in our daily spend?"]
        case QuestionKind.WHAT_IF | QuestionKind.FORECAST:
            found = ["How can we save money?", "Spend by model", "Spend by week"]
        case _:
            found = list(STARTERS)
    if known is not None and not known.has_prices:
        counted = [each for each in UNPRICED_STARTERS if is_dated or not each.endswith("day")]
        found = [*(each for each in found if OF_MONEY.isdisjoint(each.lower().strip("?").split())), *counted]
    if known is not None and known.has_sums:
        found = [each for each in found if not each.startswith("List ")]
    return tuple(dict.fromkeys(found))[:MAX_SUGGESTIONS]


def _list_close(topic: str, has: frozenset[str]) -> list[str]:
    """Return the questions of CLOSE that the log can answer: those by a dimension that it has, or by time."""
    asks = ((each, each.partition(" by ")[2]) for each in CLOSE.get(topic, ()))
    return [each for each, group in asks if not group or group in has or get_dimension(group).is_time]


def _follow_figures(reading: Reading, has: frozenset[str], *, is_dated: bool) -> list[str]:
    query = reading.query
    asked = {*query.by, *(each.field for each in query.where)}
    groups = [name for name in ("model", "feature", "team", "customer") if name in has and name not in asked]
    found = [f"And by {get_dimension(name).name}?" for name in groups[:1]]
    if is_dated and not any(get_dimension(name).is_time for name in query.by):
        found.append("And by week?")
    if query.by and not get_dimension(query.by[0]).is_time and not query.shares and query.measures == ("spend",):
        found.append("As a share")
    found.append("How can we save money?")
    return found
