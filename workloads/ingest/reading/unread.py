"""Find the columns that seem to bear on the cost, by their names and contents, and that nothing was read from.

A column that repeats one that was read, or is the sum or difference of two of them, is not named."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from types import MappingProxyType
from typing import Final

import duckdb

from core.json_data import to_storable
from workloads.ingest.column_names import is_batch_endpoint
from workloads.ingest.fields import COUNT_FIELDS
from workloads.ingest.mapping import ColumnMapping
from workloads.ingest.reading.macros import NO_VALUES
from workloads.ingest.reading.table import FileTable
from workloads.ingest.schema import UnreadColumn
from workloads.ingest.summed_rows import REQUEST_COUNT_COLUMNS

MAX_CANDIDATES: Final = 40
MAX_UNREAD: Final = 20
MAX_NAME_LENGTH: Final = 200
_SAMPLED_ROWS: Final = 1_000
_CELL_LENGTH: Final = 40
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")

_MONEY_WORDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "tokens": frozenset({"token", "tokens"}),
        "cached": frozenset({"cache", "cached"}),
        "cost": frozenset({"cost", "costs", "spend", "charge", "charges"}),
        "tier": frozenset({"tier"}),
        "batch": frozenset({"batch", "batched"}),
    }
)
_WAYS: Final = frozenset(
    {"mode", "endpoint", "path", "url", "uri", "api", "type", "processing", "plan", "method", "operation", "route"}
)
_TIERS: Final = frozenset({"batch", "flex"})
_BATCHED: Final = frozenset({"true", "t", "1", "yes", "ja", "oui"})

_BATCH_WORDS: Final = frozenset({"api", "id"})
"""Words that a column may have beside "batch"."""

_NO_CACHED_TOKENS: Final = frozenset({"hit", "hits", "miss", "misses", "ttl", "key", "age", "status", "enabled"})
"""Words beside "cache" in names of columns that count no tokens."""

_OTHER_WORDS: Final = frozenset(
    {
        *("max", "maximum", "min", "limit", "limits", "rate", "per", "price", "prices", "quota", "remaining", "speed"),
        *(
            "second",
            "seconds",
            "ms",
            "time",
            "latency",
            "type",
            "id",
            "ids",
            "budget",
            "ratio",
            "percent",
            "pct",
            "avg",
        ),
        *("average", "mean", "first", "unit", "currency", "center", "centre", "size", "hash", "auth", "access", "api"),
        *("throughput", "logprobs", "running", "accumulated", "cumulative", "last", "list", "source", "name", "window"),
        *(
            "gross",
            "discount",
            "quantity",
            "saved",
            "savings",
            "prediction",
            "upstream",
            "details",
            "breakdown",
            "text",
            "total",
        ),
    }
)
"""Words that make a column something else: a limit, a price, a rate, an ID, a running total."""


def find_unread_columns(
    con: duckdb.DuckDBPyConnection, table: FileTable, mapping: ColumnMapping
) -> tuple[UnreadColumn, ...]:
    """Return the columns of `table` that seem to hold tokens, requests, tiers, batches or costs and were not read."""
    candidates = _list_candidates(table, mapping)
    if not candidates:
        return ()
    read = [column for field in (*COUNT_FIELDS, "cost_usd") for column in mapping.list_columns(field)]
    wanted = {f"c{place}": column for place, column in enumerate((*candidates, *read))}
    cells = ", ".join(f"left({cell}, {_CELL_LENGTH}) AS {cell}" for cell in wanted)
    try:
        rows = con.execute(f"SELECT {cells} FROM ({table.build_query(wanted)}) LIMIT {_SAMPLED_ROWS}").fetchall()
    except duckdb.Error:
        return ()  # the figures do not depend on them
    values = [tuple(map(_clean, column)) for column in zip(*rows, strict=True)] if rows else []
    known = [tuple(map(_to_number, column)) for column in values[len(candidates) :]]
    unread = (
        UnreadColumn(name=to_storable(name), example=to_storable(example))
        for name, column in zip(candidates, values, strict=False)
        if (example := _find_example(candidates[name], column, known)) is not None
    )
    return tuple(unread)[:MAX_UNREAD]


def classify_column(name: str) -> str | None:
    """Return what a column seems to hold by its name: tokens, cached, requests, cost, tier or batch; None: no such."""
    words = [word.lower() for word in _WORD.findall(name[:MAX_NAME_LENGTH])]
    last = re.split(r"[.]", name[:MAX_NAME_LENGTH])[-1]
    if re.sub(r"[^a-z0-9]+", "_", last.lower()).strip("_") in REQUEST_COUNT_COLUMNS - {"count"}:
        return "requests"
    others = _OTHER_WORDS - _BATCH_WORDS if "batch" in words else _OTHER_WORDS
    if not others.isdisjoint(words):
        return None
    kind = next((kind for kind, signs in _MONEY_WORDS.items() if not signs.isdisjoint(words)), None)
    return None if kind == "cached" and not _NO_CACHED_TOKENS.isdisjoint(words) else kind


def _list_candidates(table: FileTable, mapping: ColumnMapping) -> dict[str, str]:
    read = [column for field in mapping.columns for column in mapping.list_columns(field)]
    used = {column for chosen in read for column in (chosen, chosen.split(".")[0])}
    candidates: dict[str, str] = {}
    for name in table.columns:
        if name in used or len(name) > MAX_NAME_LENGTH:
            continue
        kind = classify_column(name) or ("way" if _names_way(name) or name in mapping.batch_hints else None)
        if kind is not None and not _is_said(kind, mapping) and len(candidates) < MAX_CANDIDATES:
            candidates[name] = kind
    return candidates


def _names_way(name: str) -> bool:
    """Whether a column may say by its values how a request was sent, such as to an endpoint for batches."""
    return not _WAYS.isdisjoint(word.lower() for word in _WORD.findall(name))


def _is_said(kind: str, mapping: ColumnMapping) -> bool:
    """Whether what the column would say is known from another one."""
    fields = {
        "cost": {"cost_usd"},
        "tier": {"service_tier"},
        "batch": {"batch"},
        "way": {"batch", "service_tier"},
        "requests": {"requests"},
    }
    return not fields.get(kind, set()).isdisjoint(mapping.columns)


def _clean(cell: str | None) -> str:
    word = (cell or "").strip()
    return "" if word.lower() in NO_VALUES else word


def _to_number(cell: str) -> float | None:
    return float(cell) if _NUMBER.fullmatch(cell) else None


def _find_example(kind: str, column: Sequence[str], known: Sequence[Sequence[float | None]]) -> str | None:
    """Return a telling value of a column that says something that the columns that were read do not; None if none."""
    if kind == "tier":
        return next((cell for cell in column if cell.lower() not in {"", "default", "standard", "auto"}), None)
    if kind == "way":
        return next((cell for cell in column if cell.lower() in _TIERS or is_batch_endpoint(cell)), None)
    if kind == "batch":
        return next((cell for cell in column if cell.lower() in _BATCHED or cell.lower().startswith("batch")), None)
    numbers = [_to_number(cell) for cell in column]
    if any(number is None and cell for number, cell in zip(numbers, column, strict=True)):
        return None
    least = 1 if kind in ("requests", "cached") else 0
    telling = (cell for cell, number in zip(column, numbers, strict=True) if number and number > least)
    is_derived = kind != "requests" and any(_is_same(numbers, each) for each in _iter_derived(known))
    return None if is_derived else next(telling, None)


def _iter_derived(known: Sequence[Sequence[float | None]]) -> Iterator[Sequence[float | None]]:
    """Yield the columns that were read, and the sum and both differences of each two of them."""
    yield from known
    for one, other in combinations(known, 2):
        pairs = [(a or 0, b or 0) for a, b in zip(one, other, strict=True)]
        yield [a + b for a, b in pairs]
        yield [a - b for a, b in pairs]
        yield [b - a for a, b in pairs]


def _is_same(numbers: Sequence[float | None], others: Sequence[float | None]) -> bool:
    return all((a or 0) == (b or 0) for a, b in zip(numbers, others, strict=True))
