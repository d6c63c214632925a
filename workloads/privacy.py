"""Which words are values of a log's columns that stay on the machine."""

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workloads.ledger import Ledger

PRIVATE = ("request_id", "session", "end_user", "prompt_hash")
PUBLIC = ("model", "provider", "feature", "error")
"""What the notice says is sent: a user who is called like one of these is not told by it."""
AT_ONCE = 20_000  # words in one question
AROUND = string.punctuation + string.whitespace


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateWords:
    words: tuple[str, ...]


def private_among(ledger: Ledger, words: Iterable[str]) -> PrivateWords:
    """`words` are in lower case, without punctuation around them; so are the values that they are compared with."""
    given: dict[str, object] = {"words": sorted(words), "around": AROUND}
    found = _values(ledger, PRIVATE, given)
    if ledger.has("blocks"):
        blocks = "SELECT lower(unnest(blocks)) AS word FROM log.requests WHERE list_has_any(blocks, $words)"
        sql = f"SELECT DISTINCT word FROM ({blocks}) WHERE word IN (SELECT unnest($words))"
        found |= {str(row[0]) for row in ledger.all(sql, {"words": given["words"]})}
    if not found:
        return PrivateWords(words=())
    told = _values(ledger, PUBLIC, given | {"words": sorted(found)})
    return PrivateWords(words=tuple(sorted(found - told)))


def _values(ledger: Ledger, columns: Iterable[str], given: Mapping[str, object]) -> set[str]:
    parts = [
        f"SELECT lower(trim({column}, $around)) AS word FROM log.requests" for column in columns if ledger.has(column)
    ]
    if not parts:
        return set()
    sql = f"SELECT DISTINCT word FROM ({' UNION ALL '.join(parts)}) WHERE word IN (SELECT unnest($words))"
    return {str(row[0]) for row in ledger.all(sql, given)}
