"""Detect how times are written, from the whole column; moments.py reads them."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Final, Literal, NamedTuple

import duckdb

from core.i18n.text import Text, plural_text, text
from workloads.ingest.formats.base import Clock
from workloads.ingest.reading.moments import DATED_PATTERN, PLAIN_ISO, TimeFormat

_NUMERIC_DATE_PATTERN = r"^\s*(\d{1,2})[./-](\d{1,2})[./-]\d{4}"
_ZONED_PATTERN = r"\d:\d\d(:\d\d([.,]\d+)?)?\s*([zZ]|[+-]\d\d(:?\d\d)?|[A-Za-z/_]+)\s*$"
_LOCALES: Final = ("de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da")
_WIDTHS: Final[tuple[Literal["wide", "abbreviated"], ...]] = ("wide", "abbreviated")
_MAX_WORDS: Final = 1_000
_KNOWN_WORDS: Final = frozenset(
    [
        *("utc", "gmt", "cet", "cest", "est", "edt", "pst", "pdt"),
        *("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    ]
)
"""Words in times that are neither read as months of another language nor need to be."""
_UNUSUAL: Final = (
    (r"^\s*(\d{4})-(\d\d)\s*$", r"\1-\2-01"),  # a month
    (r"^\s*(\p{L}{3,9})\.?[ /-](\d{4})\s*$", r"1 \1 \2"),
    (r"^\s*(\p{L}{3,9})[-\x27](\d\d)\s*$", r"1 \1 20\2"),  # Excel's "Jan-26"
    (r"^\s*(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)", r"\1-\2-\3T\4:\5:\6"),
    (
        r"^\s*(?:[A-Za-z]{3} )?([A-Za-z]{3}) +(\d{1,2}) (\d\d:\d\d:\d\d) ?([A-Z]{3,4})? (\d{4})\s*$",
        r"\2 \1 \5 \3 \4",  # C's ctime
    ),
)
"""Patterns of times, and how to write them as others are."""
DAY_FIRST, MONTH_FIRST = "%d/%m/%Y", "%m/%d/%Y"
_MILLISECONDS_NOTE = text(
    "Times are small numbers and were read as milliseconds since the start of the log; dates and hours are unknown."
)
_SECONDS_NOTE = text(
    "Times are small numbers and were read as seconds since the start of the log; dates and hours are unknown."
)
_SERIAL_NOTE = text("Times are Excel's serial dates: days since the end of 1899, read as UTC.")
_FIRST_SERIAL, _LAST_SERIAL = 36_526, 73_415  # Excel's numbers of 1 January 2000 and 2101
RELATIVE_BELOW = 1e8  # seconds since 1970 this small would be before March 1973


class TimeColumn(NamedTuple):
    """Counts over all cells of the time column."""

    filled: int
    numbers: int
    least: float
    most: float
    slashed: int
    first: int
    second: int
    slashes: int
    naive: int


_NO_CELLS: Final = TimeColumn(0, 0, 0.0, 0.0, 0, 0, 0, 0, 0)


def build_timeless_format(con: duckdb.DuckDBPyConnection) -> TimeFormat:
    """Return the format for a log without times: all requests have the same time."""
    con.execute("CREATE OR REPLACE TEMP MACRO clean_time(x) AS x")
    note = text(
        "The log has no time column, so its span, rates and cache lifetimes are unknown and rows stay in file order. "
        "If a column holds the time, map it."
    )
    return TimeFormat(number="NULL::TIMESTAMP", order=DAY_FIRST, is_relative=True, notes=(note,))


def detect_time_format(
    con: duckdb.DuckDBPyConnection, clock: Clock, column: str, others: Sequence[str] = ()
) -> TimeFormat:
    """Detect how to read the text column `time` of `stage`, and the columns `others`; `column` is its name in the file.

    Defines the macro `clean_time(x)` where a time needs it.
    """
    cells, plain = _count_plain(con, others)
    if not plain.issuperset(("time", *others)):
        con.execute(f"CREATE OR REPLACE TEMP MACRO clean_time(x) AS {_build_clean_time(con)}")
    if "time" not in plain:
        cells = _measure_others(con, cells)
    order, order_notes = _detect_day_order(con, cells)
    number, is_relative, scale_notes = _detect_number_scale(cells, clock, column)
    zone_notes = (_describe_zones(cells),) if cells.naive and not is_relative else ()
    return TimeFormat(
        number=number,
        order=order,
        is_relative=is_relative,
        notes=(*scale_notes, *order_notes, *zone_notes),
        plain=plain,
        is_filled=cells.filled > 0,
        is_naive=not is_relative and 0 < cells.naive == cells.filled,
    )


def _build_clean_time(con: duckdb.DuckDBPyConnection) -> str:
    """Return SQL that writes the time `x` in one way: with four-digit years, English months, and offsets without the
    zone's name behind them."""
    clean = "regexp_replace(replace(x, ' @ ', ' '), '\\s*\\([^)]{2,60}\\)\\s*$', '')"
    clean = f"regexp_replace({clean}, '(\\d )(GMT|UTC)([+-]\\d)', '\\1\\3')"
    for pattern, written in _UNUSUAL:
        clean = f"regexp_replace({clean}, '{pattern}', '{written}')"
    clean = f"regexp_replace({clean}, '([+-]\\d\\d:?\\d\\d)\\s+[A-Za-z]{{2,5}}( m=.*)?\\s*$', '\\1')"
    clean = f"regexp_replace({clean}, '^(\\s*\\d{{1,2}}[/.-]\\d{{1,2}}[/.-])(\\d\\d)(\\D|$)', '\\120\\2\\3')"
    for word, month in _find_foreign_months(con).items():
        clean = f"regexp_replace({clean}, '{word}\\.?', '{month}', 'i')"
    return clean


