"""Collect the figures of a tool's result: of a typed value, of a table with units, or of plain JSON data.

The names beside a figure are those of its row, so that a number can be told from that of another row."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from agents.answers.backing.collected import CollectedResult, ResultFigure, Unit, read_unit_name, to_number
from agents.answers.backing.names import Name, split_name
from agents.answers.backing.quantities import find_quantities
from agents.answers.backing.quantity import QuantityKind
from agents.answers.backing.result_tables import (
    MAX_NAME,
    collect_comparison,
    collect_difference,
    collect_row,
    collect_table,
    find_years,
    guess_row_units,
    is_date_name,
    iter_fields,
    read_number_text,
)
from core.i18n.text import FormattedNumber, Text

MAX_DEPTH = 12
_FIELD_UNITS: tuple[tuple[re.Pattern[str], QuantityKind, Decimal], ...] = (
    (re.compile(r"(?:^|_)percent(?:_|$)"), QuantityKind.SHARE, Decimal("0.01")),
    (re.compile(r"(?:^|_)(?:share|rate|fraction)(?:_|$)"), QuantityKind.SHARE, Decimal(1)),
    (re.compile(r"(?:^|_)ms$"), QuantityKind.TIME, Decimal(1)),
    (re.compile(r"(?:^|_)(?:usd|cost|spend|saving)s?$"), QuantityKind.MONEY, Decimal(1)),
    (re.compile(r"^(?:\w+_)?tokens$"), QuantityKind.TOKENS, Decimal(1)),
    (re.compile(r"^(?:\w+_)?requests$"), QuantityKind.REQUESTS, Decimal(1)),
    (re.compile(r"^(?:groups|rows|days|count)$"), QuantityKind.COUNT, Decimal(1)),
)
_AMOUNT = re.compile(r"before|after|whole_before|expected|low|high|known|amount|delta")
"""Fields that hold amounts of money, if their values are Decimals."""

_PERCENT: Unit = (QuantityKind.SHARE, Decimal("0.01"))
_PERCENT_FIELD = re.compile(r"\{(\w+)(?::[^{}]*)?\}[ \u00a0]?%")
_FIELD = re.compile(r"[a-z][a-z_]{0,60}")
_TABLE_FIELDS = frozenset(("columns", "rows", "listed", "total", "rest"))
_NO_NAMES = frozenset(("unit", "basis", "kind", "type", "sql", "formula", "title", "text", "description", "currency"))
_ECHOED = frozenset(("query", "shown", "arguments", "sql", "derivation", "derivations")) | frozenset(
    ("chart", "understood", "choices", "suggestions", "question")
)
_ECHOED_VALUES = frozenset(("value", "values"))
"""Fields that repeat what was asked for, which may be a model's own words: they back nothing. Values only in filters
and parameters of statements."""


def collect_result(result: object, number: int) -> CollectedResult:
    """Return the figures, names and years of a result; `number` tells its columns from those of other results."""
    found = CollectedResult()
    _collect(result, f"{number}", (), found, 0)
    return found


def _collect(value: object, path: str, names: tuple[Name, ...], found: CollectedResult, depth: int) -> None:
    found.left -= 1
    if found.left < 0 or depth > MAX_DEPTH:
        return
    if isinstance(value, Text):
        _collect_sentence(value, found)
    elif isinstance(value, date):
        found.years.add(value.year)
    elif isinstance(value, str):
        found.years.update(find_years(value))
    elif to_number(value) is not None:
        found.add(value, _guess_unit(path, value), names=names, column=path)
    elif isinstance(value, Sequence | set | frozenset):
        found.add_count(len(value))
        for item in value:
            if isinstance(item, str) and not isinstance(item, Text) and len(item) <= MAX_NAME:
                found.names.add(split_name(item))
            if isinstance(item, list | tuple) and depth <= MAX_DEPTH:
                collect_row(item, *guess_row_units(item, path), found)
            else:
                _collect(item, path, names, found, depth + 1)
    else:
        _collect_record(dict(iter_fields(value)), path, names, found, depth)


def _collect_record(
    record: Mapping[str, object], path: str, names: tuple[Name, ...], found: CollectedResult, depth: int
) -> None:
    listed = dict(iter_fields(record.get("listed")))
    if "columns" in record and collect_table({**listed, **record}, path, found):
        record = {key: item for key, item in record.items() if key not in _TABLE_FIELDS}
    if "groups" in record and "before" in record:
        record = collect_comparison(record, path, found)
    if "column" in record and "before" in record:
        record = collect_difference(record, path, found)
    if "value" in record and "unit" in record:
        label = str(record.get("name") or "")[:MAX_NAME]
        found.add(read_number_text(record["value"]), read_unit_name(record["unit"]), label=label)
        return
    beside = (*names, *_find_names(record))[-8:]
    found.names.update(beside)
    for key, item in record.items():
        if key in _ECHOED or (key in _ECHOED_VALUES and ("sql" in record or "field" in record)):
            continue
        own = () if _FIELD.fullmatch(key) else (split_name(key),)
        found.names.update(own)
        _collect(item, f"{path}.{key if not own else '*'}", (*beside, *own), found, depth + 1)


def _collect_sentence(sentence: Text, found: CollectedResult) -> None:
    """Collect the numbers that one of our own sentences is made with. Other texts, as a log's, give no figures."""
    for key, value in sentence.values.items():
        found.left -= 1
        if isinstance(value, Text) and found.left > 0:
            _collect_sentence(value, found)
        elif isinstance(value, FormattedNumber):
            for quantity in find_quantities(value[:MAX_NAME], (), (), decimal_comma=False):
                middles = [(each.low + each.high) / 2 for each in quantity.ranges]
                found.figures += [ResultFigure(value=middle, kind=quantity.kind) for middle in middles]
        else:
            found.add(value, _PERCENT if _is_percent(sentence.template, key) else (QuantityKind.PLAIN, Decimal(1)))


def _is_percent(template: str, key: str) -> bool:
    """Whether a sentence says that the number of this field is per cent: "{goal:g} % target"."""
    return any(match[1] == key for match in _PERCENT_FIELD.finditer(template))


def _find_names(record: Mapping[str, object]) -> Iterator[Name]:
    for key, item in record.items():
        if isinstance(item, str) and not isinstance(item, Text) and key not in _NO_NAMES and 0 < len(item) <= MAX_NAME:
            name = split_name(item)
            if name and not is_date_name(name):
                yield name


def _guess_unit(path: str, value: object) -> Unit:
    key = path.rpartition(".")[2]
    if isinstance(value, Decimal) and _AMOUNT.fullmatch(key):
        return QuantityKind.MONEY, Decimal(1)
    for pattern, kind, factor in _FIELD_UNITS:
        if pattern.search(key):
            return kind, factor
    return QuantityKind.PLAIN, Decimal(1)
