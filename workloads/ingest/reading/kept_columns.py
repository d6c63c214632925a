"""Columns of a file that no field is read from, but that divide its rows into few groups: kept, to allocate the spend.

A first sample of rows decides which columns are worth reading; all rows decide which are kept. Their values are short
words; columns with long texts, figures, times or secrets are not kept."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import duckdb

from core.redaction import SECRET_NAME, redact_text
from workloads.ingest.column_names import normalize_name
from workloads.ingest.mapping import ColumnMapping
from workloads.ingest.reading.table import FileTable, quote_identifier

MAX_KEPT_COLUMNS = 12
MAX_KEPT_VALUES = 200  # of one column
MAX_VALUE_LENGTH = 100
_MAX_NAME_LENGTH = 200
_MAX_CANDIDATES = 100
_MAX_CODES = 20  # of a column with numbers only, such as HTTP codes
_SAMPLED_ROWS = 2_000

_TEXT_NAME = re.compile(
    r"(?i)(?:^|[^a-z])(?:prompt|messages?|content|response|completion|answer|question|query|text|body|input|output|args"
    r"|arguments|instructions?|transcript|password|secret|authorization|signature)s?(?:$|[^a-z])"
)
"""Names of columns with what people or models wrote, whatever their values are."""

_MEASURE_NAME = re.compile(
    r"(?i)tok(?:en)?s?(?:$|[^a-z])|cost|price|spend|amount|usd|eur|latency|duration|elapsed|seconds|_ms$|_at$|date|time"
    r"|count|requests|bytes|size|ratio|percent|score|temperature|top_?[pk]"
)
"""Names of columns with figures, if their values are numbers."""

_PERIODS: Final[Mapping[str, int]] = MappingProxyType(
    {
        **dict.fromkeys(("hour", "hourly", "1h", "stunde"), 1),
        **dict.fromkeys(("day", "daily", "1d", "tag", "täglich"), 24),
        **dict.fromkeys(("week", "weekly", "7d", "1w", "woche", "wöchentlich"), 168),
        **dict.fromkeys(("month", "monthly", "30d", "1mo", "monat", "monatlich"), 720),
        **dict.fromkeys(("quarter", "quarterly", "quartal"), 2_160),
        **dict.fromkeys(("year", "yearly", "annual", "jahr"), 8_760),
    }
)
"""Names of periods, and about how many hours they have."""
_GRAIN_NAME = re.compile(r"(?i)granularity|grain$|aggregation|resolution|roll_?up|bucket_?(?:width|size)|period_?type")

_NUMBER = re.compile(r"[+-]?\d{1,30}(?:[.,]\d{1,30}){0,5}(?:[eE][+-]?\d{1,4})?%?")
_CLOCK = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.{0,40}")


def choose_candidates(con: duckdb.DuckDBPyConnection, table: FileTable, mapping: ColumnMapping) -> tuple[str, ...]:
    """Return the columns, by their names in the file, that are worth reading to the end; the file's order."""
    names = _list_unread_columns(table, mapping)
    if not names:
        return ()
    wanted = {_name_column(place): name for place, name in enumerate(names)}
    cut = ", ".join(f"left({cell}, {MAX_VALUE_LENGTH + 1})" for cell in map(quote_identifier, wanted))
    try:
        rows = con.execute(f"SELECT {cut} FROM ({table.build_query(wanted)}) LIMIT {_SAMPLED_ROWS}").fetchall()
    except duckdb.Error:
        return ()  # reading the rows will report the error
    chosen = (name for place, name in enumerate(names) if _can_allocate(name, [row[place] for row in rows]))
    return tuple(list(chosen)[:MAX_KEPT_COLUMNS])


def build_cells_sql(candidates: Sequence[str]) -> str:
    """Return SQL for the candidates' cells, for the end of a column list of `stage`; with a leading comma."""
    cells = (quote_identifier(_name_column(place)) for place in range(len(candidates)))
    return "".join(f", left({cell}, {MAX_VALUE_LENGTH + 1}) AS {cell}" for cell in cells)


def build_list_sql(candidates: Sequence[str]) -> str:
    """Return the candidates' columns in `stage`, `cells` and `typed`; with a leading comma."""
    return "".join(f", {quote_identifier(_name_column(place))}" for place in range(len(candidates)))


def get_sources(candidates: Sequence[str]) -> dict[str, str]:
    """Return the candidates' columns in `stage` with their names in the file."""
    return {_name_column(place): name for place, name in enumerate(candidates)}


