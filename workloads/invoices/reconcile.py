"""Compare a log with its invoice."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from core.i18n.text import FormattedNumber, Text, text
from workloads.analysis.priced_log import PricedLog
from workloads.invoices.comparison import NOTHING, Sides, explain_residual
from workloads.invoices.invoice import (
    TOKEN_KINDS,
    BilledCosts,
    InvoiceLine,
    LineKind,
    Reconciliation,
    ReconciliationPart,
    ResidualCause,
)
from workloads.invoices.logged import (
    LoggedCell,
    LoggedSpend,
    compute_logged,
    create_slots,
    find_shift,
    has_days,
    list_slots,
)
from workloads.pricing.pricer import LogModel, Pricer

MAX_PARTS = 400
_USAGE_KINDS = frozenset({*TOKEN_KINDS, LineKind.USAGE})
_BEDROCK: Final = re.compile(
    r"^([a-z]{2,8}\.)?(anthropic|amazon|meta|mistral|cohere|ai21|deepseek)\.|-v\d{1,2}(:\d{1,2})?$"
)
"""What Amazon Bedrock puts before and after a maker's name of a model."""


class ModelKeys:
    """Looks each name up once: its key is the price list's name of the model, else the name itself in small letters."""

    def __init__(self, pricer: Pricer) -> None:
        self._pricer = pricer
        self._keys: dict[tuple[str | None, str | None], str] = {}

    def get_key(self, model: str | None, provider: str | None) -> str:
        """Return the key of a model; "" for none."""
        if (model, provider) not in self._keys:
            self._keys[model, provider] = self._find_key(model, provider)
        return self._keys[model, provider]

    def _find_key(self, model: str | None, provider: str | None) -> str:
        if model is None and not self._pricer.assumptions.assume_model:
            return ""
        for owner in (None, provider):
            name = LogModel(key=0, model=model, provider=owner, requests=None, tokens=0)
            if (listed := self._pricer.find_model(name)) is not None:
                return self._simplify(listed[1].id.rpartition("/")[2])
        return (model or "").strip().lower()

    def _simplify(self, name: str) -> str:
        """Return the maker's name of a model that a cloud lists under one of its own."""
        plain = _BEDROCK.sub("", name)
        if plain == name:
            return name
        listed = self._pricer.find_model(LogModel(key=0, model=plain, provider=None, requests=None, tokens=0))
        return plain if listed is None else _BEDROCK.sub("", listed[1].id.rpartition("/")[2])


def reconcile(log: PricedLog, invoice: BilledCosts) -> Reconciliation:
    """Return what was logged, billed and left, in USD, and the causes of what is left, ranked."""
    if invoice.currency != "USD":
        return _refuse_currency(log, invoice)
    keys = ModelKeys(log.build_pricer())
    usage = [line for line in invoice.lines if line.kind in _USAGE_KINDS]
    dated = has_days(log) and all(line.day is not None for line in usage)
    slots = create_slots(log)
    shift = _find_shift(usage, list_slots(log, slots)) if dated and not log.has_sums else 0
    logged = compute_logged(log, slots, shift_minutes=shift)
    named = any(line.model for line in usage)
    sides = _build_sides(usage, logged, keys, dated=dated, named=named)
    fees = sum((cell.fees for cell in logged.cells), NOTHING)
    unpriced = frozenset(keys.get_key(model, provider) for model, provider in logged.unpriced)
    found = explain_residual(invoice, sides, fees, unpriced)
    total = sum((cell.cost for cell in logged.cells), fees)
    residual = invoice.total - total
    causes, unexplained = _rank(found, residual, invoice.unit * len(invoice.lines) / 2)
    return Reconciliation(
        invoice=invoice.name,
        format=invoice.title,
        currency=invoice.currency,
        billed=invoice.total,
        logged=total,
        residual=residual,
        unexplained=unexplained,
        causes=causes,
        by_day=_sum_by_day(invoice, logged) if dated else (),
        by_model=_sum_by_model(sides, named=named),
        by_kind=_sum_by_kind(invoice, logged, fees),
        shift_minutes=shift,
        others=invoice.others,
        notes=(*invoice.notes, *_list_notes(invoice, shift, dated=dated, named=named, has_sums=log.has_sums)),
    )


def _refuse_currency(log: PricedLog, invoice: BilledCosts) -> Reconciliation:
    (total,) = log.fetch_one("SELECT coalesce(sum(cost), 0) FROM priced")
    rate = (
        text(
            "If both are complete, one US dollar cost {rate} {currency}.",
            rate=f"{invoice.total / total:.4f}",
            currency=invoice.currency,
        )
        if total and invoice.total
        else text("There is nothing to compare.")
    )
    note = text(
        "The invoice is in {currency}, and the log's prices are in USD, so amounts can't be compared. {rate}",
        currency=invoice.currency,
        rate=rate,
    )
    return Reconciliation(
        invoice=invoice.name,
        format=invoice.title,
        currency=invoice.currency,
        billed=invoice.total,
        logged=total,
        residual=None,
        unexplained=None,
        causes=(),
        by_day=(),
        by_model=(),
        by_kind=(),
        shift_minutes=0,
        others=invoice.others,
        notes=(*invoice.notes, note),
    )


