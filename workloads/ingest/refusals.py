"""Messages about files that are no usage logs: what they are, what they are good for, and which export to upload."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from core.i18n.text import Text, text
from workloads.ingest.cell_contents import classify_kind
from workloads.ingest.column_names import ColumnNames, Examples

_OPENAI: Final = text("In OpenAI's dashboard, upload Usage > Export instead; that of Completions has tokens.")
_ANTHROPIC: Final = text("In Anthropic's console, upload Usage > Export instead, not Cost.")
_CLOUD: Final = text(
    "A cloud's bill has no tokens per request. Upload a log of your requests: Bedrock's invocation log, or that of "
    "your gateway."
)
ANY_USAGE_EXPORT: Final = text(
    "Upload a usage export with tokens: of OpenAI or Anthropic (Usage > Export), or of your gateway or tracing system."
)


_INVOICE: Final = text("Then add this file to that log as its invoice, to see whether both agree.")


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherExport:
    """A kind of file without tokens, told by its columns, the one for the example first; and what to upload instead."""

    signature: tuple[str, ...]
    what: Text
    instead: Text
    has_costs: bool = True


OTHER_EXPORTS: Final = (
    OtherExport(
        signature=("amount_value", "line_item"),
        what=text("This is OpenAI's cost export. It has amounts of money, but no tokens."),
        instead=_OPENAI,
    ),
    OtherExport(
        signature=("amount", "cost_type"),
        what=text("This is Anthropic's cost report. It has amounts of money, but no tokens."),
        instead=_ANTHROPIC,
    ),
    OtherExport(
        signature=("usage_date_utc", "cost_usd", "token_type"),
        what=text("This is Anthropic's cost export. It has amounts of money, but no tokens."),
        instead=_ANTHROPIC,
    ),
    OtherExport(
        signature=("line_item_unblended_cost",),
        what=text("This is a cost and usage report of AWS. It has amounts of money by service and day."),
        instead=_CLOUD,
    ),
    OtherExport(
        signature=("CostInBillingCurrency", "MeterCategory"),
        what=text("This is a cost export of Azure. It has amounts of money by meter and day."),
        instead=_CLOUD,
    ),
    OtherExport(
        signature=("SKU description", "Usage start date"),
        what=text("This is a cost table of Google Cloud. It has amounts of money by SKU and day."),
        instead=_CLOUD,
    ),
    OtherExport(
        signature=("properties_s.modelDeploymentName", "properties_s.requestLength"),
        what=text("This is Azure OpenAI's request log. It counts bytes, not tokens."),
        instead=text(
            "Upload API Management's log of language models (ApiManagementGatewayLlmLog), or the log of your gateway."
        ),
        has_costs=False,
    ),
    OtherExport(
        signature=("resourceMetrics",),
        what=text("These are OpenTelemetry's metrics: sums over all requests, by kind of token."),
        instead=text("Upload the traces of the same collector, whose spans have the tokens of each request."),
        has_costs=False,
    ),
    OtherExport(
        signature=("error.message", "error.type"),
        what=text("This is an error message of an API, saved instead of an export."),
        instead=ANY_USAGE_EXPORT,
        has_costs=False,
    ),
    OtherExport(
        signature=("info.trace_id", "info.request_time"),
        what=text("These are traces of MLflow without token usage, which only newer versions record."),
        instead=ANY_USAGE_EXPORT,
        has_costs=False,
    ),
)
"""In order of preference. Costs can be compared with a usage log of the same days, but tell of no savings."""

_KIND_OF_TOKENS: Final = re.compile(
    r"(?:input|prompt|output|completion|cached?)(?:[ _-]\w{1,12}){0,3}(?:[ _-]?tokens?)?", re.IGNORECASE
)
"""Values that name a kind of tokens: "output", "Prompt Tokens", "input_cache_hit_tokens"."""

_MONEY: Final = ("cost", "amount", "spend", "total_cost", "cost_usd", "price", "charge", "net_amount", "gross_amount")


def explain_missing_tokens(columns: Sequence[str], examples: Examples) -> tuple[Text, ...]:
    """Return sentences on a table without tokens, if it is of a known kind; none otherwise."""
    names = ColumnNames.from_columns(columns)
    for export in OTHER_EXPORTS:
        if all(map(names.has, export.signature)):
            return (
                export.what,
                *_describe_example(export.signature, names, examples),
                export.instead,
                *_list_uses(export),
            )
    if explained := _explain_kind_by_row(columns, examples) or _explain_totals(names, examples):
        return explained
    money = names.find(_MONEY, inside=True)
    if money is None or not any(_is_money(value) for value in examples.get(money, ())):
        return ()
    what = text('The file has money in "{column}", but no tokens, so it can\'t show how to save.', column=money[:60])
    return (what, *_describe_example((money,), names, examples), ANY_USAGE_EXPORT, _INVOICE)


def describe_number(columns: Sequence[str], examples: Examples) -> tuple[Text, ...]:
    """Return a sentence with a cell of the first column of numbers, or else of the first column with a value."""
    filled = [column for column in columns if any(map(str.strip, examples.get(column, ())))]
    numbers = [column for column in filled if _is_money(examples[column][0])]
    chosen = next(iter((*numbers, *filled)), None)
    return () if chosen is None else (_show_cell(chosen, examples[chosen][0]),)


def _explain_kind_by_row(columns: Sequence[str], examples: Examples) -> tuple[Text, ...]:
    """Return sentences on a table that has input tokens in one row and output tokens in another."""
    for column in columns:
        cells = list(dict.fromkeys(value.strip() for value in examples.get(column, ())))
        kinds = [cell for cell in cells if _KIND_OF_TOKENS.fullmatch(cell) or classify_kind(cell.rpartition(",")[2])]
        if len(kinds) > 1:
            what = text(
                'Each row has one kind of tokens: "{column}" has "{one}" in one row and "{other}" in another.',
                column=column[:60],
                one=kinds[0][:60],
                other=kinds[1][:60],
            )
            advice = text("Make it a table with a column for each kind (a pivot table), or upload another export.")
            return what, advice, ANY_USAGE_EXPORT
    return ()


def _explain_totals(names: ColumnNames, examples: Examples) -> tuple[Text, ...]:
    """Return sentences on a table that counts only all tokens of a row."""
    column = names.find(("total_tokens", "tokens", "total_token_count", "tokens_total", "token_count"), inside=True)
    if column is None or not any(_is_money(value) for value in examples.get(column, ())):
        return ()
    what = text(
        '"{column}" has all tokens of a row ("{cell}"). Input and output have different prices, so a cost needs both.',
        column=column[:60],
        cell=examples[column][0][:60],
    )
    return what, ANY_USAGE_EXPORT


def _list_uses(export: OtherExport) -> tuple[Text, ...]:
    return (_INVOICE,) if export.has_costs else ()


def _describe_example(
    columns: Sequence[str] | frozenset[str], names: ColumnNames, examples: Examples
) -> tuple[Text, ...]:
    """Return a sentence with a cell of one of these columns."""
    for column in columns:
        found = names.find((column,), inside=False)
        if found is not None and examples.get(found):
            return (_show_cell(found, examples[found][0]),)
    return ()


def _show_cell(column: str, cell: str) -> Text:
    return text('For example, "{column}" has "{cell}".', column=column[:60], cell=cell[:60])


def _is_money(value: str) -> bool:
    digits = value.strip(" $€-").replace(".", "").replace(",", "")
    return digits.isdigit()


FOREIGN_BEGINNINGS: Final[Mapping[bytes, Text]] = MappingProxyType(
    {
        b"SQLite format 3": text("This is an SQLite database, not a log. Export the table as CSV."),
        b"%PDF": text(
            "This is a PDF document, such as an invoice, which can't be read. Upload a usage export as CSV or JSON."
        ),
        **dict.fromkeys(
            (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"II*\0", b"MM\0*"),
            text("This is an image. Upload the export that it shows, as CSV or JSON."),
        ),
        **dict.fromkeys(
            (b"\x1f\x9d", b"7z\xbc\xaf\x27\x1c", b"Rar!"),
            text("This kind of archive can't be read. Unpack it, and upload the file in it, or a ZIP archive."),
        ),
        b"{\\rtf": text("This is a text document. Upload a usage export as CSV or JSON."),
    }
)
"""Answers to files that are no logs, by their first bytes."""

_WEB_PAGE: Final = text(
    "This is a web page, not an export. Perhaps you were signed out when you downloaded it: sign in, and export again."
)
_SERVER_LOG: Final = text(
    "This is a server's text log, not a table: it has no tokens per request. Upload a log with one row a request: "
    "that of your gateway, or the usage objects of the server's answers, one JSON object a line."
)
_LEVELS: Final = frozenset({"INFO", "WARNING", "WARN", "ERROR", "DEBUG", "CRITICAL", "TRACE", "FATAL"})
_LOG_LINES: Final = 20


def explain_foreign_text(head: str) -> Text | None:
    """Return a sentence on a text that is no table, from its beginning: a web page, or the log of a server."""
    start = head.lstrip()[:200].lower()
    if start.startswith(("<!doctype", "<html", "<head", "<script")):
        return _WEB_PAGE
    if start.startswith("<"):
        return text("This is XML, not a table. Upload a usage export as CSV or JSON.")
    lines = [line for line in head.split("\n", _LOG_LINES)[:_LOG_LINES] if line.strip()]
    logged = sum(map(_is_log_line, lines))
    return _SERVER_LOG if lines and logged * 2 > len(lines) else None


def _is_log_line(line: str) -> bool:
    """Whether a line begins as servers write them: a level, perhaps after a time."""
    words = line[:200].replace("[", " ").replace("]", " ").replace(":", " ").split()[:8]
    return "\t" not in line and not line.lstrip().startswith(("{", "[{", '"')) and not _LEVELS.isdisjoint(words)
