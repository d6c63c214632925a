"""Answers that list something of a log: single requests, unusual days, and the days that it covers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.composers.messages import compose_all_priced
from agents.answers.composers.no_requests import compose_no_request
from agents.answers.composers.spending.listed_groups import count_groups, name_groups
from agents.answers.formatting import format_figure
from agents.language.reading import Reading
from agents.language.rules.money.gateways import GATEWAY
from core.i18n.text import Text, join_texts, plural_text, text
from workloads.query.anomalies import Anomalies
from workloads.query.dimensions import UNPRICED, get_dimension
from workloads.query.measures import MEASURES, Unit
from workloads.query.query import Period
from workloads.query.requests import RequestList
from workloads.query.result import to_decimal
from workloads.query.values import LogDescription

NO_REQUEST_IDS = text(
    "I can't tell: the log has no request IDs, so repeats don't show. An export with one row for each request and its "
    "ID would show them."
)


NO_GATEWAY_COLUMN = text(
    "I can't tell: the log has no column that says whether a gateway's own cache answered. It would be called "
    "gateway_cache_hit."
)
CACHE_QUESTIONS = ("What share of our input tokens is cached?", "How much did caching save us?")


def compose_requests(reading: Reading, found: RequestList) -> Answer:
    if not found.rows and any(UNPRICED in each.values for each in reading.query.where):
        return compose_all_priced(reading.query)
    if not found.rows:
        return compose_no_request(reading, found)
    table = Table(
        title=text("Requests"),
        columns=tuple(TableColumn(name=column.title, unit=str(column.unit or "")) for column in found.columns),
        rows=found.rows,
    )
    together, said = _add_up(reading, found)
    groups = count_groups(reading, found)
    described = _describe_first(reading, found) if not groups else name_groups(reading, groups[0])
    sentence = join_texts(" ", (*said, _count_requests(found), *described))
    return Answer(
        kind=AnswerKind.ANSWER,
        text=sentence,
        figures=(*together, Figure(name="Requests that match", value=found.found, unit=Unit.REQUESTS)),
        tables=(*groups, table),
    )


def _add_up(reading: Reading, found: RequestList) -> tuple[tuple[Figure, ...], tuple[Text, ...]]:
    """Return what the listed requests cost together, and their share of all that match, if that was asked for."""
    place = next((i for i, column in enumerate(found.columns) if column.name == "spend"), None)
    if not reading.together or place is None:
        return (), ()
    spent = sum((to_decimal(row[place]) for row in found.rows), Decimal(0))
    share = spent / found.total_spend if found.total_spend else None
    figures = (
        Figure(name=str(text("{measure}, together", measure=MEASURES["spend"].title)), value=spent, unit=Unit.USD),
        Figure(name=str(text("Share, together")), value=share, unit=Unit.SHARE),
        Figure(
            name=str(text("{measure}, all", measure=MEASURES["spend"].title)), value=found.total_spend, unit=Unit.USD
        ),
    )
    sentence = text(
        "Together they cost {value}, {share} of {total}.",
        value=format_figure(spent, Unit.USD),
        share=format_figure(share, Unit.SHARE),
        total=format_figure(found.total_spend, Unit.USD),
    )
    return figures, (sentence,)


def _count_requests(found: RequestList) -> Text:
    if found.found == len(found.rows):
        return plural_text("{n} request matches.", "{n} requests match.", n=found.found)
    return text("Showing {n} of {found:,}.", n=len(found.rows), found=found.found)


def _describe_first(reading: Reading, found: RequestList) -> Iterator[Text]:
    """Yield what the first request ranks by, and its time."""
    place = min(reading.rank or 1, len(found.rows))
    row = dict(zip((column.name for column in found.columns), found.rows[place - 1], strict=True))
    column = next((each for each in found.columns if each.name == reading.order_by), None)
    moment = row.get("time")
    when = moment.strftime("%Y-%m-%d %H:%M") if isinstance(moment, datetime) else ""
    if column is not None and column.unit is not None:
        value = format_figure(row[column.name], str(column.unit))
        if reading.rank is not None:
            on = text(", on {when}", when=when) if when else join_texts("", ())
            yield text("Number {n}: {measure} {value}{on}.", n=place, measure=column.title, value=value, on=on)
        elif when:
            yield text("The first one: {measure} {value}, on {when}.", measure=column.title, value=value, when=when)
        else:
            yield text("The first one: {measure} {value}.", measure=column.title, value=value)
    elif when:
        yield text("The first one is of {when}.", when=when)
    if reading.dimension in row and row[reading.dimension] is not None:
        yield text(
            "{dimension}: {name}.", dimension=get_dimension(reading.dimension).title, name=str(row[reading.dimension])
        )


def compose_left_out(reading: Reading, description: LogDescription) -> Answer:
    """Return how many rows of the file were left out for a reason that the question names."""
    return _compose_gateway(description) if reading.topic == GATEWAY else compose_repeats(description)


def _compose_gateway(description: LogDescription) -> Answer:
    """Return how many requests a gateway answered from its own cache."""
    hits = description.gateway_hits
    if hits is None:
        return Answer(kind=AnswerKind.CANNOT, text=NO_GATEWAY_COLUMN, suggestions=CACHE_QUESTIONS)
    sentence = (
        plural_text(
            "{n} row was answered by your gateway's own cache. It was left out, because no provider charged for it.",
            "{n} rows were answered by your gateway's own cache. They were left out, because no provider charged for "
            "them.",
            n=hits,
        )
        if hits
        else text("None: the log marks no request as answered by your gateway's own cache.")
    )
    figure = Figure(name=str(text("Rows answered by the gateway's cache")), value=hits, unit=Unit.COUNT)
    return Answer(kind=AnswerKind.ANSWER, text=sentence, figures=(figure,), suggestions=CACHE_QUESTIONS)


def compose_repeats(description: LogDescription) -> Answer:
    """Return how many rows of the file repeat a request."""
    repeats = description.repeats
    if repeats is None:
        return Answer(kind=AnswerKind.CANNOT, text=NO_REQUEST_IDS)
    sentence = (
        plural_text(
            "{n} row repeats a request. It was left out, so each request is counted once.",
            "{n} rows repeat a request. They were left out, so each request is counted once.",
            n=repeats,
        )
        if repeats
        else text("None: no two rows have the same request ID.")
    )
    figure = Figure(name=str(text("Repeated rows")), value=repeats, unit=Unit.COUNT)
    return Answer(kind=AnswerKind.ANSWER, text=sentence, figures=(figure,))


def compose_period(description: LogDescription) -> Answer:
    """Return which days a log covers, and how many they are."""
    if description.first is None or description.last is None:
        return Answer(kind=AnswerKind.CANNOT, text=text("The log has no dates."))
    first, last = description.first, description.last
    days = (last - first).days + 1
    return Answer(
        kind=AnswerKind.ANSWER,
        text=plural_text(
            "The log covers {first} to {last}: {n} day.",
            "The log covers {first} to {last}: {n} days.",
            first=first.isoformat(),
            last=last.isoformat(),
            n=days,
        ),
        figures=(Figure(name="Days", value=days, unit=Unit.DAYS),),
    )


def compose_anomalies(reading: Reading, anomalies: Anomalies) -> Answer:
    measure = MEASURES[anomalies.measure]
    if reading.claim is not None:
        anomalies = _narrow(anomalies, reading.claim.period)
    if anomalies.note is not None:
        return Answer(kind=AnswerKind.CANNOT, text=anomalies.note)
    if not anomalies.found:
        sentence = (
            text("No day stands out: all are close to what is usual.")
            if reading.claim is None
            else text("No day of it stands out from the others of the log.")
        )
        return Answer(
            kind=AnswerKind.ANSWER,
            text=sentence,
            figures=(Figure(name="Days looked at", value=anomalies.days, unit=Unit.DAYS),),
        )
    rows = tuple(
        (each.day.isoformat(), *((each.group,) if anomalies.dimension else ()), each.value, each.usual)
        for each in anomalies.found
    )
    columns = (
        TableColumn(name=text("Day")),
        *((TableColumn(name=get_dimension(anomalies.dimension).title),) if anomalies.dimension else ()),
        TableColumn(name=measure.title, unit=measure.unit),
        TableColumn(name=text("Usual"), unit=measure.unit),
    )
    first = anomalies.found[0]
    what = ", ".join(_list_runs(anomalies)) + (f", {first.group}" if first.group else "")
    lead = text("Yes") if reading.claim is None else text("Unusual")
    sentence = text(
        "{lead}: {what}. The most unusual day is {day}: {measure} {value}, usually {usual}.",
        lead=lead,
        day=first.day.isoformat(),
        what=what,
        measure=measure.title,
        value=format_figure(first.value, measure.unit),
        usual=format_figure(first.usual, measure.unit),
    )
    return Answer(
        kind=AnswerKind.ANSWER, text=sentence, tables=(Table(title=text("Unusual days"), columns=columns, rows=rows),)
    )


def _narrow(anomalies: Anomalies, period: Period) -> Anomalies:
    """Return the unusual days of a period only."""
    start, end = period.start, period.end
    found = (each for each in anomalies.found if start is None or each.day >= start.date())
    return replace(anomalies, found=tuple(each for each in found if end is None or each.day < end.date()))


def _list_runs(anomalies: Anomalies) -> list[str]:
    """Return the unusual days of the first group as periods of consecutive days, at most three."""
    days = sorted(each.day for each in anomalies.found if each.group == anomalies.found[0].group)
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    first = anomalies.found[0].day
    runs.sort(key=lambda run: (first not in run, -len(run)))
    return [
        run[0].isoformat() if len(run) == 1 else f"{run[0].isoformat()} to {run[-1].isoformat()}" for run in runs[:3]
    ]
