"""Shares, multiples and nothing in words: "two fifths", "une requête sur dix", "by a factor of ten", "no errors".

In the same four languages as the numbers in words."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType

from agents.answers.backing.hedges import widen_words
from agents.answers.backing.quantity import Quantity, QuantityKind, Range
from agents.answers.backing.units import WORDS, list_factors, read_unit

_TOLERANCE = Decimal("0.08")  # of a fraction or a multiple in words
_MAX_TOLERANCE = Decimal("0.035")  # of a share

_HALF = r"(?<!first )(?<!second )(?<!latter )(?<!other )\bhalf\b|\bhalfte\b|\bhalb so\b|\bmoitie\b|\bmitad\b"
_ZEROS: tuple[tuple[QuantityKind, re.Pattern[str]], ...] = (
    (
        QuantityKind.PLAIN,
        re.compile(
            r"\b(?:no|without|keine?|ohne|aucune?|sans|ningun|sin) "
            r"(?:errors?|failures?|fail(?:ed|ing) (?:requests|calls)|fehler|erreurs?|echecs?|error(?:es)?|fallos?)\b"
        ),
    ),
    (
        QuantityKind.MONEY,
        re.compile(
            r"\b(?:costs? (?:you |us |me )?nothing|free of charge|koste[nt]{1,3} nichts|ne coute(?:nt)? rien"
            r"|no cuestan? nada)\b"
        ),
    ),
)
_MULTIPLES: tuple[tuple[str, str], ...] = (
    ("0.5", r"\bhalv(?:ed|es|ing)\b|\bhalbier[a-z]{1,4}\b"),
    ("1.5", r"\banderthalb\b|\beineinhalb\b"),
    ("2", r"\bdoubl(?:ed|es|ing)\b|\bdouble\b(?![ -](?:check|count))|\btwice\b"),
    ("2", r"\bdoppelt[a-z]{0,3}\b|\bdas doppelte\b|\bverdoppel[a-z]{1,4}\b"),
    ("2", r"\ble double\b|\bdoble\b|\bduplic[a-z]{1,5}\b"),
    ("3", r"\btripl[a-z]{1,6}\b|\btrebl(?:e|ed|es|ing)\b|\bthrice\b"),
    ("4", r"\b(?:quad|cuad)rupl[a-z]{1,6}\b"),
    ("5", r"\bquintupl[a-z]{1,6}\b"),
    ("6", r"\bsextupl[a-z]{1,6}\b"),
    ("10", r"\bdecupl[a-z]{1,6}\b"),
)
_PHRASES = (
    (QuantityKind.SHARE, Decimal("0.5"), re.compile(_HALF)),
    *((QuantityKind.RATIO, Decimal(value), re.compile(pattern)) for value, pattern in _MULTIPLES),
)
_MAGNITUDES = re.compile(
    r"\b(?:orders? of magnitude|gro(?:ss|ß)enordnung(?:en)?|ordres? de grandeur|orden(?:es)? de magnitud)\b"
)
_ORDERS = Range(Decimal(5), Decimal(20))  # what one order of magnitude may be

_ONES = ("a", "an", "one", "ein", "eine", "einem", "einer", "un", "une", "una", "uno", "eins", "la")
_COUNTS: Mapping[str, int] = MappingProxyType(
    dict.fromkeys(_ONES, 1)
    | {word: number for words in WORDS["numbers"].values() for number, word in enumerate(words, start=2)}
    | {
        word: number
        for words in WORDS["tens"].values()
        for number, word in zip(range(20, 100, 10), words, strict=False)
    }
    | dict.fromkeys(WORDS["multipliers"]["100"], 100)
)
_COUNT = "|".join(sorted(_COUNTS, key=len, reverse=True))
_DENOMINATORS, _PARTES = list_factors("fractions"), list_factors("parts")
_NO_ORDINAL = (
    r"(?! (?:part(?:y|ies)|models?|options?|reasons?|ways?|times?|providers?|levers?|teams?|features?|one|steps?)\b)"
)
_QUARTER = r"(?<!a quarter)(?<!one quarter)|(?= of| as| less| more| lower| higher| cheaper)"
_FRACTION = re.compile(
    rf"\b({_COUNT})[ -]?(?:({'|'.join(_DENOMINATORS)})\b(?:{_QUARTER})|({'|'.join(_PARTES)}) partes?\b){_NO_ORDINAL}"
    r"|\b(drittel)\b"
)
_IN = r"(?:out of|in|von|auf|sur|de cada|by)"
_OF_N = re.compile(rf"\b({_COUNT})(?: [a-z]{{3,20}})?(?: [a-z]{{3,20}})? {_IN} (?:every |each |the )?({_COUNT})\b")
_FACTOR = re.compile(
    rf"\b(?:factor(?: of)?|faktor(?: von)?|facteur(?: de)?|factor de|multipli[a-z]{{1,6}} (?:by|par|por)) ({_COUNT})\b"
)
_NTHS = MappingProxyType(
    {
        word: place
        for words in (
            "second third fourth fifth sixth seventh eighth ninth tenth",
            "zweite dritte vierte funfte sechste siebte achte neunte zehnte",
        )
        for place, word in enumerate(words.split(), start=2)
    }
)
_EACH_NTH = re.compile(
    rf"\b(?:every|jede[mnrs]?) ({'|'.join(_NTHS)})[mnrs]?\b(?! (?:day|week|month|hour|year|tag|woche|monat|stunde))"
)


def find_number_phrases(text: str) -> Iterator[Quantity]:
    """Yield the shares, multiples and zeros in words. `text` is in lower case, without accents. Linear in it."""
    for kind, value, pattern in _PHRASES:
        yield from (to_quantity(text, match, value, kind) for match in pattern.finditer(text))
    for kind, pattern in _ZEROS:
        yield from (
            Quantity(start=match.start(), end=match.end(), ranges=(Range(Decimal(0), Decimal(0)),), kind=kind)
            for match in pattern.finditer(text)
        )
    for match in _MAGNITUDES.finditer(text):
        yield Quantity(start=match.start(), end=match.end(), ranges=(_ORDERS,), kind=QuantityKind.RATIO)
    for match in _FACTOR.finditer(text):
        yield to_quantity(text, match, Decimal(_COUNTS[match[1]]), QuantityKind.RATIO)
    yield from _find_fractions(text)
    yield from _find_shares(text)


def to_quantity(text: str, match: re.Match[str], value: Decimal, kind: QuantityKind) -> Quantity:
    """Return a share or a multiple, as far as words are exact."""
    tolerance = value * _TOLERANCE
    tolerance = min(tolerance, _MAX_TOLERANCE) if kind is QuantityKind.SHARE else tolerance
    ranges = (widen_words(text, match.start(), Range(value - tolerance, value + tolerance)),)
    return Quantity(start=match.start(), end=match.end(), ranges=ranges, kind=kind)


def _find_fractions(text: str) -> Iterator[Quantity]:
    for match in _FRACTION.finditer(text):
        whole = _DENOMINATORS[match[2]] if match[2] else _PARTES[match[3]] if match[3] else Decimal(3)
        yield to_quantity(text, match, _COUNTS.get(match[1] or "", 1) / whole, QuantityKind.SHARE)


def _find_shares(text: str) -> Iterator[Quantity]:
    """Yield "every third request", "one in three" and "une requête sur dix" as shares."""
    for match in _EACH_NTH.finditer(text):
        yield to_quantity(text, match, Decimal(1) / _NTHS[match[1]], QuantityKind.SHARE)
    for match in _OF_N.finditer(text):
        part, whole = _COUNTS[match[1]], _COUNTS[match[2]]
        is_of_groups = read_unit(text, match.start(2), match.end()).kind is QuantityKind.COUNT
        if part < whole and not is_of_groups:
            yield to_quantity(text, match, Decimal(part) / whole, QuantityKind.SHARE)
