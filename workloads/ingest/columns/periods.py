"""Read the names of periods, whose rows are sums: "Q1 2026", "2026-H1", "KW 12 2026", "2026-W12", "2026-03-02 to
2026-03-08". A row bears the first day of its period."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

import duckdb

MAX_LENGTH: Final = 40
_MAX_PERIODS: Final = 5_000
"""Different periods in a file; more are no periods of a table that somebody reads."""

_BETWEEN: Final = re.compile(r"[\s/,.'\u2019_\u2013-]+")
_YEAR: Final = r"(?P<year>20\d\d)"
_LENGTHS: Final = (
    (r"(?:q|t|qtr|quarter|quartal|trimestre|trim|kwartaal)", r"(?P<number>[1-4])", 3),
    (r"(?:h|hy|half|halbjahr|semestre|semester)", r"(?P<number>[12])", 6),
    (r"(?:w|wk|kw|cw|week|woche|kalenderwoche|semaine|semana|settimana)", r"(?P<number>0?[1-9]|[1-4]\d|5[0-3])", 0),
)
_ORDINAL: Final = r"(?:st|nd|rd|th|er|ere|e|o|º|°)?"
_FORMS: Final = tuple(
    (re.compile(form), months)
    for name, number, months in _LENGTHS
    for form in (
        rf"{name} ?{number} {_YEAR}",
        rf"{_YEAR} ?{name} ?{number}",
        rf"{number}{_ORDINAL} ?{name} ?{_YEAR}",
        rf"{name} ?{number} (?P<short>[23]\d)",
    )
)
"""Patterns of a period in small letters with one blank for all that separates; and its months, 0 for a week."""

_DAY: Final = r"(?:\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{4})"
_RANGE: Final = re.compile(rf"({_DAY}) ?(?:-|\u2013|\u2014|to|bis|au|al|a|/|\.\.) ?({_DAY})")


def parse_period(cell: str) -> str | None:
    """Return the first day of the period that a cell names, as it can be read as a time; None for another cell."""
    words = cell.strip()
    if not 5 <= len(words) <= MAX_LENGTH:
        return None
    lower = words.lower()
    if (found := _RANGE.fullmatch(lower)) is not None:
        return found[1]
    plain = _BETWEEN.sub(" ", lower).strip()
    for form, months in _FORMS:
        if (match := form.fullmatch(plain)) is not None:
            return _get_first_day(match, months)
    return None


def _get_first_day(match: re.Match[str], months: int) -> str | None:
    parts = match.groupdict()
    year = int(parts.get("year") or f"20{parts['short']}")
    number = int(parts["number"])
    try:
        first = date.fromisocalendar(year, number, 1) if not months else date(year, (number - 1) * months + 1, 1)
    except ValueError:  # a year without a 53rd week
        return None
    return first.isoformat()


def are_periods(cells: Sequence[str]) -> bool:
    """Whether all cells that have a value name periods."""
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and all(parse_period(cell) is not None for cell in filled)


def write_period_starts(con: duckdb.DuckDBPyConnection) -> None:
    """Put the first day of its period in place of each cell of the column `time` of `stage` that names one."""
    rows = con.execute(
        f'SELECT DISTINCT "time" FROM stage WHERE length("time") <= {MAX_LENGTH} LIMIT {_MAX_PERIODS}'
    ).fetchall()
    days = [(cell, day) for (cell,) in rows if (day := parse_period(cell)) is not None]
    if not days:
        return
    con.execute("CREATE OR REPLACE TEMP TABLE period_starts (cell VARCHAR, day VARCHAR)")
    con.executemany("INSERT INTO period_starts VALUES (?, ?)", days)
    con.execute('UPDATE stage SET "time" = day FROM period_starts WHERE "time" = cell')
    con.execute("DROP TABLE period_starts")
