"""Parts of sentences: measures as they stand within one, a sentence that states one figure, and the filters and the
period of a query in words, which say which requests an answer is about."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType

from agents.answers.formatting import format_figure, format_name
from core.i18n.text import FormattedNumber, Text, join_texts, text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import MEASURES, Unit
from workloads.query.query import SHARE_OPERATORS, Filter, Having, Operator, Period, Query, Value
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
        "requests": text("number of requests"),
        "failures": text("number of failed requests"),
        "error_rate": text("error rate"),
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
        "cost_per_user": text("cost per user"),
        "requests_per_minute": text("number of requests per minute"),
        "tokens_per_minute": text("number of tokens per minute"),
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

PAIR = 2
MAX_SHOWN = 6
"""Values of a filter that are listed."""

FIELD_TITLES = {
    "input_tokens": text("Input tokens"),
    "output_tokens": text("Output tokens"),
    "tokens": text("Tokens"),
    "cached_tokens": text("Cached input tokens"),
    "spend": text("Cost of the request"),
    "latency_ms": text("Latency"),
    "first_token_ms": text("Time to first token"),
}
"""The numbers of single requests that a filter can compare."""

INLINE_FIELDS: Mapping[str, Text] = MappingProxyType(
    {
        "input_tokens": text("number of input tokens"),
        "output_tokens": text("number of output tokens"),
        "tokens": text("number of tokens"),
        "cached_tokens": text("number of cached input tokens"),
        "spend": text("cost"),
        "latency_ms": text("latency"),
        "first_token_ms": text("time to first token"),
    }
)

WEEKEND, WORKDAYS = (6, 7), (1, 2, 3, 4, 5)


def get_inline_title(measure: str) -> Text:
    return INLINE_TITLES.get(measure, MEASURES[measure].title)


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


def describe_scope(query: Query) -> Text:
    """Return the filters and the period in parentheses, or nothing if the whole log is meant."""
    period = describe_period(query.period)
    parts = [*(describe_filter(each) for each in query.where), *((period,) if period is not None else ())]
    return text("({scope})", scope=join_texts("; ", parts)) if parts else join_texts("", ())


def describe_period(period: Period) -> Text | None:
    """Return "October 2026", "the week from 2026-10-26", "2026-10-01 to 2026-10-15"; None for the whole log."""
    start, end = period.start, period.end
    if start and end:
        return _describe_days(start.date(), (end - timedelta(microseconds=1)).date())
    if start:
        return text("from {day} on", day=start.date().isoformat())
    return text("before {day}", day=end.date().isoformat()) if end else None


def _describe_days(first: date, last: date) -> Text:
    if last == first:
        return text("{day}", day=first.isoformat())
    return text("{first} to {last}", first=first.isoformat(), last=last.isoformat())


def describe_filter(each: Filter) -> Text:
    """Return a filter in words: "Model: gpt-4o", "not Environment: staging", "Latency above 10.0 s"."""
    if each.operator in SHARE_OPERATORS:
        return _describe_share(each)
    title = FIELD_TITLES.get(each.field) or get_dimension(each.field).title
    values = _describe_values(each)
    match each.operator:
        case Operator.IS:
            return text("{title}: {values}", title=title, values=values)
        case Operator.IS_NOT:
            return text("{title}: not {values}", title=title, values=values)
        case Operator.CONTAINS:
            return text("{title} contains “{values}”", title=title, values=values)
        case Operator.LACKS:
            return text("{title} doesn't contain “{values}”", title=title, values=values)
        case _:
            return _describe_limit(each.operator, title, values)


def _describe_share(each: Filter) -> Text:
    """Return "the 10% of requests with the highest latency"."""
    share = FormattedNumber(f"{Decimal(str(each.values[0])) * 100:f}".rstrip("0").rstrip(".") + "%")
    number = INLINE_FIELDS[each.field]
    if each.operator is Operator.HIGHEST:
        return text("the {share} of requests with the highest {number}", share=share, number=number)
    return text("the {share} of requests with the lowest {number}", share=share, number=number)


def describe_having(each: Having, resolved: Having | None = None) -> Text:
    """Return a condition on groups in words: "spend above $5.00", "spend above the mean ($6.68)".

    `resolved` is the condition with the statistic's value, if that is known.
    """
    unit = str(MEASURES[each.measure].unit)
    title = get_inline_title(each.measure)
    if each.than is None:
        return _describe_limit(each.operator, title, text("{value}", value=format_figure(each.value, unit)))
    statistic = _name_statistic(each)
    if resolved is not None:
        value = format_figure(resolved.value, unit)
        statistic = text("{statistic} ({value})", statistic=statistic, value=value)
    return _describe_limit(each.operator, title, statistic)


def _name_statistic(each: Having) -> Text:
    """Return "the mean", "the median", or "2 × the mean"."""
    names = {"mean": text("the mean"), "p50": text("the median"), "min": text("the lowest"), "max": text("the highest")}
    than, measure = str(each.than), MEASURES[each.measure]
    name = names.get(than) or text("the {percentile}", percentile=than)
    if than == "mean" and not (measure.is_sum or measure.unit in (Unit.COUNT, Unit.DAYS)):
        name = text("that of all requests")
    factor = FormattedNumber(f"{each.value.normalize():f}")
    return name if each.value == 1 else text("{factor} × {statistic}", factor=factor, statistic=name)


def _describe_limit(operator: Operator, title: Text, values: Text) -> Text:
    match operator:
        case Operator.ABOVE:
            return text("{title} above {values}", title=title, values=values)
        case Operator.AT_LEAST:
            return text("{title} at least {values}", title=title, values=values)
        case Operator.BELOW:
            return text("{title} below {values}", title=title, values=values)
        case _:
            return text("{title} at most {values}", title=title, values=values)


def _describe_values(each: Filter) -> Text:
    if each.field == "weekday" and each.values == WEEKEND:
        return text("Saturday and Sunday")
    if each.field == "weekday" and each.values == WORKDAYS:
        return text("Monday to Friday")
    if each.field == "hour_of_day" and len(each.values) > 1 and _is_run(each.values):
        end = (int(str(each.values[-1])) + 1) % 24
        return text("{first} to {end}", first=format_name(each.values[0], "hour_of_day"), end=f"{end:02}:00")
    if each.field == "day" and len(each.values) > PAIR and _are_days_in_a_row(each.values):
        return text("{first} to {last}", first=str(each.values[0]), last=str(each.values[-1]))
    shown = [_describe_value(value, each.field) for value in each.values[:MAX_SHOWN]]
    more = len(each.values) - MAX_SHOWN
    if more > 0:
        return text("{values} and {n} more", values=", ".join(shown), n=more)
    return text("{values}", values=", ".join(shown))


def _is_run(hours: Sequence[Value]) -> bool:
    """Whether these are consecutive hours, over midnight if need be."""
    numbers = [int(str(hour)) for hour in hours]
    return all((two - one) % 24 == 1 for one, two in pairwise(numbers))


def _are_days_in_a_row(days: Sequence[Value]) -> bool:
    dates = [date.fromisoformat(str(day)) for day in days]
    return all(two - one == timedelta(days=1) for one, two in pairwise(dates))


def _describe_value(value: Value, field: str) -> str:
    if field.endswith("_ms") and isinstance(value, Decimal | int):
        return f"{Decimal(value) / 1000:,.1f} s" if value >= 1000 else f"{value:,} ms"
    if field == "spend":
        return f"${value}"
    if isinstance(value, Decimal | int) and field in FIELD_TITLES:
        return f"{value:,.0f}" if value == int(value) else f"{value:,}"
    return format_name(value, field)


def add_missing(sentence: Text, result: QueryResult) -> Text:
    """Return the sentence, followed by why some figures are unknown."""
    return join_texts(" ", (sentence, *dict.fromkeys(each.why for each in result.missing)))
