"""The SELECT that prices the requests of a log, without what makes no difference to this log.

Every figure reads it, so it must be cheap. A log seldom has all kinds of tokens, a second provider, or requests on both
sides of a price change; where it has not, the kinds, the joins and the conditions on a rate are left out."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import duckdb

COST = "DECIMAL(24,12)"
NO_COST = f"CASE WHEN p_fresh IS NOT NULL THEN 0::{COST} END"
"""A part that costs nothing; NULL without a price."""


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a cost: `sql` adds nothing if all `columns` are 0 throughout, or `condition` holds for no rate."""

    sql: str
    columns: tuple[str, ...] = ()
    condition: str = "true"


TERMS: Mapping[str, tuple[Term, ...]] = MappingProxyType(
    {
        "plain_input": (
            Term("fresh_input * p_fresh"),
            Term("cache_read * p_read", ("cache_read",)),
            Term("cache_write * p_write", ("cache_write",)),
        ),
        "kinds_input": (
            Term("audio_input * (p_audio_input - p_fresh)", ("audio_input",), "p_audio_input <> p_fresh"),
            Term("image_input * (p_image_input - p_fresh)", ("image_input",), "p_image_input <> p_fresh"),
            Term("audio_read * (p_audio_read - p_read)", ("audio_read",), "p_audio_read <> p_read"),
            Term("cache_write_1h * (p_write_1h - p_write)", ("cache_write_1h",), "p_write_1h <> p_write"),
        ),
        "kinds_output": (
            Term("audio_output * (p_audio_output - p_output)", ("audio_output",), "p_audio_output <> p_output"),
            Term("image_output * (p_image_output - p_output)", ("image_output",), "p_image_output <> p_output"),
            Term("least(reasoning, output) * (p_reasoning - p_output)", ("reasoning",), "p_reasoning <> p_output"),
        ),
        "fees": (
            Term("(CASE WHEN is_sum THEN 0 ELSE searches END) * p_search", ("searches",), "p_search <> 0"),
            Term("(CASE WHEN is_sum THEN 0 ELSE 1 END) * p_request", (), "p_request <> 0"),
        ),
        "cache_saving": (
            Term("(cache_read - audio_read) * (p_fresh - p_read)", ("cache_read", "audio_read"), "p_fresh <> p_read"),
            Term("audio_read * (p_audio_input - p_audio_read)", ("audio_read",), "p_audio_input <> p_audio_read"),
            Term(
                "(cache_write_1h - cache_write) * (p_write - p_fresh)",
                ("cache_write", "cache_write_1h"),
                "p_write <> p_fresh",
            ),
            Term("-cache_write_1h * (p_write_1h - p_fresh)", ("cache_write_1h",), "p_write_1h <> p_fresh"),
        ),
    }
)
"""The terms of each part of a request's cost."""

KEYS: Mapping[str, str] = MappingProxyType(
    {"model": "model", "provider": "provider", "service_tier": "tier", "geography": "area"}
)
"""The columns of a request by which its rates are found, and those of the rates."""

WINDOWS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "time": ('r."at" >= p.valid_from AND r."at" < p.valid_to', "n.first >= p.valid_from AND n.last < p.valid_to"),
        "second": (
            '(epoch_us(r."at") // 1000000) % 86400 >= p.from_second'
            ' AND (epoch_us(r."at") // 1000000) % 86400 < p.to_second',
            "n.first_second >= p.from_second AND n.last_second < p.to_second",
        ),
        "size": (
            "CASE WHEN r.is_sum THEN 0 ELSE r.fresh_input + r.cache_read + r.cache_write END"
            " BETWEEN p.min_input AND p.max_input",
            "n.least_input >= p.min_input AND n.most_input <= p.max_input",
        ),
    }
)
"""When a rate applies to a request `r`, and when it does to all requests of a name `n`."""

_SAME_NAME = " AND ".join(f"p.{column} IS NOT DISTINCT FROM n.{column}" for column in KEYS.values())

CREATE_USED_RATES = f"""CREATE TEMP TABLE used_rates AS
SELECT p.*, {", ".join(f"{covers} AS covers_{window}" for window, (_, covers) in WINDOWS.items())}
FROM rates p JOIN names n ON {_SAME_NAME}
WHERE p.valid_from <= n.last AND n.first < p.valid_to
    AND p.from_second <= n.last_second AND n.first_second < p.to_second
    AND p.min_input <= n.most_input AND n.least_input <= p.max_input"""
