"""Whether the answer to "did spend rise?", "is A dearer than B?" or "will we stay under $100?" is yes or no."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from agents.answers.answer import Figure
from agents.answers.claims import NO, Verdict, decide_claim, say
from agents.answers.formatting import format_aligned, format_figure, format_name
from agents.answers.period_notes import list_partial_notes, list_whole_periods
from agents.answers.phrases import get_inline_title
from agents.language.questions import KnownLogs
from agents.language.reading import QuestionKind, Reading
from agents.language.times.calendar import LogDays
from core.i18n.text import Text, join_texts, text
from workloads.query.dimensions import get_dimension
from workloads.query.forecast import Forecast
from workloads.query.measures import MEASURES
from workloads.query.query import Having, Operator, Period
from workloads.query.result import Cell, Column, QueryResult, to_decimal

MORE, LESS = "more than", "less than"
PAIR = 2
UNDECIDED = text("This question was not understood as one with a yes or no. The figures are below.")


def decide(reading: Reading, results: Sequence[object], known: KnownLogs | None) -> Verdict | None:
    """Return the answer to a question that wants a yes or a no; None if it wants none, or the figures don't tell."""
    if not reading.whether or (reading.is_ratio and not reading.exists):
        return None
    match reading.kind, results:
        case QuestionKind.FORECAST, [Forecast() as forecast]:
            return _decide_forecast(reading, forecast)
        case QuestionKind.COMPARE, [QueryResult() as before, QueryResult() as after]:
            is_part = reading.is_ratio
            return Verdict(say(before.requests != 0)) if is_part else _decide_change(reading, before, after, known)
        case QuestionKind.MEASURE, [QueryResult() as result] if result.requests == 0 and not reading.query.by:
            return Verdict(NO) if reading.exists else None
        case QuestionKind.MEASURE, [QueryResult() as result] if result.columns and result.requests != 0:
            return _decide_figures(reading, result, known)
    return None


def _decide_forecast(reading: Reading, forecast: Forecast) -> Verdict | None:
    """Return whether a limit will hold: for sure only where the whole interval says so."""
    limit = reading.goal_usd
    if limit is None:
        return None
    is_above = reading.premise == "above"
    shown = format_figure(limit, "usd")
    figure = Figure(name=str(text("limit")), value=limit, unit="usd")
    if forecast.high <= limit or forecast.low > limit:
        is_so = (forecast.low > limit) == is_above
        said = (
            text("Yes, most likely (limit: {limit}).", limit=shown)
            if is_so
            else text("No, most likely not (limit: {limit}).", limit=shown)
        )
        return Verdict(said, (figure,))
    is_so = (forecast.expected > limit) == is_above
    said = (
        text("Probably, but the limit of {limit} is within the expected range.", limit=shown)
        if is_so
        else text("Probably not, but the limit of {limit} is within the expected range.", limit=shown)
    )
    return Verdict(said, (figure,))


def _decide_change(
    reading: Reading, before: QueryResult, after: QueryResult, known: KnownLogs | None
) -> Verdict | None:
    """Return whether a figure rose, fell or doubled; of sums per day, where one of the periods is not whole."""
    query = reading.parts[0].query
    is_listed = reading.topic or not before.measures or (query.by and not query.statistics)
    if query.statistics and before.rows and after.rows:  # "per day": the mean stands in the row
        before, after = (replace(each, total=tuple(each.rows[0][1:])) for each in (before, after))
    column, old, new = before.measures[:1], before.total[:1], after.total[:1]
    if is_listed or None in (*old, *new) or reading.premise not in ("rise", "fall", "double", MORE, LESS):
        return None
    if reading.premise in (MORE, LESS):
        return _compare_sides(reading, before, after)
    return _judge_change(reading, column[0], to_decimal(old[0]), to_decimal(new[0]), known)


def _judge_change(
    reading: Reading, column: Column, old: Decimal, new: Decimal, known: KnownLogs | None
) -> Verdict | None:
    days = [_count_days(part.query.period, known.extents[part.log]) for part in reading.parts] if known else []
    whole = [_get_length(part.query.period) for part in reading.parts]
    if len(days) != PAIR or days == whole or not MEASURES[column.name].is_sum or not all(days):
        return Verdict(say(_has_moved(reading.premise, old, new)))
    rates = [value / count for value, count in zip((old, new), days, strict=True)]
    return _compare_rates(reading.premise, column, rates, days)


def _compare_sides(reading: Reading, first: QueryResult, second: QueryResult) -> Verdict:
    """Return whether the first of two has more, or less: of the first figure, and of the cost per request beside it."""
    judged = [
        (to_decimal(a) > to_decimal(b) if reading.premise == MORE else to_decimal(a) < to_decimal(b), column, a, b)
        for place, (column, a, b) in enumerate(zip(first.measures, first.total, second.total, strict=True))
        if (not place or column.name == "cost_per_request") and a is not None and b is not None
    ]
    answers = {is_so for is_so, *_ in judged}
    return Verdict(say(answers.pop()) if len(answers) == 1 else _say_mixed(judged))


