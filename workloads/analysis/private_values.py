"""Find words that are values of a log's private columns, which must not leave the machine."""

import string
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from workloads.analysis.priced_log import PricedLog

PRIVATE_COLUMNS = ("request_id", "session", "end_user", "prompt_hash", "team", "api_key", "customer")
PUBLIC_COLUMNS = ("model", "provider", "feature", "error", "service_tier", "geography", "environment")
"""Columns that may be sent according to the privacy notice. Their values are not private, even if a user has the same
name."""
WORDS_PER_QUERY = 20_000
STRIPPED_CHARACTERS = string.punctuation + "".join(filter(str.isspace, map(chr, range(0x3001))))
"""Stripped from values before they are compared: punctuation and all blanks of Unicode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateWords:
    words: tuple[str, ...]


class PrivateWordFinder:
    """Finds private words by `look_up`, a bounded number at a time, and each word only once, under `lock`."""

    def __init__(self, lock: AbstractContextManager[object], look_up: Callable[[Sequence[str]], PrivateWords]) -> None:
        self._lock = lock
        self._look_up = look_up
        self._checked: set[str] = set()
        self._private: set[str] = set()

    def find(self, words: frozenset[str]) -> frozenset[str]:
        """Return those of the words that are private values."""
        with self._lock:
            new = sorted(words - self._checked)
            for start in range(0, len(new), WORDS_PER_QUERY):
                batch = new[start : start + WORDS_PER_QUERY]
                self._private |= set(self._look_up(batch).words)
                self._checked |= set(batch)
            return words & self._private


def find_private_words(log: PricedLog, words: Iterable[str]) -> PrivateWords:
    """Return those of the words that are private values. They have no punctuation or blanks around them; case does not
    matter."""
    private = _find_column_values(log, PRIVATE_COLUMNS, words)
    if log.has_columns("blocks"):
        private |= _find_block_hashes(log, words)
    if not private:
        return PrivateWords(words=())
    return PrivateWords(words=tuple(sorted(private - _find_column_values(log, PUBLIC_COLUMNS, private))))


def find_kept_words(log: PricedLog, words: Iterable[str]) -> PrivateWords:
    """Return those of the words that are values of the further columns of the user's file, unless columns that may be
    sent have them, too."""
    columns = [f"k{number}" for number in range(1, len(log.source.kept) + 1)]
    found = _find_values(log, columns, "log.kept", words) if columns else set()
    public = _find_column_values(log, PUBLIC_COLUMNS, found) if found else set()
    return PrivateWords(words=tuple(sorted(found - public)))


def _find_block_hashes(log: PricedLog, words: Iterable[str]) -> set[str]:
    """Return those of the words that are hashes of blocks. There are too many blocks to convert their case."""
    spellings = {word: {word, word.lower(), word.upper()} for word in words}
    blocks = "SELECT unnest(blocks) AS word FROM log.requests WHERE list_has_any(blocks, $words)"
    sql = f"SELECT DISTINCT word FROM ({blocks}) WHERE word IN (SELECT unnest($words))"
    hashes = {str(row[0]) for row in log.fetch_all(sql, {"words": sorted(set[str]().union(*spellings.values()))})}
    return {word for word, spelled in spellings.items() if spelled & hashes}


def _find_column_values(log: PricedLog, columns: Iterable[str], words: Iterable[str]) -> set[str]:
    """Return those of the words that are values of the columns, as far as the log has them."""
    known = [column for column in columns if log.has_columns(column)]
    return _find_values(log, known, "log.requests", words) if known else set()


def _find_values(log: PricedLog, columns: Iterable[str], table: str, words: Iterable[str]) -> set[str]:
    parts = [f"SELECT {_build_caseless_sql(f'trim({column}, $around)')} AS value FROM {table}" for column in columns]
    values = f"SELECT value FROM ({' UNION ALL '.join(parts)})"
    sql = f"SELECT word FROM (SELECT unnest($words) AS word) WHERE {_build_caseless_sql('word')} IN ({values})"
    return {str(row[0]) for row in log.fetch_all(sql, {"words": sorted(words), "around": STRIPPED_CHARACTERS})}


def _build_caseless_sql(text: str) -> str:
    """Return SQL for a text without case. Both sides are converted by DuckDB: Greek has two lower-case letters for one
    capital, and Python turns a Turkish capital into two characters."""
    return f"lower(upper({text}))"
