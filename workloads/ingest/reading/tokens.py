"""Split each row's tokens into disjoint buckets, however its columns count them (docs/figures.md).

Whether input includes cached tokens, and output the reasoning, is decided for each row: by the row's own total where it
has one, else by rows of the same model, provider and kind that leave no doubt, else by the names of the columns."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import duckdb

from core.i18n.text import Text, plural_text, text
from workloads.ingest.column_names import normalize_name
from workloads.ingest.database import quote_literal
from workloads.ingest.fields import COUNT_FIELDS
from workloads.ingest.formats.base import CachedTokens
from workloads.ingest.mapping import ColumnMapping
from workloads.ingest.reading.numbers import NumberFormat, derive_counts

_READ = "coalesce(cached_tokens_n, 0)"
_WRITE_PARTS = "coalesce(cache_write_5m_tokens_n, 0) + coalesce(cache_write_1h_tokens_n, 0)"
_WRITE = f"greatest(coalesce(cache_write_tokens_n, 0), {_WRITE_PARTS})"
_CACHED = f"({_READ} + {_WRITE})"
_TOOL_PROMPT = "coalesce(tool_prompt_tokens_n, 0)"
_OUTPUT = "coalesce(output_tokens_n, 0)"
_REASONING = "coalesce(reasoning_tokens_n, 0)"
_KINDS_OF_INPUT = "coalesce(audio_input_tokens_n, 0) + coalesce(image_input_tokens_n, 0)"
_KINDS_OF_OUTPUT = "coalesce(audio_output_tokens_n, 0)"
_MAKER = (
    "regexp_replace(lower(coalesce(model, '')), '^.*(claude|gemini|gpt|llama|mistral|deepseek|grok|qwen).*$', '\\1')"
)
"""Models of one maker are counted in one way; a model of no known one is a group of its own."""
_GROUP = f"({_MAKER}, coalesce(provider, ''), coalesce(kind, ''), coalesce(cached_column, ''))"
_EXCEEDS = f"input_tokens_n < {_CACHED}"
MIN_EXCLUDING = 2
"""Rows with more cached tokens than input that tell that the input of all rows excludes them."""
ROWS_OF_ONE = 10
"""Rows among which one is enough."""

_ANTHROPIC_ENDINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "inputtokens": (
            *("cachereadinputtokens", "cachecreationinputtokens"),
            *("ephemeral5minputtokens", "ephemeral1hinputtokens"),
        ),
        "inputtokencount": ("cachereadinputtokencount", "cachewriteinputtokencount"),
    }
)
"""Endings of the columns of cached tokens, by the name of the input tokens that exclude them."""

_INSIDE_OUTPUT = (
    *("detailsreasoningtokens", "reasoningoutputtokens", "tokensreasoning", "reasoningtokens", "detailsreasoning"),
    *("outputtokensreasoning", "tokendetailsreasoning"),
)
"""Endings of the names of columns whose reasoning tokens are counted in the output as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSplit:
    """SQL for a relation, and a condition over it for contradictory rows.

    The relation has the columns of `cells`; the number of each count, such as `input_tokens_n`; and the numbers
    `fresh_input`, `cache_read`, `cache_write` and `output`. Where it is not certain how cached tokens are counted
    (`is_guess`), `excludes_cached` is true for rows with any whose input excludes them, false for others with any."""

    relation: str
    contradiction: str
    is_guess: bool


