"""The keys that macs are made with. They are outside the database: who can only change rows cannot make macs.

NETRA_AUDIT_KEY where it is given, else one made of the secret key (docs/audit.md tells what that costs). A row names
its key by a few digits, so that rows under former keys can still be checked.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings


@dataclass(frozen=True, slots=True)
class ChainKey:
    secret: bytes = field(repr=False)
    name: str

    def mac(self, text: str) -> str:
        """Hex digits."""
        return hmac.digest(self.secret, text.encode(), "sha256").hex()

    def mac_of_lines(self, lines: Iterable[str]) -> str:
        """The same for more than fits into memory; no line holds a line break."""
        made = hmac.new(self.secret, digestmod="sha256")
        for line in lines:
            made.update(f"{line}\n".encode())
        return made.hexdigest()


def chain_key() -> ChainKey:
    """The one that new macs are made with."""
    return _made(settings.AUDIT_KEYS[0] if settings.AUDIT_KEYS else settings.SECRET_KEY)


def known_keys() -> dict[str, ChainKey]:
    """All that a mac may have been made with, by name; the present one first."""
    given = (*settings.AUDIT_KEYS, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return {key.name: key for key in map(_made, given)}


def _made(given: str) -> ChainKey:
    secret = hmac.digest(given.encode(), b"netra audit chain", hashlib.sha256)
    return ChainKey(secret, hmac.digest(secret, b"name", hashlib.sha256).hex()[:8])
