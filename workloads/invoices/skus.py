"""Read what clouds call the things they bill: usage types, meters and SKUs, which name model, kind of tokens and tier.

"USW2-Claude4.5Sonnet-cache-read-input-token-count", "gpt-4o-0806-Inp-glbl Tokens", "Gemini 2.5 Pro Text Output". The
text is cut into words, and a model is the name of a family with the numbers and sizes that follow it."""

import re
from typing import Final

from workloads.invoices.invoice import LineKind
from workloads.invoices.line_items import LineItem, parse_kind, parse_line_item, parse_tier

MAX_LENGTH: Final = 600
_EDGE: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z]{2})(?=\d)|(?<=\d)(?=[A-Z][a-z])")
_WORD: Final = re.compile(r"[a-z0-9]+(?:\.\d+)?")
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
_FEES: Final = frozenset(
    {"provisioned", "ptu", "hosting", "training", "customization", "guardrail", "guardrails", "grounding"}
)
_PREFIXES: Final = {"nova": "amazon.nova", "titan": "amazon.titan"}


def parse_sku(words: str) -> LineItem:
    """Read the name of what a cloud bills. A text that names no known family is read as a line item."""
    found = split_words(words)
    kind = parse_kind(" ".join(found))
    if kind is not LineKind.TAX and _FEES & set(found):
        kind = LineKind.FEE
    if kind in (LineKind.FEE, LineKind.TAX, LineKind.CREDIT):
        return LineItem(model=None, kind=kind, tier=None)
    model = _find_model(found)
    if model is None and kind is not LineKind.USAGE:
        return LineItem(model=parse_line_item(words).model, kind=kind, tier=parse_tier(" ".join(found)))
    return LineItem(model=model, kind=kind, tier=parse_tier(" ".join(found)))


def split_words(words: str) -> list[str]:
    """Return the words in small letters, also those that only capitals and digits set apart."""
    parted = _EDGE.sub(" ", words[:MAX_LENGTH])
    return [_SHORT.get(word, word) for word in _WORD.findall(parted.lower())]


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
