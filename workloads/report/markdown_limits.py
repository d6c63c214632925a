"""The question's limits and goal in money as the report understood them, and what it can't take into account."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType

from core.i18n.text import Text, join_texts, text, verbatim_text
from workloads.analysis.combination import Combination
from workloads.analysis.scope import EXCLUDED_LABELS, ScopeMatch
from workloads.report.formatting import ReportFormatter, format_money
from workloads.report.report import Report

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


def render_limits(report: Report, formatter: ReportFormatter) -> Iterable[str]:
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


def describe_money_goal(combination: Combination, goal_usd: Decimal, formatter: ReportFormatter) -> Text:
    goal = format_money(goal_usd)
    if combination.gap is None:
        return text("**{goal} target:** can't be evaluated because nothing in the log has a price", goal=goal)
    if combination.goal_met:
        return text("**{goal} target:** met", goal=goal)
    gap = format_money(combination.gap)
    closing = ", ".join(
        formatter.to_inline_title(candidate.title) for candidate in combination.candidates if candidate.closes
    )
    if not closing:
        return text("**{goal} target:** {gap} short", goal=goal, gap=gap)
    return text(
        "**{goal} target:** {gap} short. Confirming one of these would close the gap: {levers}",
        goal=goal,
        gap=gap,
        levers=closing,
    )
