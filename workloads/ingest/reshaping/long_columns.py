"""Choose the columns of a table with one kind of tokens a row: the kinds, their counts, the costs, and what tells which
rows belong together."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from workloads.ingest.cell_contents import classify_kind, holds_counts, list_words
from workloads.ingest.column_names import Examples, is_in_dollars, normalize_name
from workloads.ingest.columns.figure_names import names_cost
from workloads.ingest.formats.usual_names import USUAL_NAMES
from workloads.ingest.time_columns import are_moments

_AMOUNTS: Final = (
    *("tokens", "tokencount", "numtokens", "ntokens", "rawamount", "quantity", "qty", "usagequantity"),
    *("consumedquantity", "usageamount", "usage", "units", "volume", "menge", "anzahl", "quantite", "cantidad"),
    *("value", "wert", "metricvalue", "amount", "count", "total", "sum"),
)
"""Names of the column of counts, best first."""

_COUNTED: Final = frozenset(
    {
        *("token", "tokens", "jeton", "jetons", "count", "number", "num", "no", "of", "di", "de", "der", "von", "the"),
        *(
            "anzahl",
            "menge",
            "nombre",
            "numero",
            "quantita",
            "quantidade",
            "quantite",
            "cantidad",
            "aantal",
            "hoeveelheid",
        ),
    }
)
"""Words of other names of that column: "Numero di token"."""

_UNIT_NAMES: Final = ("unit", "units", "usageunit", "einheit")
_PARTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "inputtokens": "fresh_input_tokens",
        "writetokens": "cache_write_tokens",
        "cachewritetokens": "cache_write_tokens",
        "readtokens": "cached_tokens",
        "cachereadtokens": "cached_tokens",
    }
)
"""Columns with the parts of a row's count, as LibreChat's transactions have them."""

_OTHERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("requests", "requestcount", "numrequests", "apirequests", "calls", "invocations"), "requests"),
        **dict.fromkeys(("total", "totaltokens", "tokenstotal"), ""),  # they repeat the others
        **dict.fromkeys(("credit", "credits", "refill", "topup", "deposit"), ""),  # money that was paid in
    }
)
_CREDITS: Final = ("tokenvalue",)
"""Amounts of money in millionths of a dollar: a count times its price per million."""

_MONEY: Final = re.compile(r"(?i)cost|price|spend|amount|usd|eur|kosten|preis|betrag|charge|rate|tokenvalue")
_NUMBER: Final = re.compile(r"[-$€ ]{0,3}[\d.,]{1,40}(?:e-?\d{1,3})?(?: ?[€$%]| ?[A-Z]{3})?", re.IGNORECASE)
_PLAIN: Final = re.compile(r"-?\d{1,15}(?:\.\d{0,30})?(?:[eE]-?\d{1,2})?")
_ID: Final = re.compile(r"id|uuid|guid|key|number|nr", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LongColumns:
    """`parts`: by our field, columns with the parts of a count; `cost`: a column of costs, which are to be multiplied
    with `cost_scale`; `ids`: columns that may be the rows' own IDs; `times`: moments, which may differ by little among
    rows that belong together; `keys`: all others in which such rows agree."""

    kinds: str
    amount: str
    unit: str | None
    parts: Mapping[str, str]
    cost: str | None
    cost_scale: str
    ids: tuple[str, ...]
    times: tuple[str, ...]
    keys: tuple[str, ...]


def find_long_columns(columns: Sequence[str], examples: Examples) -> LongColumns | None:
    """Return the columns of a table with one kind of tokens a row; None for another table."""
    kinds = next((column for column in columns if _holds_kinds(examples.get(column, ()))), None)
    has_costs = kinds is not None and any(classify_cell(cell) == "cost_usd" for cell in examples.get(kinds, ()))
    is_amount = _are_plain if has_costs else _holds_signed_counts
    counts = [column for column in columns if column != kinds and is_amount(examples.get(column, ()))]
    parts = {field: column for column in counts if (field := _PARTS.get(_get_last_key(column))) is not None}
    parts = parts if "fresh_input_tokens" in parts and len(parts) > 1 else {}
    free = [column for column in counts if column not in parts.values()]
    amount = _find_first(free, _AMOUNTS) or next(iter([each for each in free if list_words(each) <= _COUNTED]), None)
    unit = _find_first([column for column in columns if column != amount], _UNIT_NAMES)
    if kinds is None or amount is None:
        return None
    others = [column for column in columns if column not in (kinds, amount, unit, *parts.values())]
    cost, scale = (None, "1") if has_costs else _find_cost(others, columns, examples)
    keys = [column for column in others if column != cost and not _is_measured(column, examples)]
    ids = [column for column in keys if _ID.search(_get_last_key(column)[-6:]) is not None]
    times = [column for column in keys if column not in ids and are_moments(examples.get(column, ()))]
    return LongColumns(
        kinds=kinds,
        amount=amount,
        unit=unit,
        parts=MappingProxyType(parts),
        cost=cost,
        cost_scale=scale,
        ids=tuple(ids),
        times=tuple(times),
        keys=tuple(column for column in keys if column not in (*ids, *times)),
    )


def classify_cell(cell: str) -> str | None:
    """Return our field for the kind of tokens in a cell, which may have a model and a comma before it; "" for a kind
    that is left out, None for an unknown one."""
    kind = cell.rpartition(",")[2]
    other = _OTHERS.get(normalize_name(kind).replace(".", ""))
    if other is not None:
        return other
    return "cost_usd" if names_cost(kind) else classify_kind(kind)


def _holds_kinds(cells: Sequence[str]) -> bool:
    filled = {cell.strip() for cell in cells if cell.strip()}
    fields = {classify_cell(cell) for cell in filled}
    return len(filled) > 1 and None not in fields and bool(fields - {"", "requests"})


def _holds_signed_counts(cells: Sequence[str]) -> bool:
    return holds_counts([cell.strip().lstrip("-") for cell in cells])


def _get_last_key(column: str) -> str:
    return normalize_name(column).rpartition(".")[2]


def _find_first(columns: Sequence[str], names: Sequence[str]) -> str | None:
    by_name = {_get_last_key(column): column for column in reversed(columns)}
    return next((by_name[name] for name in names if name in by_name), None)


def _find_cost(others: Sequence[str], columns: Sequence[str], examples: Examples) -> tuple[str | None, str]:
    """Return the only column of costs whose cells are plain numbers, and what to multiply them with for dollars."""
    plain = [column for column in others if _are_plain(examples.get(column, ()))]
    millionths = [column for column in plain if _get_last_key(column) in _CREDITS]
    usual = {normalize_name(name) for name in USUAL_NAMES["cost_usd"]}
    costs = [column for column in plain if normalize_name(column) in usual or names_cost(column)]
    costs = [column for column in costs if is_in_dollars(column, columns, examples)]
    if len(costs) == 1:
        return costs[0], "1"
    return (millionths[0], "0.000001") if len(millionths) == 1 and not costs else (None, "1")


def _are_plain(cells: Sequence[str]) -> bool:
    filled = [cell.strip() for cell in cells if cell.strip()]
    return bool(filled) and all(map(_PLAIN.fullmatch, filled))


def _is_measured(column: str, examples: Examples) -> bool:
    """Whether a column has amounts of money or other figures, in which the rows of a request differ."""
    cells = [cell for cell in examples.get(column, ()) if cell.strip()]
    is_number = bool(cells) and all(map(_NUMBER.fullmatch, cells))
    return is_number and (_MONEY.search(column[:100]) is not None or normalize_name(column) in _AMOUNTS)
