"""Whether spend keeps to a limit: the last whole month against it, and what it would be with the confirmed savings."""

from calendar import monthrange
from collections.abc import Sequence
from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.conditions import describe_scope
from agents.answers.formatting import format_figure, format_name
from agents.answers.period_notes import pick_whole_periods
from agents.answers.phrases import name_group, name_time
from agents.language.questions import KnownLogs
from agents.language.reading import Reading
from core.i18n.text import FormattedNumber, Text, join_texts, text
from workloads.analysis.combination import Combination
from workloads.analysis.estimate import Basis
from workloads.query.dimensions import get_dimension
from workloads.query.measures import Unit
from workloads.query.result import Cell, QueryResult, to_decimal

WEEK = 7


def compose_budget(
    reading: Reading, spends: QueryResult, combination: Combination | None, known: KnownLogs | None
) -> Answer:
    """Return whether the last whole period keeps to the limit; without one, whether the mean day would."""
    grain, limit = reading.query.by[0], reading.goal_usd or Decimal(0)
    if not spends.rows:
        return Answer(kind=AnswerKind.CANNOT, text=text("No requests match."))
    whole = list(pick_whole_periods(reading, spends.rows, known))
    value, said, figures = _state_last(whole, grain) if whole else _state_mean_day(reading, spends, known)
    is_below = value <= limit
    is_so = is_below == (reading.premise == "below")
    gap = abs(value - limit)
    verdict = (
        text("{gap} below the limit of {limit}.", gap=_usd(gap), limit=_usd(limit))
        if is_below
        else text("{gap} above the limit of {limit}.", gap=_usd(gap), limit=_usd(limit))
    )
    figures += [
        Figure(name=str(text("limit")), value=limit, unit=Unit.USD),
        Figure(name=str(text("Difference to the limit")), value=gap, unit=Unit.USD, basis=figures[0].basis),
    ]
    kept = _count_kept(whole, grain, limit, figures)
    saved = _add_savings(reading, combination, value, figures)
    lead = text("Yes.") if is_so else text("No.")
    table = Table(
        title=text("Spend by {dimension}", dimension=get_dimension(grain).name),
        columns=(TableColumn(name=get_dimension(grain).title), TableColumn(name=text("Spend"), unit=Unit.USD)),
        rows=tuple((format_name(row[0], grain), row[1]) for row in spends.rows),
    )
    scope = describe_scope(reading.query)
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", (lead, said, verdict, *kept, *saved, scope)),
        figures=tuple(figures),
        tables=(table,),
        suggestions=("How can we save money?", "What will next month cost?", f"Spend by {grain}"),
    )


def _usd(value: Decimal) -> FormattedNumber:
    return format_figure(value, Unit.USD)


def _state_last(whole: Sequence[Sequence[Cell]], grain: str) -> tuple[Decimal, Text, list[Figure]]:
    """Return the spend of the last whole period."""
    value, name = to_decimal(whole[-1][1]), name_group(whole[-1][:1], (grain,))
    said = text("{period} cost {value}:", period=name, value=_usd(value))
    return value, said, [Figure(name=f"Spend, {name_time(whole[-1][0], grain)}", value=value, unit=Unit.USD)]


def _state_mean_day(
    reading: Reading, spends: QueryResult, known: KnownLogs | None
) -> tuple[Decimal, Text, list[Figure]]:
    """Return what a whole period would cost if all days cost what a day of the log does."""
    grain, total = reading.query.by[0], to_decimal(spends.total[0])
    extent = known.extents[reading.log] if known is not None else None
    days = (extent.last - extent.first).days + 1 if extent is not None else 1
    last = extent.last if extent is not None else None
    length = WEEK if grain == "week" else 1 if grain == "day" or last is None else monthrange(last.year, last.month)[1]
    value = total / days * length
    said = text(
        "The log has no whole {period}. Days in it: {days}, spend {total}. At that rate, a whole one costs {value}:",
        period=get_dimension(grain).name,
        days=days,
        total=_usd(total),
        value=_usd(value),
    )
    return (
        value,
        said,
        [
            Figure(name="Spend of a whole one", value=value, unit=Unit.USD, basis=Basis.MODELLED),
            Figure(name="Spend", value=total, unit=Unit.USD),
            Figure(name="Days", value=days, unit=Unit.DAYS),
            Figure(name="Days of the period", value=length, unit=Unit.DAYS),
        ],
    )


def _count_kept(whole: Sequence[Sequence[Cell]], grain: str, limit: Decimal, figures: list[Figure]) -> tuple[Text, ...]:
    """Return in how many of several whole periods the limit was kept."""
    if len(whole) < 2:
        return ()
    kept = sum(to_decimal(row[1]) <= limit for row in whole)
    many = get_dimension(grain).many
    figures += [
        Figure(name=str(text("{many} within the limit", many=many)), value=kept, unit=Unit.COUNT),
        Figure(name=str(text("{many}, whole", many=many)), value=len(whole), unit=Unit.COUNT),
    ]
    return (text("{many} within it: {n} of {all}.", many=many, n=kept, all=len(whole)),)


def _add_savings(
    reading: Reading, combination: Combination | None, value: Decimal, figures: list[Figure]
) -> tuple[Text, ...]:
    """Return what it would be with the savings that the log confirms, if all requests are meant."""
    if combination is None or reading.query.where or not combination.spend or combination.total <= 0:
        return ()
    share = combination.total / combination.spend
    after = value * (1 - share)
    figures += [
        Figure(name="With the confirmed savings", value=after, unit=Unit.USD, basis=Basis.MODELLED),
        Figure(name="Confirmed savings, share", value=share, unit=Unit.SHARE, basis=Basis.MODELLED),
    ]
    percent = format_figure(share, Unit.SHARE)
    return (text("With the confirmed savings ({share}) it would be {value}.", share=percent, value=_usd(after)),)
