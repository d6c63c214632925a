"""The scale and the unit beside a number: $, %, k, ms, requests, tokens and others, in four languages.

Their words are data in words.toml, as are those of numbers and months: more words of a language need no code."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from types import MappingProxyType

from agents.answers.backing.quantity import QuantityKind

_BEFORE = 12  # characters in which a currency is looked for
_AFTER = 60  # characters in which a unit is looked for
_WORDS_BETWEEN = 3
_ONE, _HUNDREDTH = Decimal(1), Decimal("0.01")
_OF = frozenset(("de", "d", "of"))  # "1 million de tokens"


def load_words() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return the words of each key of each table, in their order; hedges have blanks and are separated by "|"."""
    data = tomllib.loads((files(__package__) / "words.toml").read_text(encoding="utf-8"))
    return MappingProxyType({table: _split_entries(entries, table == "hedges") for table, entries in data.items()})


def _split_entries(entries: Mapping[str, str], has_phrases: bool) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType(
        {
            key: tuple(words.replace("\n", "").split("|") if has_phrases else words.split())
            for key, words in entries.items()
        }
    )


WORDS = load_words()


def list_factors(table: str) -> Mapping[str, Decimal]:
    """Return the words of a table with the number that each stands for."""
    return MappingProxyType({word: Decimal(key) for key, words in WORDS[table].items() for word in words})


def _list_units(names: Mapping[str, tuple[QuantityKind, Decimal]]) -> Mapping[str, tuple[QuantityKind, Decimal]]:
    return MappingProxyType({word: unit for name, unit in names.items() for word in WORDS["units"][name]})


SCALES = list_factors("scales")


BESIDE_UNITS: Mapping[str, tuple[QuantityKind, Decimal]] = MappingProxyType(
    {
        **{word: (QuantityKind.TIME, factor) for word, factor in list_factors("times").items()},
        **_list_units(
            {
                "percent": (QuantityKind.SHARE, _HUNDREDTH),
                "ratio": (QuantityKind.RATIO, _ONE),
                "money": (QuantityKind.MONEY, _ONE),
                "cents": (QuantityKind.MONEY, _HUNDREDTH),
                "other_money": (QuantityKind.OTHER_MONEY, _ONE),
            }
        ),
    }
)
"""Units that stand directly beside the number."""


NEAR_UNITS = _list_units(
    {
        "requests": (QuantityKind.REQUESTS, _ONE),
        "tokens": (QuantityKind.TOKENS, _ONE),
        "counted": (QuantityKind.COUNT, _ONE),
    }
)
"""Units that may have words before them: 1,234 failed requests."""


MONEY, OTHER_MONEY, PER = (frozenset(WORDS["units"][name]) for name in ("money", "other_money", "per"))


_WORD = re.compile(r"[^\W\d_]+\$?|[%$€£¥¢₹×]|/|-[^\W\d_]+|[.;:!?\n|,()\d]")


_CURRENCY_BEFORE = re.compile(r"(?:([$€£¥₹])|\b(US\$|[A-Za-z]{3}))[ \u00a0]?[-+]?\Z")


_STOP = frozenset(".;:!?\n|,()") | frozenset("0123456789")


_PER_CENT = re.compile(r"[ \u00a0]?(?:per|pour|por)[ \u00a0](?:cento?|ciento)\b", re.IGNORECASE)


_RATE = re.compile(
    r"\s?(?:/|per|pro|je|par|por|for each|for every)\s?(?:1?[.,]?000 |1k |1m |million |mille |tausend |mil )?"
    r"(?:request|call|anfrage|aufruf|requete|appel|solicitud|peticion|llamada|tokens?|jeton|user|nutzer|utilisateur|usuario)"
    r"(?:e?s|n|es)?\b",
    re.IGNORECASE,
)


def is_rate(text: str, end: int) -> bool:
    """Return whether what ends at `end` is said to be of one request, user or token."""
    return _RATE.match(text, end) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitBeside:
    """`factors` bring the number to the unit of its kind; several if the text is ambiguous. `end`: where it ends.

    `per`: "per" and the like follow. `is_attached`: it stands directly beside the number.
    """

    kind: QuantityKind
    factors: tuple[Decimal, ...]
    end: int
    per: bool = False
    is_attached: bool = False


def read_unit(text: str, start: int, end: int) -> UnitBeside:
    """Return the unit beside the number at `start` to `end`. Looks at a bounded part of the text around it."""
    words = [(match[0], end + match.end()) for match in _WORD.finditer(text[end : end + _AFTER])]
    scale, place = _ONE, end
    is_minutes = bool(words) and words[0][0] == "m"
    if words and _is_beside(text, end, words[0]) and (factor := _find_scale(words[0][0])):
        scale, place = factor, words[0][1]
        words = words[2:] if len(words) > 1 and words[1][0] in _OF else words[1:]
    per = any(word.lower() in PER for word, _ in words[:4])
    currency = _find_currency(text[max(0, start - _BEFORE) : start])
    if currency:
        return UnitBeside(kind=currency, factors=(scale,), end=place, per=per, is_attached=True)
    percent = _PER_CENT.match(text, place)
    if percent:
        return UnitBeside(kind=QuantityKind.SHARE, factors=(scale * _HUNDREDTH,), end=percent.end(), is_attached=True)
    found = _find_unit(text, place, words)
    if found is None:
        factors = (scale, Decimal(60_000)) if is_minutes else (scale,)
        return UnitBeside(kind=QuantityKind.PLAIN, factors=factors, end=place, per=per)
    kind, factor, unit_end, is_attached = found
    return UnitBeside(kind=kind, factors=(scale * factor,), end=unit_end, per=per, is_attached=is_attached)


def _find_currency(before: str) -> QuantityKind | None:
    match = _CURRENCY_BEFORE.search(before)
    currency = (match[1] or match[2]).lower() if match else ""
    return QuantityKind.MONEY if currency in MONEY else QuantityKind.OTHER_MONEY if currency in OTHER_MONEY else None


def _find_scale(word: str) -> Decimal | None:
    return SCALES.get(word) or (SCALES.get(word.lower()) if len(word) > 1 else None)


def _is_beside(text: str, end: int, word: tuple[str, int]) -> bool:
    """Whether at most one blank is between a number and a word."""
    between = text[end : word[1] - len(word[0])]
    return len(between) <= 1 and not between.strip(" \u00a0-")


def _find_unit(text: str, place: int, words: list[tuple[str, int]]) -> tuple[QuantityKind, Decimal, int, bool] | None:
    """Return the first unit among the words that follow, where it ends, and whether it is directly beside."""
    for number, (word, end) in enumerate(words[: _WORDS_BETWEEN + 1]):
        is_next_currency = word in "$€£" and text[end : end + 1].isdecimal()
        if word in _STOP or is_next_currency:
            return None
        is_beside = number == 0 and _is_beside(text, place, (word, end))
        unit = (BESIDE_UNITS.get(word.lower()) if is_beside else None) or NEAR_UNITS.get(word.lower())
        if unit:
            return *unit, end if number == 0 else place, number == 0
    return None
