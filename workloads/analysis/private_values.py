"""Find words that are values of a log's private columns, which must not leave the machine."""

import string
from collections.abc import Iterable
from dataclasses import dataclass

from workloads.analysis.priced_log import PricedLog

PRIVATE_COLUMNS = ("request_id", "session", "end_user", "prompt_hash")
PUBLIC_COLUMNS = ("model", "provider", "feature", "error")
"""What the notice says is sent: a user who is called like one of these is not told by it."""
WORDS_PER_QUERY = 20_000  # words in one question
STRIPPED_CHARACTERS = string.punctuation + "".join(filter(str.isspace, map(chr, range(0x3001))))
"""What may stand around a value, and does not stand around a word: blanks are Unicode's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateWords:
    words: tuple[str, ...]


def find_private_words(ledger: PricedLog, words: Iterable[str]) -> PrivateWords:
    """`words` as they stand somewhere, without punctuation and blanks around them. Case is of no matter."""
    found = _find_column_values(ledger, PRIVATE_COLUMNS, words)
    if ledger.has_columns("blocks"):
        found |= _find_block_hashes(ledger, words)
    if not found:
        return PrivateWords(words=())
    return PrivateWords(words=tuple(sorted(found - _find_column_values(ledger, PUBLIC_COLUMNS, found))))


def _find_block_hashes(ledger: PricedLog, words: Iterable[str]) -> set[str]:
    """Which of the words are hashes of blocks, of which a row has many: looked for in the ways to write one."""
    ways = {word: {word, word.lower(), word.upper()} for word in words}
    blocks = "SELECT unnest(blocks) AS word FROM log.requests WHERE list_has_any(blocks, $words)"
    sql = f"SELECT DISTINCT word FROM ({blocks}) WHERE word IN (SELECT unnest($words))"
    there = {str(row[0]) for row in ledger.fetch_all(sql, {"words": sorted(set[str]().union(*ways.values()))})}
    return {word for word, each in ways.items() if each & there}


def _find_column_values(ledger: PricedLog, columns: Iterable[str], words: Iterable[str]) -> set[str]:
    """Which of the words are values of the columns."""
    parts = [
        f"SELECT {_build_caseless_sql(f'trim({column}, $around)')} AS value FROM log.requests"
        for column in columns
        if ledger.has_columns(column)
    ]
    if not parts:
        return set()
    asked = "SELECT unnest($words) AS word"
    sql = f"SELECT word FROM ({asked}) WHERE {_build_caseless_sql('word')} IN (SELECT value FROM ({' UNION ALL '.join(parts)}))"
    return {str(row[0]) for row in ledger.fetch_all(sql, {"words": sorted(words), "around": STRIPPED_CHARACTERS})}


def _build_caseless_sql(text: str) -> str:
    """SQL for a text as it is compared, made on both sides by the same functions: Greek has two small letters for one
    capital, and Python's small letter of a Turkish capital is two."""
    return f"lower(upper({text}))"
