"""What part of a whole an earlier figure is: "how many requests took longer than 10 s?", "what share is that?"."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from agents.language.reading import Part, QuestionKind, Reading
from agents.language.scan import Scan
from core.i18n.text import text
from workloads.query.measures import MEASURES
from workloads.query.query import ROW_NUMBERS, Period, Query

THAT = frozenset(
    ("that", "this", "those", "they", "it", "das", "dies", "cela", "ca", "c", "ce", "eso", "esto", "esos", "esas")
)
WHOLES: Mapping[str, str] = MappingProxyType(
    {
        "failures": "requests",
        "failed_spend": "spend",
        "input_spend": "spend",
        "output_spend": "spend",
        "cached_spend": "spend",
        "cache_write_spend": "spend",
        "reasoning_spend": "spend",
        "cached_tokens": "input_tokens",
        "input_tokens": "tokens",
        "output_tokens": "tokens",
        "reasoning_tokens": "output_tokens",
    }
)
"""What a figure is a part of, for all requests."""


def ask_share_of_that(scan: Scan, previous: Reading) -> Reading | None:
    """Return the figure before as a part of the same one without its condition; None for another question."""
    words = {token.text for token in scan.tokens}
    is_asked = scan.has("share") and bool(THAT & words) and not (scan.names or scan.times or scan.numbers)
    kinds = ("dimensions", "grains", "statistics")
    if not is_asked or any(scan.list_names(kind) for kind in kinds) or previous.kind is not QuestionKind.MEASURE:
        return None
    old = previous.query
    if old.by or old.statistics or old.having or previous.is_ratio or previous.topic:
        return None
    return _share(old, [name for name in scan.list_names("measures") if name in MEASURES])


def _share(old: Query, named: list[str]) -> Reading | None:
    sums = [name for name in old.measures if MEASURES[name].is_sum]
    measure = sums[0] if sums else ""
    asked = next((name for name in named if name != measure), measure)
    if measure and asked != measure and MEASURES[asked].unit == MEASURES[measure].unit and MEASURES[asked].is_sum:
        return _relate(old, measure, asked)  # "how many tokens were cached?", "what share of the input is that?"
    if not asked or not MEASURES[asked].is_sum:
        return None
    if asked in WHOLES and asked == measure:
        return _relate(old, measure, WHOLES[measure])
    if not old.where and old.period == Period():
        message = text("That is all of it. Name a part, such as a model, a team or a week.")
        return Reading(kind=QuestionKind.CLARIFY, message=message, choices=("Spend by model as a share",))
    part = replace(old, measures=(asked,), order=None, limit=None)
    parts = (Part(label="", query=part), Part(label="", query=_widen(part)))
    return Reading(kind=QuestionKind.COMPARE, parts=parts, is_ratio=True)


def _relate(old: Query, part: str, whole: str) -> Reading:
    return Reading(kind=QuestionKind.MEASURE, query=replace(old, measures=(part, whole)), is_ratio=True)


def _widen(part: Query) -> Query:
    """Return the query of the whole: without the limit on single requests if it has one, else without its names, or
    without its period if it has nothing else."""
    others = tuple(each for each in part.where if each.field not in ROW_NUMBERS)
    if len(others) < len(part.where):
        return replace(part, where=others)
    return replace(part, where=()) if part.where else replace(part, period=Period())


def share_of_part_before(reading: Reading, scan: Scan, before: Reading) -> Reading | None:
    """Return the share of "How many tokens were cached, and what share of input is that?"."""
    kinds = {reading.kind, before.kind}
    if kinds != {QuestionKind.MEASURE} or not scan.has("share") or THAT.isdisjoint(t.text for t in scan.tokens):
        return None
    part, whole = before.query.measures[0], reading.query.measures[0]
    is_other = part != whole and MEASURES[part].unit == MEASURES[whole].unit and MEASURES[part].is_sum
    if not is_other or before.query.by or reading.query.by:
        return None
    return replace(before, query=replace(before.query, measures=(part, whole)), is_ratio=True, rest=(), whether=False)
