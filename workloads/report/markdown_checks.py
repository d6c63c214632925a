"""The report's parts that compare its figures: with the log's own, at the top if they differ, and with the invoice."""

from collections.abc import Iterable, Sequence

from core.i18n.text import FormattedNumber, Text, join_texts, plural_text, text
from workloads.checks.check import Check, CheckCause, CheckPart, CheckState
from workloads.invoices.invoice import Reconciliation, ReconciliationPart, mentions_invoice
from workloads.report.formatting import MAX_ROWS, ReportFormatter, format_money, render_table
from workloads.report.report import Report

MAX_CAUSES = 5
MAX_DAYS = 40
NO_INVOICE = text(
    "This log has no invoice yet, so it can't be compared. Add your provider's cost export next to the log, then ask "
    "again."
)


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
        yield from (f"- {_format_check_cause(cause, formatter)}" for cause in check.causes[:MAX_CAUSES])
        if len(check.parts) > 1:
            yield from _render_models(check, formatter)


def render_passed_checks(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    """Yield one line with the checks that passed."""
    passed = [check for check in report.checks if check.state is CheckState.PASSED]
    if passed:
        findings = join_texts(" ", (formatter.to_prose(check.finding) for check in passed))
        yield formatter.translate(text("**Checked:** {findings}", findings=findings))


def render_reconciliation(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    found = report.reconciliation
    if found is None:
        if mentions_invoice(report.ask):
            yield f"## {formatter.translate(text('Invoice'))}"
            yield ""
            yield formatter.translate(NO_INVOICE)
        return
    yield f"## {formatter.translate(text('Invoice'))}"
    yield ""
    yield formatter.translate(describe_reconciliation(found, formatter.to_name(found.invoice)))
    if found.causes or found.unexplained:
        yield f"\n{formatter.translate(text('Where the difference comes from:'))}\n"
        yield from _render_causes(found, formatter)
    for words, parts, most in (
        (text("model"), found.by_model, MAX_ROWS),
        (text("kind"), found.by_kind, MAX_ROWS),
        (text("day"), found.by_day, MAX_DAYS),
    ):
        if parts:
            yield ""
            yield from _render_differences(words, parts[:most], formatter)
    if found.notes:
        yield ""
        yield from (f"- {formatter.to_sentence(note)}" for note in found.notes)


def describe_reconciliation(found: Reconciliation, name: str) -> Text:
    """Return one sentence with the totals; `name` is the invoice's, escaped as needed."""
    if found.residual is None or found.unexplained is None:
        return text(
            "{name}: {billed} {currency} billed, {logged} logged; different currencies can't be compared.",
            name=name,
            billed=FormattedNumber(f"{found.billed:,.2f}"),
            currency=found.currency,
            logged=format_money(found.logged),
        )
    return text(
        "{name}: {billed} billed, {logged} logged, a difference of {residual}, of which {left} is not explained.",
        name=name,
        billed=format_money(found.billed),
        logged=format_money(found.logged),
        residual=format_money(found.residual),
        left=format_money(found.unexplained),
    )


def _format_check_cause(cause: CheckCause, formatter: ReportFormatter) -> str:
    what = formatter.to_prose(cause.what)
    return formatter.translate(_describe_check_cause(cause, what))


def _describe_check_cause(cause: CheckCause, what: str) -> Text:
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


def _render_models(check: Check, formatter: ReportFormatter) -> Iterable[str]:
    yield ""
    head = formatter.translate_head(text("model"), text("stated"), text("computed"), text("difference"), text("cause"))
    yield from render_table(head, (_to_model_row(part, formatter) for part in check.parts[:MAX_ROWS]))


def _to_model_row(part: CheckPart, formatter: ReportFormatter) -> tuple[str, ...]:
    amounts = (part.stated, part.computed, part.difference)
    cause = formatter.to_prose(part.causes[0].what) if part.causes else ""
    return (formatter.to_name(part.model), *(formatter.translate(format_money(usd)) for usd in amounts), cause)


def _render_causes(found: Reconciliation, formatter: ReportFormatter) -> Iterable[str]:
    for cause in found.causes:
        amount = formatter.translate(format_money(cause.amount))
        yield f"- {formatter.translate(text('{usd}: {what}', usd=amount, what=formatter.to_prose(cause.what)))}"
    if found.unexplained:
        yield f"- {formatter.translate(text('{usd}: not explained', usd=format_money(found.unexplained)))}"


def _render_differences(of: Text, parts: Sequence[ReconciliationPart], formatter: ReportFormatter) -> Iterable[str]:
    head = formatter.translate_head(of, text("logged"), text("billed"), text("difference"))
    yield from render_table(head, (_to_difference_row(part, formatter) for part in parts))


def _to_difference_row(part: ReconciliationPart, formatter: ReportFormatter) -> tuple[str, ...]:
    amounts = (part.logged, part.billed, part.residual)
    return (formatter.to_name(part.name), *(formatter.translate(format_money(usd)) for usd in amounts))
