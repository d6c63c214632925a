"""The head of the report as Markdown: what was asked and understood, spend, savings, goal and guard."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from core.i18n.text import Text, join_texts, plural_text, text, verbatim_text
from workloads.analysis.combination import Candidate, Combination, WaterfallStep
from workloads.analysis.estimate import Bound
from workloads.analysis.guard import Guard
from workloads.analysis.scope import EXCLUDED_LABELS, ScopeMatch
from workloads.analysis.spend import LogSpend
from workloads.report.formatting import (
    ReportFormatter,
    format_bounded_money,
    format_money,
    format_percent,
    format_requests,
    format_span,
)
from workloads.report.report import Report

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

DIMENSION_LABELS: Mapping[str, Text] = MappingProxyType(
    {
        "feature": text("feature"),
        "team": text("team"),
        "model": text("model"),
        "api_key": text("key"),
        "end_user": text("user"),
        "customer": text("customer"),
        "environment": text("environment"),
        "provider": text("provider"),
    }
)


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
    yield from _render_limits(report, formatter)
    if report.spend:
        yield from _render_spend(report, report.spend, formatter)
    if report.combination:
        yield from _render_savings(report, report.combination, formatter)
        yield from _render_goal(report.combination, formatter)
        yield from _render_guard(report.combination.guard, formatter)


def _render_limits(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    scope = report.scope
    understood = [
        *_describe_matches(text("only"), scope.only),
        *_describe_matches(text("never"), scope.never),
        *(EXCLUDED_LABELS[change] for change in scope.excluded),
    ]
    if understood:
        limits = formatter.to_prose(join_texts("; ", understood))
        yield f"- {formatter.translate(text('**Savings are limited to what you asked:** {limits}', limits=limits))}"
    for unmet in scope.unmet:
        words = text(
            "**Not taken into account:** “{words}”, because {why}",
            words=formatter.to_prose(unmet.words),
            why=formatter.to_prose(unmet.why),
        )
        yield f"- {formatter.translate(words)}"


def _describe_matches(kind: Text, matches: tuple[ScopeMatch, ...]) -> Iterable[Text]:
    if matches:
        names = (
            text("{dimension} {name}", dimension=DIMENSION_LABELS[match.dimension], name=verbatim_text(match.value))
            for match in matches[:20]
        )
        yield text("{kind} {names}", kind=kind, names=join_texts(", ", names))


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
    goal: str
    if combination.goal_usd is not None:
        goal = format_money(combination.goal_usd)
    elif combination.goal_percent is not None:
        goal = text("{percent:g}%", percent=combination.goal_percent)
    else:
        return
    yield f"- {formatter.translate(_describe_goal(combination, goal, formatter))}"


def _describe_goal(combination: Combination, goal: str, formatter: ReportFormatter) -> Text:
    if combination.gap is None:
        return text("**{goal} target:** can't be evaluated because nothing in the log has a price", goal=goal)
    if combination.goal_met:
        return text("**{goal} target:** met", goal=goal)
    gap = format_money(combination.gap)
    enough = [candidate for candidate in combination.candidates if candidate.closes]
    if closing := [candidate for candidate in enough if candidate.bound is not Bound.UPPER]:
        return plural_text(
            "**{goal} target:** {gap} short. Confirming this would close the gap: {levers}",
            "**{goal} target:** {gap} short. Confirming any one of these would close the gap: {levers}",
            n=len(closing),
            goal=goal,
            gap=gap,
            levers=_list_titles(closing, formatter),
        )
    if enough:
        return plural_text(
            "**{goal} target:** {gap} short. This might close the gap, but the log only shows an upper limit: {levers}",
            "**{goal} target:** {gap} short. Each of these might close the gap, but the log only shows upper limits: "
            "{levers}",
            n=len(enough),
            goal=goal,
            gap=gap,
            levers=_list_titles(enough, formatter),
        )
    return text("**{goal} target:** {gap} short", goal=goal, gap=gap)


def _list_titles(candidates: Iterable[Candidate], formatter: ReportFormatter) -> str:
    return ", ".join(formatter.to_inline_title(candidate.title) for candidate in candidates)


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
