"""The requests that levers may change, from the limits of a question: names are looked up in the log's own values."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import duckdb

from core.i18n.text import Text, text
from workloads.pricing.constraints import Constraints, ExcludedChange, Limit, ScopeName

DIMENSIONS = ("feature", "team", "model", "api_key", "end_user", "customer", "environment", "provider")
MAX_MATCHES = 200  # values that one name may mean

LIMIT_REASONS: Mapping[Limit, Text] = MappingProxyType(
    {
        Limit.QUALITY: text("a usage log does not show how good answers are"),
        Limit.CURRENCY: text("prices are in US dollars"),
        Limit.PERIOD: text("savings are those of the period of the log"),
        Limit.LEVEL: text("a goal is the amount to save, as in “save $500”"),
        Limit.UNCLEAR: text("the figures of a usage log can't show it"),
    }
)
EXCLUDED_LABELS: Mapping[ExcludedChange, Text] = MappingProxyType(
    {
        ExcludedChange.MODELS: text("no other model"),
        ExcludedChange.CACHES: text("no caching"),
        ExcludedChange.BATCHES: text("no batches, flex or other waiting"),
        ExcludedChange.LENGTHS: text("no shorter prompts or answers"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeMatch:
    """A value of the log that a name in the question means."""

    dimension: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """Words of the question that are not taken into account, and why."""

    words: str
    why: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The limits of a question as they were understood."""

    only: tuple[ScopeMatch, ...] = ()
    never: tuple[ScopeMatch, ...] = ()
    excluded: tuple[ExcludedChange, ...] = ()
    unmet: tuple[Unmet, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.only or self.never or self.excluded or self.unmet)


EVERYTHING = Scope()


def create_scope(con: duckdb.DuckDBPyConnection, constraints: Constraints, columns: Collection[str]) -> Scope:
    """Create the TEMP view `scoped`, the rows of `priced` that levers may change. Returns what was understood.

    A name that the log lacks limits nothing and is unmet. If nothing of `only` is in the log, it limits nothing.
    """
    present = [column for column in DIMENSIONS if column in columns]
    only, unknown_only = _match_names(con, constraints.only, present)
    never, unknown_never = _match_names(con, constraints.never, present)
    con.execute("CREATE TEMP TABLE scope_names (kind VARCHAR, dimension VARCHAR, value VARCHAR)")
    for kind, matches in (("only", only), ("never", never)):
        for match in matches:
            con.execute("INSERT INTO scope_names VALUES (?, ?, ?)", [kind, match.dimension, match.value])
    conditions = [*_build_conditions("only", only, "{}"), *_build_conditions("never", never, "NOT ({})")]
    con.execute(f"CREATE TEMP VIEW scoped AS SELECT * FROM priced WHERE {' AND '.join(conditions) or 'true'}")
    return Scope(
        only=only,
        never=never,
        excluded=constraints.excluded,
        unmet=(
            *(Unmet(words=limit.words, why=LIMIT_REASONS[limit.why]) for limit in constraints.unmet),
            *(
                Unmet(words=name.name, why=text("the log has no feature, team, model, key or user of that name"))
                for name in (*unknown_only, *unknown_never)
            ),
        ),
    )


def _build_conditions(kind: str, matches: Iterable[ScopeMatch], form: str) -> Iterable[str]:
    dimensions = sorted({match.dimension for match in matches})
    parts = (
        f"coalesce({dimension} IN (SELECT value FROM scope_names WHERE kind = '{kind}' "
        f"AND dimension = '{dimension}'), false)"
        for dimension in dimensions
    )
    if dimensions:
        yield form.format(f"({' OR '.join(parts)})")


def _match_names(
    con: duckdb.DuckDBPyConnection, names: Iterable[ScopeName], columns: Iterable[str]
) -> tuple[tuple[ScopeMatch, ...], tuple[ScopeName, ...]]:
    """Return the values of the log that the names mean, and the names without one."""
    found: list[ScopeMatch] = []
    unknown: list[ScopeName] = []
    for name in names:
        matches = _match_name(con, name, [c for c in columns if name.dimension in (None, c)])
        found += matches
        if not matches:
            unknown.append(name)
    return tuple(dict.fromkeys(found)), tuple(unknown)


def _match_name(con: duckdb.DuckDBPyConnection, name: ScopeName, columns: Iterable[str]) -> list[ScopeMatch]:
    """Return the values that are called so, in the first dimension that has one; for a model, else those that contain
    the name, such as all versions of a family."""
    columns = list(columns)
    for column in columns:
        if values := _find_values(con, column, f"{_fold_sql(column)} = {_fold_sql('$name')}", name.name):
            return [ScopeMatch(dimension=column, value=value) for value in values]
    if "model" in columns and len(name.name) >= 3:
        values = _find_values(con, "model", f"contains({_fold_sql('model')}, {_fold_sql('$name')})", name.name)
        return [ScopeMatch(dimension="model", value=value) for value in values]
    return []


def _find_values(con: duckdb.DuckDBPyConnection, column: str, condition: str, name: str) -> list[str]:
    sql = f"SELECT DISTINCT {column} FROM log.requests WHERE {condition} ORDER BY 1 LIMIT {MAX_MATCHES}"
    return [str(value) for (value,) in con.execute(sql, {"name": name}).fetchall()]


def _fold_sql(value: str) -> str:
    """Return SQL for a name without case, blanks, hyphens and underscores."""
    return f"translate(lower({value}), ' -_', '')"
