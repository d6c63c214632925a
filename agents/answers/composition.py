"""Compose the answer to a question from the results of the tools that were called for it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind, Chip, ChipKind, Figure, Table, TableColumn
from agents.answers.formatting import format_figure, format_name, format_usd
from agents.language.reading import Part, Reading
from core.i18n.text import Figure as FigureText
from core.i18n.text import Text, join_texts, plural_text, text
from workloads.analysis.estimate import Basis
from workloads.query.anomalies import Anomalies
from workloads.query.changes import Change, Driver
from workloads.query.dimensions import DIMENSIONS
from workloads.query.forecast import Forecast
from workloads.query.measures import MEASURES, MissingMeasure, Unit
from workloads.query.query import Filter, Operator, Query
from workloads.query.requests import RequestList
from workloads.query.result import Cell, Column, QueryResult
from workloads.query.values import LogDescription
from workloads.query.what_if import WhatIfResult


def compose_measure(reading: Reading, result: QueryResult, *, most: int = 30) -> Answer:
    """Return the answer to a plain question: the total, or the groups as a table with its largest first."""
    query = reading.query
    if not result.columns:
        return compose_missing(result.missing)
    understood = describe_query(query)
    if result.requests == 0 and any(None in each.values for each in query.where):
        nothing = tuple(
            Figure(name=str(column.title), value=0, unit=str(column.unit))
            for column in result.measures
            if column.unit in (Unit.USD, Unit.REQUESTS, Unit.TOKENS)
        )
        return Answer(
            kind=AnswerKind.ANSWER,
            text=text("None: every request has a value."),
            figures=nothing,
            understood=understood,
        )
    if result.requests == 0:
        return Answer(
            kind=AnswerKind.CANNOT,
            text=text("No requests match: {what}.", what=join_texts("; ", [chip.label for chip in understood])),
            understood=understood,
        )
    if query.statistics:
        return _compose_statistics(query, result, understood)
    if reading.focus:
        return _compose_shares(reading, result, understood)
    if reading.is_ratio and len(result.total) == 2:
        return _compose_ratio(query, result, understood)
    if not query.by:
        figures = tuple(
            Figure(name=_name_figure(query, column), value=value, unit=str(column.unit))
            for column, value in zip(result.measures, result.total, strict=True)
        )
        sentence = _describe_figures(result.measures, result.total)
        return Answer(
            kind=AnswerKind.ANSWER,
            text=_add_missing(join_texts(" ", (sentence, _describe_scope(query))), result),
            figures=figures,
            understood=understood,
        )
    return _compose_groups(reading, result, understood, most)


def join_answers(answers: Sequence[Answer]) -> Answer:
    """Return several answers as one."""
    first = answers[0]
    return replace(
        first,
        text=join_texts(" ", [answer.text for answer in answers]),
        figures=tuple(figure for answer in answers for figure in answer.figures),
        tables=tuple(table for answer in answers for table in answer.tables),
    )


def _compose_groups(reading: Reading, result: QueryResult, understood: tuple[Chip, ...], most: int) -> Answer:
    query = reading.query
    width = len(query.by)
    rows = result.rows if DIMENSIONS[query.by[0]].is_time or query.limit else result.rows[: most * 10]
    table = Table(
        title=_title_groups(query),
        columns=tuple(TableColumn(name=column.title, unit=str(column.unit or "")) for column in result.columns),
        rows=tuple(_format_row(query, row) for row in rows)
        + (_rest_row(result, width) if result.rest is not None else ()),
    )
    figures = [
        Figure(name=f"{column.title} (total)", value=value, unit=str(column.unit))
        for column, value in zip(result.measures, result.total, strict=False)
    ]
    if not result.rows:
        return Answer(kind=AnswerKind.CANNOT, text=text("No requests match."), understood=understood)
    first = result.rows[0]
    if DIMENSIONS[query.by[0]].is_time and query.order is None:
        first = max(result.rows, key=lambda row: Decimal(str(row[width] or 0)))
    name = ", ".join(format_name(value, dimension) for value, dimension in zip(first[:width], query.by, strict=False))
    lead = _describe_lead(reading, result, name, first[width])
    if reading.together and query.limit:
        figures += _sum_shown(query, result)
        share = figures[-1]
        lead = text("Together they make up {share} of the total.", share=format_figure(share.value, share.unit))
    if reading.premise and reading.premise not in ("rise", "fall"):
        lead = _correct_superlative(reading, result, first)
    figures.append(
        Figure(name=f"{result.measures[0].title}, {name}", value=first[width], unit=str(result.measures[0].unit))
    )
    if width == 1 and not DIMENSIONS[query.by[0]].is_time:
        named = result.groups - any(row[0] is None for row in result.rows)
        figures.append(Figure(name=str(DIMENSIONS[query.by[0]].many), value=named, unit=Unit.COUNT))
        lead = join_texts(" ", (lead, text("{many}: {n}.", many=DIMENSIONS[query.by[0]].many, n=named)))
    return Answer(
        kind=AnswerKind.ANSWER,
        text=_add_missing(join_texts(" ", (lead, _describe_scope(query))), result),
        figures=tuple(figures),
        tables=(table,),
        understood=understood,
    )


def _compose_ratio(query: Query, result: QueryResult, understood: tuple[Chip, ...]) -> Answer:
    """Return the first measure as a share of the second."""
    part, whole = (Decimal(str(value or 0)) for value in result.total)
    share = part / whole if whole else None
    first, second = result.measures
    figures = (
        Figure(
            name=str(text("Share of {whole}: {part}", whole=second.title, part=first.title)),
            value=share,
            unit=Unit.SHARE,
        ),
        *(
            Figure(name=str(c.title), value=v, unit=str(c.unit))
            for c, v in zip(result.measures, result.total, strict=True)
        ),
    )
    sentence = text(
        "{share}: {part} {a} of {whole} {b}.",
        share=format_figure(share, Unit.SHARE),
        part=first.title,
        whole=second.title,
        a=format_figure(part, str(first.unit)),
        b=format_figure(whole, str(second.unit)),
    )
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", (sentence, _describe_scope(query))),
        figures=figures,
        understood=understood,
    )


def _compose_shares(reading: Reading, result: QueryResult, understood: tuple[Chip, ...]) -> Answer:
    """Return the shares of the groups that were asked for, and their sum if there are several."""
    query = reading.query
    dimension = query.by[0]
    rows = [row for row in result.rows if row[0] in reading.focus]
    columns = result.columns[1:]
    shares = [i for i, column in enumerate(columns) if column.unit == Unit.SHARE]
    figures = [
        Figure(name=f"{column.title}: {format_name(row[0], dimension)}", value=row[i + 1], unit=str(column.unit))
        for row in rows
        for i, column in enumerate(columns)
    ]
    if not rows:
        figures = [
            Figure(name=f"{columns[i].title}: {format_name(value, dimension)}", value=Decimal(0), unit=Unit.SHARE)
            for value in reading.focus
            for i in shares
        ]
    parts = [
        text(
            "{name}: {share} ({value})",
            name=format_name(row[0], dimension),
            share=format_figure(row[shares[0] + 1], Unit.SHARE),
            value=format_figure(row[1], str(columns[0].unit)),
        )
        for row in rows
    ]
    if len(rows) > 1:
        total = sum((Decimal(str(row[shares[0] + 1] or 0)) for row in rows), Decimal(0))
        figures.append(Figure(name=str(text("Share, together")), value=total, unit=Unit.SHARE))
    lead = join_texts("; ", parts) if parts else text("None: {share}.", share=format_figure(Decimal(0), Unit.SHARE))
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", (lead, _describe_scope(query))),
        figures=tuple(figures),
        understood=understood,
    )


def _correct_superlative(reading: Reading, result: QueryResult, first: Sequence[Cell]) -> Text:
    column = result.measures[0]
    named = next((row for row in result.rows if row[0] == reading.premise), None)
    if named is None or named[0] == first[0]:
        return text(
            "{name} has the most: {value}.", name=str(first[0]), value=format_figure(first[1], str(column.unit))
        )
    return text(
        "That's not so: {first} has the most ({most}); {name} has {value}.",
        first=str(first[0]),
        most=format_figure(first[1], str(column.unit)),
        name=reading.premise,
        value=format_figure(named[1], str(column.unit)),
    )


def _describe_lead(reading: Reading, result: QueryResult, name: str, value: Cell) -> Text:
    query = reading.query
    column = result.measures[0]
    shown = format_figure(value, str(column.unit))
    if query.order is not None and not query.order.descending:
        return text("{name} has the lowest {measure}: {value}.", name=name, measure=column.title, value=shown)
    return text("{name} has the highest {measure}: {value}.", name=name, measure=column.title, value=shown)


def _sum_shown(query: Query, result: QueryResult) -> list[Figure]:
    width = len(query.by)
    column = result.measures[0]
    shown = sum((Decimal(str(row[width] or 0)) for row in result.rows), Decimal(0))
    total = Decimal(str(result.total[0] or 0))
    return [
        Figure(name=str(text("{measure}, together", measure=column.title)), value=shown, unit=str(column.unit)),
        Figure(name=str(text("Share, together")), value=shown / total if total else None, unit=Unit.SHARE),
    ]


def _rest_row(result: QueryResult, width: int) -> tuple[tuple[Cell, ...], ...]:
    assert result.rest is not None
    extra = len(result.columns) - width - len(result.rest)
    return (("(all others)", *("" for _ in range(width - 1)), *result.rest, *(None for _ in range(extra))),)


def _format_row(query: Query, row: Sequence[Cell]) -> tuple[Cell, ...]:
    width = len(query.by)
    names = tuple(format_name(value, dimension) for value, dimension in zip(row[:width], query.by, strict=False))
    return (*names, *row[width:])


def _compose_statistics(query: Query, result: QueryResult, understood: tuple[Chip, ...]) -> Answer:
    dimension = DIMENSIONS[query.by[0]]
    unit = f"{result.measures[0].unit}_per_{dimension.name}"
    titles = {"mean": text("mean"), "p50": text("median (p50)")}
    figures = tuple(
        Figure(
            name=f"{column.title} per {dimension.name}, {titles.get(str(row[0]), str(row[0]))}",
            value=row[i + 1],
            unit=unit if column.unit == Unit.USD else str(column.unit),
        )
        for row in result.rows
        for i, column in enumerate(result.measures)
    )
    parts = [
        text("{name}: {value}", name=figure.name, value=format_figure(figure.value, figure.unit)) for figure in figures
    ]
    count = Figure(name=str(dimension.many), value=result.groups, unit=Unit.COUNT)
    return Answer(
        kind=AnswerKind.ANSWER, text=join_texts("; ", parts), figures=(*figures, count), understood=understood
    )


def _title_groups(query: Query) -> Text:
    measures = join_texts(", ", [MEASURES[name].title for name in query.measures])
    by = join_texts(", ", [DIMENSIONS[name].title for name in query.by])
    return text("{measures} by {by}", measures=measures, by=by)


def _name_figure(query: Query, column: Column) -> str:
    scope = ", ".join(
        ", ".join(str(value) for value in each.values[:3] if value is not None)
        for each in query.where
        if each.operator is Operator.IS and each.field in DIMENSIONS and not DIMENSIONS[each.field].is_time
    )
    return f"{column.title}: {scope}" if scope else str(column.title)


def _describe_figures(columns: Sequence[Column], values: Sequence[Cell]) -> Text:
    return join_texts(
        "; ",
        [
            text("{measure}: {value}", measure=column.title, value=format_figure(value, str(column.unit)))
            for column, value in zip(columns, values, strict=False)
        ],
    )


def _describe_scope(query: Query) -> Text:
    parts = describe_query(query)
    return text("({scope})", scope=join_texts("; ", [chip.label for chip in parts])) if parts else join_texts("", ())


def describe_query(query: Query) -> tuple[Chip, ...]:
    """Return the filters and the period of a query, each as what was understood."""
    period = _describe_period(query)
    return (
        *(Chip(kind=ChipKind.FILTER, label=_describe_filter(each)) for each in query.where),
        *((Chip(kind=ChipKind.PERIOD, label=period),) if period is not None else ()),
    )


def _describe_period(query: Query) -> Text | None:
    start, end = query.period.start, query.period.end
    if start and end:
        last = (end - timedelta(microseconds=1)).date()
        if last == start.date():
            return text("on {day}", day=last.isoformat())
        return text("{first} to {last}", first=start.date().isoformat(), last=last.isoformat())
    if start:
        return text("since {day}", day=start.date().isoformat())
    return text("before {day}", day=end.date().isoformat()) if end else None


def _describe_filter(each: Filter) -> Text:
    title = (
        DIMENSIONS[each.field].title
        if each.field in DIMENSIONS
        else MEASURES[each.field].title
        if each.field in MEASURES
        else text("value")
    )
    values = ", ".join(
        f"{value:,}"
        if isinstance(value, Decimal | int) and each.field not in DIMENSIONS
        else format_name(value, each.field)
        for value in each.values[:6]
    )
    match each.operator:
        case Operator.IS:
            return text("{title}: {values}", title=title, values=values)
        case Operator.IS_NOT:
            return text("{title}: not {values}", title=title, values=values)
        case Operator.CONTAINS:
            return text("{title} contains “{values}”", title=title, values=values)
        case Operator.LACKS:
            return text("{title} doesn't contain “{values}”", title=title, values=values)
        case Operator.ABOVE | Operator.AT_LEAST:
            return text("{title} above {values}", title=title, values=values)
        case _:
            return text("{title} below {values}", title=title, values=values)


def _add_missing(sentence: Text, result: QueryResult) -> Text:
    reasons = [each.why for each in result.missing]
    return join_texts(" ", (sentence, *reasons))


def compose_missing(missing: Sequence[MissingMeasure]) -> Answer:
    reasons = list(dict.fromkeys(each.why for each in missing))
    fields = ", ".join(dict.fromkeys(each.field for each in missing))
    titles = join_texts(", ", [MEASURES[each.measure].title for each in missing])
    sentence = text(
        "{titles}: unknown. {why} A log with {fields} would tell.",
        titles=titles,
        why=join_texts(" ", reasons),
        fields=fields,
    )
    return Answer(kind=AnswerKind.CANNOT, text=sentence)


def compose_comparison(reading: Reading, results: Sequence[QueryResult]) -> Answer:
    """Return two or more results side by side, with differences if there are two."""
    if not results[0].columns:
        return compose_missing(results[0].missing)
    labels = [part.label for part in reading.parts]
    columns = results[0].measures
    rows = [(label, *result.total) for label, result in zip(labels, results, strict=True)]
    figures = [
        Figure(name=f"{column.title}, {label}", value=value, unit=str(column.unit))
        for label, result in zip(labels, results, strict=True)
        for column, value in zip(columns, result.total, strict=True)
    ]
    sentences = [
        text("{label}: {figures}.", label=label, figures=_describe_figures(columns, result.total))
        for label, result in zip(labels, results, strict=True)
    ]
    if len(results) == 2:
        for i, column in enumerate(columns):
            before, after = (result.total[i] for result in results)
            if before is None or after is None:
                continue
            difference = Decimal(str(after)) - Decimal(str(before))
            figures.append(Figure(name=f"{column.title}, difference", value=difference, unit=str(column.unit)))
            if before:
                figures.append(
                    Figure(name=f"{column.title}, change", value=difference / Decimal(str(before)), unit=Unit.SHARE)
                )
            if i == 0:
                sentences.insert(0, _describe_difference(column, difference, labels, reading.premise))
    table = Table(
        title=text("Comparison"),
        columns=(
            TableColumn(name=text("What")),
            *(TableColumn(name=column.title, unit=str(column.unit)) for column in columns),
        ),
        rows=tuple(rows),
    )
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", sentences),
        figures=tuple(figures),
        tables=(table,),
        understood=describe_query(replace(reading.parts[0].query, period=type(reading.parts[0].query.period)())),
    )


def _describe_difference(column: Column, difference: Decimal, labels: Sequence[str], premise: str) -> Text:
    shown = format_figure(abs(difference), str(column.unit))
    if not difference:
        return text("{measure} did not change.", measure=column.title)
    if difference > 0:
        return text(
            "{measure} rose by {value} from {first} to {second}.",
            measure=column.title,
            value=shown,
            first=labels[0],
            second=labels[1],
        )
    return text(
        "{measure} fell by {value} from {first} to {second}.",
        measure=column.title,
        value=shown,
        first=labels[0],
        second=labels[1],
    )


def compose_change(reading: Reading, change: Change, parts: Sequence[Part]) -> Answer:
    """Return why spend changed: direction, effects that add up, and what changed most."""
    first, second = parts[0].label, parts[1].label
    rose = change.amount > 0
    amount = format_usd(abs(change.amount))
    sentences = [
        text(
            "Spend rose by {amount}, from {before} ({first}) to {after} ({second}).",
            amount=FigureText(amount),
            before=FigureText(format_usd(change.before)),
            after=FigureText(format_usd(change.after)),
            first=first,
            second=second,
        )
        if rose
        else text(
            "Spend fell by {amount}, from {before} ({first}) to {after} ({second}).",
            amount=FigureText(amount),
            before=FigureText(format_usd(change.before)),
            after=FigureText(format_usd(change.after)),
            first=first,
            second=second,
        )
    ]
    if reading.premise == "fall" and rose:
        sentences.insert(0, text("It did not fall: it rose."))
    elif reading.premise == "rise" and change.amount < 0:
        sentences.insert(0, text("It did not rise: it fell."))
    drivers = sorted(change.drivers, key=lambda group: (group[0].dimension != reading.dimension,))
    for group in drivers[:1]:
        driver = next((d for d in group if (d.change > 0) == rose), group[0])
        sentences.append(
            text(
                "The largest part is {name}: {before} to {after}.",
                name=driver.value or "(none)",
                before=FigureText(format_usd(driver.before)),
                after=FigureText(format_usd(driver.after)),
            )
        )
    moved = next(
        (
            group
            for group in drivers
            if group[0].dimension == "model" and len(group) > 1 and group[0].change * group[1].change < 0
        ),
        None,
    )
    if moved is not None:
        down, up = sorted(moved[:2], key=lambda driver: driver.change)
        sentences.append(
            text(
                "{down} fell from {a} to {b}, {up} rose from {c} to {d}.",
                down=down.value or "(none)",
                up=up.value or "(none)",
                a=FigureText(format_usd(down.before)),
                b=FigureText(format_usd(down.after)),
                c=FigureText(format_usd(up.before)),
                d=FigureText(format_usd(up.after)),
            )
        )
    if change.effects:
        largest = max(change.effects, key=lambda effect: abs(effect.amount))
        sentences.append(
            text(
                "The main cause: {cause} ({amount}).",
                cause=largest.title,
                amount=FigureText(format_usd(largest.amount)),
            )
        )
    figures = [
        Figure(name="Difference in spend", value=change.amount, unit=Unit.USD),
        Figure(name=f"Spend, {first}", value=change.before, unit=Unit.USD),
        Figure(name=f"Spend, {second}", value=change.after, unit=Unit.USD),
    ]
    tables = []
    if change.effects:
        tables.append(
            Table(
                title=text("What the difference is made of"),
                columns=(TableColumn(name=text("Cause")), TableColumn(name=text("Effect"), unit=Unit.USD)),
                rows=tuple((effect.title, effect.amount) for effect in change.effects),
            )
        )
    for group in drivers[:4]:
        tables.append(_tabulate_drivers(group))
    return Answer(kind=AnswerKind.ANSWER, text=join_texts(" ", sentences), figures=tuple(figures), tables=tuple(tables))


def _tabulate_drivers(group: Sequence[Driver]) -> Table:
    dimension = DIMENSIONS[group[0].dimension]
    return Table(
        title=text("Spend by {dimension}, largest changes", dimension=dimension.title),
        columns=(
            TableColumn(name=dimension.title),
            TableColumn(name=text("Before"), unit=Unit.USD),
            TableColumn(name=text("After"), unit=Unit.USD),
            TableColumn(name=text("Change"), unit=Unit.USD),
        ),
        rows=tuple((driver.value or "(none)", driver.before, driver.after, driver.change) for driver in group),
    )


def compose_forecast(forecast: Forecast, understood: Sequence[Chip]) -> Answer:
    figures = (
        Figure(name="Expected spend", value=forecast.expected, unit=Unit.USD, basis=Basis.MODELLED),
        Figure(name="low", value=forecast.low, unit=Unit.USD, basis=Basis.MODELLED),
        Figure(name="high", value=forecast.high, unit=Unit.USD, basis=Basis.MODELLED),
        Figure(name="already in the log", value=forecast.known, unit=Unit.USD),
    )
    sentence = text(
        "About {expected} from {start} to before {end}, between {low} and {high} in 8 of 10 cases. Based on the {method}.",
        expected=FigureText(format_usd(forecast.expected)),
        low=FigureText(format_usd(forecast.low)),
        high=FigureText(format_usd(forecast.high)),
        start=forecast.start.isoformat(),
        end=forecast.end.isoformat(),
        method=forecast.method,
    )
    return Answer(kind=AnswerKind.ANSWER, text=sentence, figures=figures, understood=tuple(understood))


def compose_anomalies(reading: Reading, anomalies: Anomalies) -> Answer:
    measure = MEASURES[anomalies.measure]
    if anomalies.note is not None:
        return Answer(kind=AnswerKind.CANNOT, text=anomalies.note)
    if not anomalies.found:
        sentence = text("No day stands out: all are close to what is usual.")
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
        *((TableColumn(name=DIMENSIONS[anomalies.dimension].title),) if anomalies.dimension else ()),
        TableColumn(name=measure.title, unit=measure.unit),
        TableColumn(name=text("Usual"), unit=measure.unit),
    )
    first = anomalies.found[0]
    what = ", ".join(_list_runs(anomalies)) + (f", {first.group}" if first.group else "")
    sentence = text(
        "Yes: {what}. The most unusual day is {day}: {measure} {value}, usually {usual}.",
        day=first.day.isoformat(),
        what=what,
        measure=measure.title,
        value=format_figure(first.value, measure.unit),
        usual=format_figure(first.usual, measure.unit),
    )
    return Answer(
        kind=AnswerKind.ANSWER, text=sentence, tables=(Table(title=text("Unusual days"), columns=columns, rows=rows),)
    )


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


def compose_requests(reading: Reading, found: RequestList) -> Answer:
    if not found.rows:
        return Answer(kind=AnswerKind.CANNOT, text=text("No requests match."))
    table = Table(
        title=text("Requests"),
        columns=tuple(TableColumn(name=column.title, unit=str(column.unit or "")) for column in found.columns),
        rows=found.rows,
    )
    sentence = plural_text(
        "{n} request, of {found:,} that match.",
        "{n} requests, of {found:,} that match.",
        n=len(found.rows),
        found=found.found,
    )
    return Answer(
        kind=AnswerKind.ANSWER,
        text=sentence,
        figures=(Figure(name="Requests that match", value=found.found, unit=Unit.REQUESTS),),
        tables=(table,),
        understood=describe_query(reading.query),
    )


CANNOT_TEXTS: Mapping[str, Text] = {
    "quality": text(
        "A usage log doesn't show how good the answers were, so users' judgement or an evaluation on test questions is needed. It does show cost, latency and errors."
    ),
    "content": text("The log holds no prompts or answers, only their size, so I can't tell what is in the content."),
    "revenue": text("The log shows what customers cost, not what they pay. Compare it with your revenue."),
    "invoice": text(
        "The log shows usage at list prices, not what was billed. Upload the provider's invoice or cost export to compare."
    ),
    "sessions": text("The log doesn't say how a session ended, or has no sessions at all."),
    "countries": text("The log doesn't say which country users come from."),
    "future_price": text("Nobody knows future prices. The price list has today's."),
    "alert": text("I can't set alerts or budgets here. An operator can set a budget in the administration."),
    "send": text("I can't send mail or run on a schedule. You can download the report and its tables."),
    "energy": text("The log doesn't show energy use, and providers don't publish it per request."),
    "competitors": text("This log has only your own data, nothing of other companies."),
    "currency": text("All figures are in US dollars (USD). I have no exchange rate."),
    "delete": text("I can't delete logs in chat. Delete a log in the list of logs, in its menu."),
}
"""Why a question about a topic cannot be answered, and what would help."""

TALK_TEXTS: Mapping[str, Text] = {
    "hello": text("Hello! Ask me about your log: what it costs, who spends it, why it changed, or how to save."),
    "thanks": text("You're welcome. Ask me anything else about your log."),
    "ok": text("Good. What would you like to know next?"),
    "help": text(
        "I answer questions about your usage log: spend, requests, tokens, latency and errors, by model, feature, team, customer or time; comparisons, causes, forecasts, what-ifs, and a full savings report."
    ),
    "who": text(
        "I'm Netra. I analyse usage logs. Every figure is computed from your log; if a language model is used, the page says which one."
    ),
    "upload": text("Choose “Upload a log” above the question, or drop a file on the page."),
    "off_topic": text(
        "That's not something a usage log can tell. I can answer questions about its spend, requests, tokens, latency and errors."
    ),
}


def compose_what_if(reading: Reading, result: WhatIfResult) -> Answer:
    """Return what the requests in question would have cost, the difference, and the whole bill."""
    assert reading.supposition is not None
    figures = (
        Figure(name="Cost as it was", value=result.before, unit=Unit.USD),
        Figure(name="Cost if so", value=result.after, unit=Unit.USD, basis=result.basis),
        Figure(name="Difference (saved if positive)", value=result.saving, unit=Unit.USD, basis=result.basis),
        Figure(name="Factor", value=reading.supposition.factor, unit=Unit.COUNT, basis=result.basis),
        Figure(name="Whole bill as it was", value=result.whole_before, unit=Unit.USD),
        Figure(name="Whole bill if so", value=result.whole_after, unit=Unit.USD, basis=result.basis),
    )
    sentence = text(
        "It would have cost {after} instead of {before}: {difference} {direction}.",
        after=FigureText(format_usd(result.after)),
        before=FigureText(format_usd(result.before)),
        difference=FigureText(format_usd(abs(result.saving))),
        direction=text("less") if result.saving >= 0 else text("more"),
    )
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", (sentence, *result.assumptions)),
        figures=figures,
        understood=describe_query(reading.query),
    )


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