def _find_foreign_months(con: duckdb.DuckDBPyConnection) -> Mapping[str, str]:
    """Return the words in the column `time` that are months in other languages, the longest first, with the English
    ones."""
    rows = con.execute(
        f"""SELECT DISTINCT word FROM (
            SELECT unnest(regexp_extract_all(lower("time"), '\\p{{L}}{{3,}}')) AS word FROM stage
            WHERE NOT regexp_full_match("time", '{PLAIN_ISO}'))
        LIMIT {_MAX_WORDS}"""
    ).fetchall()
    known = _list_foreign_months() if any(word not in _KNOWN_WORDS for (word,) in rows) else {}
    found = {word: known[word] for (word,) in rows if word in known}
    return {word: found[word] for word in sorted(found, key=len, reverse=True)}


def _list_foreign_months() -> Mapping[str, str]:
    """Return lower-case names and abbreviations of months in other languages, with the English abbreviation."""
    from babel.dates import get_month_names  # noqa: PLC0415 - it takes long to import, and few files need it

    english = get_month_names("abbreviated", locale="en")
    months: dict[str, str] = {}
    for locale, width in product(_LOCALES, _WIDTHS):
        for number, name in get_month_names(width, locale=locale).items():
            months.setdefault(name.lower().rstrip("."), english[number])
    return {name: month for name, month in months.items() if name not in {each.lower() for each in english.values()}}


def _count_plain(con: duckdb.DuckDBPyConnection, others: Sequence[str]) -> tuple[TimeColumn, frozenset[str]]:
    """Return the counts over the cells of `time` in plain ISO 8601, and the columns that have no others."""
    columns = ("time", *others)
    rest = ", ".join(f"count(*) FILTER (NOT regexp_full_match(\"{name}\", '{PLAIN_ISO}'))" for name in columns)
    filled, naive, *counts = con.execute(
        f"""SELECT count(*) FILTER (is_plain),
            count(*) FILTER (is_plain AND NOT ends_with("time", 'Z') AND right("time", 6)[1] NOT IN ('+', '-')), {rest}
        FROM (SELECT *, regexp_full_match("time", '{PLAIN_ISO}') AS is_plain FROM stage)"""
    ).fetchall()[0]
    return _NO_CELLS._replace(filled=filled, naive=naive), frozenset(
        name for name, count in zip(columns, counts, strict=True) if not count
    )


def _measure_others(con: duckdb.DuckDBPyConnection, plain: TimeColumn) -> TimeColumn:
    """Return the counts over all cells, from those over the plain ones."""
    dated = f"regexp_matches(clean, '{_NUMERIC_DATE_PATTERN}')"
    row = con.execute(
        f"""
        SELECT count(value(raw)), count(number), coalesce(min(number), 0), coalesce(max(number), 0),
            count(*) FILTER ({dated}),
            coalesce(max(try_cast(regexp_extract(clean, '{_NUMERIC_DATE_PATTERN}', 1) AS INT)), 0),
            coalesce(max(try_cast(regexp_extract(clean, '{_NUMERIC_DATE_PATTERN}', 2) AS INT)), 0),
            count(*) FILTER ({dated} AND contains(clean, '/')),
            count(*) FILTER (
                number IS NULL AND value(raw) IS NOT NULL
                AND (NOT regexp_matches(clean, '{_ZONED_PATTERN}') OR regexp_matches(clean, '[AaPp][Mm]\\s*$'))
            )
        FROM (
            SELECT "time" AS raw, number("time") AS number, clean_time("time") AS clean FROM stage
            WHERE NOT regexp_full_match("time", '{PLAIN_ISO}'))
        """
    ).fetchone()
    others = TimeColumn(*(row or ()))
    return others._replace(filled=others.filled + plain.filled, naive=others.naive + plain.naive)


