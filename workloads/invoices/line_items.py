"""Read the words in which providers describe a line of an invoice: "gpt-4o-2024-08-06, cached input".

Everything is a search for words in a short text; nothing is repeated."""

import re
from dataclasses import dataclass
from typing import Final

from workloads.invoices.invoice import LineKind

MAX_LENGTH: Final = 300
_WORD: Final = re.compile(r"[a-z0-9]+")
_FEES: Final = frozenset(
    {"search", "searches", "storage", "session", "sessions", "interpreter", "execution", "tool", "fee"}
)
_TAXES: Final = frozenset({"tax", "taxes", "vat", "gst", "mwst", "ust"})
_CREDITS: Final = frozenset({"credit", "credits", "refund", "refunds", "discount", "promotion", "promotional"})
_WRITES: Final = frozenset({"write", "writes", "creation", "create", "store", "written"})
_CACHE: Final = frozenset({"cache", "cached", "caching"})
_TIERS: Final = ("batch", "flex", "priority", "fast")
_MODALITIES: Final = frozenset({"audio", "image", "text", "video", "usage", *_TIERS})


@dataclass(frozen=True, slots=True, kw_only=True)
class LineItem:
    model: str | None
    kind: LineKind
    tier: str | None


def parse_line_item(words: str) -> LineItem:
    """Read a line item that names model and kind of tokens in one text, such as OpenAI's and Anthropic's."""
    words = words[:MAX_LENGTH].strip()
    _, bar, rest = words.partition("|")
    item = rest if bar else words
    head, comma, tail = item.partition(" - " if " - " in item else ",")
    kind = parse_kind(tail if comma else item)
    if kind in (LineKind.FEE, LineKind.TAX, LineKind.CREDIT) and not (comma and parse_kind(tail) in _USAGE):
        return LineItem(model=None, kind=kind, tier=None)
    return LineItem(
        model=_clean_model(head) if comma or kind is LineKind.USAGE else None, kind=kind, tier=parse_tier(words)
    )


def parse_kind(words: str) -> LineKind:
    """Return what a text such as "input_cache_write_5m" is for."""
    found = frozenset(_WORD.findall(words[:MAX_LENGTH].lower()))
    signs = (
        (LineKind.TAX, bool(found & _TAXES)),
        (LineKind.CREDIT, bool(found & _CREDITS)),
        (LineKind.FEE, "storage" in found),  # also that of caches, by the hour
        (LineKind.OUTPUT, bool({"output", "completion"} & found)),
        (LineKind.FRESH_INPUT, "uncached" in found or {"no", "cache"} <= found),
        (LineKind.CACHE_WRITE, bool(_CACHE & found) and bool(found & _WRITES)),
        (LineKind.CACHE_READ, bool(_CACHE & found)),
        (LineKind.FEE, bool(found & _FEES)),
        (LineKind.FRESH_INPUT, bool({"input", "prompt"} & found)),
    )
    return next((kind for kind, is_said in signs if is_said), LineKind.USAGE)


def parse_tier(words: str) -> str | None:
    """Return the service tier that a text names; None for the standard one."""
    found = frozenset(_WORD.findall(words[:MAX_LENGTH].lower()))
    return next((tier for tier in _TIERS if tier in found), None)


_USAGE: Final = frozenset(
    {LineKind.FRESH_INPUT, LineKind.CACHE_READ, LineKind.CACHE_WRITE, LineKind.OUTPUT, LineKind.USAGE}
)


def _clean_model(head: str) -> str | None:
    """Return a model's name without the words that may follow it: "gpt-audio-mini audio", "Claude Sonnet 4 Usage"."""
    words = head.split()
    while len(words) > 1 and words[-1].strip("()").lower() in _MODALITIES:
        words.pop()
    return " ".join(words) or None