"""The rates that a request may have had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedShape:
    """What makes a difference to the costs of a log: the KEYS with values, the WINDOWS in which its rates differ, the
    columns that are not 0 throughout, the conditions of terms that hold for a rate, and whether it states costs."""

    keys: tuple[str, ...]
    windows: tuple[str, ...]
    columns: tuple[str, ...]
    conditions: tuple[str, ...]
    has_stated: bool

    def list_terms(self, part: str) -> tuple[str, ...]:
        """Return the SQL of the terms of a part that add something."""
        return tuple(
            term.sql
            for term in TERMS[part]
            if term.condition in self.conditions and (not term.columns or set(term.columns) & set(self.columns))
        )


def measure_shape(con: duckdb.DuckDBPyConnection) -> PricedShape:
    """Return the shape of `log.requests`. Needs the TEMP tables `names`, `used_rates` and `stated`."""
    every = [term for terms in TERMS.values() for term in terms]
    # The extremes are among a table's statistics, so no row is read.
    columns = sorted({column for term in every for column in term.columns})
    extremes = {column: f"min({column}) <> 0 OR max({column}) <> 0" for column in columns}
    (stated,) = con.execute("SELECT count(*) > 0 FROM stated").fetchall()[0]
    return PricedShape(
        keys=_select_true(con, "names", {key: f"bool_or({column} IS NOT NULL)" for key, column in KEYS.items()}),
        windows=_select_true(con, "used_rates", {window: f"NOT bool_and(covers_{window})" for window in WINDOWS}),
        columns=_select_true(con, "log.requests", extremes),
        conditions=_select_true(con, "used_rates", {term.condition: f"bool_or({term.condition})" for term in every}),
        has_stated=stated,
    )


def _select_true(con: duckdb.DuckDBPyConnection, table: str, aggregates: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the aggregates that are true over all rows of `table`."""
    (row,) = con.execute(f"SELECT {', '.join(aggregates.values())} FROM {table}").fetchall()
    return tuple(name for name, is_true in zip(aggregates, row, strict=True) if is_true)


def build_priced_sql(shape: PricedShape, *, with_place: bool = False) -> str:
    """Return the SELECT of every row with its rates and its cost, NULL without a price; with the `place` of each row in
    the table, which a view, such as an old log's, does not have.

    `key` is that of PricedModel. `stated_cost` is the log's own cost of a row without a price, `spend` is either.
    Levers see the cost alone: without a price per token, nothing can be saved or moved. `surcharge` is what fees, and
    kinds of tokens with prices of their own, cost beyond the prices of the four buckets. A sum of requests has the
    price of short prompts, and no fees. `cache_saving` is what the provider's cache saved, negative if it was only
    written.

    In layers, because a name that the same SELECT defines is bound again, with all that it stands for, at each use.
    """
    extra = [part for part in ("kinds_input", "kinds_output", "fees") if shape.list_terms(part)]
    parts = ", ".join(f"{_add(shape.list_terms(part))} AS {part}" for part in TERMS)
    stated = (
        f"(CASE WHEN p_fresh IS NULL AND is_stated AND logged_cost >= 0 THEN logged_cost END)::{COST}"
        if shape.has_stated
        else f"NULL::{COST}"
    )
    spend = "coalesce(cost, stated_cost)" if shape.has_stated else "cost"
    return f"""SELECT *, {spend} AS spend
    FROM (SELECT *, {_add(("cost_input", "cost_output", *_keep("fees", extra)))} AS cost
        FROM (SELECT *, {_add(extra)} AS surcharge,
                {_add(("plain_input", *_keep("kinds_input", extra)))} AS cost_input,
                {_add(("output * p_output", *_keep("kinds_output", extra)))} AS cost_output
            FROM (SELECT *, {parts}, {stated} AS stated_cost FROM ({_build_rated_sql(shape, with_place)}))))"""


def _build_rated_sql(shape: PricedShape, with_place: bool) -> str:
    conditions = [f"r.{key} IS NOT DISTINCT FROM p.{KEYS[key]}" for key in shape.keys]
    conditions += [WINDOWS[window][0] for window in shape.windows]
    place = ", r.rowid AS place" if with_place else ""
    is_stated, stated = "false AS is_stated", ""
    if shape.has_stated:
        is_stated = "coalesce(s.is_stated, false) AS is_stated"
        stated = """LEFT JOIN stated s ON r.model IS NOT DISTINCT FROM s.model
            AND r.provider IS NOT DISTINCT FROM s.provider"""
    covers = ", ".join(f"covers_{window}" for window in WINDOWS)
    return f"""SELECT r.*{place}, r.fresh_input + r.cache_read + r.cache_write AS input,
            p.* EXCLUDE (model, provider, tier, area, {covers}), {is_stated}
        FROM log.requests r {stated} LEFT JOIN used_rates p ON {" AND ".join(conditions) or "true"}"""


def _add(terms: Iterable[str]) -> str:
    return f"({' + '.join(terms)})::{COST}" if (terms := tuple(terms)) else NO_COST


def _keep(part: str, kept: Collection[str]) -> tuple[str, ...]:
    return (part,) if part in kept else ()