def _describe_zones(cells: TimeColumn) -> Text:
    if cells.naive == cells.filled:
        return text("Times have no time zone and were read as UTC.")
    return plural_text(
        "{n:,} time of {filled:,} has no time zone and was read as UTC.",
        "{n:,} of {filled:,} times have no time zone and were read as UTC.",
        n=cells.naive,
        filled=cells.filled,
    )


def _detect_number_scale(cells: TimeColumn, clock: Clock, column: str) -> tuple[str, bool, tuple[Text, ...]]:
    """Return SQL for a time from the number {n}, whether it is relative, and notes for the user."""
    if clock is Clock.MILLISECONDS:
        return _build_offset_sql(1e3), True, ()
    if not cells.numbers or cells.numbers < cells.filled or cells.most >= RELATIVE_BELOW:
        is_written_out = cells.numbers == cells.filled and 20000101e6 <= cells.least <= cells.most < 21001232e6
        digits = "try_strptime({n}::BIGINT::VARCHAR, '%Y%m%d%H%M%S')"  # 20231116181703
        return (digits if is_written_out else _build_epoch_sql()), False, ()
    if cells.least >= 20000101 and cells.most <= 21001231:
        return "try_strptime({n}::BIGINT::VARCHAR, '%Y%m%d')", False, (text("Times are plain dates such as 20231116."),)
    if cells.least >= _FIRST_SERIAL and cells.most < _LAST_SERIAL:
        return "TIMESTAMP '1899-12-30' + to_microseconds(({n} * 86400000000)::BIGINT)", False, (_SERIAL_NOTE,)
    if column.lower().endswith("ms"):
        return _build_offset_sql(1e3), True, (_MILLISECONDS_NOTE,)
    return _build_offset_sql(1e6), True, (_SECONDS_NOTE,)


def _build_epoch_sql() -> str:
    units = "WHEN {n} >= 1e17 THEN {n} / 1e3 WHEN {n} >= 1e14 THEN {n} WHEN {n} >= 1e11 THEN {n} * 1e3 ELSE {n} * 1e6"
    return f"CASE WHEN {{n}} BETWEEN {RELATIVE_BELOW} AND 1e19 THEN make_timestamp((CASE {units} END)::BIGINT) END"


def _build_offset_sql(scale: float) -> str:
    return f"CASE WHEN {{n}} BETWEEN 0 AND 1e12 THEN make_timestamp(({{n}} * {scale})::BIGINT) END"


def _detect_day_order(con: duckdb.DuckDBPyConnection, cells: TimeColumn) -> tuple[str, tuple[Text, ...]]:
    """Detect whether 05/11/2023 begins with the day: by a number above 12, else by the shorter span of days."""
    if not cells.slashed or (cells.first > 12 >= cells.second):
        return DAY_FIRST, ()
    if cells.second > 12 >= cells.first:
        return MONTH_FIRST, ()
    days = {order: _measure_day_span(con, order) for order in (MONTH_FIRST, DAY_FIRST)}
    usual = MONTH_FIRST if cells.slashes else DAY_FIRST
    order = usual if days[MONTH_FIRST] == days[DAY_FIRST] else min(days, key=lambda candidate: days[candidate])
    if order == MONTH_FIRST:
        note = text("Dates such as 05/11/2023 are ambiguous here and were read as month first.")
    else:
        note = text("Dates such as 05/11/2023 are ambiguous here and were read as day first.")
    return order, (note,)


def _measure_day_span(con: duckdb.DuckDBPyConnection, order: str) -> float:
    written = f"regexp_replace(regexp_extract(clean, '{DATED_PATTERN}', 1), '[./-]', '/', 'g')"
    row = con.execute(
        f"""SELECT coalesce(date_diff('day', min(day), max(day)), 0) + 1e6 * count(*) FILTER (day IS NULL)
        FROM (
            SELECT try_strptime({written}, '{order}') AS day FROM (SELECT clean_time("time") AS clean FROM stage)
            WHERE regexp_matches(clean, '{_NUMERIC_DATE_PATTERN}'))"""
    ).fetchone()
    return float(row[0]) if row else 0.0
