"""Numbers written in words: "twelve thousand", "zwei Drittel", "le double", in four languages.

Small numbers without a unit ("two reasons") are no figures."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType

from agents.answers.backing.quantity import Quantity, QuantityKind, Range, round_range
from agents.answers.backing.units import WORDS, read_unit

SMALL = 13  # a smaller number needs a unit to be a figure
_MULTIPLIERS = MappingProxyType({word: int(key) for key, words in WORDS["multipliers"].items() for word in words})
_VAGUE = MappingProxyType({word: int(key) for key, words in WORDS["vague"].items() for word in words})
_JOINERS = frozenset(("and", "und", "et", "y"))
_FRACTIONS: tuple[tuple[str, str], ...] = (
    ("0.5", r"(?<!first )(?<!second )(?<!latter )(?<!other )\bhalf\b|\bhalfte\b|\bhalb so\b|\bmoitie\b|\bmitad\b"),
    ("0.3333", r"\b(?:a|one)[ -]third\b|\b(?:ein )?drittel\b|\bun tiers\b|\bun tercio\b"),
    ("0.6667", r"\btwo[ -]thirds\b|\bzwei ?drittel\b|\bdeux tiers\b|\bdos tercios\b"),
    ("0.25", r"\b(?:a|one)[ -]quarter(?= of| as| less| more| lower| higher| cheaper)|\bein ?viertel\b|\bun quart\b"),
    ("0.75", r"\bthree[ -]quarters\b|\bdrei ?viertel\b|\btrois quarts\b|\btres cuartos\b"),
    ("0.2", r"\b(?:a|one)[ -]fifth\b|\bein ?funftel\b|\bun cinquieme\b|\bun quinto\b"),
    ("0.1", r"\b(?:a|one)[ -]tenth\b|\bein ?zehntel\b|\bun dixieme\b|\bun decimo\b"),
)
_MULTIPLES: tuple[tuple[str, str], ...] = (
    ("0.5", r"\bhalv(?:ed|es|ing)\b|\bhalbier[a-z]{1,4}\b"),
    ("2", r"\bdoubl(?:ed|es|ing)\b|\bdouble\b(?![ -](?:check|count))|\btwice\b"),
    ("2", r"\bdoppelt[a-z]{0,3}\b|\bverdoppel[a-z]{1,4}\b"),
    ("2", r"\ble double\b|\bdoble\b|\bduplic[a-z]{1,5}\b"),
    ("3", r"\btripl(?:ed|es|ing|e)\b|\bthreefold\b|\bverdreifach[a-z]{1,4}\b|\btriplic[a-z]{1,5}\b"),
    ("4", r"\bquadrupl(?:ed|es|ing|e)\b|\bfourfold\b|\bvervierfach[a-z]{1,4}\b"),
)
_PHRASES = tuple(
    (QuantityKind.SHARE if table is _FRACTIONS else QuantityKind.RATIO, Decimal(value), re.compile(pattern))
    for table in (_FRACTIONS, _MULTIPLES)
    for value, pattern in table
)
_FOLD = re.compile(r"\b([a-z]{2,40}?)-?(?:fold|mal|fach(?:e[mnrs]?)?)\b")
_ORDINALS = MappingProxyType(
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
    rf"\b(?:every|jede[mnrs]?) ({'|'.join(_ORDINALS)})[mnrs]?\b(?! (?:day|week|month|hour|year|tag|woche|monat|stunde))"
)
_ONE_OF_N = re.compile(r"\bune? (?:[a-z]{1,20} ){0,2}sur ([a-z]{3,12})\b")
_TOLERANCE = Decimal("0.08")  # of a fraction or a multiple in words
_WORDS = re.compile(r"[^\W\d_]+")
_OTHER_SCRIPTS = re.compile("[〇一二三四五六七八九十百千万億亿两]{2,40}|[\u00bc-\u00be\u2150-\u218b]")
_FRENCH = frozenset(WORDS["numbers"]["fr"])
_DENOMINATORS = frozenset(("per", "pro", "par", "por", "je", "pour"))


def _count_up(table: str, start: int, step: int) -> dict[str, int]:
    return {word: start + step * place for words in WORDS[table].values() for place, word in enumerate(words)}


def _build_values() -> Mapping[str, int]:
    values = _count_up("numbers", 2, 1) | _count_up("tens", 20, 10) | _count_up("hundreds", 200, 100) | {"vingts": 20}
    return MappingProxyType(values | _build_german_compounds() | {"zero": 0, "cero": 0})


def _build_german_compounds() -> dict[str, int]:
    """Return 21 to 999 and their thousands as German writes them, in one word."""
    ones = {"ein": 1, **{word: number for number, word in enumerate(WORDS["numbers"]["de"], start=2)}}
    tens = {word: 20 + 10 * place for place, word in enumerate(WORDS["tens"]["de"])} | {"dreißig": 30}
    digits = list(ones)[:9]
    below = ones | tens | {f"{one}und{ten}": ones[one] + tens[ten] for one in digits for ten in tens}
    rests = {"": 0, **below}
    hundreds = {f"{one}hundert{rest}": ones[one] * 100 + rests[rest] for one in digits for rest in rests}
    whole = below | hundreds
    thousands = {f"{word}tausend": number * 1000 for word, number in whole.items()}
    return {word: number for word, number in (whole | thousands).items() if number > 1}


_VALUES = _build_values()


def find_number_words(text: str) -> Iterator[Quantity]:
    """Yield the numbers in words. `text` is in lower case, without accents."""
    for kind, value, pattern in _PHRASES:
        yield from (_to_quantity(match, value, kind) for match in pattern.finditer(text))
    yield from _find_multiples(text)
    yield from _find_parts(text)
    for match in _OTHER_SCRIPTS.finditer(text):
        yield Quantity(start=match.start(), end=match.end(), ranges=(), kind=QuantityKind.PLAIN)
    yield from _find_cardinals(text)


def _find_multiples(text: str) -> Iterator[Quantity]:
    """Yield "tenfold", "zehnmal" and "zehnfach"."""
    for match in _FOLD.finditer(text):
        value = _VALUES.get(match[1]) or _MULTIPLIERS.get(match[1])
        if value:
            yield _to_quantity(match, Decimal(value), QuantityKind.RATIO)


def _find_parts(text: str) -> Iterator[Quantity]:
    """Yield "every third request" and "une requête sur dix" as shares."""
    for match in _EACH_NTH.finditer(text):
        yield _to_quantity(match, Decimal(1) / _ORDINALS[match[1]], QuantityKind.SHARE)
    for match in _ONE_OF_N.finditer(text):
        value = _VALUES.get(match[1]) or _MULTIPLIERS.get(match[1])
        if value:
            yield _to_quantity(match, Decimal(1) / value, QuantityKind.SHARE)


def _to_quantity(match: re.Match[str], value: Decimal, kind: QuantityKind) -> Quantity:
    ranges = (Range(value * (1 - _TOLERANCE), value * (1 + _TOLERANCE)),)
    return Quantity(start=match.start(), end=match.end(), ranges=ranges, kind=kind)


def _find_cardinals(text: str) -> Iterator[Quantity]:
    run: list[re.Match[str]] = []
    for match in _WORDS.finditer(text):
        word = match[0]
        is_near = bool(run) and match.start() - run[-1].end() == 1 and text[run[-1].end()] in " -\u00a0"
        is_number = word in _VALUES or word in _MULTIPLIERS or word in _VAGUE
        if word == "cents":  # "deux cents", but "fifty cents"
            is_number = bool(run) and run[-1][0] in _FRENCH
        if run and not (is_near and (is_number or word in _JOINERS)):
            yield from _read_cardinal(text, run)
            run = []
        if is_number or (run and word in _JOINERS):
            run.append(match)
    if run:
        yield from _read_cardinal(text, run)


def _read_cardinal(text: str, run: list[re.Match[str]]) -> Iterator[Quantity]:
    while run[-1][0] in _JOINERS:
        run.pop()
    words, start, end = [match[0] for match in run], run[0].start(), run[-1].end()
    unit = read_unit(text, start, end)
    is_vague = len(words) == 1 and words[0] in _VAGUE
    value = _VAGUE[words[0]] if is_vague else _add_up(words)
    has_unit = unit.kind is not QuantityKind.PLAIN or unit.end > end
    if (value < SMALL and not has_unit) or (words == ["once"] and unit.kind is not QuantityKind.MONEY):
        return
    if len(words) == 1 and words[0] in _MULTIPLIERS and _is_denominator(words[0], text[max(0, start - 5) : start]):
        return
    number = Decimal(value)
    span = Range(number, number * 1000) if is_vague else round_range(number, _find_step(value))
    ranges = tuple(span.scale(factor) for factor in unit.factors)
    yield Quantity(start=start, end=max(end, unit.end), ranges=ranges, kind=unit.kind, per=unit.per)


def _is_denominator(word: str, before: str) -> bool:
    """Whether a lone "cent", "thousand" or "million" is no number: "per cent", "a cent", "per million"."""
    words = before.split()
    return bool(words) and (words[-1] in _DENOMINATORS or (word == "cent" and words[-1] in ("a", "one")))


def _add_up(words: list[str]) -> int:
    total = current = 0
    for word in words:
        scale = _MULTIPLIERS.get(word)
        if scale is None:
            value = _VALUES.get(word, 0)
            current = current * value if current == 4 and value == 20 else current + value  # quatre-vingts
        elif scale < 1000:
            current = max(current, 1) * scale
        else:
            total, current = total + max(current, 1) * scale, 0
    return min(total + current, 10**18)


def _find_step(value: int) -> Decimal:
    """Return the place of the last digit that is not 0: large numbers in words are rounded."""
    step = 1
    while value >= 1000 and value % (step * 10) == 0:
        step *= 10
    return Decimal(step)
