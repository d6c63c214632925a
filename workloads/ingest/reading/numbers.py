"""Detect how a file writes numbers, and build the SQL that reads them: 1,234.5 or 1.234,5 or 1 234,5."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

import duckdb

from core.i18n.text import Text, text
from workloads.ingest.database import fetch_int
from workloads.ingest.fields import COUNT_FIELDS
from workloads.ingest.mapping import ColumnMapping
from workloads.ingest.reading.table import quote_identifier

_SPACES: Final = r"[ \x{00A0}\x{202F}\x{2009}\x{0027}\x{2019}]"
_PLAIN: Final = r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*"
_COMMA_GROUPS: Final = r"[+-]?\d{1,3}((,\d{2})*,\d{3}|(,\d{3})+)(\.\d*)?"
"""Also India's groups: 12,34,567."""
_SPACED_GROUPS: Final = rf"[+-]?\d{{1,3}}({_SPACES}\d{{3}})+([.,]\d*)?"
_DOT_GROUPS: Final = r"[+-]?\d{1,3}(\.\d{3})+"
_MANY_GROUPS: Final = r"[+-]?\d{1,3}(\.\d{3}){2,}"
_FRACTIONS: Final = r".*\.\d*[1-9]\d*"
_ABBREVIATED: Final = r"(\d{1,6}\.?\d{0,3}) ?[kKmMbB]"
_COMMA_DECIMAL: Final = r"[+-]?\d*,\d+"
_COMMA_COST: Final = r"[€$£]? ?[+-]?\d*,\d+ ?([€$£]|EUR|USD|CHF)?"
_PLAIN_COUNT: Final = r"(\d{1,8})?"
"""At most what a request can have (rejection_rules.MAX_TOKENS)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFormat:
    """How a file writes numbers. `macros` define `number(x)`, and `abbreviated(x)` if `is_abbreviated`: it has counts
    such as 33.0K. `plain`: the fields of counts whose cells all are empty or of one to eight digits, so that SQL for
    them needs no macro and no rule for what they can't be. Long SQL takes longer to plan than a small file to read."""

    macros: Mapping[str, str]
    plain: frozenset[str]
    is_abbreviated: bool

    def build_count_sql(self, mapping: ColumnMapping, field: str) -> str:
        """Return SQL for a count: in the unit that its column's name states, or written like 33.0K."""
        if field not in mapping.columns:
            return "NULL::DOUBLE"
        if field in self.plain:
            return f"try_cast({field} AS DOUBLE)"
        if (unit := mapping.get_unit(field)) > 1:
            return f"round(number({field}) * {unit})"
        return f"coalesce(number({field}), abbreviated({field}))" if self.is_abbreviated else f"number({field})"

    def build_value_sql(self, field: str) -> str:
        """Return SQL for a count's cell, NULL if it has no value."""
        return f"nullif({field}, '')" if field in self.plain else f"value({field})"