def list_longer_periods(con: duckdb.DuckDBPyConnection, candidates: Sequence[str]) -> tuple[str, ...]:
    """Return SQL for the rows of longer periods, if a column names periods of several lengths and nothing else. It must
    be called so: "monthly" may also be a customer's plan."""
    named = [place for place, name in enumerate(candidates) if _GRAIN_NAME.search(name)]
    columns = [quote_identifier(_name_column(place)) for place in named]
    found = []
    for column in columns:
        word = f"lower(trim({column}))"
        # One more than there are names of periods is enough to tell that it has others.
        query = f"SELECT DISTINCT {word} FROM typed_rows WHERE why IS NULL LIMIT {len(_PERIODS) + 1}"
        rows = con.execute(query).fetchall()
        lengths = sorted({_PERIODS.get(str(name), 0) for (name,) in rows})
        if len(lengths) > 1 and lengths[0] > 0:
            shortest = ", ".join(f"'{name}'" for name, length in _PERIODS.items() if length == lengths[0])
            found.append(f"SELECT row FROM typed_rows WHERE why IS NULL AND {word} NOT IN ({shortest})")
    return tuple(found)


def write_kept(con: duckdb.DuckDBPyConnection, candidates: Sequence[str]) -> tuple[str, ...]:
    """Write the table `log.kept`: `row`, and k1, k2, ... for each column that all rows of `typed` divide into groups.

    Returns their names in the file. Without any, there is no table.
    """
    kept = [place for place, name in enumerate(candidates) if _divides_rows(con, name, _name_column(place))]
    if kept:
        cells = ", ".join(
            f"nullif(trim({quote_identifier(_name_column(place))}), '') AS k{number}"
            for number, place in enumerate(kept, start=1)
        )
        con.execute(f"CREATE TABLE log.kept AS SELECT row, {cells} FROM typed WHERE why IS NULL")
    return tuple(candidates[place] for place in kept)


def _name_column(place: int) -> str:
    return f"kept {place + 1}"


def _list_unread_columns(table: FileTable, mapping: ColumnMapping) -> list[str]:
    # The kind of a row tells requests from other rows, and divides requests: chats and embeddings.
    fields = (field for field in mapping.columns if field != "kind")
    used = {normalize_name(column) for field in fields for column in mapping.list_columns(field)}
    # A parent of a path that is read holds the same values once more, and JSON is no name of a group.
    parents = {column.rsplit(".", depth)[0] for column in table.nested for depth in range(1, column.count(".") + 1)}
    names = (
        name
        for name in table.columns
        if name not in parents and normalize_name(name) not in used and is_name_of_groups(name)
    )
    return list(names)[:_MAX_CANDIDATES]


def is_name_of_groups(name: str) -> bool:
    """Whether a column of this name may hold names of groups, and neither texts nor secrets."""
    last = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name[: _MAX_NAME_LENGTH + 1]).rpartition(".")[2]
    return len(name) <= _MAX_NAME_LENGTH and not (_TEXT_NAME.search(last) or SECRET_NAME.search(last))


def _can_allocate(name: str, values: Sequence[str | None]) -> bool:
    words = [word for value in values if value is not None and (word := value.strip())]
    different = set(words)
    # Without any value yet, the rest of the file decides.
    return not words or (
        len(different) <= MAX_KEPT_VALUES
        and (len(different) * 2 <= len(words) or len(words) < 4)
        and all(map(_is_name_of_group, different))
        and not _are_figures(name, different)
    )


def _is_name_of_group(word: str) -> bool:
    return len(word) <= MAX_VALUE_LENGTH and word[0] not in "{[" and "\n" not in word and redact_text(word) == word


def _are_figures(name: str, words: set[str]) -> bool:
    """Whether all are measured, fractions, points in time, or too many numbers for codes."""
    if all(map(_NUMBER.fullmatch, words)):
        measured = _MEASURE_NAME.search(name) is not None
        return measured or len(words) > _MAX_CODES or not all(map(str.isdigit, words))
    return all(_CLOCK.fullmatch(word) for word in words)


def _divides_rows(con: duckdb.DuckDBPyConnection, name: str, column: str) -> bool:
    cell = f"nullif(trim({quote_identifier(column)}), '')"
    row = con.execute(
        f"""SELECT count(DISTINCT {cell}), count({cell}), count(*), max(length({quote_identifier(column)}))
        FROM typed WHERE why IS NULL"""
    ).fetchone()
    different, filled, rows, longest = row or (0, 0, 0, 0)
    if not different or different > MAX_KEPT_VALUES or different * 2 > filled or longest > MAX_VALUE_LENGTH:
        return False
    if different == 1 and filled == rows:
        return False  # all rows in one group say nothing
    found = con.execute(
        f"SELECT DISTINCT {cell} AS value FROM typed WHERE why IS NULL AND value IS NOT NULL"
    ).fetchall()
    words = {str(value) for (value,) in found}
    return all(map(_is_name_of_group, words)) and not _are_figures(name, words)
