"""The smaller model of the same provider that could answer instead of a model, and how their token counts differ.

Models with the same tokenizer count the same tokens. Between tokenizers the counts differ, by how much depends on the
text: the range here covers English, code and other languages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

SMALLER_MODELS: Mapping[str, str] = MappingProxyType(
    {
        "gpt-4": "gpt-4o-mini",
        "gpt-4-turbo": "gpt-4o-mini",
        "gpt-4o": "gpt-4o-mini",
        "gpt-4o-2024-05-13": "gpt-4o-mini",
        "gpt-4.1": "gpt-4.1-mini",
        "gpt-5": "gpt-5-mini",
        "gpt-5.1": "gpt-5-mini",
        "gpt-5.2": "gpt-5-mini",
        "gpt-5.4": "gpt-5.4-mini",
        "gpt-5.6-sol": "gpt-5.6-luna",
        "gpt-5.6-terra": "gpt-5.6-luna",
        "gpt-6-sol": "gpt-6-luna",
        "o1": "o4-mini",
        "o3": "o4-mini",
        "claude-3-opus-latest": "claude-3-5-haiku-latest",
        "claude-3-5-sonnet": "claude-3-5-haiku-latest",
        "claude-3-7-sonnet-latest": "claude-3-5-haiku-latest",
        "claude-opus-4-0": "claude-haiku-4-5",
        "claude-opus-4-1": "claude-haiku-4-5",
        "claude-opus-4-5": "claude-haiku-4-5",
        "claude-opus-4-6": "claude-haiku-4-5",
        "claude-opus-4-7": "claude-haiku-4-5",
        "claude-opus-4-8": "claude-haiku-4-5",
        "claude-sonnet-4-0": "claude-haiku-4-5",
        "claude-sonnet-4-5": "claude-haiku-4-5",
        "claude-sonnet-4-6": "claude-haiku-4-5",
        "claude-opus-5": "claude-haiku-5-5",
        "claude-opus-5-5": "claude-haiku-5-5",
        "claude-sonnet-5": "claude-haiku-5-5",
        "claude-sonnet-5-5": "claude-haiku-5-5",
        "gemini-1.5-pro": "gemini-1.5-flash",
        "gemini-2.5-pro": "gemini-2.5-flash",
        "gemini-3-pro-preview": "gemini-3-flash-preview",
        "mistral-large": "mistral-small-latest",
        "grok-3": "grok-3-mini",
        "grok-4-0709": "grok-4-fast-reasoning",
    }
)
"""Models and their smaller siblings of the same provider, by the price list's names."""

TOKENIZERS: tuple[tuple[str, str], ...] = (
    (r"gpt-(4o|4\.1|4\.5|5|6|oss)|chatgpt-4o|o[1-9]\b", "o200k"),
    (r"gpt-(4|3\.5)|text-embedding", "cl100k"),
    (r"claude-(opus-(4-[7-9]|[5-9])|sonnet-[5-9]|haiku-[5-9])", "Claude, from Opus 4.7"),
    (r"claude", "Claude, until Opus 4.6"),
    (r"gemini|gemma", "Gemini"),
    (r"grok", "Grok"),
    (r"deepseek", "DeepSeek"),
    (r"mistral|ministral|magistral|codestral|mixtral", "Mistral"),
    (r"llama", "Llama"),
    (r"qwen|qwq", "Qwen"),
)
"""Models, as regular expressions on the price list's names, and their tokenizers; the first match counts. OpenAI's are
those of tiktoken; Anthropic says that Opus 4.7 counts up to 1.35 times the tokens of models before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRatio:
    """How many tokens the target counts for one token of the log: from `least` to `most`."""

    least: Decimal
    most: Decimal

    @property
    def is_known(self) -> bool:
        return self.least == self.most


SAME = TokenRatio(least=Decimal(1), most=Decimal(1))
OTHER = TokenRatio(least=Decimal("0.75"), most=Decimal("1.35"))


def get_token_ratio(model: str | None, target: str) -> TokenRatio:
    """Return the range of token ratios between two models of the price list."""
    ours, theirs = _find_tokenizer(model or ""), _find_tokenizer(target)
    return SAME if model == target or (ours is not None and ours == theirs) else OTHER


def _find_tokenizer(model: str) -> str | None:
    return next((name for pattern, name in TOKENIZERS if re.search(pattern, model)), None)
