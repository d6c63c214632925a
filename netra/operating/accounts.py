"""Which words name an account of this installation."""

from django.db.models import Q
from django.db.models.functions import Lower

from netra.core.models import User
from netra.core.names import read_id

AT_ONCE = 2_000  # words in one query


def accounts_among(words: frozenset[str]) -> frozenset[str]:
    """`words` are in lower case: names, display names, addresses and ids."""
    found: set[str] = set()
    named = User.objects.annotate(name=Lower("username"), shown=Lower("display_name"), address=Lower("email"))
    asked = sorted(words)
    for start in range(0, len(asked), AT_ONCE):
        some = asked[start : start + AT_ONCE]
        ids = [key for word in some if (key := read_id(word)) is not None]
        matches = Q(name__in=some) | Q(shown__in=some) | Q(address__in=some) | Q(pk__in=ids)
        for name, shown, address, key in named.filter(matches).values_list("name", "shown", "address", "pk"):
            found |= {name, shown, address, str(key), key.hex}
    return words & found
