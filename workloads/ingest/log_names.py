"""The names of a log's models: what prices are looked up for, counted once when the log is read."""

import duckdb

MAX_STORED = 10_000
"""Names in the table `log.names`; a log usually has tens of them. One with more has no such table."""

SELECT_NAMES = """SELECT model, provider, service_tier AS tier, geography AS area,
    CASE WHEN count(*) = count(requests) THEN sum(requests)::BIGINT END AS requests,
    sum(fresh_input + cache_read + cache_write + output)::BIGINT AS tokens, min("at") AS first, max("at") AS last,
    min(second)::BIGINT AS first_second, max(second)::BIGINT AS last_second,
    min(input)::BIGINT AS least_input, max(input)::BIGINT AS most_input, sum(logged_cost) AS logged_cost
FROM (
    SELECT *, (epoch_us("at") // 1000000) % 86400 AS second,
        CASE WHEN is_sum THEN 0 ELSE fresh_input + cache_read + cache_write END AS input
    FROM log.requests
)
GROUP BY model, provider, tier, area"""
"""A line for each model, provider and purchase. A sum of requests counts as a short prompt."""


def store_names(con: duckdb.DuckDBPyConnection) -> None:
    """Create the table `log.names` in the writable database `log`, unless there are too many of them."""
    con.execute(f"CREATE TABLE log.names AS {SELECT_NAMES}")
    (count,) = con.execute("SELECT count(*) FROM log.names").fetchall()[0]
    if count > MAX_STORED:
        con.execute("DROP TABLE log.names")


def select_names(con: duckdb.DuckDBPyConnection) -> str:
    """Return a SELECT of the names of the log attached as `log`: as stored, or else as counted now."""
    try:
        con.execute("SELECT 1 FROM log.names LIMIT 0")
    except duckdb.CatalogException:  # an earlier version wrote the log, or it has too many names
        return SELECT_NAMES
    return "SELECT * FROM log.names"
