"""The filters, conditions and period of a query in words: which requests or groups an answer is about."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType

from agents.answers.formatting import format_figure, format_name
from agents.answers.phrases import get_inline_title
from core.i18n.text import FormattedNumber, Text, join_texts, text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import MEASURES, Unit
from workloads.query.query import SHARE_OPERATORS, Filter, Having, Operator, Period, Query, Statistic, Value

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
    values = _describe_values(each) if each.than is None else _describe_multiple(each.than, _to_factor(each))
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
    measure = MEASURES[each.measure]
    is_rate = not (measure.is_sum or measure.unit in (Unit.COUNT, Unit.DAYS))
    return _describe_multiple(each.than, each.value, is_rate=is_rate)


def _describe_multiple(than: Statistic | None, value: Decimal, *, is_rate: bool = False) -> Text:
    names = {"mean": text("the mean"), "p50": text("the median"), "min": text("the lowest"), "max": text("the highest")}
    name = names.get(str(than)) or text("the {percentile}", percentile=str(than))
    if than is Statistic.MEAN and is_rate:
        name = text("that of all requests")
    factor = FormattedNumber(f"{value.normalize():f}")
    return name if value == 1 else text("{factor} × {statistic}", factor=factor, statistic=name)


def _to_factor(each: Filter) -> Decimal:
    return Decimal(str(each.values[0]))


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
    if each.field == "day" and len(each.values) > 2 and _are_days_in_a_row(each.values):
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
