"""Rules of the providers' prompt caches that the price list does not hold, from the providers' documentation.

OpenAI: prefixes from 1,024 tokens in steps of 128, kept for 5 to 10 minutes of inactivity (5 taken here). Anthropic:
a minimum by model, 5 minutes refreshed on use. Gemini: implicit, minimum by family, time undocumented ("a few
minutes"). DeepSeek: units of 64 tokens, kept for hours. Others: taken as OpenAI's, and said so.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheTerms:
    """The shortest prefix that is cached and the step above it, in tokens; seconds without use until it is gone.

    `ttl` is one of replay.TTLS. `automatic`: the provider caches without being asked.
    """

    minimum: int
    step: int = 1
    ttl: int = 300
    automatic: bool = False
    documented: bool = True


OPENAI = CacheTerms(minimum=1024, step=128, automatic=True)
UNDOCUMENTED = CacheTerms(minimum=1024, step=128, documented=False)

TERMS: tuple[tuple[str, str, CacheTerms], ...] = (
    (r"openai|azure|openrouter", r"(^|/)(gpt|o\d|chatgpt)", OPENAI),
    (r".*", r"claude-(opus-4-[56]|haiku-4-5)", CacheTerms(minimum=4096)),
    (r".*", r"claude-(3-5-haiku|3-haiku|haiku-3|sonnet-4-6)", CacheTerms(minimum=2048)),
    (r".*", r"claude", CacheTerms(minimum=1024)),
    (r".*", r"gemini-2\.5-flash", CacheTerms(minimum=1024, automatic=True)),
    (r".*", r"gemini-2\.5-pro", CacheTerms(minimum=2048, automatic=True)),
    (r".*", r"gemini", CacheTerms(minimum=4096, automatic=True)),
    (r".*", r"deepseek", CacheTerms(minimum=64, step=64, ttl=3600, automatic=True)),
)
"""Provider, model (regular expressions on the price list's names) and terms; the first that matches holds."""


def terms_of(provider_id: str | None, model_id: str | None) -> CacheTerms:
    for provider, model, terms in TERMS:
        if re.fullmatch(provider, provider_id or "") and re.search(model, model_id or ""):
            return terms
    return UNDOCUMENTED
