"""The report as Markdown, for a terminal and a page: the order of its sections, plan, unknowns and notes.

Every text from a log or a model goes through `escape_prose` or `escape_name`."""

from collections.abc import Iterable

from core.i18n.language import Language
from core.i18n.text import Text, join_texts, text
from workloads.analysis.combination import PlanItem
from workloads.analysis.estimate import Bound
from workloads.ingest.fields import FIELDS
from workloads.report.formatting import (
    ReportFormatter,
    format_bounded_money,
    render_table,
)
from workloads.report.markdown_allocation import render_allocation
from workloads.report.markdown_checks import render_failed_checks, render_passed_checks, render_reconciliation
from workloads.report.markdown_head import render_head
from workloads.report.markdown_log import render_log, render_prefixes
from workloads.report.markdown_savings import render_grounds, render_levers, render_questions, render_waterfall
from workloads.report.markdown_spend import render_spend, render_what_if
from workloads.report.report import Report


def to_markdown(report: Report, language: Language) -> str:
    """Return the whole report; sections without content are left out.

    First what was asked, then the spend, the checks, the savings, the plan and what is unknown; then how each figure
    was found. Checks that failed are above all figures that they put in doubt.
    """
    formatter = ReportFormatter(language)
    sections = (
        render_head(report, formatter),
        render_failed_checks(report, formatter),
        render_spend(report, formatter),
        render_allocation(report, formatter),
        render_passed_checks(report, formatter),
        render_reconciliation(report, formatter),
        render_levers(report, formatter),
        render_waterfall(report, formatter),
        render_questions(report, formatter),
        render_what_if(report, formatter),
        _render_plan(report, formatter),
        _render_unknowns(report, formatter),
        render_log(report, formatter),
        render_prefixes(report, formatter),
        render_grounds(report, formatter),
        _render_notes(report, formatter),
    )
    return "\n\n".join("\n".join(lines) for section in sections if (lines := list(section))) + "\n"


def _render_plan(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    if not report.plan:
        return
    yield f"## {formatter.translate(text('Plan'))}"
    yield ""
    for number, item in enumerate(report.plan, start=1):
        saving = formatter.translate(_describe_step_saving(report, item, formatter))
        yield f"{number}. **{formatter.to_prose(item.step)}** ({saving})"
        words = text(
            "Effort: {effort}. Risk: {risk}. Undo: {undo}.",
            effort=formatter.label_level(item.effort),
            risk=formatter.label_level(item.risk),
            undo=formatter.to_prose(item.undo),
        )
        yield f"   {formatter.translate(words)}"


def _describe_step_saving(report: Report, item: PlanItem, formatter: ReportFormatter) -> Text:
    bound = next((estimate.bound for estimate in report.levers if estimate.name == item.lever), Bound.ESTIMATE)
    usd, basis = format_bounded_money(item.saving, bound), formatter.label_basis(report.get_basis(item.lever))
    if item.promised:
        return text("saves {usd}, {basis}", usd=usd, basis=basis)
    return text("saves {usd} if confirmed, {basis}", usd=usd, basis=basis)


def _render_unknowns(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    if not report.unknowns:
        return
    yield f"## {formatter.translate(text('Missing data, and what to add'))}"
    yield ""
    by_column: dict[str, list[str]] = {}
    for unknown in report.unknowns:
        by_column.setdefault(unknown.column, []).append(unknown.what)
    without_column = by_column.pop("", [])
    if by_column:
        rows = (
            (
                formatter.to_name(column),
                formatter.to_prose(FIELDS.get(column, "")),
                formatter.to_prose(join_texts("; ", what)),
            )
            for column, what in by_column.items()
        )
        yield from render_table(formatter.translate_head(text("add"), text("meaning"), text("to find out")), rows)
    for what in without_column:
        yield f"\n{formatter.to_sentence(text('Not measurable from a log: {what}', what=what))}"


def _render_notes(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    if not report.notes:
        return
    yield f"## {formatter.translate(text('Notes'))}"
    yield ""
    yield from (f"- {formatter.to_sentence(note)}" for note in report.notes)
