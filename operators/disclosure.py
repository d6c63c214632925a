"""Which words name an account of this installation."""

import string
from collections.abc import Mapping
from typing import Any

from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower

from netra.core.models import User
from netra.core.names import read_id

AT_ONCE = 2_000  # words in one query
AROUND = string.punctuation + string.whitespace
"""What stands around a name and is no part of the word that is looked for, as in "Ana Lind (billing)"."""
NAMES = ("username", "display_name", "email")


class Bare(Func):
    """A text without what stands around it."""

    function = "TRIM"

    def __init__(self, text: Any) -> None:
        super().__init__(text, Value(AROUND))

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, **{**context, "function": "BTRIM"})


def accounts_among(words: frozenset[str]) -> frozenset[str]:
    """`words` as they stand, without punctuation around them: names, display names, addresses and ids, in any case."""
    found: set[str] = set()
    asked = sorted(words)
    for start in range(0, len(asked), AT_ONCE):
        found |= _accounts(asked[start : start + AT_ONCE])
    return frozenset(word for word in words if word.lower() in found)


def _accounts(words: list[str]) -> set[str]:
    """All that the accounts are called which these words may name, in lower case."""
    # As they stand too: SQLite has small letters of ASCII alone.
    matches = Q(pk__in=[key for word in words if (key := read_id(word)) is not None])
    columns: Mapping[str, Any] = {f"{name}_as_it_is": Bare(F(name)) for name in NAMES}
    small: Mapping[str, Any] = {f"{name}_in_small": Bare(Lower(name)) for name in NAMES}
    for column in columns:
        matches |= Q(**{f"{column}__in": words})
    for column in small:
        matches |= Q(**{f"{column}__in": [word.lower() for word in words]})
    found: set[str] = set()
    for *names, key in User.objects.annotate(**columns, **small).filter(matches).values_list(*NAMES, "pk"):
        found |= {name.strip(AROUND).lower() for name in names} | {str(key), key.hex}
    return found
