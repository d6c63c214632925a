"""The report's part about its checks: at the top if one failed, one line if all passed."""

from collections.abc import Iterable

from core.i18n.text import Text, join_texts, plural_text, text
from workloads.checks.check import Check, CheckCause, CheckPart, CheckState
from workloads.report.formatting import (
    MAX_ROWS,
    ReportFormatter,
    format_money,
    render_table,
)
from workloads.report.report import Report

MAX_CAUSES = 5


def render_failed_checks(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    """Yield the checks that failed, each with its likely causes; nothing if none did."""
    if not report.failed_checks:
        return
    yield f"## {formatter.translate(text('Check these figures first'))}"
    for check in report.failed_checks:
        title, finding = formatter.to_prose(check.title), formatter.to_prose(check.finding)
        yield f"\n{formatter.translate(text('**{title}:** {finding}', title=title, finding=finding))}"
        if check.causes:
            yield f"\n{formatter.translate(text('Likely causes:'))}\n"
        yield from (f"- {_format_cause(cause, formatter)}" for cause in check.causes[:MAX_CAUSES])
        if len(check.parts) > 1:
            yield from _render_parts(check, formatter)


def render_passed_checks(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    """Yield one line with the checks that passed."""
    passed = [check for check in report.checks if check.state is CheckState.PASSED]
    if passed:
        findings = join_texts(" ", (formatter.to_prose(check.finding) for check in passed))
        yield formatter.translate(text("**Checked:** {findings}", findings=findings))


def _format_cause(cause: CheckCause, formatter: ReportFormatter) -> str:
    what = formatter.to_prose(cause.what)
    return formatter.translate(_describe_cause(cause, what))


def _describe_cause(cause: CheckCause, what: str) -> Text:
    if cause.amount is not None and cause.rows is not None:
        usd = format_money(cause.amount)
        return plural_text(
            "{what}: {usd} in {n:,} row", "{what}: {usd} in {n:,} rows", what=what, usd=usd, n=cause.rows
        )
    if cause.tokens is not None and cause.rows is not None:
        tokens = plural_text("{n:,} token", "{n:,} tokens", n=cause.tokens)
        return plural_text(
            "{what}: {tokens} in {n:,} row", "{what}: {tokens} in {n:,} rows", what=what, tokens=tokens, n=cause.rows
        )
    if cause.rows is not None:
        return plural_text("{what} ({n:,} row)", "{what} ({n:,} rows)", what=what, n=cause.rows)
    return join_texts("", (what,))


def _render_parts(check: Check, formatter: ReportFormatter) -> Iterable[str]:
    yield ""
    head = formatter.translate_head(text("model"), text("stated"), text("computed"), text("difference"), text("cause"))
    yield from render_table(head, (_to_part_row(part, formatter) for part in check.parts[:MAX_ROWS]))


def _to_part_row(part: CheckPart, formatter: ReportFormatter) -> tuple[str, ...]:
    amounts = (part.stated, part.computed, part.difference)
    cause = formatter.to_prose(part.causes[0].what) if part.causes else ""
    return (formatter.to_name(part.model), *(formatter.translate(format_money(usd)) for usd in amounts), cause)
