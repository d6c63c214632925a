"""How far a number may be from the figure that it rounds, if the text hedges it: about $1,200, over 30%."""

import re
from decimal import Decimal

from agents.answers.backing.quantity import Range
from agents.answers.backing.units import WORDS

_BEFORE = 24  # characters in which a hedge is looked for
_ABOUT, _OVER, _UNDER = (
    re.compile(rf"(?:{sign}|\b(?:{'|'.join(WORDS['hedges'][name])})\.?)[ \u00a0]?[$]?\Z")
    for name, sign in (("about", "[~\u2248]"), ("over", "[>]"), ("under", "[<]"))
)
_FAR_OVER, _FAR_UNDER = Decimal("1.3"), Decimal("0.85")


def widen(text: str, start: int, read: Range) -> Range:
    """Return the range of a number that begins at `start` of a text, as far as it is hedged."""
    before = text[max(0, start - _BEFORE) : start].lower()
    value = (read.low + read.high) / 2
    if not value:
        return read
    place = Decimal(1).scaleb(int(value.normalize().as_tuple().exponent))  # of the last digit that is not 0
    if _ABOUT.search(before):
        return Range(min(read.low, value - place / 2), max(read.high, value + place / 2))
    if _OVER.search(before):
        return Range(read.low, max(read.high, value + place))
    if _UNDER.search(before):
        return Range(min(read.low, value - place), read.high)
    return read


def widen_words(text: str, start: int, read: Range) -> Range:
    """Return the range of a share or a multiple in words: "more than half" may be 65%, "nearly doubled" 1.8 times."""
    before = text[max(0, start - _BEFORE) : start].lower()
    if _OVER.search(before):
        is_part = read.high < 1  # nothing is more than the whole
        return Range(read.low, (read.high + 1) / 2 if is_part else read.high * _FAR_OVER)
    if _UNDER.search(before):
        return Range(read.low * _FAR_UNDER, read.high)
    return read
