"""Read a cost export into BilledCosts, in a child process with limits (workloads.invoices.storage).

The file is untrusted. `python -m workloads.invoices.reading` reads the one that its task on stdin names, and writes the
invoice as JSON to stdout."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from core.exceptions import BadInput
from core.i18n.text import Text, join_texts, plural_text, text
from workloads.analysis.answers import to_plain
from workloads.child_process import ProcessLimits, apply_process_limits, error_to_json, tie_to_parent, to_bounds
from workloads.exact_json import dump_exact
from workloads.ingest.bounds import Bounds
from workloads.ingest.column_names import ColumnNames, format_names
from workloads.ingest.containers import unpack
from workloads.ingest.database import connect, translate_errors
from workloads.ingest.detection import examine_file
from workloads.ingest.pipeline import MEMORY, THREADS, link_input, restrict_access
from workloads.ingest.reading.table import open_table
from workloads.ingest.reading.text_files import to_utf8
from workloads.invoices.cells import has_day_first
from workloads.invoices.formats.base import InvoiceFormat
from workloads.invoices.formats.registry import INVOICE_FORMATS
from workloads.invoices.invoice import BilledCosts
from workloads.invoices.line_sums import MAX_CREDITS_LENGTH, LineSums

MAX_UNREADABLE_SHARE: Final = 0.5
BOUNDS: Final = Bounds(rows=1_000_000, columns=500, unpacked=1 << 30)
_CELL_LENGTH: Final = 300
_BATCH: Final = 5_000
_FIELDS: Final = ("day", "amount", "currency", "model", "item", "kind", "charge", "tier", "credits", "credit_type")
_JOINED: Final = ("skus", "services")
"""Fields that are read from all of their columns: skus0, skus1, ..."""


def main() -> None:
    """Do one task from stdin. An error that is neither the user's nor the disk's ends as a traceback."""
    tie_to_parent()
    task = json.loads(sys.stdin.buffer.read())
    apply_process_limits(task["limits"])
    sys.stdout.write(dump_exact(_read_task(task)))


def _read_task(task: dict[str, Any]) -> dict[str, Any]:
    try:
        # A small file may not unpack to as much as a large one.
        bounds = replace(BOUNDS, unpacked=min(BOUNDS.unpacked, to_bounds(ProcessLimits(**task["limits"])).unpacked))
        invoice = read_invoice(Path(task["path"]), name=task["name"], work=Path(task["work"]), bounds=bounds)
    except Exception as error:
        if (data := error_to_json(error, task["limits"], task["name"])) is None:
            raise
        return data
    return {"invoice": to_plain(invoice)}


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
            invoice = _build_invoice(form, columns, records, name, bounds)
            return replace(invoice, notes=(*notes, *invoice.notes))
        finally:
            con.close()


def _cut(columns: Mapping[str, str]) -> str:
    lengths = {"credits": MAX_CREDITS_LENGTH + 1}
    return ", ".join(f'left("{name}", {lengths.get(name, _CELL_LENGTH)}) AS "{name}"' for name in columns)


def _choose_format(columns: tuple[str, ...]) -> tuple[InvoiceFormat, dict[str, str]]:
    """Return the format and its fields' columns. Raises BadInput if the file has no amounts."""
    names = ColumnNames.from_columns(columns)
    form = next(form for form in INVOICE_FORMATS if form.fits(columns))
    chosen = {
        field_name: column
        for field_name in _FIELDS
        if (column := names.find(getattr(form, field_name), inside=True)) is not None
    }
    for field_name in _JOINED:
        found = dict.fromkeys(names.find((name,), inside=True) for name in getattr(form, field_name))
        chosen |= {f"{field_name}{place}": column for place, column in enumerate(filter(None, found))}
    if "amount" not in chosen:
        raise BadInput(_describe_no_invoice(text("it has no column with an amount of money"), columns))
    if not {"day", "model", "item", "skus0"} & set(chosen):
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
    first = list(islice(rows, _BATCH))
    day_first = has_day_first([row.get("day") or "" for row in first])
    sums = LineSums(form, amount_column=columns["amount"], day_first=day_first)
    for row in chain(first, rows):
        sums.add_row(row)
        if sums.seen > bounds.rows:
            raise BadInput(text("The file has more than {most:,} rows. Upload the costs by day.", most=bounds.rows))
    _require_amounts(sums, columns, first)
    return sums.to_invoice(name)


def _require_amounts(sums: LineSums, columns: Mapping[str, str], first: list[dict[str, str | None]]) -> None:
    if sums.rows and sums.unreadable <= MAX_UNREADABLE_SHARE * (sums.rows + sums.unreadable):
        return
    if sums.left_out and not sums.unreadable:
        raise BadInput(
            plural_text(
                "The file's {n} line isn't for language models. The services in the file are: {services}.",
                "None of the {n:,} lines is for language models. The services in the file are: {services}.",
                n=sums.left_out,
                services=sums.list_services(),
            )
        )
    example = next((row.get("amount") for row in first if row.get("amount")), None) or ""
    raise BadInput(
        text(
            'No costs could be read. The column "{column}" was read as the amount; one of its cells is "{example}".',
            column=columns["amount"],
            example=example[:60],
        )
    )


if __name__ == "__main__":
    main()
