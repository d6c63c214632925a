"""How a log writes its times, decided from the whole column, and the SQL that reads them as UTC.

ISO 8601 with or without zone, numbers since 1970 or since the log's start, dates with slashes, dots or month names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import duckdb

from netra.language.text import Text, counted, text
from workloads.formats.base import Clock

# A cast to TIMESTAMP would silently drop "+02:00"; a cast to TIMESTAMPTZ takes it into account.
_ISO = "try_cast({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC'"
_DATED = (
    r"^\s*(?:[A-Za-z]{3,9},\s*)?"
    r"((?:\d{1,2}|[A-Za-z]{3,9})[ ./,-]+(?:\d{1,2}|[A-Za-z]{3,9})[ ./,-]+\d{4})[ ,T:]*(.*?)\s*$"
)
_NUMERIC_DATE = r"^\s*(\d{1,2})[./-](\d{1,2})[./-]\d{4}"
_ZONED = r"\d:\d\d(:\d\d([.,]\d+)?)?\s*([zZ]|[+-]\d\d(:?\d\d)?|[A-Za-z/_]+)\s*$"
DAY_FIRST, MONTH_FIRST = "%d/%m/%Y", "%m/%d/%Y"
_MILLISECONDS = text(
    "Times are small numbers: they were read as milliseconds from the log's start, so no date or hour of day is known."
)
_SECONDS = text(
    "Times are small numbers: they were read as seconds from the log's start, so no date or hour of day is known."
)
RELATIVE_BELOW = 1e8  # seconds since 1970 this small would be before March 1973


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`macros` define `moment(x)`: a TIMESTAMP (UTC) from a text cell, NULL where it cannot be read."""

    macros: Mapping[str, str]
    relative: bool
    notes: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What the cells of the time column look like, counted over the whole file."""

    filled: int
    numbers: int
    least: float
    most: float
    slashed: int
    first: int
    second: int
    slashes: int
    naive: int


def no_clock() -> Reading:
    """For a log without times: every request stands at one and the same moment."""
    note = text(
        "The log has no time column: span, rates, cache lifetimes and order are unknown, and the file's order is kept. "
        "If a column holds the time, say which."
    )
    return Reading(macros=_macros("NULL::TIMESTAMP", DAY_FIRST), relative=True, notes=(note,))


def read_clock(con: duckdb.DuckDBPyConnection, clock: Clock, column: str) -> Reading:
    """How to read the text column `time` of the view `cells`; `column` is its name in the file."""
    seen = _look(con)
    order, assumed = _day_order(con, seen)
    number, relative, known = _numbers(seen, clock, column)
    zones = (_zone_note(seen),) if seen.naive and not relative else ()
    return Reading(macros=_macros(number, order), relative=relative, notes=(*known, *assumed, *zones))


def _look(con: duckdb.DuckDBPyConnection) -> Column:
    row = con.execute(
        f"""
        SELECT count(value("time")), count(number("time")),
            coalesce(min(number("time")), 0), coalesce(max(number("time")), 0),
            count(*) FILTER (regexp_matches("time", '{_NUMERIC_DATE}')),
            coalesce(max(try_cast(regexp_extract("time", '{_NUMERIC_DATE}', 1) AS INT)), 0),
            coalesce(max(try_cast(regexp_extract("time", '{_NUMERIC_DATE}', 2) AS INT)), 0),
            count(*) FILTER (regexp_matches("time", '{_NUMERIC_DATE}') AND contains("time", '/')),
            count(*) FILTER (
                number("time") IS NULL AND value("time") IS NOT NULL
                AND (NOT regexp_matches("time", '{_ZONED}') OR regexp_matches("time", '[AaPp][Mm]\\s*$'))
            )
        FROM cells
        """
    ).fetchone()
    names = ("filled", "numbers", "least", "most", "slashed", "first", "second", "slashes", "naive")
    return Column(**dict(zip(names, row or (), strict=True)))


def _zone_note(seen: Column) -> Text:
    if seen.naive == seen.filled:
        return text("Times carry no zone: they were read as UTC.")
    return counted(
        "{n:,} time of {filled:,} carries no zone: it was read as UTC.",
        "{n:,} times of {filled:,} carry no zone: those were read as UTC.",
        n=seen.naive,
        filled=seen.filled,
    )


def _numbers(seen: Column, clock: Clock, column: str) -> tuple[str, bool, tuple[Text, ...]]:
    """SQL for a time from the number `n`, whether it is relative, and what to note."""
    if clock is Clock.MILLISECONDS:
        return _offset(1e3), True, ()
    if not seen.numbers or seen.numbers < seen.filled or seen.most >= RELATIVE_BELOW:
        return _epoch(), False, ()
    if seen.least >= 20000101 and seen.most <= 21001231:
        return "try_strptime(n::BIGINT::VARCHAR, '%Y%m%d')", False, (text("Times are bare dates such as 20231116."),)
    if column.lower().endswith("ms"):
        return _offset(1e3), True, (_MILLISECONDS,)
    return _offset(1e6), True, (_SECONDS,)


def _epoch() -> str:
    micros = "CASE WHEN n >= 1e17 THEN n / 1e3 WHEN n >= 1e14 THEN n WHEN n >= 1e11 THEN n * 1e3 ELSE n * 1e6 END"
    return f"CASE WHEN n BETWEEN {RELATIVE_BELOW} AND 1e19 THEN make_timestamp(({micros})::BIGINT) END"


def _offset(scale: float) -> str:
    return f"CASE WHEN n BETWEEN 0 AND 1e12 THEN make_timestamp((n * {scale})::BIGINT) END"


def _day_order(con: duckdb.DuckDBPyConnection, seen: Column) -> tuple[str, tuple[Text, ...]]:
    """Whether 05/11/2023 begins with the day or the month: as one number above 12 tells, else as spans less."""
    if not seen.slashed or (seen.first > 12 >= seen.second):
        return DAY_FIRST, ()
    if seen.second > 12 >= seen.first:
        return MONTH_FIRST, ()
    days = {order: _days(con, order) for order in (MONTH_FIRST, DAY_FIRST)}
    usual = MONTH_FIRST if seen.slashes else DAY_FIRST
    order = usual if days[MONTH_FIRST] == days[DAY_FIRST] else min(days, key=lambda one: days[one])
    if order == MONTH_FIRST:
        note = text("Dates such as 05/11/2023 do not tell day from month here: they were read as month first.")
    else:
        note = text("Dates such as 05/11/2023 do not tell day from month here: they were read as day first.")
    return order, (note,)


def _days(con: duckdb.DuckDBPyConnection, order: str) -> float:
    day = f"try_strptime(regexp_replace(regexp_extract(\"time\", '{_DATED}', 1), '[./-]', '/', 'g'), '{order}')"
    row = con.execute(
        f"""SELECT coalesce(date_diff('day', min({day}), max({day})), 0) + 1e6 * count(*) FILTER ({day} IS NULL)
        FROM cells WHERE regexp_matches("time", '{_NUMERIC_DATE}')"""
    ).fetchone()
    return float(row[0]) if row else 0.0


def _macros(number: str, order: str) -> Mapping[str, str]:
    orders = [order, "%d/%b/%Y", "%d/%B/%Y", "%b/%d/%Y", "%B/%d/%Y"]
    day = f"try_strptime(regexp_replace(regexp_extract(x, '{_DATED}', 1), '[ ./,-]+', '/', 'g'), {orders})"
    rest = f"regexp_extract(x, '{_DATED}', 2)"
    twelve = f"try_strptime({rest}, ['%I:%M:%S %p', '%I:%M %p', '%I:%M:%S.%f %p'])"
    # A space before an offset is nothing that a cast understands.
    hour = f"coalesce(strftime({twelve}, '%H:%M:%S.%f'), regexp_replace({rest}, '\\s+([+-])', '\\1'))"
    iso = _ISO.format(text="replace(trim(x), ',', '.')")
    dated = _ISO.format(text=f"trim(strftime({day}, '%Y-%m-%d') || ' ' || {hour})")
    moment = f"""CASE
        WHEN number(x) IS NOT NULL THEN instant(number(x))
        WHEN regexp_matches(x, '^\\s*\\d{{4}}[-/]') THEN {iso}
        WHEN regexp_matches(x, '{_DATED}') THEN {dated}
    END"""
    return MappingProxyType({"instant(n)": number, "moment(x)": moment})
