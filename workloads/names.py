"""A name that a user's file has, made fit to be shown: it is data, and no path is ever made of it."""

from unicodedata import category

from netra.core.jsonable import storable

LONGEST = 255
LOOKED_AT = 4096  # characters of a name as it was given
NAMELESS = "log"
_UNSEEN = frozenset({"Cc", "Zl", "Zp"})
# They make what stands beside them read in another order: "exe.csv" for what ends in "vsc.exe".
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def shown(name: str) -> str:
    """`name` without control characters and marks that turn text around, at most 255 characters, never empty."""
    kept = "".join(
        letter for letter in storable(name[:LOOKED_AT]) if category(letter) not in _UNSEEN and letter not in _BIDI
    )
    return kept.strip()[:LONGEST].strip() or NAMELESS
