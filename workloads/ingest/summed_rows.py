"""Whether rows sum up requests, such as those of a day or an hour, by the names of a file's columns or by contents."""

import re
from collections.abc import Iterable
from typing import Final

import duckdb

REQUEST_COUNT_COLUMNS: Final = frozenset(
    {
        *("requests", "num_requests", "n_requests", "request_count", "requests_count", "total_requests"),
        *("num_model_requests", "model_requests", "successful_requests", "failed_requests", "number_of_requests"),
        *("api_requests", "api_calls", "calls", "num_calls", "n_calls", "call_count", "total_calls"),
        *("invocations", "invocation_count", "count", "prompts_sent"),
    }
)
"""Names of columns, in lower case, that say how many requests a row sums up."""

_SUM_WORDS: Final = re.compile(
    r"\A\s*(?:(?:sum|summe|somme|suma|soma|somma)\s(?:of|von|der|des|de|di)|(?:number|no\.?|num\.?|nombre|nb\.?|n[\u00ba\u00b0]|n\.|anzahl|aantal"
    r"|n[u\u00fa]mero)\s(?:(?:of|de|des|der|di|do)\b)?)\s*(?=\w)",
    re.IGNORECASE,
)
"""Words in front of a column's name that say how it was summed up: "Sum of Requests", "Nº de peticiones"."""

MAX_REQUEST_TOKENS: Final = 20_000_000  # in one request: twice the longest context of any model
RARE_REQUEST_TOKENS: Final = 2_000_000  # few models take so many, and hardly every second request of a log has them
_FEWEST_SUMMED_TOKENS: Final = 5_000  # in the mean row of a period
_DAY_MICROSECONDS: Final = 86_400_000_000
_QUARTER_MICROSECONDS: Final = 900_000_000  # time buckets begin at full quarters of an hour, single requests do not
_USAGE: Final = "(fresh_input + cache_read + cache_write + output)"
_REQUEST_FACTS: Final = (
    *("request_id", "latency_ms", "first_token_ms", "error", "streamed", "temperature", "has_tools", "prompt_hash"),
    "blocks",
)
"""Columns that only single requests have."""

_PERIOD_NAMES: Final = (
    *("model", "provider", "service_tier", "geography", "feature", "team", "api_key", "customer", "environment"),
    *("end_user", "session"),
)
"""Columns by which usage is summed up."""


def drop_sum_words(name: str) -> str:
    """Return a column's name without the words in front that say how it was summed up."""
    return name if len(name) > 100 else _SUM_WORDS.sub("", name)


def has_request_count(columns: Iterable[str]) -> bool:
    """Whether one of a file's columns counts requests by its name."""
    return any(_normalize_column(column) in REQUEST_COUNT_COLUMNS for column in columns)


def looks_summed(con: duckdb.DuckDBPyConnection, relation: str, *, has_times: bool) -> bool:
    """Whether a row of `relation` has more tokens than a request can have, or most have more than requests usually
    have, or its rows are those of periods.

    Rows of periods are all at full quarters of an hour, at regular distances, one for each period and name, and say
    nothing that only a request has, such as a latency. Small ones would hardly be sums: they are the requests of a
    timer, or made up.
    """
    row = con.execute(
        f"""SELECT count(*), coalesce(epoch_us(max("at")) - epoch_us(min("at")), 0),
            count(*) FILTER (epoch_us("at") % {_QUARTER_MICROSECONDS} = 0),
            count(*) FILTER (epoch_us("at") % {_DAY_MICROSECONDS} = 0),
            coalesce(max({_USAGE}), 0), coalesce(avg({_USAGE}), 0),
            count(*) FILTER ({_USAGE} > {RARE_REQUEST_TOKENS})
        FROM {relation}"""
    ).fetchone()
    rows, span, quarters, midnights, most, mean, rare = row or (0, 0, 0, 0, 0, 0, 0)
    if most > MAX_REQUEST_TOKENS or (rare * 2 > rows and not _count_request_facts(con, relation)):
        return True
    if not has_times or rows < 2 or quarters < rows or (not span and midnights < rows):
        return False
    return mean > _FEWEST_SUMMED_TOKENS and _consists_of_periods(con, relation)


def _consists_of_periods(con: duckdb.DuckDBPyConnection, relation: str) -> bool:
    key = f"""hash("at", {", ".join(_PERIOD_NAMES)})"""
    repeats = _fetch_int(con, f"SELECT count(*) - count(DISTINCT {key}) FROM {relation}")
    return repeats == 0 and _count_request_facts(con, relation) == 0 and _is_regular(con, relation)


def _count_request_facts(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    facts = " + ".join(f"count({name})" for name in _REQUEST_FACTS)
    return _fetch_int(con, f"SELECT {facts} FROM {relation}")


def _fetch_int(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row else 0


def _is_regular(con: duckdb.DuckDBPyConnection, relation: str) -> bool:
    """Whether half of the distances between moments are the shortest one, which is a part of a day or whole days."""
    row = con.execute(
        f"""WITH moments AS (SELECT DISTINCT epoch_us("at") AS moment FROM {relation}),
        gaps AS (SELECT moment - lag(moment) OVER (ORDER BY moment) AS gap FROM moments)
        SELECT coalesce(min(gap), {_DAY_MICROSECONDS}), count(gap),
            count(*) FILTER (gap = (SELECT min(gap) FROM gaps)) FROM gaps"""
    ).fetchone()
    shortest, gaps, of_shortest = row or (1, 0, 0)
    is_period = _DAY_MICROSECONDS % shortest == 0 or shortest % _DAY_MICROSECONDS == 0
    return bool(is_period and of_shortest * 2 >= gaps)


def _normalize_column(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name[:100].lower()).strip("_")
