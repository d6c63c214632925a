"""Find words that name an account, so that they are withheld from remote language models."""

import string
from collections.abc import Mapping
from typing import Any

from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower

from core.models import User
from core.username_rules import parse_id

WORDS_PER_QUERY = 2_000  # words in one query
SURROUNDING_CHARACTERS = string.punctuation + string.whitespace
"""What stands around a name and is no part of the word that is looked for, as in "Ana Lind (billing)"."""
NAME_FIELDS = ("username", "display_name", "email")


class TrimSurrounding(Func):
    """A text without what stands around it."""

    function = "TRIM"

    def __init__(self, text: Any) -> None:
        super().__init__(text, Value(SURROUNDING_CHARACTERS))

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, **{**context, "function": "BTRIM"})


def find_account_words(words: frozenset[str]) -> frozenset[str]:
    """`words` as they stand, without punctuation around them: names, display names, addresses and ids, in any case."""
    found: set[str] = set()
    asked = sorted(words)
    for start in range(0, len(asked), WORDS_PER_QUERY):
        found |= _find_account_names(asked[start : start + WORDS_PER_QUERY])
    return frozenset(word for word in words if word.lower() in found)


def _find_account_names(words: list[str]) -> set[str]:
    """All that the accounts are called which these words may name, in lower case."""
    # As they stand too: SQLite has small letters of ASCII alone.
    matches = Q(pk__in=[key for word in words if (key := parse_id(word)) is not None])
    columns: Mapping[str, Any] = {f"{name}_as_it_is": TrimSurrounding(F(name)) for name in NAME_FIELDS}
    small: Mapping[str, Any] = {f"{name}_in_small": TrimSurrounding(Lower(name)) for name in NAME_FIELDS}
    for column in columns:
        matches |= Q(**{f"{column}__in": words})
    for column in small:
        matches |= Q(**{f"{column}__in": [word.lower() for word in words]})
    found: set[str] = set()
    for *names, key in User.objects.annotate(**columns, **small).filter(matches).values_list(*NAME_FIELDS, "pk"):
        found |= {name.strip(SURROUNDING_CHARACTERS).lower() for name in names} | {str(key), key.hex}
    return found
