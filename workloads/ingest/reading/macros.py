"""SQL that reads one text cell: macros, numbers as a file writes them (1,234.5 or 1.234,5 or 1 234,5), and durations.

Each macro returns NULL for a cell that is blank or unreadable."""

import re
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

import duckdb

from workloads.ingest.database import fetch_int
from workloads.ingest.fields import COUNT_FIELDS
from workloads.ingest.mapping import ColumnMapping
from workloads.ingest.reading.table import quote_identifier

_SPACES: Final = r"[ \x{00A0}\x{202F}\x{2009}\x{0027}\x{2019}]"
_PLAIN: Final = r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*"
_COMMA_GROUPS: Final = r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?"
_SPACED_GROUPS: Final = rf"[+-]?\d{{1,3}}({_SPACES}\d{{3}})+([.,]\d*)?"
_DOT_GROUPS: Final = r"[+-]?\d{1,3}(\.\d{3})+"
_FRACTIONS: Final = r".*\.\d*[1-9]\d*"
_ABBREVIATED: Final = r"(\d{1,6}\.?\d{0,3}) ?[kKmMbB]"
_COMMA_DECIMAL: Final = r"[+-]?\d*,\d+"

_SUCCESS_WORDS = (
    "success",
    "succeeded",
    "successful",
    "ok",
    "complete",
    "completed",
    "done",
    "finished",
    "stop",
    "default",
)
_FAILURE_WORDS = (
    "failure",
    "failed",
    "fail",
    "error",
    "errored",
    "timeout",
    "timed_out",
    "cancelled",
    "canceled",
    "aborted",
)


def match_one_of(*words: str) -> str:
    """Return an SQL condition that `x` is one of the words, ignoring case and surrounding blanks."""
    # Not IN: DuckDB turns many constants into a join, and a join does not keep the order of rows.
    return f"regexp_full_match(x, '(?i)\\s*({'|'.join(map(re.escape, words))})\\s*')"


MACROS: Mapping[str, str] = MappingProxyType(
    {
        "word(x)": "nullif(trim(x), '')",
        # A name that is cut gets a hash, so that it stays different from others with the same beginning.
        "short(x)": "CASE WHEN length(x) > 200 THEN left(x, 160) || '… ' || md5(x) ELSE x END",
        "value(x)": f"CASE WHEN NOT {match_one_of('', 'null', 'none', 'nan', 'n/a', '-')} THEN trim(x) END",
        "number(x)": f"""try_cast(CASE
            WHEN regexp_full_match(x, '{_PLAIN}') THEN x
            WHEN regexp_full_match(trim(x), '{_COMMA_GROUPS}') THEN replace(x, ',', '')
        END AS DOUBLE)""",
        "abbreviated(x)": "NULL::DOUBLE",  # detect_number_macros replaces it where a file has such counts
        "span(x)": "CASE WHEN number(x) >= 0 THEN number(x) END",
        "flag(x)": f"""CASE
            WHEN {match_one_of("true", "t", "yes", "y", "1", "1.0", "on")} THEN true
            WHEN {match_one_of("false", "f", "no", "n", "0", "0.0", "off")} THEN false
        END""",
        # An HTTP code, or one of the words that gateways write.
        "succeeded(x)": f"""CASE
            WHEN number(x) BETWEEN 100 AND 599 THEN number(x) < 400
            WHEN {match_one_of(*_SUCCESS_WORDS, "debug", "true")} THEN true
            WHEN {match_one_of(*_FAILURE_WORDS, "rate_limited", "exception", "false")} THEN false
        END""",
        # In the price list's words; NULL for the standard tier, and for words that are no tier.
        "service_tier(x)": f"""CASE
            WHEN {match_one_of("batch", "batched", "batch_api")} THEN 'batch'
            WHEN {match_one_of("flex")} THEN 'flex'
            WHEN {match_one_of("priority")} THEN 'priority'
            WHEN {match_one_of("fast")} THEN 'fast'
            WHEN {match_one_of("scale", "provisioned", "reserved")} THEN lower(trim(x))
        END""",
        "items(x)": "CASE WHEN json_valid(x) AND trim(x) LIKE '[%' THEN json_extract_string(x, '$[*]') END",
        # The only element of a list, or what is no list.
        "single(x)": "CASE WHEN items(x) IS NULL THEN x WHEN len(items(x)) = 1 THEN items(x)[1] END",
        "offered(x)": """CASE
            WHEN flag(x) IS NOT NULL THEN flag(x)
            WHEN number(x) IS NOT NULL THEN number(x) > 0
            WHEN items(x) IS NOT NULL THEN len(items(x)) > 0
            ELSE value(x) IS NOT NULL AND trim(x) <> '{}'
        END""",
        # Gateways add tags of their own ("User-Agent: ...") in front of the user's.
        "tag(x)": """CASE
            WHEN items(x) IS NOT NULL
                THEN word(list_filter(items(x), lambda one: NOT starts_with(one, 'User-Agent'))[1])
            ELSE word(x)
        END""",
        "chain(x)": """nullif(CASE
            WHEN trim(x) LIKE '[%' AND json_valid(x) THEN json_extract_string(x, '$[*]')
            ELSE list_filter(regexp_split_to_array(x, '[\\s,;|]+'), lambda one: one <> '')
        END, CAST([] AS VARCHAR[]))""",
        "money(x)": "try_cast(span(trim(x, ' $€')) AS DECIMAL(18, 9))",
    }
)
"""Macros with their parameters and bodies; later ones use earlier ones."""


def install_macros(con: duckdb.DuckDBPyConnection, macros: Mapping[str, str] = MACROS) -> None:
    """Define the macros on this connection."""
    for head, body in macros.items():
        con.execute(f"CREATE OR REPLACE TEMP MACRO {head} AS {body}")


def detect_number_macros(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> Mapping[str, str]:
    """Return the macro `number(x)` for the file's way, from the counts and costs in `stage`, and `abbreviated(x)` if it
    has counts such as 33.0K.

    A count of tokens is a whole number: 4.000 is four thousand if every cell with a dot has groups of three, and either
    one of them is no whole number otherwise, or costs have a decimal comma.
    """
    read = [field for field in COUNT_FIELDS if field in mapping.columns]
    counts = [field for field in read if mapping.get_unit(field) == 1]
    costs = [field for field in ("cost_usd",) if field in mapping.columns]
    commas = _count_cells(con, costs, ",", _COMMA_DECIMAL)
    dotted = _count_cells(con, counts, ".")
    abbreviated = _build_abbreviated_macro() if _has_abbreviated(con, read) else {}
    if not dotted:
        return {**_build_macros(decimal_comma=bool(commas)), **abbreviated}
    has_groups = _count_cells(con, counts, ".", _DOT_GROUPS) == dotted
    has_fractions = _count_cells(con, counts, ".", _FRACTIONS) > 0
    is_comma = bool(commas) or (has_groups and has_fractions)
    return {**_build_macros(decimal_comma=is_comma), **abbreviated}


def _has_abbreviated(con: duckdb.DuckDBPyConnection, fields: list[str]) -> bool:
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


def _count_cells(con: duckdb.DuckDBPyConnection, fields: list[str], sign: str, pattern: str = ".*") -> int:
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