def _find_shift(usage: list[InvoiceLine], slots: Mapping[int, Decimal]) -> int:
    billed: dict[date, Decimal] = defaultdict(Decimal)
    for line in usage:
        if line.day is not None:
            billed[line.day] += line.amount
    return find_shift(slots, billed) if len(billed) > 1 else 0


def _build_sides(usage: list[InvoiceLine], logged: LoggedSpend, keys: ModelKeys, *, dated: bool, named: bool) -> Sides:
    billed_cells: dict[tuple[date | None, str], list[InvoiceLine]] = defaultdict(list)
    for line in usage:
        key = keys.get_key(line.model, None) if named else ""
        billed_cells[line.day if dated else None, key].append(line)
    logged_cells: dict[tuple[date | None, str], list[LoggedCell]] = defaultdict(list)
    for cell in logged.cells:
        key = keys.get_key(cell.model, cell.provider) if named else ""
        logged_cells[cell.day if dated else None, key].append(cell)
    return Sides(billed=billed_cells, logged=logged_cells, hypotheses=logged.hypotheses)


def _rank(
    causes: list[ResidualCause], residual: Decimal, rounding: Decimal
) -> tuple[tuple[ResidualCause, ...], Decimal]:
    """Return the causes, those with the same words together, the largest first, and what is left."""
    by_words: dict[tuple[str, Text], Decimal] = defaultdict(Decimal)
    for cause in causes:
        by_words[cause.name, cause.what] += cause.amount
    left = residual - sum(by_words.values(), NOTHING)
    if left and abs(left) <= rounding:
        by_words["rounding", text("rounding of the invoice's lines")] += left
        left = NOTHING
    ranked = (ResidualCause(name=name, what=what, amount=amount) for (name, what), amount in by_words.items() if amount)
    return tuple(sorted(ranked, key=lambda cause: (-abs(cause.amount), cause.name, cause.what))), left


def _sum_by_day(invoice: BilledCosts, logged: LoggedSpend) -> tuple[ReconciliationPart, ...]:
    billed: dict[str, Decimal] = defaultdict(Decimal)
    for line in invoice.lines:
        billed[str(line.day or "")] += line.amount
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for cell in logged.cells:
        spent[str(cell.day)] += cell.cost + cell.fees
    return _join(spent, billed, lambda part: part.name or "")


def _sum_by_model(sides: Sides, *, named: bool) -> tuple[ReconciliationPart, ...]:
    if not named:
        return ()
    billed: dict[str, Decimal] = defaultdict(Decimal)
    for (_, model), lines in sides.billed.items():
        billed[model] += sum((line.amount for line in lines), NOTHING)
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for (_, model), cells in sides.logged.items():
        spent[model] += sum((cell.cost for cell in cells), NOTHING)
    return _join(spent, billed, lambda part: (-abs(part.residual), part.name or ""))


def _sum_by_kind(invoice: BilledCosts, logged: LoggedSpend, fees: Decimal) -> tuple[ReconciliationPart, ...]:
    if all(line.kind not in TOKEN_KINDS for line in invoice.lines):
        return ()
    billed: dict[str, Decimal] = defaultdict(Decimal)
    for line in invoice.lines:
        billed[line.kind.value] += line.amount
    spent: dict[str, Decimal] = defaultdict(Decimal, {LineKind.FEE.value: fees} if fees else {})
    for cell in logged.cells:
        for kind, amount in cell.kinds.items():
            spent[kind.value] += amount
    order = [kind.value for kind in LineKind]
    return _join(spent, billed, lambda part: order.index(part.name or ""))


def _join(
    spent: Mapping[str, Decimal], billed: Mapping[str, Decimal], order: Callable[[ReconciliationPart], object]
) -> tuple[ReconciliationPart, ...]:
    names = {*spent, *billed}
    parts = (
        ReconciliationPart(name=name or None, logged=spent.get(name, NOTHING), billed=billed.get(name, NOTHING))
        for name in names
        if spent.get(name) or billed.get(name)
    )
    return tuple(sorted(parts, key=order))[:MAX_PARTS]  # type: ignore[arg-type]


def _list_notes(invoice: BilledCosts, shift: int, *, dated: bool, named: bool, has_sums: bool) -> list[Text]:
    notes = []
    if shift:
        hours = FormattedNumber(f"{shift / 60:+.1f}".removesuffix(".0"))
        notes.append(
            text(
                "The invoice's days are not the log's: the log's times were moved by {hours} h. One of them is "
                "probably in another time zone.",
                hours=hours,
            )
        )
    if not dated:
        notes.append(text("The log or the invoice has no dates, so they were not compared day by day."))
    if has_sums:
        notes.append(text("The log's rows are sums, so a shift of its days could not be looked for."))
    if not named:
        notes.append(text("The invoice names no models, so only days and totals were compared."))
    notes += [
        text(
            "Not compared: {amount} {currency} on lines in another currency.",
            amount=FormattedNumber(f"{amount:,.2f}"),
            currency=currency,
        )
        for currency, amount in sorted(invoice.others.items())
    ]
    return notes
