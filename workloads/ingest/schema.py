"""The schema of every ingested log: a table `requests` in a DuckDB file of its own, and perhaps a table `kept`.

Token buckets are disjoint (fresh input + cache read + cache write = input; reasoning is output), so a token is
priced exactly once. A column that the log does not have is NULL throughout and absent from `LogSource.columns`."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.i18n.text import Text

REQUEST_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "row": "BIGINT NOT NULL",  # 1-based place in the file, in the file's order
        "at": "TIMESTAMP NOT NULL",  # UTC; for relative clocks an offset from 1970-01-01 (see LogSource.relative_clock)
        "requests": "BIGINT",  # how many requests the row sums up; 1 for a single one, NULL: unknown
        "is_sum": "BOOLEAN NOT NULL",  # the row sums up requests, even if it is not known how many
        "request_id": "VARCHAR",
        "model": "VARCHAR",
        "provider": "VARCHAR",
        "fresh_input": "BIGINT NOT NULL",
        "cache_read": "BIGINT NOT NULL",
        "cache_write": "BIGINT NOT NULL",
        "output": "BIGINT NOT NULL",
        # Parts of the four buckets that have prices of their own.
        "cache_write_1h": "BIGINT NOT NULL",  # of cache_write: kept for an hour
        "audio_input": "BIGINT NOT NULL",  # of fresh_input
        "image_input": "BIGINT NOT NULL",  # of fresh_input
        "audio_read": "BIGINT NOT NULL",  # of cache_read
        "audio_output": "BIGINT NOT NULL",  # of output
        "image_output": "BIGINT NOT NULL",  # of output
        "reasoning": "BIGINT NOT NULL",  # of output; few models price it apart
        "searches": "BIGINT NOT NULL",  # web searches that the provider charges for
        "service_tier": "VARCHAR",  # batch, flex, priority, fast; NULL: standard or unknown
        "geography": "VARCHAR",  # where inference ran, if the log says
        "latency_ms": "DOUBLE",
        "first_token_ms": "DOUBLE",
        "ok": "BOOLEAN",  # NULL: unknown
        "error": "VARCHAR",  # the error of a failed request: a status, a code
        "streamed": "BOOLEAN",
        "temperature": "DOUBLE",
        "has_tools": "BOOLEAN",
        "feature": "VARCHAR",  # the part of the user's product that made the request: feature, tag
        "team": "VARCHAR",
        "api_key": "VARCHAR",
        "customer": "VARCHAR",
        "environment": "VARCHAR",
        "end_user": "VARCHAR",
        "session": "VARCHAR",
        "prompt_hash": "VARCHAR",  # equal if prompt and parameters are equal
        "blocks": "VARCHAR[]",  # hashes of the prompt's prefix blocks, first block first
        "logged_cost": "DECIMAL(18,9)",  # USD, as stated by the log; never used as a price
        "logged_tokens": "BIGINT",  # all tokens, as stated by the log; only compared with the four buckets
    }
)
"""Columns of the table `requests` and their DuckDB types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Rows that were left out for one reason: how many, and where the first few are in the file (1-based)."""

    why: Text
    rows: int
    examples: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadColumn:
    """A column that seems to bear on the cost, and that nothing was read from; `example` is one of its values."""

    name: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSource:
    """How the log was read, stored beside the table (as JSON in the one-row table `source`)."""

    name: str  # the user's file name, as data: escape it before showing it
    format: str  # a key of formats.registry.FORMATS
    mapping: Mapping[str, str]  # our column -> the file's column, as used
    guessed: bool  # some fields were matched by name: neither mapped by the user nor known from the format
    columns: frozenset[str]  # our columns that hold at least one value
    ignored: tuple[str, ...]  # the file's columns that nothing was read from
    rows: int  # rows in `requests`
    requests: int | None  # requests that the rows are, or sum up; None: unknown
    rejected: tuple[Rejection, ...]
    notes: tuple[Text, ...]  # remarks on the figures: "412 rows were out of order", ...
    relative_clock: bool  # times count from the log's start, no date is known
    block_tokens: int | None  # tokens in a prefix block; None without blocks
    synthetic: bool  # labelled as generated
    kept: tuple[str, ...] = ()  # the file's columns in the table `kept`, as k1, k2, ...: groups of rows, of any meaning
    naive_times: bool = False  # no time in the file has a time zone: all were read as UTC
    unread: tuple[UnreadColumn, ...] = ()  # those of the file's columns that seem to bear on the cost
