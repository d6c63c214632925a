"""Add up the rows of a cost export, by currency, day, model, kind of tokens and service tier."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from core.exceptions import BadInput
from core.i18n.text import Text, join_texts, plural_text, text
from core.json_data import to_storable
from workloads.invoices.cells import find_currency, find_currency_code, parse_amount, parse_day
from workloads.invoices.formats.base import InvoiceFormat
from workloads.invoices.invoice import BilledCosts, InvoiceLine, LineKind
from workloads.invoices.line_items import LineItem, parse_kind, parse_line_item, parse_sku, parse_tier, split_words

MAX_LINES: Final = 20_000
MAX_NAME_LENGTH: Final = 200
MAX_CREDITS_LENGTH: Final = 4_000
MAX_SERVICES: Final = 4
_CREDIT: Final = re.compile(r'"amount"\s{0,9}:\s{0,9}"?([-+0-9.eE]{1,40})')
_OTHER_KINDS: Final = (LineKind.TAX, LineKind.CREDIT, LineKind.FEE)

_Key = tuple[str, date | None, str | None, LineKind, str | None]
Row = Mapping[str, str | None]


class LineSums:
    """The sums of the rows so far: of all that were `seen`, `rows` were added, `unreadable` could not be, and
    `left_out` are for other services.

    A currency's code in the amount's name goes before the row's own currency; a sign there may be that of several.
    """

    def __init__(self, form: InvoiceFormat, *, amount_column: str, day_first: bool) -> None:
        self._form = form
        self._day_first = day_first
        self._certain_currency = find_currency_code(amount_column)
        self._usual_currency = find_currency(amount_column) or form.default_currency
        self._amounts: dict[_Key, Decimal] = {}
        self._services: dict[str, None] = {}
        self._smallest = 0  # decimal places of the amounts
        self.seen = 0
        self.rows = 0
        self.unreadable = 0
        self.left_out = 0

    def add_row(self, row: Row) -> None:
        """Add a row. Raises BadInput for too many days and models."""
        self.seen += 1
        cell = (row.get("amount") or "").strip()
        if not cell:
            return  # an empty bucket, a heading
        amount = parse_amount(cell)
        day = parse_day(row.get("day") or "", day_first=self._day_first)
        if amount is None or len(row.get("credits") or "") > MAX_CREDITS_LENGTH:
            self.unreadable += 1
            return
        if row.get("day") and day is None:
            self.unreadable += not _is_total(row)
            return
        if day is None and row.get("day") is not None and _is_total(row):
            return
        if not self._is_of_service(row):
            self.left_out += 1
            return
        item = _read_item(self._form, row)
        currency = self._find_currency(row, cell)
        self._add((currency, day, item.model, item.kind, item.tier), amount)
        for credit in find_credits(row.get("credits") or ""):
            self._add((currency, day, None, LineKind.CREDIT, None), credit)
        self.rows += 1

    def _find_currency(self, row: Row, cell: str) -> str:
        currencies = (
            self._certain_currency,
            find_currency(row.get("currency") or ""),
            self._usual_currency,
            find_currency(cell),
        )
        return next(filter(None, currencies), "USD")

    def _add(self, key: _Key, amount: Decimal) -> None:
        if key not in self._amounts and len(self._amounts) >= MAX_LINES:
            raise BadInput(text("The file has more than {most:,} days and models. Upload a month.", most=MAX_LINES))
        amount *= self._form.scale
        self._amounts[key] = self._amounts.get(key, Decimal(0)) + amount
        exponent = amount.normalize().as_tuple().exponent
        self._smallest = max(self._smallest, -exponent if isinstance(exponent, int) else 0)

    def _is_of_service(self, row: Row) -> bool:
        """Whether the row is for language models, where a format tells services apart."""
        cells = [cell for name, cell in row.items() if name.startswith("services") and cell and cell.strip()]
        words = " ".join(cells).lower()
        if not words or any(word in words for word in self._form.service_words):
            return True
        if len(self._services) < MAX_SERVICES:
            self._services[to_storable(cells[0]).strip()[:60]] = None
        return False

    def list_services(self) -> Text:
        """Return the names of the first services that were left out."""
        return join_texts(", ", self._services)

    def to_invoice(self, name: str) -> BilledCosts:
        totals = Counter(key[0] for key in self._amounts)
        currency = "USD" if "USD" in totals else max(sorted(totals), key=lambda each: totals[each])
        others: dict[str, Decimal] = {}
        for key, amount in self._amounts.items():
            if key[0] != currency:
                others[key[0]] = others.get(key[0], Decimal(0)) + amount
        lines = (
            InvoiceLine(day=day, model=model, kind=kind, tier=tier, amount=amount)
            for (money, day, model, kind, tier), amount in self._amounts.items()
            if money == currency
        )
        return BilledCosts(
            name=name,
            format=self._form.name,
            title=self._form.title,
            currency=currency,
            lines=tuple(sorted(lines, key=_get_order)),
            unit=Decimal(1).scaleb(-min(max(self._smallest, 2), 12)),
            rows=self.rows,
            others=others,
            notes=tuple(self._list_notes()),
        )

    def _list_notes(self) -> list[Text]:
        if not self.left_out:
            return []
        note = plural_text(
            "{n:,} line for another service was left out ({services}).",
            "{n:,} lines for other services were left out, such as {services}.",
            n=self.left_out,
            services=self.list_services(),
        )
        return [note]


def find_credits(words: str) -> list[Decimal]:
    """Return the amounts in a list of credits, which is JSON of at most MAX_CREDITS_LENGTH."""
    amounts = (parse_amount(found) for found in _CREDIT.findall(words))
    return [amount for amount in amounts if amount]


def _is_total(row: Row) -> bool:
    words = " ".join(filter(None, (row.get("day"), row.get("model"), row.get("item")))).lower()
    return any(word in words for word in ("total", "summe", "sum", "gesamt"))


def _read_item(form: InvoiceFormat, row: Row) -> LineItem:
    model, item = _clean(row.get("model")), _parse_words(form, row)
    kind = parse_kind(row["kind"] or "") if row.get("kind") else item.kind
    charge = (
        LineKind.CREDIT
        if _clean(row.get("credit_type"))
        else parse_kind(" ".join(split_words(row.get("charge") or "")))
    )
    special = next((each for each in (charge, kind) if each in _OTHER_KINDS), None)
    if special is not None:
        return LineItem(model=None, kind=special, tier=None)
    tier = parse_tier(row["tier"] or "") if row.get("tier") else item.tier
    return LineItem(model=model or item.model, kind=kind, tier=tier)


def _parse_words(form: InvoiceFormat, row: Row) -> LineItem:
    skus = [cell for name, cell in row.items() if name.startswith("skus") and cell]
    if form.skus:
        return parse_sku(to_storable(" ".join(skus)))
    words = _clean(row.get("item"))
    return parse_line_item(words) if words else LineItem(model=None, kind=LineKind.USAGE, tier=None)


def _clean(cell: str | None) -> str | None:
    words = to_storable(cell or "").strip()[:MAX_NAME_LENGTH]
    return words if words and words.lower() not in {"null", "none", "n/a", "-"} else None


def _get_order(line: InvoiceLine) -> tuple[str, str, str, str]:
    return (str(line.day or ""), line.model or "", line.kind, line.tier or "")
