"""The definition of a log format: what identifies it, and the columns that each field is read from."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from core.i18n.text import Text, text
from workloads.ingest.column_names import ColumnNames, Examples

NO_CACHED_TOKENS = text(
    "This kind of log doesn't say how many prompt tokens were read from the provider's cache. They are priced as fresh "
    "input, so your invoice may be lower."
)
NO_MODEL = text("This kind of log doesn't name a model. Choose the model to assume.")


class CachedTokens(StrEnum):
    """Whether the column read as `input_tokens` includes cached tokens."""

    INCLUDED = "included"
    USUALLY_INCLUDED = "usually included"  # except in rows whose cached tokens exceed their input
    GUESSED = "guessed"  # by the row's total, by rows of the same model that leave no doubt, else by the columns' names


class Clock(StrEnum):
    """How to read a time that is a bare number."""

    EPOCH = "epoch"  # s, ms, us or ns since 1970, distinguished by size; small numbers are seconds from the start
    MILLISECONDS = "milliseconds"  # counted from the log's own start


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One kind of log.

    `fields` maps a field of `workloads.ingest.fields.FIELDS` to the columns that may hold it, best first; each row is
    read from the first of them that it has a value in. A dot leads into a JSON object ("metadata.cost"), and a name
    that begins with "*." may stand at any depth.

    A file is of this format if it has all columns of `signature`, or of one of `other_signatures`, and none of `never`,
    and if one of the first values of each column in `values` begins as stated there; a column that the file lacks says
    nothing. Names are compared without case and punctuation, values without case.
    """

    name: str
    title: Text
    fields: Mapping[str, tuple[str, ...]]
    signature: frozenset[str] = frozenset()
    other_signatures: tuple[frozenset[str], ...] = ()
    never: frozenset[str] = frozenset()
    values: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=lambda: MappingProxyType({}))
    is_guessed: bool = False
    interchangeable: frozenset[str] = frozenset()  # last keys of columns that fill each other's gaps although guessed
    cached_tokens: CachedTokens = CachedTokens.INCLUDED
    kinds_are_beside: bool = False  # audio and image tokens are counted beside the other tokens, not among them
    excludes_cached_when: str = ""  # SQL over the fields: rows whose input leaves cached tokens out, whatever else says
    no_request_when: str = ""  # SQL over the fields: rows that are no requests
    answered_by_gateway_when: str = "flag(gateway_cache_hit)"  # SQL over the fields: rows that no provider charged for
    carried_fields: frozenset[str] = frozenset()  # a value holds for the rows after it, until the next one
    service_tier: str = ""  # of every row, in the price list's words
    are_sums: bool = False  # each row sums up requests, also where no column counts them
    cost_divisor: int = 1  # units of `cost_usd` in a dollar: 100 for cents
    clock: Clock = Clock.EPOCH
    block_tokens: int | None = None
    notes: tuple[Text, ...] = ()
    lacks: Mapping[str, Text] = dataclasses.field(
        default_factory=lambda: MappingProxyType({})
    )  # notes on unread fields

    @property
    def conditions(self) -> str:
        """All SQL of the format."""
        return " ".join((self.excludes_cached_when, self.no_request_when, self.answered_by_gateway_when))

    def score(self, names: ColumnNames, examples: Examples = MappingProxyType({})) -> int:
        """Return how well a file with these columns and values fits this format; 0 if it does not."""
        columns = max((_count_found(each, names) for each in (self.signature, *self.other_signatures)), default=0)
        if not columns or any(map(names.has, self.never)):
            return 0
        matches = [
            _match_values(beginnings, names.find((column,), inside=False), examples)
            for column, beginnings in self.values.items()
        ]
        return 0 if False in matches else columns + matches.count(True)


def _count_found(signature: frozenset[str], names: ColumnNames) -> int:
    """Return the number of columns in `signature` if the file has all of them, else 0."""
    return len(signature) if all(map(names.has, signature)) else 0


def _match_values(beginnings: tuple[str, ...], column: str | None, examples: Examples) -> bool | None:
    """Return whether a value of the column begins like this; None if there is no value."""
    values = [value.strip().lower() for value in examples.get(column or "", ()) if value.strip()]
    return any(value.startswith(beginnings) for value in values) if values else None
