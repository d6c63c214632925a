"""The report's part about the invoice: logged, billed, what is left, and its causes."""

from collections.abc import Iterable, Sequence

from core.i18n.text import FormattedNumber, Text, text
from workloads.invoices.invoice import Reconciliation, ReconciliationPart, mentions_invoice
from workloads.report.formatting import MAX_ROWS, ReportFormatter, format_money, render_table
from workloads.report.report import Report

MAX_DAYS = 40
NO_INVOICE = text(
    "This log has no invoice yet, so it can't be compared. Add your provider's cost export next to the log, then ask "
    "again."
)


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
            yield from _render_parts(words, parts[:most], formatter)
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


def _render_causes(found: Reconciliation, formatter: ReportFormatter) -> Iterable[str]:
    for cause in found.causes:
        amount = formatter.translate(format_money(cause.amount))
        yield f"- {formatter.translate(text('{usd}: {what}', usd=amount, what=formatter.to_prose(cause.what)))}"
    if found.unexplained:
        yield f"- {formatter.translate(text('{usd}: not explained', usd=format_money(found.unexplained)))}"


def _render_parts(of: Text, parts: Sequence[ReconciliationPart], formatter: ReportFormatter) -> Iterable[str]:
    head = formatter.translate_head(of, text("logged"), text("billed"), text("difference"))
    yield from render_table(head, (_to_row(part, formatter) for part in parts))


def _to_row(part: ReconciliationPart, formatter: ReportFormatter) -> tuple[str, ...]:
    amounts = (part.logged, part.billed, part.residual)
    return (formatter.to_name(part.name), *(formatter.translate(format_money(usd)) for usd in amounts))
