"""Parts of sentences: measures as they stand within one, and a sentence that states one figure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from agents.answers.formatting import format_figure, format_name
from agents.language.reading import Quotient, Reading
from core.i18n.text import FormattedNumber, Text, join_texts, text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import MEASURES, Unit
from workloads.query.result import Cell, Column, QueryResult

_REQUEST_TOKENS: Mapping[str, Text] = MappingProxyType(
    {
        "tokens_per_request": text("number of tokens"),
        "input_per_request": text("number of input tokens"),
        "output_per_request": text("number of output tokens"),
    }
)

INLINE_TITLES: Mapping[str, Text] = MappingProxyType(
    {
        "spend": text("spend"),
        "input_spend": text("spend on fresh input"),
        "cached_spend": text("spend on cached input"),
        "cache_write_spend": text("spend on cache writes"),
        "output_spend": text("spend on output"),
        "cache_saving": text("saving from caching"),
        "failed_spend": text("spend on failed requests"),
        "logged_spend": text("spend according to the log's own cost column"),
        "stated_spend": text("spend stated by the log, where we have a price"),
        "checked_spend": text("computed spend, where the log states a cost"),
        "requests": text("number of requests"),
        "failures": text("number of failed requests"),
        "error_rate": text("error rate"),
        "success_rate": text("success rate"),
        "tokens": text("number of tokens"),
        "input_tokens": text("number of input tokens"),
        "fresh_tokens": text("number of fresh input tokens"),
        "cached_tokens": text("number of cached input tokens"),
        "cache_write_tokens": text("number of tokens written to the cache"),
        "output_tokens": text("number of output tokens"),
        "reasoning_tokens": text("number of reasoning tokens"),
        "cost_per_request": text("cost per request"),
        "tokens_per_request": text("number of tokens per request"),
        "input_per_request": text("number of input tokens per request"),
        "output_per_request": text("number of output tokens per request"),
        "cost_per_million_tokens": text("cost per million tokens"),
        "cost_per_million_input": text("cost per million input tokens"),
        "cost_per_million_output": text("cost per million output tokens"),
        "cost_per_thousand_requests": text("cost per 1,000 requests"),
        "cost_per_million_requests": text("cost per million requests"),
        "cost_per_thousand_tokens": text("cost per 1,000 tokens"),
        "cost_per_thousand_input": text("cost per 1,000 input tokens"),
        "cost_per_thousand_output": text("cost per 1,000 output tokens"),
        "cost_per_user": text("cost per user"),
        "requests_per_minute": text("number of requests per minute"),
        "tokens_per_minute": text("number of tokens per minute"),
        "output_per_second": text("number of output tokens per second"),
        "cache_share": text("cached share of input"),
        "output_per_input": text("number of output tokens per input token"),
        "cost_per_request_p50": text("median cost of a request"),
        "cost_per_request_p90": text("p90 cost of a request"),
        "cost_per_request_p95": text("p95 cost of a request"),
        "cost_per_request_p99": text("p99 cost of a request"),
        **{
            f"{stem}_{name}": text("{what} of a request, {name}", what=what, name="median" if name == "p50" else name)
            for stem, what in _REQUEST_TOKENS.items()
            for name in ("p50", "p90", "p95", "p99")
        },
        "latency_p50": text("median latency"),
        "latency_p90": text("p90 latency"),
        "latency_p95": text("p95 latency"),
        "latency_p99": text("p99 latency"),
        "latency_mean": text("mean latency"),
        "latency_max": text("longest latency"),
        "first_token_p50": text("median time to first token"),
        "first_token_p95": text("p95 time to first token"),
        "first_token_p99": text("p99 time to first token"),
        "users": text("number of users"),
        "models": text("number of models"),
        "features": text("number of features"),
        "teams": text("number of teams"),
        "customers": text("number of customers"),
        "api_keys": text("number of API keys"),
        "providers": text("number of providers"),
        "sessions": text("number of sessions"),
        "active_days": text("number of days with requests"),
    }
)
"""The measures within a sentence: "the highest cost per request"."""


MARKS = frozenset({"true", "false", "yes", "no"})
"""Values that say nothing without the name of their column."""

INLINE_DIMENSIONS: Mapping[str, Text] = MappingProxyType(
    {
        "model": text("model"),
        "provider": text("provider"),
        "feature": text("feature"),
        "team": text("team"),
        "user": text("user"),
        "customer": text("customer"),
        "environment": text("environment"),
        "session": text("session"),
        "error": text("error"),
        "geography": text("region"),
        "tier": text("service tier"),
        "status": text("status"),
        "streaming": text("streaming"),
        "pricing": text("price"),
        "second": text("second"),
        "minute": text("minute"),
        "hour": text("hour"),
        "day": text("day"),
        "week": text("week"),
        "month": text("month"),
        "weekday": text("day of the week"),
        "hour_of_day": text("hour of the day"),
    }
)
"""The dimensions within a sentence or a title: "Spend by day". The others are names, or of the log's own columns."""


