"""Goals in money and limits in a question: "save $2,000", "only team search", "never touch support-chat", "without
changing models", "don't cache", "keep p99 under 3 s". The rules are in English.

Each rule searches for a few words and reads at most MAX_OBJECT characters after them, so the time is linear."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType

from workloads.pricing.constraints import (
    Constraints,
    ExcludedChange,
    LatencyLimit,
    Limit,
    ScopeName,
    UnmetLimit,
)

MAX_OBJECT = 120
MAX_NAMES = 20
MAX_WORDS = 80  # of a limit that is quoted back

_OBJECT = rf"((?:[^.;:!?\n]|[.:](?=\S)){{1,{MAX_OBJECT}}})"
"""The rest of the clause; a full stop within a name, as in gpt-4.1, does not end it."""

_CHANGE = r"(?:touch|chang|affect|modif|mov|us|switch|replac|alter|apply|downgrad|downsiz|includ|count|consider)"
ONLY_PATTERN = re.compile(
    r"\b(?:only|solely|nothing but)\s+(?:(?:for|in|on|at|within|of|from|look at|touch|change|by changing)\s+)?"
    + _OBJECT,
    re.IGNORECASE,
)
NEVER_PATTERN = re.compile(
    r"\b(?:(?:never|do not|don['\u2019]t|must not|mustn['\u2019]t|without|may not|not|avoid)\s+"
    rf"{_CHANGE}(?:e|y|ying|ing|ching|ging|to)?\s+|"
    r"(?:except(?: for)?|but not|other than|excluding|exclude|leave out|ignoring|ignore|hands off)\s+)" + _OBJECT,
    re.IGNORECASE,
)
KEEP_PATTERN = re.compile(rf"\b(?:leave|keep)\s+{_OBJECT}", re.IGNORECASE)
KEEP_END = re.compile(r"\s(?:alone|untouched|unchanged|as (?:it is|they are|is)|out of (?:it|this))\b", re.IGNORECASE)
OBJECT_END = re.compile(
    r"\b(?:but|while|without|never|only|keep|because|when|if|so that|in order|please|and (?:do|don|keep|never|save|cut|"
    r"reduce|leave|only|without)|(?:cut|save|reduce|lower) )|,\s(?:cut|save|reduce|keep|and)\b",
    re.IGNORECASE,
)
SPLIT_NAMES = re.compile(r",\s|\s(?:and|or|nor|&)\s|\s&\s", re.IGNORECASE)

EXCLUDED_PATTERNS: Mapping[ExcludedChange, re.Pattern[str]] = MappingProxyType(
    {
        ExcludedChange.MODELS: re.compile(
            r"\b(?:without|not|never|don['\u2019]t|no)\s+(?:\w{1,12}ing\s+|change\s+|touch\s+|switch\s+|replace\s+|use\s+)?"
            r"(?:the\s+|my\s+|our\s+|any\s+|to\s+|another\s+|other\s+|a\s+)*(?:smaller\s+|cheaper\s+|different\s+|new\s+|"
            r"other\s+)?models?\b(?!\s+\S*[-\d])|\b(?:same|current)\s+models?\b|\bkeep\s+(?:the\s+|my\s+|our\s+)?models?\b",
            re.IGNORECASE,
        ),
        ExcludedChange.CACHES: re.compile(
            r"\b(?:without|not|never|don['\u2019]t|no)\s+(?:\w{1,12}\s+)?(?:any\s+|a\s+)?(?:prompt\s+|response\s+)?cach(?:e|es|ing)\b",
            re.IGNORECASE,
        ),
        ExcludedChange.BATCHES: re.compile(
            r"\b(?:without|not|never|don['\u2019]t|no)\s+(?:\w{1,12}\s+)?(?:any\s+|a\s+|the\s+)?"
            r"(?:batch(?:es|ing)?|flex(?:\s+tier)?|off-peak(?:\s+hours)?|delays?|delaying)\b",
            re.IGNORECASE,
        ),
        ExcludedChange.LENGTHS: re.compile(
            r"\b(?:without|not|never|don['\u2019]t|no)\s+(?:\w{1,12}\s+)?"
            r"(?:shorter|shorten(?:ing)?|truncat(?:e|ing)|trim(?:ming)?|cut(?:ting)?(?:\s+down)?|limit(?:ing)?)\s+"
            r"(?:the\s+|my\s+|our\s+|any\s+)?(?:prompts?|answers?|outputs?|responses?|contexts?)\b",
            re.IGNORECASE,
        ),
    }
)
QUALITY_PATTERN = re.compile(
    r"\b(?:without|not|never|keep|maintain|same|don['\u2019]t)\b[^.;!?\n]{0,40}?\b(?:quality|accuracy)\b", re.IGNORECASE
)
LATENCY_PATTERN = re.compile(
    r"\b(p50|p95|p99|latency)\b[^.;!?\n\d]{0,30}?"
    r"(?:\b(?:under|below|within|less than|at most|max(?:imum)?)\b|[<≤])=?\s*"
    r"(\d{1,9}(?:[.,]\d{1,6})?)\s*(ms\b|milli|s\b|sec)",
    re.IGNORECASE,
)
WITHOUT_PATTERN = re.compile(r"\bwithout\s[^.,;!?\n]{1,60}", re.IGNORECASE)
LATENCY_WORDS = re.compile(r"latenc|p50|p95|p99|slow|speed", re.IGNORECASE)
SAVE_VERB = (
    r"(?:sav(?:e|es|ed|ing|ings)|cut(?:s|ting)?|reduc(?:e|es|ing)|lower(?:ing)?|trim|shave|drop|decreas(?:e|ing)|"
    r"get rid of|less|cheaper)"
)
AMOUNT = (
    r"(?:(US\$|\$|€|£)\s?(\d{1,3}(?:,\d{3}){1,4}|\d{1,12})(\.\d{1,4})?\s?(k|m)?\b"
    r"|(\d{1,3}(?:,\d{3}){1,4}|\d{1,12})(\.\d{1,4})?\s?(k|m)?\s(dollars?|usd|bucks|euros?|eur)\b)"
)
MONEY_GOAL_PATTERNS = (
    re.compile(rf"\b{SAVE_VERB}\b(?P<between>[^.;!?\n$€£\d]{{0,60}}){AMOUNT}", re.IGNORECASE),
    re.compile(rf"\b(?:goal|target)\b(?P<between>[^.;!?\n$€£\d]{{0,30}}){AMOUNT}", re.IGNORECASE),
)
PERIOD_PATTERN = re.compile(r"(?:a|per|each|every|/)\s*(day|week|month|quarter|year)\b", re.IGNORECASE)
NOT_A_SAVING = re.compile(r"\b(?:to|from|of)\s*$", re.IGNORECASE)
"""Before an amount: "cut spend to $500" is a level, "cut $300 of $500" names the amount first."""

DIMENSION_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "feature": "feature",
        "workflow": "feature",
        "team": "team",
        "model": "model",
        "key": "api_key",
        "api key": "api_key",
        "user": "end_user",
        "customer": "customer",
        "environment": "environment",
        "provider": "provider",
    }
)
_DIMENSION = "|".join(f"{word}s?" for word in sorted(DIMENSION_WORDS, key=len, reverse=True))
NAME_PATTERN = re.compile(
    rf"^(?:(?:the|my|our|any|all|anything|everything|of|for|in|on|requests?|calls?|traffic|to|from|with|spend)\s+)*+"
    rf"(?:(?P<before>{_DIMENSION})\s+)?(?P<name>\S.*?)(?:['\u2019]s)?(?:(?<!\s)\s++(?P<after>{_DIMENSION}))?"
    rf"(?:(?<!\s)\s++(?:requests?|calls?|traffic|spend|costs?))?$",
    re.IGNORECASE,
)
"""Blanks are looked at from where they begin only, so that many of them take linear time."""
NOT_NAMES = re.compile(
    r"\b(?:latency|quality|accuracy|cach\w*|batch\w*|it|that|this|them|me|one|what|how|why|know)\Z"
    r"|\A(?:p50|p95|p99|(?:a |the |my |our |any |smaller |other |another |different )*models?"
    r"|anything|everything|nothing|\d.*)\Z",
    re.IGNORECASE,
)


def parse_limits(question: str) -> Constraints:
    """Return the goal in money and the limits of a question."""
    goal, unmet_goal = _parse_money_goal(question)
    excluded = tuple(change for change, pattern in EXCLUDED_PATTERNS.items() if pattern.search(question))
    quality = [UnmetLimit(words=m.group()[:MAX_WORDS], why=Limit.QUALITY) for m in QUALITY_PATTERN.finditer(question)]
    return Constraints(
        only=_list_names(m.group(1) for m in ONLY_PATTERN.finditer(question)),
        never=_list_names(_iter_untouched(question)),
        excluded=excluded,
        unmet=(*unmet_goal, *quality[:1], *_list_unclear(question)),
        goal_usd=goal,
        latency_limit=parse_latency_limit(question),
    )


def limits_savings(limits: Constraints) -> bool:
    """Whether the question is about savings, because it has a goal in money or says where to save."""
    return bool(limits.only or limits.never or limits.excluded or limits.goal_usd)


def parse_latency_limit(question: str) -> LatencyLimit | None:
    """Return the latency that must not be exceeded, as in "keep p99 under 3 s". Plain latency means p95."""
    found = LATENCY_PATTERN.search(question)
    if found is None:
        return None
    metric, number, unit = found.groups()
    factor = 1 if unit.lower().startswith("m") else 1_000
    return LatencyLimit(
        metric="p95" if metric.lower() == "latency" else metric.lower(), ms=float(number.replace(",", ".")) * factor
    )


def _list_unclear(question: str) -> tuple[UnmetLimit, ...]:
    """Return what the question excludes in words that no rule knows, such as "without hiring anybody"."""
    known = (*EXCLUDED_PATTERNS.values(), QUALITY_PATTERN, NEVER_PATTERN, LATENCY_WORDS)
    excluded = (match.group().strip() for match in WITHOUT_PATTERN.finditer(question))
    unclear = [words for words in excluded if not any(pattern.search(words) for pattern in known)]
    return tuple(UnmetLimit(words=words[:MAX_WORDS], why=Limit.UNCLEAR) for words in unclear[:MAX_NAMES])


def _parse_money_goal(question: str) -> tuple[Decimal | None, tuple[UnmetLimit, ...]]:
    for found in (match for pattern in MONEY_GOAL_PATTERNS for match in pattern.finditer(question)):
        sign, whole, part, scale, whole_after, part_after, scale_after, currency = found.groups()[1:]
        words = found.group()[-MAX_WORDS:]
        if NOT_A_SAVING.search(found["between"]):
            return None, (UnmetLimit(words=words, why=Limit.LEVEL),)
        if sign in ("€", "£") or (currency or "").lower().startswith("eur"):
            return None, (UnmetLimit(words=words, why=Limit.CURRENCY),)
        factor = {"k": 1_000, "m": 1_000_000}.get((scale or scale_after or "").lower(), 1)
        amount = Decimal(f"{(whole or whole_after).replace(',', '')}{part or part_after or ''}") * factor
        period = PERIOD_PATTERN.match(question[found.end() :].lstrip())
        unmet = (UnmetLimit(words=period.group().strip(), why=Limit.PERIOD),) if period else ()
        return (amount or None), unmet
    return None, ()


def _iter_untouched(question: str) -> Iterable[str]:
    yield from (match.group(1) for match in NEVER_PATTERN.finditer(question))
    for match in KEEP_PATTERN.finditer(question):
        end = KEEP_END.search(match.group(1))
        if end is not None:
            yield match.group(1)[: end.start()].rstrip()


def _list_names(objects: Iterable[str]) -> tuple[ScopeName, ...]:
    names = [name for words in objects for name in _parse_names(words)]
    return tuple(dict.fromkeys(names))[:MAX_NAMES]


def _parse_names(words: str) -> Iterable[ScopeName]:
    """Yield the names that a limit lists: "team search and support-chat"."""
    end = OBJECT_END.search(words)
    for part in SPLIT_NAMES.split(words[: end.start()] if end else words):
        plain = part.strip(" \t,.'\"\u201c\u201d\u2018\u2019`*()[]")
        found = NAME_PATTERN.match(plain)
        if found is None or NOT_NAMES.search(plain) or len(plain.split()) > 6:
            continue
        dimension = (found["before"] or found["after"] or "").lower()
        column = DIMENSION_WORDS.get(dimension) or DIMENSION_WORDS.get(dimension.removesuffix("s"))
        yield ScopeName(name=found["name"].strip(" '\"\u201c\u201d\u2018\u2019`*"), dimension=column)
