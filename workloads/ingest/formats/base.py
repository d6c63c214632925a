"""The definition of a log format: the columns that identify it, and those that each field is read from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.i18n.text import Text

PATH_SYNTAX = frozenset('."\\*')
"""Characters with a meaning in a path into a JSON value, quoted or not."""


class CachedTokens(StrEnum):
    """Whether the column read as `input_tokens` includes cached tokens."""

    INCLUDED = "included"
    USUALLY_INCLUDED = "usually included"  # except in rows whose cached tokens exceed their input
    GUESSED = "guessed"  # for the whole column: excluded if any row has more cached than input tokens


class Clock(StrEnum):
    """How to read a time that is a bare number."""

    EPOCH = "epoch"  # s, ms, us or ns since 1970, distinguished by size; small numbers are seconds from the start
    MILLISECONDS = "milliseconds"  # counted from the log's own start


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One kind of log.

    `fields` maps a field of `workloads.ingest.fields.FIELDS` to the columns that may hold it, best first; a dot leads
    into a JSON object ("metadata.cost"). A file that has all columns of `signature` is of this format; names are
    compared without case and punctuation.
    """

    name: str
    title: Text
    fields: Mapping[str, tuple[str, ...]]
    signature: frozenset[str] = frozenset()
    is_guessed: bool = False
    cached_tokens: CachedTokens = CachedTokens.INCLUDED
    excludes_cached_when: str = ""  # SQL over the fields: rows whose input leaves cached tokens out, whatever else says
    service_tier: str = ""  # of every row, in the price list's words
    are_sums: bool = False  # each row sums up requests, also where no column counts them
    clock: Clock = Clock.EPOCH
    block_tokens: int | None = None
    notes: tuple[Text, ...] = ()

    def score(self, columns: Iterable[str]) -> int:
        """Return how well a file with these columns fits this format; 0 if it does not."""
        wanted = {normalize_name(name) for name in self.signature}
        return len(wanted) if wanted and wanted <= {normalize_name(name) for name in columns} else 0


def is_path_key(key: str) -> bool:
    """Whether a key of a JSON object can be used in a path literally."""
    return bool(key) and not PATH_SYNTAX & set(key)


def normalize_name(name: str) -> str:
    """Return a column's name without case, blanks and punctuation; dots between JSON levels stay."""
    return "".join(letter for letter in name.lower() if letter.isalnum() or letter == ".")
