"""Ranges of days of one month: "June 1-7", "1.-7. Juni", "from June 1 to 7", "del 1 al 7 de junio"."""

from datetime import date

from agents.language.times.calendar import DAY, TimeSpan
from agents.language.times.time_words import TimeWords, find_day, finish_day

FROM = frozenset(
    ("from", "the", "vom", "von", "dem", "den", "du", "le", "de", "del", "desde", "el", "on", "am", "between")
)
BETWEEN = frozenset(("between", "zwischen", "entre"))
JOINTS = frozenset(("to", "until", "till", "through", "thru", "bis", "au", "a", "al", "hasta"))
ANDS = frozenset(("and", "und", "et", "y"))
ARTICLES = ("the", "zum", "le", "el")
OF = ("of", "de", "er")
MAX_DAY = 31


def find_day_range(words: TimeWords, place: int) -> TimeSpan | None:
    """Return the days from the first number to the second one, of the month before or after them."""
    start = words.skip(place, *FROM, *BETWEEN)
    is_between = any(token.text in BETWEEN for token in words.tokens[place:start])
    if (month := words.match(start, "months")) is None:
        return _find_before_month(words, place, start, is_between=is_between)
    pair = _find_numbers(words, words.skip(month[1], "the"), is_between=is_between)
    if pair is None or words.match(words.skip(pair[2], *OF), "months"):
        return None  # "June 28 to 4 July"
    last = finish_day(words, int(month[0]), pair[1], pair[2])
    return _to_span(place, pair[0], last)


def _find_before_month(words: TimeWords, place: int, start: int, *, is_between: bool) -> TimeSpan | None:
    pair = _find_numbers(words, start, is_between=is_between)
    return _to_span(place, pair[0], find_day(words, pair[2] - 1)) if pair else None


def _find_numbers(words: TimeWords, place: int, *, is_between: bool) -> tuple[int, int, int] | None:
    """Return two numbers of days, joined by a dash or a word, and where the second one ends."""
    first = words.read_number(place)
    if first is None or first[1] >= len(words.tokens):
        return None
    at = words.skip(first[1], "er")
    said = words.tokens[at].text if at < len(words.tokens) else ""
    if said in JOINTS or (is_between and said in ANDS):
        at = words.skip(at + 1, *ARTICLES)
    elif not words.has_dash(at):
        return None
    second = words.read_number(at)
    if second is None or second[1] != at + 1 or not 1 <= first[0] < second[0] <= MAX_DAY:
        return None
    return first[0], second[0], second[1]


def _to_span(place: int, first: int, last: tuple[date, int] | None) -> TimeSpan | None:
    if last is None or first >= last[0].day:
        return None
    return TimeSpan(first=place, last=last[1], start=last[0].replace(day=first), end=last[0] + DAY)