def detect_number_format(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> NumberFormat:
    """Detect how the counts and costs in `stage` are written.

    A count of tokens is a whole number: 4.000 is four thousand if every cell with a dot has groups of three, and either
    one of them is no whole number otherwise, or costs or a column that isn't read have a decimal comma.
    """
    read = [field for field in COUNT_FIELDS if field in mapping.columns]
    plain = _list_plain(con, [field for field in read if mapping.get_unit(field) == 1])
    others = [field for field in read if field not in plain]
    counts = [field for field in others if mapping.get_unit(field) == 1]
    costs = [field for field in ("cost_usd",) if field in mapping.columns]
    commas = _count_cells(con, costs, ",", _COMMA_COST)
    dotted = _count_cells(con, counts, ".")
    is_comma = mapping.has_decimal_commas or bool(commas) or (dotted > 0 and _has_groups_only(con, counts, dotted))
    is_abbreviated = _has_abbreviated(con, others)
    macros = {**_build_macros(decimal_comma=is_comma), **(_build_abbreviated_macro() if is_abbreviated else {})}
    return NumberFormat(macros=MappingProxyType(macros), plain=plain, is_abbreviated=is_abbreviated)


def _list_plain(con: duckdb.DuckDBPyConnection, fields: Sequence[str]) -> frozenset[str]:
    if not fields:
        return frozenset()
    others = ", ".join(f"count(*) FILTER (NOT regexp_full_match({field}, '{_PLAIN_COUNT}'))" for field in fields)
    row = con.execute(f"SELECT {others} FROM stage").fetchone() or ()
    return frozenset(field for field, count in zip(fields, row, strict=True) if not count)


def _has_groups_only(con: duckdb.DuckDBPyConnection, counts: Sequence[str], dotted: int) -> bool:
    """Whether dots must be thousands: all `dotted` cells have groups of three, and one would be a fraction or has more
    than one dot."""
    has_groups = _count_cells(con, counts, ".", _DOT_GROUPS) == dotted
    return has_groups and _count_cells(con, counts, ".", f"{_FRACTIONS}|{_MANY_GROUPS}") > 0


def _has_abbreviated(con: duckdb.DuckDBPyConnection, fields: Sequence[str]) -> bool:
    """Whether a count ends with the letter of an abbreviation; nearly all end with a digit, which is found fast."""
    endings = [f"lower(right(rtrim({cell}), 1)) IN ('k', 'm', 'b')" for cell in map(quote_identifier, fields)]
    return bool(endings) and fetch_int(con, f"SELECT count(*) FROM stage WHERE {' OR '.join(endings)}") > 0


def _build_abbreviated_macro() -> Mapping[str, str]:
    """Return the macro that reads counts as dashboards write them: 33.0K, 1.2 M."""
    number = f"""CASE WHEN regexp_full_match(trim(x), '{_ABBREVIATED}')
        THEN round(try_cast(regexp_extract(trim(x), '{_ABBREVIATED}', 1) AS DOUBLE)
            * CASE lower(right(trim(x), 1)) WHEN 'k' THEN 1e3 WHEN 'm' THEN 1e6 ELSE 1e9 END)
    END"""
    return MappingProxyType({"abbreviated(x)": number})


def _count_cells(con: duckdb.DuckDBPyConnection, fields: Sequence[str], sign: str, pattern: str = ".*") -> int:
    """Return how many cells of the fields have the sign, and match the pattern.

    Few cells have the sign, and it is found much faster than a pattern.
    """
    if not fields:
        return 0
    matches = " + ".join(
        f"count(*) FILTER (contains({cell}, '{sign}') AND regexp_full_match(trim({cell}), '{pattern}'))"
        for cell in map(quote_identifier, fields)
    )
    return fetch_int(con, f"SELECT {matches} FROM stage")


def _build_macros(*, decimal_comma: bool) -> Mapping[str, str]:
    bare = f"""CASE WHEN regexp_full_match(trim(x), '{_SPACED_GROUPS}')
        THEN regexp_replace(x, '{_SPACES}', '', 'g') ELSE trim(x) END"""
    if decimal_comma:
        number = f"""try_cast(CASE
            WHEN regexp_full_match(trim(x), '{_DOT_GROUPS}(,\\d+)?') THEN replace(replace(trim(x), '.', ''), ',', '.')
            WHEN regexp_full_match({bare}, '{_COMMA_DECIMAL}') THEN replace({bare}, ',', '.')
            WHEN regexp_full_match({bare}, '{_PLAIN}') THEN {bare}
        END AS DOUBLE)"""
    else:
        number = f"""try_cast(CASE
            WHEN regexp_full_match(x, '{_PLAIN}') THEN x
            WHEN regexp_full_match(trim(x), '{_COMMA_GROUPS}') THEN replace(x, ',', '')
            WHEN regexp_full_match({bare}, '{_PLAIN}') THEN {bare}
        END AS DOUBLE)"""
    return MappingProxyType({"number(x)": number})


class DurationUnit(Enum):
    """The unit of a duration without one in its name. The value: its milliseconds, and medians below which it is it.

    The median call of a model takes neither 50 s nor 50 ms, no 5 minutes and no 0.1 s."""

    SECONDS = (1_000.0, 50.0)
    MILLISECONDS = (1.0, 300_000.0)
    MICROSECONDS = (0.001, 100_000_000.0)
    NANOSECONDS = (0.000_001, float("inf"))

    @property
    def milliseconds(self) -> float:
        return self.value[0]

    @property
    def below(self) -> float:
        return self.value[1]


def build_duration_sql(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, field: str, ending: str) -> str:
    """Return SQL for a duration in ms: `field`_ms, `field`_s, `field` (unit by its median) or the time to `ending`,
    whose moment is the column `ending`_at."""
    ways = {f"{field}_ms": f"span({field}_ms)", f"{field}_s": f"span({field}_s) * 1000"}
    ways[field] = f"span({field}) * {detect_unit(con, field).milliseconds if field in mapping.columns else 1}"
    ways[ending] = f"""CASE WHEN {ending}_at >= "at" THEN date_diff('microsecond', "at", {ending}_at) / 1000 END"""
    read = [way for name, way in ways.items() if name in mapping.columns]
    return f"coalesce({', '.join(read)})" if read else "NULL"


def detect_unit(con: duckdb.DuckDBPyConnection, field: str) -> DurationUnit:
    """Return the unit of a column without one in its name, by its median."""
    row = con.execute(f"SELECT median(number({field})) FROM cells").fetchone()
    if row is None or row[0] is None:
        return DurationUnit.MILLISECONDS
    return next(unit for unit in DurationUnit if row[0] < unit.below)


def derive_counts(mapping: ColumnMapping, sql: Mapping[str, str]) -> dict[str, str]:
    """Return SQL for the count of the derived field, from that of each field; empty if none is derived."""
    derived = mapping.derived_field
    return {} if derived is None else {derived: f"{sql['total_tokens']} - {sql[_get_other(derived)]}"}


def describe_derived(mapping: ColumnMapping) -> tuple[Text, ...]:
    """Return a note on tokens that no column has, but two others tell."""
    if (derived := mapping.derived_field) is None:
        return ()
    total, other = mapping.columns["total_tokens"], mapping.columns[_get_other(derived)]
    if derived == "input_tokens":
        return (
            text('No column has the input, so it was computed: "{total}" minus "{other}".', total=total, other=other),
        )
    return (text('No column has the output, so it was computed: "{total}" minus "{other}".', total=total, other=other),)


def _get_other(field: str) -> str:
    return "output_tokens" if field == "input_tokens" else "input_tokens"
