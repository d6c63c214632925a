"""The end of a question that asks what money went into, and no more: "what did we spend, and on what?"."""

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from agents.language.reading import Member, QuestionKind, Reading
from agents.language.scan import Scan
from agents.language.steps.members import UNKNOWN, build_member
from workloads.query.dimensions import get_dimension
from workloads.query.query import Filter, Order, Query

THINGS = ("feature", "model", "team", "customer", "user", "api_key", "provider")
PEOPLE = ("customer", "user", "team", "api_key", "feature", "model", "provider")
"""What money can go into, and to whom: the first that the log has is shown."""

AND = r"(?:and |und |et |y |e )"
MONEY = r"(?:it|that|this|they|all of it|(?:the|our|all the|all our) money)"
PURPOSES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        rf"{AND}?(?:(?:on|for|in|into|to) what(?: exactly| for)?|what (?:on|for|was it for|was that for))": THINGS,
        rf"{AND}?where (?:did|does|do|has) {MONEY} (?:all )?(?:go|gone)": THINGS,
        rf"{AND}?where {MONEY} (?:all )?(?:went|goes)": THINGS,
        rf"{AND}?(?:wofur|fur was|worauf|woran|wohin)(?: genau)?(?: (?:ging|geht|floss) (?:es|das|das geld))?": THINGS,
        rf"{AND}?(?:pour|sur|dans|en) quoi(?: exactement)?": THINGS,
        rf"{AND}?(?:en|para|por) que(?: exactamente| se fue)?": THINGS,
        rf"{AND}?(?:on|for|to|by|with) (?:whom|who)": PEOPLE,
        rf"{AND}?(?:fur wen|pour qui|para quien)": PEOPLE,
    }
)
_ENDS = tuple((re.compile(pattern), things) for pattern, things in PURPOSES.items())
MAX_WORDS = 8
MIN_HEAD = 2


def cut_purpose(scan: Scan) -> tuple[str, tuple[str, ...]]:
    """Return "what did we spend" of "what did we spend, and on what?", and what it may have gone into; else nothing."""
    words = [token for token in scan.tokens if token.is_word]
    for count in range(min(MAX_WORDS, len(words) - MIN_HEAD), 0, -1):
        said = " ".join(token.text for token in words[-count:])
        first = words[-count]
        is_apart = "," in first.gap or ";" in first.gap or re.match(AND, said) is not None
        found = next((things for pattern, things in _ENDS if pattern.fullmatch(said)), None)
        if found is not None and is_apart:
            return scan.question[: words[-count - 1].end], found
    return "", ()


def add_purpose(reading: Reading, scan: Scan, things: tuple[str, ...]) -> Reading | None:
    """Return a figure, or who comes first, with what it is made of; None for anything else."""
    query = reading.query
    used = {*query.by, *(each.field for each in query.where)}
    by = next((name for name in things if name in scan.vocabulary.dimensions and name not in used), None)
    is_plain = reading.kind is QuestionKind.MEASURE and not (reading.rest or query.statistics or reading.is_ratio)
    if by is None or not is_plain or len(query.by) > 1:
        return None
    whole = Query(measures=query.measures, by=(by,), where=query.where, period=query.period, zone=query.zone)
    if not query.by:
        return replace(reading, rest=(Reading(kind=QuestionKind.MEASURE, query=whole),))
    if reading.singular and not get_dimension(query.by[0]).is_time:
        first = Filter(field=query.by[0], values=(UNKNOWN,))
        asked = Reading(kind=QuestionKind.MEASURE, query=replace(whole, where=(*query.where, first)))
        order = query.order or Order(by=query.measures[0])
        member = Member(dimension=query.by[0], name=UNKNOWN)
        return build_member(asked, member, order.by, descending=order.descending, rank=reading.rank)
    parts = replace(whole, by=(*query.by, by))
    return replace(reading, rest=(Reading(kind=QuestionKind.MEASURE, query=parts),))
