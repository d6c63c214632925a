"""Wishes for a spend of so much: "can we get the bill down to $140?", "how do we get below $150 a month?"."""

from collections.abc import Mapping
from types import MappingProxyType

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.money.spend_limits import find_grain
from agents.language.scan import NumberSpan
from agents.language.scope import get_scope
from core.i18n.text import text
from workloads.query.query import Query

LOWERING = frozenset(
    (
        *("get", "bring", "cut", "reduce", "lower", "drop", "shrink", "push", "take", "trim", "slash", "go", "come"),
        *("senken", "senke", "bringen", "bringe", "drucken", "kommen", "reduzieren", "kurzen", "verringern"),
        *("ramener", "reduire", "baisser", "passer", "descendre", "abaisser", "limiter", "tomber"),
        *("bajar", "bajamos", "bajemos", "reducir", "reducimos", "rebajar", "llegar", "llegamos", "recortar"),
    )
)
TO: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "en": frozenset(("to", "below", "under", "than")),
        "de": frozenset(("auf", "unter")),
        "fr": frozenset(("a", "sous")),
        "es": frozenset(("a", "hasta")),
    }
)
"""Words before what is left; "by $140" is what goes."""

UNDER = frozenset(("dessous", "moins", "debajo", "menos", "bajar", "bajamos", "bajemos"))
"""Words before "de" that make it one of those."""

DOWN = frozenset(("down", "herunter", "runter"))
LEVEL_WORDS = LOWERING | UNDER | DOWN
OTHERS = ("forecast", "what_if", "why", "compare", "how_many", "most", "least", "top", "list", "when", "keep", "except")


def find_level(found: Findings) -> NumberSpan | None:
    """Return the amount that spend is to come down to."""
    if not LOWERING & found.words or "did" in found.words:
        return None
    return next((each for each in found.scan.numbers if each.is_money and _is_left(found, each)), None)


def _is_left(found: Findings, money: NumberSpan) -> bool:
    words = [token.text for token in found.scan.tokens[: money.start] if token.text != "$"]
    is_under = words[-1:] == ["de"] and bool(UNDER.intersection(words[-2:-1]))
    return is_under or not TO.get(found.scan.lexicon.language, frozenset()).isdisjoint(words[-1:])


def read_level(found: Findings) -> Reading | None:
    """Return whether the confirmed savings bring the spend down so far, that of the log or of each month."""
    scan, money = found.scan, find_level(found)
    grain = find_grain(scan)
    if money is None or scan.has(*OTHERS) or not set(found.measures) <= {"spend"} or set(found.groups) - {grain}:
        return None
    if grain and found.extent.is_dated:
        scope = get_scope(found)
        query = Query(by=(grain,), where=scope.where, period=scope.period)
        return Reading(kind=QuestionKind.BUDGET, query=query, goal_usd=money.value, premise="below")
    if scan.names or scan.times or grain:
        message = text("I can hold the confirmed savings against an amount for the whole log, not for a part of it.")
        choices = ("Which features should we look at first to save money?", "What should we change?")
        return Reading(kind=QuestionKind.CLARIFY, topic="level", message=message, choices=choices)
    return Reading(kind=QuestionKind.SAVINGS, goal_usd=money.value)
