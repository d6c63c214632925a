"""The report's tables as CSV files for a spreadsheet: every amount exact to the last digit, an unknown one empty.

They are kept compressed beside a run's report, whose JSON has numbers of limited precision."""

import base64
import csv
import gzip
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.i18n.language import ENGLISH, Language
from core.redaction import redact_text
from workloads.analysis.allocation import AllocatedDimension
from workloads.pricing.prices import PricedModel, PriceHistory, Prices
from workloads.report.csv_export import format_cell
from workloads.report.report import Report

Cell = str | int | float | Decimal | bool | None
MAX_STEM = 60  # of a log's name in the name of a file

_FROM_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTable:
    """`name` is that of the file, such as "spend-by-team"."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]


def build_tables(report: Report, language: Language = ENGLISH) -> tuple[ReportTable, ...]:
    """Return every table of the report that has rows. Names from the log are as in the log."""
    tables = (
        *_list_spend_tables(report),
        *_list_saving_tables(report, language),
        *_list_what_if_tables(report, language),
        *_list_invoice_tables(report, language),
        *_list_log_tables(report, language),
    )
    return tuple(table for table in tables if table.rows)


def name_dimension_table(dimension: AllocatedDimension, kept: Sequence[str]) -> str:
    """Return the name of a dimension's table. The file's own columns are numbered: their names can be anything."""
    if dimension.kept:
        return f"spend-by-column-{kept.index(dimension.name) + 1}"
    return f"spend-by-{dimension.name.replace('_', '-')}"


def to_csv(table: ReportTable) -> str:
    """Return the table as CSV. A cell that a spreadsheet would read as a formula starts with an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([format_cell(column) for column in table.columns])
    writer.writerows([_to_cell(value) for value in row] for row in table.rows)
    return out.getvalue()


def pack_tables(tables: Iterable[ReportTable]) -> str:
    """Return the tables' CSV as text that takes little room."""
    files = {table.name: redact_text(to_csv(table)) for table in tables}
    return base64.b64encode(gzip.compress(json.dumps(files).encode(), mtime=0)).decode()


def unpack_tables(packed: str) -> Mapping[str, str]:
    """Return the CSV by table, of what `pack_tables` returned."""
    files: dict[str, str] = json.loads(gzip.decompress(base64.b64decode(packed))) if packed else {}
    return files


def name_file(log: str, day: date, table: str, suffix: str = "csv") -> str:
    """Return the name of a file, after the log and the day: "october_2026-11-29_spend-by-team.csv"."""
    stem = _FROM_NAME.sub("-", log[: 4 * MAX_STEM].rpartition(".")[0] or log[: 4 * MAX_STEM]).strip("-._")[:MAX_STEM]
    return f"{stem or 'log'}_{day:%Y-%m-%d}_{table}.{suffix}"


def _to_cell(value: Cell) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else format_cell(value)


def _list_spend_tables(report: Report) -> Iterable[ReportTable]:
    spend = report.spend
    if spend is None:
        return
    buckets = spend.buckets
    tokens = report.profile.tokens
    kinds = ("fresh_input", "cache_read", "cache_write", "output")
    rows: list[Sequence[Cell]] = [(kind, getattr(tokens, kind), getattr(buckets, kind)) for kind in kinds]
    if spend.stated_requests != 0:
        rows.append(("stated_by_the_log", None, spend.stated))
    yield ReportTable(name="spend-by-token-type", columns=("token_type", "tokens", "cost_usd"), rows=rows)
    if spend.period:
        times = [(f"{one.start:%Y-%m-%dT%H:%M:%S}", one.requests, one.cost) for one in spend.over_time]
        yield ReportTable(name="spend-over-time", columns=(f"{spend.period}_start", "requests", "cost_usd"), rows=times)
    yield from _list_dimension_tables(report)


_PART_COLUMNS = ("requests", "tokens", "unpriced_tokens", "cost_usd", "share", "names", "stated_usd")


def _list_dimension_tables(report: Report) -> Iterable[ReportTable]:
    dimensions = report.allocation.dimensions if report.allocation else ()
    for dimension in dimensions:
        rows = [
            (
                part.name,
                part.requests,
                part.tokens,
                part.unpriced_tokens,
                part.cost,
                part.share,
                part.names,
                part.stated,
            )
            for part in dimension.parts
        ]
        name = name_dimension_table(dimension, report.source.kept)
        yield ReportTable(name=name, columns=(dimension.name, *_PART_COLUMNS), rows=rows)


