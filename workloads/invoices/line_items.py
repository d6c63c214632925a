"""Read the words in which providers and clouds describe a line of an invoice.

Providers write "gpt-4o-2024-08-06, cached input", clouds "USW2-Claude4.5Sonnet-cache-read-input-token-count" or
"gpt-4o-0806-Inp-glbl Tokens". Everything is a search for words in a short text; nothing is repeated."""

import re
from dataclasses import dataclass
from typing import Final

from workloads.invoices.invoice import LineKind

MAX_LENGTH: Final = 300
MAX_SKU_LENGTH: Final = 600

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
_USAGE: Final = frozenset(
    {LineKind.FRESH_INPUT, LineKind.CACHE_READ, LineKind.CACHE_WRITE, LineKind.OUTPUT, LineKind.USAGE}
)


_EDGE: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z]{2})(?=\d)|(?<=\d)(?=[A-Z][a-z])")
_SKU_WORD: Final = re.compile(r"[a-z0-9]+(?:\.\d+)?")
_NUMBER: Final = re.compile(r"\d{1,4}(\.\d{1,2})?[a-z]?|[rv]\d")
_MONTH_AND_DAY: Final = re.compile(r"(0[1-9]|1[0-2])[0-3]\d")
_FAMILIES: Final = frozenset(
    {
        *("claude", "gpt", "gemini", "gemma", "llama", "mistral", "mixtral", "codestral", "ministral", "nova", "titan"),
        *("command", "deepseek", "grok", "qwen", "kimi", "jamba", "phi", "o1", "o3", "o4", "embedding"),
    }
)
_SIZES: Final = frozenset(
    {
        *("sonnet", "opus", "haiku", "fable", "mythos", "instant", "flash", "lite", "pro", "ultra", "nano", "mini"),
        *("micro", "premier", "turbo", "large", "small", "medium", "chat", "codex", "oss", "coder", "preview", "plus"),
        *("realtime", "embedding", "ada", "maverick", "scout", "instruct", "text", "embed"),
    }
)
_SHORT: Final = {"rt": "realtime", "inp": "input", "outp": "output", "opt": "output", "cchd": "cached", "cd": "cached"}
_SKU_FEES: Final = frozenset(
    {"provisioned", "ptu", "hosting", "training", "customization", "guardrail", "guardrails", "grounding"}
)
_PREFIXES: Final = {"nova": "amazon.nova", "titan": "amazon.titan"}


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


def parse_sku(words: str) -> LineItem:
    """Read the name of what a cloud bills. A text that names no known family is read as a line item."""
    found = split_words(words)
    kind = parse_kind(" ".join(found))
    if kind is not LineKind.TAX and _SKU_FEES & set(found):
        kind = LineKind.FEE
    if kind in (LineKind.FEE, LineKind.TAX, LineKind.CREDIT):
        return LineItem(model=None, kind=kind, tier=None)
    model = _find_model(found)
    if model is None and kind is not LineKind.USAGE:
        model = parse_line_item(words).model
    return LineItem(model=model, kind=kind, tier=parse_tier(" ".join(found)))


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


def _clean_model(head: str) -> str | None:
    """Return a model's name without the words that may follow it: "gpt-audio-mini audio", "Claude Sonnet 4 Usage"."""
    words = head.split()
    while len(words) > 1 and words[-1].strip("()").lower() in _MODALITIES:
        words.pop()
    return " ".join(words) or None


def split_words(words: str) -> list[str]:
    """Return the words in small letters, also those that only capitals and digits set apart."""
    parted = _EDGE.sub(" ", words[:MAX_SKU_LENGTH])
    return [_SHORT.get(word, word) for word in _SKU_WORD.findall(parted.lower())]


def _find_model(words: list[str]) -> str | None:
    """Return the first model among the words, as the price list writes names."""
    for place, word in enumerate(words):
        if word in _FAMILIES:
            rest = _take_name(words[place + 1 :])
            if rest or word[0] == "o":
                start = "text-embedding" if word == "embedding" else _PREFIXES.get(word, word)
                return "-".join((start, *rest))
    return None


def _take_name(words: list[str]) -> list[str]:
    """Return the numbers and sizes at the beginning; a month and day, as in gpt-4o-0806, are no part of the name."""
    name: list[str] = []
    for word in words:
        if _MONTH_AND_DAY.fullmatch(word):
            continue
        if word in ("input", "output") or not (word in _SIZES or _NUMBER.fullmatch(word)):
            break
        name.append(word.removesuffix(".0"))
    while name and name[-1] == "text":
        name.pop()
    return name
