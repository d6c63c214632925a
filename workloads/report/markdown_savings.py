"""The report's part about savings: each lever alone, all levers combined, how each figure was calculated, and the
questions that only the user can answer."""

from collections.abc import Iterable

from core.i18n.text import FormattedNumber, Text, join_texts, text
from workloads.analysis.estimate import Estimate, Evidence, NumberQuestion, Question, Unknown
from workloads.report.formatting import (
    MAX_ROWS,
    PLURAL_UNITS,
    ReportFormatter,
    format_bounded_money,
    format_money,
    format_value,
    render_table,
)
from workloads.report.report import Report

NAME_COLUMNS = ("model", "smaller_model", "feature")
"""Columns of details that hold names from the log or the price list."""


def render_levers(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    if not report.levers:
        return
    yield f"## {formatter.translate(text('Savings per lever'))}"
    yield ""
    yield formatter.translate(
        text(
            "Savings over the period of the log, not extrapolated. Levers overlap, so don't add these figures up. "
            "*Observed* is calculated directly from the log; *modelled* comes from a replay or a formula, under the "
            "assumptions listed below; *needs evaluation* can't be determined from a log and is not in any total."
        )
    )
    yield ""
    promised = {step.lever for step in report.combination.waterfall} if report.combination else set()
    yes, no = formatter.translate_head(text("yes"), text("no"))
    yield from render_table(
        formatter.translate_head(text("lever"), text("saving"), text("basis"), text("in total")),
        (
            (
                formatter.to_prose(estimate.title),
                formatter.translate(_describe_lever_saving(estimate, formatter)),
                formatter.label_basis(estimate.basis),
                yes if estimate.name in promised else no,
            )
            for estimate in report.levers
        ),
    )


def _describe_lever_saving(estimate: Estimate, formatter: ReportFormatter) -> Text:
    columns = dict.fromkeys(gap.column for gap in estimate.unknowns if gap.column)
    if estimate.saving is None and columns:
        return text("unknown, needs {columns}", columns=", ".join(formatter.to_name(column) for column in columns))
    return _describe_amount(estimate)


def _describe_amount(estimate: Estimate) -> Text:
    if estimate.saving is None:
        return text("unknown")
    if not estimate.saving:
        return text("no savings")
    if estimate.saving < 0:
        return text("would cost {usd} more", usd=format_money(-estimate.saving))
    return format_bounded_money(estimate.saving, estimate.bound)


def render_waterfall(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    combination = report.combination
    if not combination or not combination.waterfall:
        return
    yield f"## {formatter.translate(text('Combined savings'))}"
    yield ""
    yield formatter.translate(text("Each line applies to what remains after the lines above it."))
    yield ""
    basis = {estimate.name: estimate.basis for estimate in report.levers}
    yield from render_table(
        formatter.translate_head(
            text("lever"), text("spend before"), text("change"), text("spend after"), text("basis")
        ),
        (
            (
                formatter.to_prose(step.title),
                *(formatter.translate(format_money(usd)) for usd in (step.before, -step.saving, step.after)),
                formatter.label_basis(basis[step.lever]),
            )
            for step in combination.waterfall
        ),
    )


def render_grounds(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    if not report.levers:
        return
    yield f"## {formatter.translate(text('How each figure was calculated'))}"
    for estimate in report.levers:
        yield f"\n### {formatter.translate(_describe_lever(estimate, formatter))}"
        yield ""
        yield from (f"- {formatter.translate(ground)}" for ground in _list_grounds(estimate, formatter))
        if estimate.details:
            yield ""
            yield from _render_details(estimate, formatter)


def _describe_lever(estimate: Estimate, formatter: ReportFormatter) -> Text:
    title = formatter.to_prose(estimate.title)
    if estimate.saving is None:
        return text("{lever}: {saving}", lever=title, saving=_describe_amount(estimate))
    return text(
        "{lever}: {saving} ({basis})",
        lever=title,
        saving=_describe_amount(estimate),
        basis=formatter.label_basis(estimate.basis),
    )


def _list_grounds(estimate: Estimate, formatter: ReportFormatter) -> Iterable[Text]:
    yield text("Formula: {formula}", formula=formatter.to_sentence(estimate.formula))
    yield from (
        text("Assumption: {assumption}", assumption=formatter.to_sentence(assumed)) for assumed in estimate.assumptions
    )
    yield from (text("Evidence: {fact}", fact=_format_evidence(fact, formatter)) for fact in estimate.evidence)
    yield from (
        text("Missing: {what}", what=formatter.translate(_describe_unknown(gap, formatter)))
        for gap in estimate.unknowns
    )


def _format_evidence(fact: Evidence, formatter: ReportFormatter) -> str:
    is_unit_in_label = fact.unit in PLURAL_UNITS and fact.unit in fact.label.split()
    value = format_value(fact.value, "" if is_unit_in_label else fact.unit)
    return formatter.translate(
        text("{label}: {found}.", label=formatter.to_prose(fact.label), found=formatter.to_prose(value))
    )


def _describe_unknown(gap: Unknown, formatter: ReportFormatter) -> Text:
    what = formatter.to_prose(gap.what)
    if not gap.column:
        return text("{words}.", words=what)
    return text("{what}; add {column}.", what=what, column=formatter.to_name(gap.column))


def _render_details(estimate: Estimate, formatter: ReportFormatter) -> Iterable[str]:
    columns = list(estimate.details[0])
    yield from render_table(
        tuple(
            formatter.to_prose(estimate.headings.get(column) or column.removesuffix("_usd").replace("_", " "))
            for column in columns
        ),
        (
            tuple(_format_cell(column, line[column], formatter) for column in columns)
            for line in estimate.details[:MAX_ROWS]
        ),
    )


def _format_cell(column: str, value: object, formatter: ReportFormatter) -> str:
    if isinstance(value, str):
        return formatter.to_name(value) if column in NAME_COLUMNS else formatter.to_prose(value)
    return formatter.translate(format_value(value, "USD" if column.endswith("_usd") else ""))  # type: ignore[arg-type]


def render_questions(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    questions = [question for estimate in report.levers for question in estimate.questions]
    known = (estimate for estimate in report.levers if estimate.saving is not None)
    numbers = [number for estimate in known for number in estimate.quantities]
    if not questions and not numbers:
        return
    yield f"## {formatter.translate(text('Questions for you'))}"
    yield ""
    yield formatter.translate(text("Only you can answer these. Your answers are saved with the log."))
    yield ""
    yield from (f"- {formatter.translate(_describe_question(question, formatter))}" for question in questions)
    yield from (f"- {formatter.translate(_describe_number(number, formatter))}" for number in numbers)


def _describe_number(number: NumberQuestion, formatter: ReportFormatter) -> Text:
    asked = formatter.to_prose(
        join_texts(" ", [each for each in (number.question, number.finding) if each is not None])
    )
    if number.answer is not None:
        return text("{question} You said {value}.", question=asked, value=FormattedNumber(f"{number.answer:f}"))
    reply = formatter.to_prose("…".join(number.replies["value"].rsplit("{value}", 1)))
    return text("{question} Reply: {reply}.", question=asked, reply=reply)


def _describe_question(question: Question, formatter: ReportFormatter) -> Text:
    asked, found = formatter.to_prose(question.question), formatter.to_prose(question.finding)
    replies = {reply: formatter.to_prose(words) for reply, words in question.replies.items()}
    if question.answer is None and replies:
        return text(
            "{question} {finding}. Reply: {yes}, or: {no}.",
            question=asked,
            finding=found,
            yes=replies["yes"],
            no=replies["no"],
        )
    if question.answer is None:
        return text("{question} {finding}.", question=asked, finding=found)
    if question.answer:
        return text("{question} You said yes. {finding}.", question=asked, finding=found)
    return text("{question} You said no.", question=asked)
