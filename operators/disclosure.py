"""Find words that name an account, so that they are withheld from remote language models."""

import string
from collections.abc import Mapping
from typing import Any

from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower

from core.models import User
from core.username_rules import parse_id

WORDS_PER_QUERY = 2_000
SURROUNDING_CHARACTERS = string.punctuation + string.whitespace
"""Stripped from both ends of names and words, as in "Ana Lind (billing)"."""
NAME_FIELDS = ("username", "display_name", "email")


class TrimSurrounding(Func):
    """Strips surrounding punctuation and spaces from a text in the database."""

    function = "TRIM"

    def __init__(self, text: Any) -> None:
        super().__init__(text, Value(SURROUNDING_CHARACTERS))

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, **{**context, "function": "BTRIM"})


def find_account_words(words: frozenset[str]) -> frozenset[str]:
    """Return the words that are a user's name, display name, e-mail address or id, in upper or lower case.

    `words` have no punctuation around them.
    """
    found: set[str] = set()
    sorted_words = sorted(words)
    for start in range(0, len(sorted_words), WORDS_PER_QUERY):
        found |= _find_account_names(sorted_words[start : start + WORDS_PER_QUERY])
    return frozenset(word for word in words if word.lower() in found)


def _find_account_names(words: list[str]) -> set[str]:
    """Return all names and ids, in lower case, of the accounts that these words may name."""
    # Compared unchanged too: SQLite's LOWER handles only ASCII.
    matches = Q(pk__in=[pk for word in words if (pk := parse_id(word)) is not None])
    columns: Mapping[str, Any] = {f"{name}_exact": TrimSurrounding(F(name)) for name in NAME_FIELDS}
    lower_columns: Mapping[str, Any] = {f"{name}_lower": TrimSurrounding(Lower(name)) for name in NAME_FIELDS}
    for column in columns:
        matches |= Q(**{f"{column}__in": words})
    for column in lower_columns:
        matches |= Q(**{f"{column}__in": [word.lower() for word in words]})
    found: set[str] = set()
    for *names, pk in User.objects.annotate(**columns, **lower_columns).filter(matches).values_list(*NAME_FIELDS, "pk"):
        found |= {name.strip(SURROUNDING_CHARACTERS).lower() for name in names} | {str(pk), pk.hex}
    return found
