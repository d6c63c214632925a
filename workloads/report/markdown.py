"""The report as Markdown, for a terminal and a page: its head (spend, savings, goal, guard), plan, unknowns and notes.

Every text from a log or a model goes through `escape_prose` or `escape_name`."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from core.i18n.language import Language
from core.i18n.text import Text, join_texts, text
from workloads.analysis.combination import Candidate, Combination, PlanItem, WaterfallStep
from workloads.analysis.estimate import Bound
from workloads.analysis.guard import Guard
from workloads.analysis.spend import LogSpend
from workloads.ingest.fields import FIELDS
from workloads.report.formatting import (
    ReportFormatter,
    format_bounded_money,
    format_money,
    format_percent,
    format_requests,
    format_span,
    render_table,
)
from workloads.report.markdown_allocation import render_allocation
from workloads.report.markdown_checks import render_failed_checks, render_passed_checks
from workloads.report.markdown_limits import describe_money_goal, render_limits
from workloads.report.markdown_log import render_log, render_prefixes
from workloads.report.markdown_questions import render_questions
from workloads.report.markdown_reconciliation import render_reconciliation
from workloads.report.markdown_savings import render_grounds, render_levers, render_waterfall
from workloads.report.markdown_spend import render_spend
from workloads.report.markdown_what_if import render_what_if
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


VERDICT_LABELS: Mapping[str, Text] = MappingProxyType(
    {
        "kept": text("no slowdown"),
        "worse": text("slower"),
        "exceeded": text("limit exceeded"),
        "unverified": text("unverified"),
        "unknown": text("unknown"),
    }
)
"""Labels for the verdicts of `Guard`."""


def render_head(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    yield f"# {formatter.translate(text('LLM cost report: {name}', name=formatter.to_name(report.source.name)))}"
    yield ""
    if report.source.synthetic:
        yield formatter.translate(text("**Synthetic data:** these requests were generated and never sent.")) + "\n"
    if report.missing:
        parts = formatter.to_prose(", ".join(report.missing))
        yield formatter.translate(text("**Incomplete report.** Failed: {parts}.", parts=parts)) + "\n"
        yield from (f"- {formatter.to_prose(join_texts(': ', (part, why)))}" for part, why in report.because.items())
        yield ""
    if report.ask:
        yield f"- {formatter.translate(text('**Question:** {question}', question=formatter.to_prose(report.ask)))}"
    yield from render_limits(report, formatter)
    if report.spend:
        yield from _render_spend(report, report.spend, formatter)
    if report.combination:
        yield from _render_savings(report, report.combination, formatter)
        yield from _render_goal(report.combination, formatter)
        yield from _render_guard(report.combination.guard, formatter)


def _render_spend(report: Report, spend: LogSpend, formatter: ReportFormatter) -> Iterable[str]:
    seconds = report.profile.span_seconds
    figures = {
        "usd": format_money(spend.total),
        "requests": format_requests(spend.costed_requests),
        "prices": formatter.to_prose(report.price_sources),
    }
    words = (
        text("**Spend:** {usd} for {requests} (prices: {prices})", **figures)
        if seconds is None
        else text(
            "**Spend:** {usd} for {requests} over {span} (prices: {prices})",
            span=format_span(seconds),
            **figures,
        )
    )
    yield f"- {formatter.translate(words)}"
    if spend.stated_requests != 0:
        words = text(
            "**Stated by the log:** {usd} of the spend, for {requests} of models without a price; it was not computed",
            usd=format_money(spend.stated),
            requests=format_requests(spend.stated_requests),
        )
        yield f"- {formatter.translate(words)}"
    if spend.unpriced_requests != 0:
        unpriced = format_requests(spend.unpriced_requests)
        without = text("**Not included:** {requests} without a price", requests=unpriced)
        yield f"- {formatter.translate(without)}"


def _render_savings(report: Report, combination: Combination, formatter: ReportFormatter) -> Iterable[str]:
    if combination.waterfall:
        words = text(
            "**Savings:** {usd} ({share} of spend): {how}",
            usd=format_money(combination.total),
            share=format_percent(combination.share),
            how=", ".join(_format_waterfall_step(report, step, formatter) for step in combination.waterfall),
        )
        yield f"- {formatter.translate(words)}"
    else:
        yield f"- {formatter.translate(text('**Savings:** none confirmed from this log alone'))}"
    more = [candidate for candidate in combination.candidates if candidate.adds > 0]
    yield from (_format_candidate(candidate, formatter) for candidate in more)
    if len(more) > 1:
        overlap = text("Unconfirmed savings overlap. Each is calculated separately, so don't add them up")
        yield f"- {formatter.translate(overlap)}"


def _format_waterfall_step(report: Report, step: WaterfallStep, formatter: ReportFormatter) -> str:
    basis = formatter.label_basis(report.get_basis(step.lever))
    words = text(
        "{what} {usd} ({basis})", what=formatter.to_inline_title(step.title), usd=format_money(step.saving), basis=basis
    )
    return formatter.translate(words)


def _format_candidate(candidate: Candidate, formatter: ReportFormatter) -> str:
    words = text(
        "**If confirmed:** {usd} more: {what} ({basis})",
        usd=format_bounded_money(candidate.adds, candidate.bound),
        what=formatter.to_prose(candidate.finding) if candidate.finding else formatter.to_inline_title(candidate.title),
        basis=formatter.label_basis(candidate.basis),
    )
    return f"- {formatter.translate(words)}"


def _render_goal(combination: Combination, formatter: ReportFormatter) -> Iterable[str]:
    if combination.goal_usd is not None:
        yield f"- {formatter.translate(describe_money_goal(combination, combination.goal_usd, formatter))}"
    elif combination.goal_percent is not None:
        yield f"- {formatter.translate(_describe_goal(combination, combination.goal_percent, formatter))}"


def _describe_goal(combination: Combination, goal_percent: float, formatter: ReportFormatter) -> Text:
    if combination.gap is None:
        return text(
            "**{goal:g} % target:** can't be evaluated because nothing in the log has a price", goal=goal_percent
        )
    if combination.goal_met:
        return text("**{goal:g} % target:** met", goal=goal_percent)
    gap = format_money(combination.gap)
    closing = ", ".join(
        formatter.to_inline_title(candidate.title) for candidate in combination.candidates if candidate.closes
    )
    if not closing:
        return text("**{goal:g} % target:** {gap} short", goal=goal_percent, gap=gap)
    return text(
        "**{goal:g} % target:** {gap} short. Confirming one of these would close the gap: {levers}",
        goal=goal_percent,
        gap=gap,
        levers=closing,
    )


def _render_guard(guard: Guard | None, formatter: ReportFormatter) -> Iterable[str]:
    if guard is not None:
        yield f"- {formatter.translate(_describe_guard(guard, formatter))}"


def _describe_guard(guard: Guard, formatter: ReportFormatter) -> Text:
    verdict, note = VERDICT_LABELS.get(guard.verdict, guard.verdict), formatter.to_prose(guard.note)
    if guard.before_ms is None:
        return text("**{metric} latency:** {verdict}. {note}", metric=guard.metric, verdict=verdict, note=note)
    if guard.after_ms is None:
        return text(
            "**{metric} latency:** {verdict}, now {now:,.0f} ms. {note}",
            metric=guard.metric,
            verdict=verdict,
            now=guard.before_ms,
            note=note,
        )
    return text(
        "**{metric} latency:** {verdict}, now {now:,.0f} ms, after {after:,.0f} ms. {note}",
        metric=guard.metric,
        verdict=verdict,
        now=guard.before_ms,
        after=guard.after_ms,
        note=note,
    )