def _list_saving_tables(report: Report, language: Language) -> Iterable[ReportTable]:
    translate = language.translate
    titles = {lever.name: translate(lever.title) for lever in report.levers}
    checks = [(translate(check.title), check.state.value, translate(check.finding)) for check in report.checks]
    yield ReportTable(name="checks", columns=("check", "state", "finding"), rows=checks)
    levers: list[Sequence[Cell]] = [
        (lever.name, titles[lever.name], lever.saving, lever.basis.value, lever.bound.value, lever.headline)
        for lever in report.levers
    ]
    head = ("lever", "title", "saving_usd", "basis", "bound", "in_total")
    yield ReportTable(name="levers", columns=head, rows=levers)
    steps = report.combination.waterfall if report.combination else ()
    rows: list[Sequence[Cell]] = [
        (step.lever, translate(step.title), step.before, step.saving, step.after) for step in steps
    ]
    change = ("lever", "title", "before_usd", "saving_usd", "after_usd")
    yield ReportTable(name="waterfall", columns=change, rows=rows)
    plan: list[Sequence[Cell]] = [
        (
            *(translate(words) for words in (item.step, item.effort, item.risk, item.undo)),
            *(item.lever, item.saving, item.promised),
        )
        for item in report.plan
    ]
    columns = ("step", "effort", "risk", "undo", "lever", "saving_usd", "in_total")
    yield ReportTable(name="plan", columns=columns, rows=plan)


def _date_prices(model: PricedModel, prices: Prices) -> str | None:
    """Return from when a model's prices are; None for the user's own."""
    if model.history is PriceHistory.GIVEN:
        return None
    return prices.file.date if model.history is PriceHistory.FILE and prices.file else prices.list_date


def _list_what_if_tables(report: Report, language: Language) -> Iterable[ReportTable]:
    found = report.what_if
    if found is None:
        return
    rows = [
        (one.model, one.rows, one.left_out, one.now, one.then_least, one.then_most, language.translate(one.latency))
        for one in found.lines
    ]
    amounts = ("now_usd", "then_least_usd", "then_most_usd")
    yield ReportTable(name="what-if", columns=("model", "rows", "left_out", *amounts, "latency"), rows=rows)


def _list_invoice_tables(report: Report, language: Language) -> Iterable[ReportTable]:
    found = report.reconciliation
    if found is None:
        return
    for name, parts in (("day", found.by_day), ("model", found.by_model), ("kind", found.by_kind)):
        rows = [(part.name, part.logged, part.billed, part.residual) for part in parts]
        columns = (name, "logged_usd", "billed_usd", "residual_usd")
        yield ReportTable(name=f"invoice-by-{name}", columns=columns, rows=rows)
    causes: list[Sequence[Cell]] = [(one.name, language.translate(one.what), one.amount) for one in found.causes]
    if found.unexplained is not None:
        causes.append(("unexplained", None, found.unexplained))
    yield ReportTable(name="invoice-causes", columns=("cause", "description", "amount_usd"), rows=causes)


def _list_log_tables(report: Report, language: Language) -> Iterable[ReportTable]:
    prices = [
        (
            *(p.model, p.provider, p.provider_id, p.model_id, p.tier, p.geography, p.history.value),
            *(p.fresh_input, p.cache_read, p.cache_write, p.output, p.requests, p.tokens, p.names),
            _date_prices(p, report.prices),
        )
        for p in report.prices.models
    ]
    columns = ("model", "provider", "listed_provider", "listed_model", "service_tier", "geography", "price_source")
    amounts = ("input_usd_per_million", "cache_read_usd_per_million", "cache_write_usd_per_million")
    more = ("output_usd_per_million", "requests", "tokens", "names", "as_of")
    yield ReportTable(name="prices", columns=(*columns, *amounts, *more), rows=prices)
    unpriced = [
        (p.model, p.provider, p.requests, p.tokens, language.translate(p.why), p.names) for p in report.prices.unpriced
    ]
    reasons = ("model", "provider", "requests", "tokens", "reason", "names")
    yield ReportTable(name="unpriced-models", columns=reasons, rows=unpriced)
    unknowns = [(language.translate(unknown.what), unknown.column) for unknown in report.unknowns]
    yield ReportTable(name="missing-data", columns=("unknown", "add"), rows=unknowns)
