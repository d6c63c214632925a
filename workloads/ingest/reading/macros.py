"""SQL macros that read one text cell; each returns NULL for a cell that is blank or unreadable."""

import re
from collections.abc import Mapping
from types import MappingProxyType

import duckdb

_CALL = re.compile(r"\b(\w{1,20})\(")


def match_one_of(*words: str) -> str:
    """Return an SQL condition that `x` is one of the words, ignoring case and surrounding blanks."""
    # Not IN: DuckDB turns many constants into a join, and a join does not keep the order of rows.
    return f"regexp_full_match(x, '(?i)\\s*({'|'.join(map(re.escape, words))})\\s*')"


NO_VALUES = (
    *("", "null", "none", "nan", "n/a", "-", "\\N", "#n/a", "#nv", "nil", "undefined", "(null)"),
    *("--", "\u2013", "\u2014"),
)
"""What programs write, in small letters, where there is no value."""

_SUCCESS_WORDS = (
    "success",
    "succeeded",
    "successful",
    "ok",
    "complete",
    "completed",
    "done",
    "finished",
    "stop",
    "default",
)
_FAILURE_WORDS = (
    "failure",
    "failed",
    "fail",
    "error",
    "errored",
    "timeout",
    "timed_out",
    "cancelled",
    "canceled",
    "aborted",
)

_YES = ("ja", "wahr", "oui", "vrai", "si", "sí", "verdadero", "x")
_NO = ("nein", "falsch", "non", "faux", "falso")

MACROS: Mapping[str, str] = MappingProxyType(
    {
        "word(x)": "nullif(trim(x), '')",
        # A name that is cut gets a hash, so that it stays different from others with the same beginning.
        "short(x)": "CASE WHEN length(x) > 200 THEN left(x, 160) || '… ' || md5(x) ELSE x END",
        "value(x)": f"CASE WHEN NOT {match_one_of(*NO_VALUES)} THEN trim(x) END",
        "span(x)": "CASE WHEN number(x) >= 0 THEN number(x) END",
        "flag(x)": f"""CASE
            WHEN {match_one_of("true", "t", "yes", "y", "1", "1.0", "on", *_YES)} THEN true
            WHEN {match_one_of("false", "f", "no", "n", "0", "0.0", "off", *_NO)} THEN false
        END""",
        # An HTTP code, or one of the words that gateways write.
        "succeeded(x)": f"""CASE
            WHEN x = 'success' OR x = '200' OR x = 'ok' THEN true -- found much faster than a pattern
            WHEN number(x) BETWEEN 100 AND 599 THEN number(x) < 400
            WHEN {match_one_of(*_SUCCESS_WORDS, "debug", "true")} THEN true
            WHEN {match_one_of(*_FAILURE_WORDS, "rate_limited", "exception", "false")} THEN false
        END""",
        # In the price list's words; NULL for the standard tier, and for words that are no tier.
        "service_tier(x)": f"""CASE
            WHEN {match_one_of("batch", "batched", "batch_api", "batch-api", "batch api", "batchapi")} THEN 'batch'
            WHEN regexp_matches(lower(trim(x)), '(/batches|:batchgeneratecontent)/?$') THEN 'batch'
            WHEN {match_one_of("flex")} THEN 'flex'
            WHEN {match_one_of("priority")} THEN 'priority'
            WHEN {match_one_of("fast")} THEN 'fast'
            WHEN {match_one_of("scale", "provisioned", "reserved")} THEN lower(trim(x))
        END""",
        "items(x)": "CASE WHEN json_valid(x) AND trim(x) LIKE '[%' THEN json_extract_string(x, '$[*]') END",
        # The only element of a list, or what is no list.
        "single(x)": "CASE WHEN items(x) IS NULL THEN x WHEN len(items(x)) = 1 THEN items(x)[1] END",
        "offered(x)": """CASE
            WHEN flag(x) IS NOT NULL THEN flag(x)
            WHEN number(x) IS NOT NULL THEN number(x) > 0
            WHEN items(x) IS NOT NULL THEN len(items(x)) > 0
            ELSE value(x) IS NOT NULL AND trim(x) <> '{}'
        END""",
        # Gateways add tags of their own ("User-Agent: ...") in front of the user's.
        "tag(x)": """CASE
            WHEN items(x) IS NOT NULL
                THEN word(list_filter(items(x), lambda one: NOT starts_with(one, 'User-Agent'))[1])
            ELSE word(x)
        END""",
        "chain(x)": """nullif(CASE
            WHEN trim(x) LIKE '[%' AND json_valid(x) THEN json_extract_string(x, '$[*]')
            ELSE list_filter(regexp_split_to_array(x, '[\\s,;|]+'), lambda one: one <> '')
        END, CAST([] AS VARCHAR[]))""",
        "money(x)": "try_cast(span(trim(x, ' \u00a0$€USDusd')) AS DECIMAL(18, 9))",
    }
)
"""Macros with their parameters and bodies; later ones use earlier ones, and `number(x)`, which numbers.py defines."""


def install_macros(con: duckdb.DuckDBPyConnection, macros: Mapping[str, str]) -> None:
    """Define the macros on this connection."""
    for head, body in macros.items():
        con.execute(f"CREATE OR REPLACE TEMP MACRO {head} AS {body}")


def select_macros(sql: str) -> Mapping[str, str]:
    """Return those of MACROS that the SQL calls, and those that they call; to define all takes longer than to read a
    small file."""
    called = set(_CALL.findall(sql))
    chosen: dict[str, str] = {}
    for head, body in list(MACROS.items())[::-1]:
        if head.partition("(")[0] in called:
            chosen[head] = body
            called |= set(_CALL.findall(body))
    return MappingProxyType(dict(reversed(chosen.items())))