def split_tokens(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, numbers: NumberFormat) -> TokenSplit:
    """Return how the cells of `cells` are split into disjoint buckets.

    That is SQL for one statement, no view: each statement that names a view plans all of it again."""
    counting = _get_counting(mapping)
    counted = _build_counted_sql(mapping, numbers)
    excludes = _build_excludes_sql(con, mapping, counting, counted)
    kinds_of_input = _KINDS_OF_INPUT if _has_kinds_beside(mapping) else "0"
    relation = f"""(
        WITH with_cache AS (
            SELECT *, {_READ} AS cache_read, {_WRITE} AS cache_write, {excludes} AS excludes FROM ({counted})),
        with_input AS (
            SELECT *, {_build_fresh_sql(counting)} + {_TOOL_PROMPT} + {kinds_of_input} AS fresh_input,
                fresh_input + cache_read + cache_write AS all_input
            FROM with_cache),
        with_reasoning AS (
            SELECT *, {_build_plain_output_sql(mapping)}
                + CASE WHEN {_build_beside_sql(mapping)} THEN {_REASONING} ELSE 0 END AS output_and_reasoning
            FROM with_input)
        SELECT *, {_build_output_sql(mapping)} AS output,
            CASE WHEN {_CACHED} > 0 THEN coalesce(excludes, false) END AS excludes_cached
        FROM with_reasoning)"""
    strict = counting is CachedTokens.INCLUDED and "fresh_input_tokens" not in mapping.columns
    return TokenSplit(
        relation=relation,
        contradiction=_EXCEEDS if strict else "false",
        is_guess="input_tokens" in mapping.columns and _has_cached(mapping) and counting is not CachedTokens.INCLUDED,
    )


def _build_counted_sql(mapping: ColumnMapping, numbers: NumberFormat) -> str:
    sql = {field: numbers.build_count_sql(mapping, field) for field in COUNT_FIELDS}
    sql |= derive_counts(mapping, sql)
    counts = ", ".join(f"{count} AS {field}_n" for field, count in sql.items())
    return f"SELECT *, {counts} FROM cells"


def _get_counting(mapping: ColumnMapping) -> CachedTokens:
    is_given = "input_tokens" in mapping.given_fields
    return CachedTokens.INCLUDED if is_given else mapping.format.cached_tokens


def _build_excludes_sql(
    con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, counting: CachedTokens, counted: str
) -> str:
    """Return SQL for whether the row's input excludes cached tokens."""
    if "input_tokens" not in mapping.columns or not _has_cached(mapping) or counting is CachedTokens.INCLUDED:
        return "false"
    total, outputs = "total_tokens_n", (_OUTPUT, f"{_OUTPUT} + {_REASONING}")
    including = ", ".join(f"input_tokens_n + {_TOOL_PROMPT} + {output}" for output in outputs)
    excluding = ", ".join(f"input_tokens_n + {_CACHED} + {_TOOL_PROMPT} + {output}" for output in outputs)
    known = mapping.format.excludes_cached_when
    return f"""CASE
        {f"WHEN {known} THEN true" if known else ""}
        WHEN {_EXCEEDS} THEN true
        WHEN {total} IN ({including}) THEN false
        WHEN {total} IN ({excluding}) THEN true
        ELSE {_build_guess_sql(con, mapping, counted) if counting is CachedTokens.GUESSED else "false"} END"""


def _build_guess_sql(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, counted: str) -> str:
    """Return SQL that goes by other rows of the same model, provider and kind, and else by the columns' names.

    One row in many that has more cached tokens than input is a damaged one, and says nothing of the others.
    """
    named = _build_named_sql(mapping)
    if con.execute(f"SELECT 1 FROM ({counted}) WHERE {_CACHED} > 0 AND {_EXCEEDS} LIMIT 1").fetchone() is None:
        return named
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE excluding AS SELECT {_GROUP} AS named FROM ({counted}) WHERE {_CACHED} > 0
        GROUP BY ALL HAVING count(*) FILTER ({_EXCEEDS}) >= least({MIN_EXCLUDING}, ceil(count(*) / {ROWS_OF_ONE}))"""
    )
    return f"({_GROUP} IN (SELECT named FROM excluding) OR {named})"


def _build_fresh_sql(counting: CachedTokens) -> str:
    partly = (
        f"WHEN {_EXCEEDS} AND input_tokens_n >= {_READ} AND {_READ} > 0 THEN input_tokens_n - {_READ}"
        if counting is CachedTokens.USUALLY_INCLUDED
        else ""
    )
    return f"""coalesce(fresh_input_tokens_n, CASE {partly}
        WHEN excludes THEN input_tokens_n ELSE input_tokens_n - {_CACHED} END, 0)"""


def _build_beside_sql(mapping: ColumnMapping) -> str:
    """Return SQL for whether the row's reasoning tokens are not counted in its output."""
    if "reasoning_tokens" not in mapping.columns:
        return "false"
    is_given = "reasoning_tokens" in mapping.given_fields
    name = normalize_name(mapping.columns["reasoning_tokens"]).replace(".", "")
    inside = not is_given and name.endswith(_INSIDE_OUTPUT) and not name.endswith("outputreasoningtokens")
    output = _build_plain_output_sql(mapping)
    return f"""CASE
        WHEN total_tokens_n = all_input + {output} THEN false
        WHEN total_tokens_n = all_input + {output} + {_REASONING} THEN true
        WHEN {_REASONING} > {_OUTPUT} THEN true
        ELSE {"false" if inside else "true"} END"""