def name_time(cell: Cell, dimension: str) -> Text:
    """Return a time within a sentence; a week and a month say that they are more than their first day."""
    day = format_name(cell, dimension)
    match dimension:
        case "week":
            return text("week from {day}", day=day)
        case "month":
            return text("month from {day}", day=day)
        case _:
            return text("{name}", name=day)


def name_group(row: Sequence[Cell], by: Sequence[str]) -> Text:
    """Return the name of a group as a sentence begins with it: "The week from 2026-06-22"."""
    if by[0] == "week" and len(by) == 1:
        return text("The week from {day}", day=format_name(row[0], by[0]))
    if by[0] == "month" and len(by) == 1:
        return text("The month from {day}", day=format_name(row[0], by[0]))
    if len(by) == 1 and get_dimension(by[0]).is_kept and str(row[0]).casefold() in MARKS:
        return text("“{column}: {name}”", column=get_dimension(by[0]).title, name=str(row[0]))
    names = (format_name(cell, dimension) for cell, dimension in zip(row, by, strict=False))
    return text("{name}", name=", ".join(names))


def list_measures(names: Sequence[str]) -> Text:
    """Return "Spend, number of requests and cost per request"."""
    titles = [MEASURES[names[0]].title, *(get_inline_title(name) for name in names[1:])]
    if len(titles) == 1:
        return titles[0]
    return text("{first} and {last}", first=join_texts(", ", titles[:-1]), last=titles[-1])


WHOLES: Mapping[str, tuple[Text, Text]] = MappingProxyType(
    {
        "requests": (text("request"), text("requests")),
        "tokens": (text("token"), text("tokens")),
        "input_tokens": (text("input token"), text("input tokens")),
        "output_tokens": (text("output token"), text("output tokens")),
        "spend": (text("dollar"), text("dollars")),
    }
)
"""What a quotient is for: one of them, and several."""


def name_quotient(quotient: Quotient) -> Text:
    """Return "Failed requests per 1,000 requests" or "Tokens per dollar"."""
    part, (one, many) = MEASURES[quotient.part].title, WHOLES[quotient.whole]
    if quotient.size == 1:
        return text("{part} per {whole}", part=part, whole=one)
    size = FormattedNumber(f"{quotient.size.normalize():,f}")
    return text("{part} per {size} {whole}", part=part, size=size, whole=many)


def find_quotient(reading: Reading) -> Quotient | None:
    """Return the quotient that is asked for, unless a follow-up has asked for other figures since."""
    asked = reading.quotient
    return asked if asked is not None and reading.query.measures[:2] == (asked.part, asked.whole) else None


def get_inline_title(measure: str) -> Text:
    return INLINE_TITLES.get(measure, MEASURES[measure].title)


def get_inline_dimension(name: str) -> Text:
    return INLINE_DIMENSIONS.get(name, get_dimension(name).title)


def list_inline_dimensions(names: Sequence[str]) -> Text:
    """Return "model, day"."""
    return join_texts(", ", [INLINE_DIMENSIONS.get(name, get_dimension(name).title) for name in names])


def state_figures(columns: Sequence[Column], values: Sequence[Cell]) -> Text:
    """Return a sentence for each figure: "Spend was $24.71. The number of requests was 1,509."."""
    return join_texts(" ", [_state_figure(column, value) for column, value in zip(columns, values, strict=False)])


def _state_figure(column: Column, value: Cell) -> Text:
    shown = format_figure(value, str(column.unit))
    if value is None:
        return text("{measure}: unknown.", measure=column.title)
    return text("{measure}: {value}.", measure=column.title, value=shown)


def is_money(column: Column) -> bool:
    return column.unit is not None and column.unit.startswith(Unit.USD)


def add_missing(sentence: Text, result: QueryResult) -> Text:
    """Return the sentence, followed by why some figures are unknown."""
    return join_texts(" ", (sentence, *dict.fromkeys(each.why for each in result.missing)))
