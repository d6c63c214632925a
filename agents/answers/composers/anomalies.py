"""Answers about unusual days."""

from datetime import date, timedelta

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.formatting import format_figure
from agents.language.reading import Reading
from core.i18n.text import text
from workloads.query.anomalies import Anomalies
from workloads.query.dimensions import get_dimension
from workloads.query.measures import MEASURES, Unit


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
        *((TableColumn(name=get_dimension(anomalies.dimension).title),) if anomalies.dimension else ()),
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