def _compare_rates(premise: str, column: Column, rates: Sequence[Decimal], days: Sequence[int]) -> Verdict:
    said = text(
        "Per day: {before} before, {after} after (the log has {a} of the days before and {b} of those after).",
        a=days[0],
        b=days[1],
        before=format_figure(rates[0], str(column.unit)),
        after=format_figure(rates[1], str(column.unit)),
    )
    labels = (text("before"), text("after"))
    figures = [
        Figure(
            name=str(text("{measure} per day, {when}", measure=column.title, when=when)),
            value=rate,
            unit=str(column.unit),
        )
        for when, rate in zip(labels, rates, strict=True)
    ]
    figures += [
        Figure(name=str(text("days, {when}", when=when)), value=count, unit="days")
        for when, count in zip(labels, days, strict=True)
    ]
    return Verdict(join_texts(" ", (say(_has_moved(premise, *rates)), said)), tuple(figures))


def _has_moved(premise: str, before: Decimal, after: Decimal) -> bool:
    if premise == "fall":
        return after < before
    return after >= 2 * before if premise == "double" else after > before


def _count_days(period: Period, extent: LogDays) -> int:
    """Return how many days of a period the log covers."""
    first = max(period.start.date(), extent.first) if period.start else extent.first
    last = min(_get_last(period), extent.last) if period.end else extent.last
    return max((last - first).days + 1, 0)


def _get_length(period: Period) -> int:
    return (period.end.date() - period.start.date()).days if period.start and period.end else 0


def _get_last(period: Period) -> date:
    return (period.end - timedelta(days=1)).date() if period.end else date.max


def _decide_figures(reading: Reading, result: QueryResult, known: KnownLogs | None) -> Verdict | None:
    query = reading.query
    if reading.message is not None:
        return Verdict(join_texts(" ", (NO, reading.message)))
    if reading.claim is not None:
        return decide_claim(reading.claim, query, result)
    return _decide_plain_figures(reading, result, known)


def _decide_plain_figures(reading: Reading, result: QueryResult, known: KnownLogs | None) -> Verdict | None:
    query = reading.query
    if reading.check is not None:
        return _check_limit(reading.check, result)
    if reading.premise in (MORE, LESS):
        return _compare_two(reading, result)
    if reading.premise in ("rise", "fall", "double") and query.by and get_dimension(query.by[0]).is_time:
        return _decide_trend(reading, result, known)
    if query.having:
        return Verdict(say(bool(result.rows)))
    is_existence = reading.exists and not query.by
    return Verdict(say(result.total[:1] != (0,))) if is_existence else None


def _check_limit(check: Having, result: QueryResult) -> Verdict | None:
    """Return whether the figure of all requests is above or below a limit: "was the error rate above 5%?"."""
    value, column = result.total[0], result.measures[0]
    if value is None:
        return None
    amount = to_decimal(value)
    is_so = {
        Operator.ABOVE: amount > check.value,
        Operator.AT_LEAST: amount >= check.value,
        Operator.BELOW: amount < check.value,
        Operator.AT_MOST: amount <= check.value,
    }[check.operator]
    shown = format_figure(check.value, str(column.unit))
    said = join_texts(" ", (say(is_so), text("The limit is {limit}.", limit=shown)))
    return Verdict(said, (Figure(name=str(text("limit")), value=check.value, unit=str(column.unit)),))


def _compare_two(reading: Reading, result: QueryResult) -> Verdict | None:
    """Return whether the first of two names has more, or less, of each measure that says so."""
    rows = {row[0]: row for row in result.rows}
    if len(reading.focus) != PAIR or any(name not in rows for name in reading.focus):
        return None
    first, second = (rows[name] for name in reading.focus)
    said: list[tuple[bool, Column, Cell, Cell]] = []
    for place, column in enumerate(result.measures, 1):
        is_judged = place == 1 or column.name == "cost_per_request"
        if is_judged and first[place] is not None and second[place] is not None:
            more = to_decimal(first[place]) > to_decimal(second[place])
            less = to_decimal(first[place]) < to_decimal(second[place])
            said.append((more if reading.premise == MORE else less, column, first[place], second[place]))
    if not said:
        return None
    names = [format_name(name, reading.query.by[0]) for name in reading.focus]
    sentences = [
        text(
            "{measure}: {first} {a}, {second} {b}.",
            measure=column.title,
            first=names[0],
            a=shown[0],
            second=names[1],
            b=shown[1],
        )
        for _, column, a, b in said
        for shown in (format_aligned((to_decimal(a), to_decimal(b)), str(column.unit)),)
    ]
    answers = {is_so for is_so, *_ in said}
    lead = say(answers.pop()) if len(answers) == 1 else _say_mixed(said)
    return Verdict(join_texts(" ", (lead, *sentences)))


def _say_mixed(said: Sequence[tuple[bool, Column, Cell, Cell]]) -> Text:
    """Return "In total no, but per request yes."."""
    if said[0][0]:
        return text(
            "Yes by {total}, but no by {rate}.",
            total=get_inline_title(said[0][1].name),
            rate=get_inline_title(said[1][1].name),
        )
    return text(
        "No by {total}, but yes by {rate}.",
        total=get_inline_title(said[0][1].name),
        rate=get_inline_title(said[1][1].name),
    )


def _decide_trend(reading: Reading, result: QueryResult, known: KnownLogs | None) -> Verdict | None:
    """Return whether the last whole week has more than the first whole one."""
    _grain, _column = reading.query.by[0], result.measures[0]
    rows = list_whole_periods(reading, result.rows, known)
    is_partial = len(rows) == len(result.rows) and bool(list_partial_notes(reading, known))
    if is_partial or len(rows) < PAIR or rows[0][1] is None or rows[-1][1] is None:
        return None
    is_so = _has_moved(reading.premise, to_decimal(rows[0][1]), to_decimal(rows[-1][1]))
    return Verdict(say(is_so))
