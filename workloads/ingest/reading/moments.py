"""The SQL that reads moments, in the way that times.py detects from the whole column."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.i18n.text import Text

# A cast to TIMESTAMP would silently drop "+02:00"; a cast to TIMESTAMPTZ takes it into account.
_ISO_SQL = "try_cast({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC'"
PLAIN_ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?"
"""What most files have. It is read without further regular expressions."""

DATED_PATTERN = (
    r"^\s*(?:[A-Za-z]{3,9}(?:,\s*|\s+))?"
    r"((?:\d{1,2}|[A-Za-z]{3,9})[ ./,-]+(?:\d{1,2}|[A-Za-z]{3,9})[ ./,-]+\d{4})[ ,T:]*(.*?)\s*$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeFormat:
    """How to read times: ISO 8601 with or without zone, numbers since 1970 or since the start of the log, and dates
    with slashes, dots or month names.

    `number`: SQL for the time from a number, which stands in it as {n}. `order`: of day and month. `plain`: columns
    that have nothing but ISO 8601 as most files have it.
    """

    number: str
    order: str
    is_relative: bool
    notes: tuple[Text, ...]
    plain: frozenset[str] = frozenset()
    is_filled: bool = False  # the column `time` has values
    is_naive: bool = False  # no time has a time zone: all were read as UTC


def build_moments_sql(clock: TimeFormat, columns: Mapping[str, str], relation: str) -> str:
    """Return SQL for the rows of `relation` with the moments in its text columns, by their new names: a TIMESTAMP in
    UTC, NULL if it is unreadable.

    What a moment is read from has a column of its own first: a macro would plan it anew wherever it occurs.
    """
    moments = {name: _build_plain_sql(column) for name, column in columns.items()}
    others = [name for name, column in columns.items() if column not in clock.plain]
    for name in others:
        relation = _add_column(f"{name} text", _build_clean_sql(columns[name]), relation)
    for name in others:
        relation = _add_column(f"{name} number", f'number("{name} text")', relation)
        read = _build_moment_sql(clock, f'"{name} text"', f'"{name} number"')
        moments[name] = f'CASE WHEN "{name} text" IS NULL THEN {moments[name]} ELSE {read} END'
    added = "".join(f', {sql} AS "{name}"' for name, sql in moments.items())
    return f"SELECT *{added} FROM {relation}"


def _add_column(name: str, sql: str, relation: str) -> str:
    return f'(SELECT *, {sql} AS "{name}" FROM {relation})'


def _build_plain_sql(column: str) -> str:
    return _ISO_SQL.format(text=f'"{column}"')


def _build_clean_sql(column: str) -> str:
    return f"""CASE WHEN NOT regexp_full_match("{column}", '{PLAIN_ISO}') THEN clean_time("{column}") END"""


def _build_moment_sql(clock: TimeFormat, text: str, number: str) -> str:
    """Return SQL for the moment from the columns with a cleaned text and its number."""
    orders = [clock.order, "%d/%b/%Y", "%d/%B/%Y", "%b/%d/%Y", "%B/%d/%Y"]
    day = f"try_strptime(regexp_replace(regexp_extract({text}, '{DATED_PATTERN}', 1), '[ ./,-]+', '/', 'g'), {orders})"
    rest = f"regexp_extract({text}, '{DATED_PATTERN}', 2)"
    twelve = f"try_strptime({rest}, ['%I:%M:%S %p', '%I:%M %p', '%I:%M:%S.%f %p'])"
    # A cast does not understand a space before an offset.
    hour = f"coalesce(strftime({twelve}, '%H:%M:%S.%f'), regexp_replace({rest}, '\\s+([+-])', '\\1'))"
    iso = _ISO_SQL.format(text=f"regexp_replace(replace(trim({text}), ',', '.'), '\\s+([+-])', '\\1')")
    dated = _ISO_SQL.format(text=f"trim(strftime({day}, '%Y-%m-%d') || ' ' || {hour})")
    return f"""CASE
        WHEN {number} IS NOT NULL THEN {clock.number.format(n=number)}
        WHEN regexp_matches({text}, '^\\s*\\d{{4}}[-/]') THEN {iso}
        WHEN regexp_matches({text}, '{DATED_PATTERN}') THEN {dated}
    END"""
