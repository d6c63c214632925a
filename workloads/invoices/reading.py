"""Read a cost export into BilledCosts. Runs in a child process (workloads.invoices.sandbox): the file is untrusted."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from core.exceptions import BadInput
from core.i18n.text import Text, join_texts, text
from core.json_data import to_storable
from workloads.ingest.bounds import Bounds
from workloads.ingest.column_names import ColumnNames
from workloads.ingest.containers import unpack
from workloads.ingest.database import connect
from workloads.ingest.detection import examine_file
from workloads.ingest.mapping import format_names
from workloads.ingest.pipeline import MEMORY, THREADS, link_input, restrict_access, translate_errors
from workloads.ingest.reading.normalization import to_utf8
from workloads.ingest.reading.table import open_table
from workloads.invoices.cells import find_currency, has_day_first, parse_amount, parse_day
from workloads.invoices.formats.base import InvoiceFormat
from workloads.invoices.formats.registry import INVOICE_FORMATS
from workloads.invoices.invoice import BilledCosts, InvoiceLine, LineKind
from workloads.invoices.line_items import LineItem, parse_kind, parse_line_item, parse_tier

MAX_LINES: Final = 20_000
MAX_NAME_LENGTH: Final = 200
MAX_UNREADABLE_SHARE: Final = 0.5
BOUNDS: Final = Bounds(rows=1_000_000, columns=500, unpacked=1 << 30)
_CELL_LENGTH: Final = 300
_BATCH: Final = 5_000
_FIELDS: Final = ("day", "amount", "currency", "model", "item", "kind", "charge", "tier")

_Key = tuple[str, date | None, str | None, LineKind, str | None]


@dataclass(slots=True, kw_only=True)
class _Sums:
    """What was added up so far, by currency, day, model, kind and tier."""

    amounts: dict[_Key, Decimal] = field(default_factory=dict)
    rows: int = 0
    unreadable: int = 0
    smallest: int = 0  # decimal places of the amounts


def read_invoice(path: Path, *, name: str, work: Path, bounds: Bounds = BOUNDS) -> BilledCosts:
    """Read the cost export at `path`; `name` is the user's file name.

    Raises BadInput for a file that is no cost export: the message says which ones can be read.
    """
    with TemporaryDirectory(prefix="invoice.", dir=work) as folder, translate_errors(name):
        unpacked, notes = unpack(path, Path(folder), bounds)
        raw = to_utf8(link_input(examine_file(unpacked, bounds), Path(folder)), Path(folder))
        con = connect(Path(folder) / "spill", memory=MEMORY, threads=THREADS)
        try:
            restrict_access(con, raw, Path(folder))
            table = open_table(con, raw)
            form, columns = _choose_format(table.columns)
            rows = con.execute(f"SELECT {_cut(columns)} FROM ({table.build_query(columns)}) LIMIT {bounds.rows + 1}")
            batches = iter(lambda: rows.fetchmany(_BATCH), [])
            records = (dict(zip(columns, row, strict=True)) for batch in batches for row in batch)
            return replace(_build_invoice(form, columns, records, name, bounds), notes=notes)
        finally:
            con.close()


def _cut(columns: Mapping[str, str]) -> str:
    return ", ".join(f'left("{name}", {_CELL_LENGTH}) AS "{name}"' for name in columns)


def _choose_format(columns: tuple[str, ...]) -> tuple[InvoiceFormat, dict[str, str]]:
    """Return the format and its fields' columns. Raises BadInput if the file has no amounts."""
    names = ColumnNames.from_columns(columns)
    form = next(form for form in INVOICE_FORMATS if form.fits(columns))
    chosen = {
        field_name: column
        for field_name in _FIELDS
        if (column := names.find(getattr(form, field_name), inside=True)) is not None
    }
    if "amount" not in chosen:
        raise BadInput(_describe_no_invoice(text("it has no column with an amount of money"), columns))
    if not {"day", "model", "item"} & set(chosen):
        raise BadInput(_describe_no_invoice(text("it has neither days nor models"), columns))
    return form, chosen


def _describe_no_invoice(why: Text, columns: tuple[str, ...]) -> Text:
    return text(
        "This is not a cost export: {why}. Columns in the file: {columns}. Upload the costs that your provider bills: "
        "{formats}.",
        why=why,
        columns=format_names(columns),
        formats=_list_formats(),
    )


def _list_formats() -> Text:
    return join_texts("; ", (text("{title}: {where}", title=form.title, where=form.where) for form in INVOICE_FORMATS))


