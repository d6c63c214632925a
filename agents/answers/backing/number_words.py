"""Numbers written in words: "twelve thousand", "zwölftausend", "une centaine", in four languages.

Small numbers without a unit ("two reasons") are no figures."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType

from agents.answers.backing.number_phrases import find_number_phrases, to_quantity
from agents.answers.backing.quantity import Quantity, QuantityKind, Range, round_range
from agents.answers.backing.units import WORDS, is_rate, list_factors, read_unit

SMALL = 13  # a smaller number needs a unit to be a figure
_COLLECTIVES = frozenset(list_factors("collectives"))
_MULTIPLIERS = MappingProxyType(
    {word: int(number) for table in ("multipliers", "collectives") for word, number in list_factors(table).items()}
)
_VAGUE = MappingProxyType({word: int(number) for word, number in list_factors("vague").items()})
_JOINERS = frozenset(("and", "und", "et", "y"))
_FOLD = re.compile(r"\b(?:ver)?([a-z]{2,40}?)-?(?:fold|mal|fach(?:e[mnrs]?|te?n?|en|ung)?)\b")
_WORDS = re.compile(r"[^\W\d_]+")
_HAN = "[〇一二三四五六七八九十百千万億亿两]"
_OTHER_SCRIPTS = re.compile(
    f"{_HAN}{{2,40}}|{_HAN}(?=[分割成倍折次回件%]|パ|ドル|美元)|一半|半分|半数|倍増|翻倍|翻番|[\u00bc-\u00be\u2150-\u218b]"
)
_FRENCH = frozenset(WORDS["numbers"]["fr"])
_BEFORE_DENOMINATOR = frozenset(("per", "pro", "par", "por", "je", "pour"))


def _count_up(table: str, start: int, step: int) -> dict[str, int]:
    return {word: start + step * place for words in WORDS[table].values() for place, word in enumerate(words)}


def _build_values() -> Mapping[str, int]:
    values = _count_up("numbers", 2, 1) | _count_up("tens", 20, 10) | _count_up("hundreds", 200, 100) | {"vingts": 20}
    return MappingProxyType(values | _build_german_compounds() | dict.fromkeys(("zero", "cero", "null"), 0))


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
    phrases = [*find_number_phrases(text), *_find_multiples(text)]
    yield from phrases
    for match in _OTHER_SCRIPTS.finditer(text):
        yield Quantity(start=match.start(), end=match.end(), ranges=(), kind=QuantityKind.PLAIN)
    taken = {place for phrase in phrases for place in range(phrase.start, phrase.end)}
    yield from (each for each in _find_cardinals(text) if each.start not in taken)


def _find_multiples(text: str) -> Iterator[Quantity]:
    """Yield "tenfold", "zehnmal" and "zehnfach"."""
    for match in _FOLD.finditer(text):
        value = _VALUES.get(match[1]) or _MULTIPLIERS.get(match[1])
        if value:
            yield to_quantity(text, match, Decimal(value), QuantityKind.RATIO)


def _find_value(word: str) -> int | None:
    """Return the number that a word is; German writes "zweitausendsechsundzwanzig" in one."""
    if word in _VALUES:
        return _VALUES[word]
    thousands, tausend, rest = word.partition("tausend")
    if not tausend or not rest:
        return None
    rest = rest.removeprefix("und") if rest not in _VALUES else rest
    many = _VALUES.get(thousands, 1 if thousands in ("", "ein") else 0)
    return many * 1000 + _VALUES[rest] if many and rest in _VALUES else None


def _find_cardinals(text: str) -> Iterator[Quantity]:
    run: list[re.Match[str]] = []
    for match in _WORDS.finditer(text):
        word = match[0]
        is_near = bool(run) and match.start() - run[-1].end() == 1 and text[run[-1].end()] in " -\u00a0"
        is_number = _find_value(word) is not None or word in _MULTIPLIERS or word in _VAGUE
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
    is_small = value < SMALL and not _COLLECTIVES.intersection(words)
    if (is_small and not has_unit) or (words == ["once"] and unit.kind is not QuantityKind.MONEY):
        return
    if len(words) == 1 and words[0] in _MULTIPLIERS and _is_denominator(words[0], text[max(0, start - 5) : start]):
        return
    number = Decimal(value)
    span = Range(number, number * 1000) if is_vague else round_range(number, _find_step(value))
    ranges = tuple(span.scale(factor) for factor in unit.factors)
    yield Quantity(
        start=start,
        end=max(end, unit.end),
        ranges=ranges,
        kind=unit.kind,
        per=unit.per,
        is_rate=is_rate(text, max(end, unit.end)),
    )


def _is_denominator(word: str, before: str) -> bool:
    """Whether a lone "cent", "thousand" or "million" is no number: "per cent", "a cent", "per million"."""
    words = before.split()
    return bool(words) and (words[-1] in _BEFORE_DENOMINATOR or (word == "cent" and words[-1] in ("a", "one")))


def _add_up(words: list[str]) -> int:
    total = current = 0
    for word in words:
        scale = _MULTIPLIERS.get(word)
        if scale is None:
            value = _find_value(word) or 0
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
