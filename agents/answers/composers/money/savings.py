"""Answers about what could be saved: by all levers in short, by one of them, and by the groups of a log."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.follow_ups import CLOSE
from agents.answers.formatting import format_figure, format_name
from agents.answers.phrases import get_inline_dimension
from agents.language.reading import Reading
from agents.language.rules.money.savings import RETRIES, SMALLER_MODELS
from core.i18n.text import FormattedNumber, Text, join_texts, plural_text, text
from workloads.analysis.combination import Combination
from workloads.analysis.estimate import Basis, Bound, DisplayValue, Estimate
from workloads.levers.group_savings import GroupSaving, GroupSavings
from workloads.query.dimensions import get_dimension
from workloads.query.measures import Unit
from workloads.query.result import QueryResult, to_decimal

MAX_NAMED = 3
REPORT = ("How can we save money?",)
CONFIRMED = text("confirmed")
SMALLER_CHOICES = ("Spend by model", "Which model has the lowest cost per request?", *REPORT)


def compose_levers(found: Combination, level: Decimal | None = None) -> Answer:
    """Return the levers that save something: those that the log confirms, and those that it can't; first of all,
    whether the confirmed ones bring the spend down to a level."""
    answer = _compose_levers(found)
    if level is None:
        return answer
    said, figures = _hold_against_level(found, level)
    return replace(answer, text=join_texts(" ", (said, answer.text)), figures=(*answer.figures, *figures))


def _hold_against_level(found: Combination, level: Decimal) -> tuple[Text, tuple[Figure, ...]]:
    left = to_decimal(found.spend) - to_decimal(found.total)
    is_below = found.spend <= level
    basis = Basis.OBSERVED if is_below else Basis.MODELLED
    gap = abs((to_decimal(found.spend) if is_below else left) - level)
    values = {
        name: format_figure(value, Unit.USD)
        for name, value in (("spend", found.spend), ("level", level), ("left", left), ("gap", gap))
    }
    if is_below:
        said = text("The log's spend is {spend} already, {gap} below {level}.", **values)
    elif left <= level:
        said = text("With the confirmed savings, {spend} would be {left}: that is within {level}.", **values)
    elif found.total == 0:
        said = text("Nothing confirmed would bring {spend} down to {level}: it is {gap} above.", **values)
    else:
        said = text(
            "The confirmed savings don't reach {level}: with them, {spend} would be {left}, {gap} above it.", **values
        )
    return said, (
        Figure(name=str(text("limit")), value=level, unit=Unit.USD),
        Figure(name="Spend with the confirmed savings", value=left, unit=Unit.USD, basis=Basis.MODELLED),
        Figure(name=str(text("Difference to the limit")), value=gap, unit=Unit.USD, basis=basis),
    )


def _compose_levers(found: Combination) -> Answer:
    confirmed = sorted((each for each in found.waterfall if each.saving > 0), key=lambda each: -each.saving)
    possible = sorted((each for each in found.candidates if each.adds > 0), key=lambda each: -each.adds)
    share = to_decimal(found.total) / found.spend if found.spend else None
    figures = (
        Figure(name="Spend", value=found.spend, unit=Unit.USD),
        Figure(name="Confirmed savings", value=found.total, unit=Unit.USD, basis=Basis.MODELLED),
        Figure(name="Share of the spend", value=share, unit=Unit.SHARE, basis=Basis.MODELLED),
    )
    if not confirmed and not possible:
        sentence = text("Nothing that the log shows: no lever would save anything on it.")
        return Answer(kind=AnswerKind.ANSWER, text=sentence, figures=figures, suggestions=("Spend by model", *REPORT))
    rows = (
        *((each.title, each.saving, CONFIRMED) for each in confirmed),
        *((each.title, each.adds, text("{basis}", basis=each.basis.value)) for each in possible),
    )
    named = [_name_saving(each.title, each.saving) for each in confirmed[:MAX_NAMED]]
    open_ones = [_name_saving(each.title, each.adds) for each in possible[:MAX_NAMED]]
    lead = (
        text(
            "Confirmed savings: {saving} of {spend} ({share}). {levers}.",
            saving=format_figure(found.total, Unit.USD),
            spend=format_figure(found.spend, Unit.USD),
            share=format_figure(share, Unit.SHARE),
            levers=join_texts("; ", named),
        )
        if named
        else text("No savings are confirmed from this log alone.")
    )
    more = [text("To be confirmed, each alone: {levers}.", levers=join_texts("; ", open_ones))] if open_ones else []
    columns = (
        TableColumn(name=text("Lever")),
        TableColumn(name=text("Saving"), unit=Unit.USD),
        TableColumn(name=text("Basis")),
    )
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", (lead, *more)),
        figures=figures,
        tables=(Table(title=text("What would save money"), columns=columns, rows=rows),),
        suggestions=("Which features should we look at first to save money?", *REPORT),
    )


def _name_saving(title: Text, saving: Decimal) -> Text:
    return text("{lever} ({saving})", lever=title, saving=format_figure(saving, Unit.USD))


def compose_lever(reading: Reading, estimate: Estimate, whole: QueryResult) -> Answer:
    """Return what one lever finds, with what that is based on."""
    if estimate.saving is None:
        what = join_texts("; ", [each.what for each in estimate.unknowns])
        sentence = text("{lever}: unknown. The log doesn't show {what}.", lever=estimate.title, what=what)
        return Answer(kind=AnswerKind.CANNOT, text=sentence, suggestions=_suggest(reading))
    spend = to_decimal(whole.total[0]) if whole.total else None
    share = estimate.saving / spend if spend else None
    figures = (
        Figure(name=str(estimate.title), value=estimate.saving, unit=Unit.USD, basis=estimate.basis),
        Figure(name="Share of the spend", value=share, unit=Unit.SHARE, basis=estimate.basis),
        Figure(name="Spend", value=spend, unit=Unit.USD),
    )
    evidence = tuple(
        (each.label, text("{value}", value=_format_evidence(each.value, each.unit))) for each in estimate.evidence
    )
    columns = (TableColumn(name=text("What the log shows")), TableColumn(name=text("Value")))
    return Answer(
        kind=AnswerKind.ANSWER,
        text=_say_lever(reading, estimate, figures),
        figures=figures,
        tables=(Table(title=estimate.title, columns=columns, rows=evidence),) if evidence else (),
        notes=estimate.assumptions,
        suggestions=_suggest(reading),
    )


def _suggest(reading: Reading) -> tuple[str, ...]:
    if reading.topic == RETRIES:
        return (*CLOSE[RETRIES], *REPORT)
    return SMALLER_CHOICES if reading.topic == SMALLER_MODELS else REPORT


def _say_lever(reading: Reading, estimate: Estimate, figures: Sequence[Figure]) -> Text:
    saving, share, spend = (format_figure(each.value, each.unit) for each in figures)
    values: dict[str, Text | FormattedNumber] = {"saving": saving, "share": share, "spend": spend}
    if reading.topic == RETRIES:
        if estimate.bound is Bound.LOWER:
            return text("Retries that were not necessary cost {saving}: {share} of the spend of {spend}.", **values)
        return text(
            "The log doesn't show which requests are retries. Failed calls that are billed cost {saving}: {share} of "
            "the spend of {spend}. That is the most that fewer failures and retries could save.",
            **values,
        )
    if not estimate.saving:
        return text("{lever}: no saving found in this log.", lever=estimate.title)
    values["lever"] = estimate.title
    if estimate.basis is Basis.NEEDS_EVALUATION:
        return text(
            "{lever}: up to {saving}, {share} of the spend of {spend}. The log can't show how good the answers would "
            "be: evaluate it first.",
            **values,
        )
    if estimate.bound is Bound.UPPER:
        return text("{lever}: up to {saving}, {share} of the spend of {spend}.", **values)
    return text("{lever}: {saving}, {share} of the spend of {spend}.", **values)


def _format_evidence(value: DisplayValue, unit: str) -> Text:
    known = {"USD": Unit.USD, "share": Unit.SHARE, "requests": Unit.REQUESTS, "tokens": Unit.TOKENS}
    if unit in known:
        return text("{value}", value=format_figure(to_decimal(value), known[unit]))
    return text("{value} {unit}", value=str(value), unit=unit) if unit else text("{value}", value=str(value))


def compose_group_savings(reading: Reading, found: GroupSavings) -> Answer:
    """Return the groups in which the most can be saved."""
    useful = [each for each in found.groups if each.confirmed > 0 or each.possible > 0]
    shown = useful[: reading.query.limit] if reading.query.limit else useful
    if not shown:
        sentence = text(
            "No lever would save anything on this log, in any {dimension}.",
            dimension=get_inline_dimension(found.dimension),
        )
        return Answer(kind=AnswerKind.ANSWER, text=sentence, suggestions=REPORT)
    named = [_name_group(each, found.dimension) for each in shown[:MAX_NAMED]]
    lead = text("Look at these first: {groups}.", groups=join_texts("; ", named))
    rest = len(useful) - len(shown)
    more = (
        [plural_text("{n} other could save something, too.", "{n} others could save something, too.", n=rest)]
        if rest
        else []
    )
    note = text("Confirmed savings of several levers are counted once. What is to be confirmed is of one lever alone.")
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", (lead, *more)),
        figures=_list_group_figures(found, shown, rest),
        tables=(_build_group_table(found, shown),),
        notes=(note,),
        suggestions=("What should we change?", *REPORT),
    )


def _list_group_figures(found: GroupSavings, shown: Sequence[GroupSaving], rest: int) -> tuple[Figure, ...]:
    return (
        Figure(name="Confirmed savings", value=found.confirmed, unit=Unit.USD, basis=Basis.MODELLED),
        *(
            Figure(
                name=f"Confirmed savings, {format_name(e.value, found.dimension)}",
                value=e.confirmed,
                unit=Unit.USD,
                basis=Basis.MODELLED,
            )
            for e in shown[:MAX_NAMED]
        ),
        *((Figure(name="Others", value=rest, unit=Unit.COUNT),) if rest else ()),
    )


def _build_group_table(found: GroupSavings, shown: Sequence[GroupSaving]) -> Table:
    columns = (
        TableColumn(name=get_dimension(found.dimension).title),
        TableColumn(name=text("Spend"), unit=Unit.USD),
        TableColumn(name=text("Confirmed savings"), unit=Unit.USD),
        TableColumn(name=text("Most by")),
        TableColumn(name=text("To be confirmed, at most"), unit=Unit.USD),
        TableColumn(name=text("By")),
    )
    rows = tuple(
        (format_name(e.value, found.dimension), e.spend, e.confirmed, e.lever or "", e.possible, e.possible_lever or "")
        for e in shown
    )
    title = text("Savings by {dimension}", dimension=get_inline_dimension(found.dimension))
    return Table(title=title, columns=columns, rows=rows)


def _name_group(each: GroupSaving, dimension: str) -> Text:
    name = format_name(each.value, dimension)
    if each.confirmed > 0 and each.lever is not None:
        saving = format_figure(each.confirmed, Unit.USD)
        return text("{name} ({saving} confirmed, most by “{lever}”)", name=name, saving=saving, lever=each.lever)
    saving = format_figure(each.possible, Unit.USD)
    return text(
        "{name} (up to {saving} by “{lever}”, to be confirmed)",
        name=name,
        saving=saving,
        lever=each.possible_lever or "",
    )