def _build_invoice(
    form: InvoiceFormat, columns: Mapping[str, str], rows: Iterator[dict[str, str | None]], name: str, bounds: Bounds
) -> BilledCosts:
    first = [row for row, _ in zip(rows, range(_BATCH), strict=False)]
    day_first = has_day_first([row.get("day") or "" for row in first])
    stated = find_currency(columns["amount"]) or form.default_currency
    sums = _Sums()
    for row in _chain(first, rows):
        _add_row(sums, form, row, day_first=day_first, stated=stated)
        if sums.rows + sums.unreadable > bounds.rows:
            raise BadInput(text("The file has more than {most:,} rows. Upload the costs by day.", most=bounds.rows))
    _require_amounts(sums, columns, first)
    return _to_invoice(form, sums, name)


def _chain(
    first: list[dict[str, str | None]], rest: Iterator[dict[str, str | None]]
) -> Iterator[dict[str, str | None]]:
    yield from first
    yield from rest


def _add_row(
    sums: _Sums, form: InvoiceFormat, row: Mapping[str, str | None], *, day_first: bool, stated: str | None
) -> None:
    cell = (row.get("amount") or "").strip()
    if not cell:
        return  # an empty bucket, a heading
    amount = parse_amount(cell)
    day = parse_day(row.get("day") or "", day_first=day_first)
    if amount is None or (row.get("day") and day is None and not _is_total(row)):
        sums.unreadable += 1
        return
    if day is None and row.get("day") is not None and _is_total(row):
        return
    item = _read_item(form, row)
    currency = find_currency(row.get("currency") or "") or stated or find_currency(cell) or "USD"
    key = (currency, day, item.model, item.kind, item.tier)
    if key not in sums.amounts and len(sums.amounts) >= MAX_LINES:
        raise BadInput(text("The file has more than {most:,} days and models. Upload a month.", most=MAX_LINES))
    sums.amounts[key] = sums.amounts.get(key, Decimal(0)) + amount * form.scale
    sums.rows += 1
    exponent = (amount * form.scale).normalize().as_tuple().exponent
    sums.smallest = max(sums.smallest, -exponent if isinstance(exponent, int) else 0)


def _is_total(row: Mapping[str, str | None]) -> bool:
    words = " ".join(filter(None, (row.get("day"), row.get("model"), row.get("item")))).lower()
    return any(word in words for word in ("total", "summe", "sum", "gesamt"))


def _read_item(form: InvoiceFormat, row: Mapping[str, str | None]) -> LineItem:
    model, words = _clean(row.get("model")), _clean(row.get("item"))
    item = parse_line_item(words) if words else LineItem(model=None, kind=LineKind.USAGE, tier=None)
    kind = parse_kind(row["kind"] or "") if row.get("kind") else item.kind
    charge = parse_kind(row.get("charge") or "")
    if charge in (LineKind.TAX, LineKind.CREDIT, LineKind.FEE):
        return LineItem(model=None, kind=charge, tier=None)
    if kind in (LineKind.TAX, LineKind.CREDIT, LineKind.FEE):
        return LineItem(model=None, kind=kind, tier=None)
    tier = parse_tier(row["tier"] or "") if row.get("tier") else item.tier
    return LineItem(model=model or item.model, kind=kind, tier=tier)


def _clean(cell: str | None) -> str | None:
    words = to_storable(cell or "").strip()[:MAX_NAME_LENGTH]
    return words if words and words.lower() not in {"null", "none", "n/a", "-"} else None


def _require_amounts(sums: _Sums, columns: Mapping[str, str], first: list[dict[str, str | None]]) -> None:
    if sums.rows and sums.unreadable <= MAX_UNREADABLE_SHARE * (sums.rows + sums.unreadable):
        return
    example = next((row.get("amount") for row in first if row.get("amount")), None) or ""
    raise BadInput(
        text(
            'No costs could be read. The column "{column}" was read as the amount; one of its cells is "{example}".',
            column=columns["amount"],
            example=example[:60],
        )
    )


def _to_invoice(form: InvoiceFormat, sums: _Sums, name: str) -> BilledCosts:
    totals: Counter[str] = Counter()
    for key in sums.amounts:
        totals[key[0]] += 1
    currency = "USD" if "USD" in totals else max(sorted(totals), key=lambda each: totals[each])
    others: dict[str, Decimal] = {}
    for key, amount in sums.amounts.items():
        if key[0] != currency:
            others[key[0]] = others.get(key[0], Decimal(0)) + amount
    lines = (
        InvoiceLine(day=day, model=model, kind=kind, tier=tier, amount=amount)
        for (money, day, model, kind, tier), amount in sums.amounts.items()
        if money == currency
    )
    return BilledCosts(
        name=name,
        format=form.name,
        title=form.title,
        currency=currency,
        lines=tuple(sorted(lines, key=_get_order)),
        unit=Decimal(1).scaleb(-min(max(sums.smallest, 2), 12)),
        rows=sums.rows,
        others=others,
    )


def _get_order(line: InvoiceLine) -> tuple[str, str, str, str]:
    return (str(line.day or ""), line.model or "", line.kind, line.tier or "")