def _has_kinds_beside(mapping: ColumnMapping) -> bool:
    """Whether audio and images are counted beside the columns that are read; a sum of all input includes them."""
    return mapping.format.kinds_are_beside and "fresh_input_tokens" in mapping.columns


def _build_plain_output_sql(mapping: ColumnMapping) -> str:
    """Return SQL for the tokens of the response, without those of reasoning that are counted beside them."""
    return f"{_OUTPUT} + {_KINDS_OF_OUTPUT}" if _has_kinds_beside(mapping) else _OUTPUT


def _build_output_sql(mapping: ColumnMapping) -> str:
    """Return SQL for all tokens of the response. Gemini's total includes thoughts that may have no column."""
    if "total_tokens" not in mapping.columns or "model" not in mapping.columns:
        return "output_and_reasoning"
    return f"""CASE WHEN total_tokens_n > all_input + output_and_reasoning AND contains(lower(model), 'gemini')
            AND {_REASONING} = 0
        THEN total_tokens_n - all_input ELSE output_and_reasoning END"""


def _has_cached(mapping: ColumnMapping) -> bool:
    fields = {"cached_tokens", "cache_write_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens"}
    return not fields.isdisjoint(mapping.columns)


def _build_named_sql(mapping: ColumnMapping) -> str:
    """Return SQL for a row whose counts come from columns of Anthropic's usage object."""
    fields = ("cached_tokens", "cache_write_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens")
    pairs = [
        f"(input_column = {quote_literal(tokens)} AND cached_column = {quote_literal(cached)})"
        for tokens in mapping.list_columns("input_tokens")
        for cached in dict.fromkeys(column for field in fields for column in mapping.list_columns(field))
        if _is_anthropic(tokens, cached)
    ]
    return f"({' OR '.join(pairs)})" if pairs else "false"


def _is_anthropic(tokens: str, cached: str) -> bool:
    """Whether these are columns of Anthropic's usage object, whose input_tokens exclude cache_read_input_tokens."""
    first, other = normalize_name(tokens), normalize_name(cached)
    last = first.rpartition(".")[2]
    return "genai" not in first and other.endswith(_ANTHROPIC_ENDINGS.get(last, ()))


def list_token_notes(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, tokens: TokenSplit) -> tuple[Text, ...]:
    """Return how cached tokens were read, where that was not certain, from all rows of `typed`."""
    return (*mapping.format.notes, *_describe_cached(con, mapping)) if tokens.is_guess else ()


def _describe_cached(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> Iterator[Text]:
    column = mapping.columns["input_tokens"]
    rows, excluding = con.execute(
        "SELECT count(excludes_cached), count(*) FILTER (excludes_cached) FROM typed_rows"
    ).fetchall()[0]
    if 0 < excluding < rows:
        yield plural_text(
            '"{column}" excludes cached tokens in {part:,} of {n:,} row with any, and includes them in the others.',
            '"{column}" excludes cached tokens in {part:,} of {n:,} rows with any, and includes them in the others.',
            n=rows,
            part=excluding,
            column=column,
        )
    elif excluding:
        yield text(
            '"{column}" is assumed to exclude cached tokens. If that is wrong, map it to {field}.',
            column=column,
            field="input_tokens",
        )
    elif _get_counting(mapping) is CachedTokens.GUESSED:
        yield text(
            '"{column}" is assumed to include cached tokens. If that is wrong, map it to {field}.',
            column=column,
            field="fresh_input_tokens",
        )
