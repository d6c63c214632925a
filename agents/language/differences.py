"""The difference between the answers to the last two questions: "How much more is the first than the second?"."""

from collections.abc import Sequence
from datetime import timedelta

from agents.language.reading import Part, QuestionKind, Reading
from agents.language.scan import Scan
from agents.language.times.calendar import WHOLE
from workloads.query.query import Period, Query


def asks_difference(scan: Scan) -> bool:
    words = {token.text for token in scan.tokens}
    return (
        bool(words & {"more", "less", "difference"})
        and not scan.names
        and bool(words & {"first", "second", "one", "other", "former", "latter"})
    )


def compare_answers(scan: Scan, first: Reading, second: Reading) -> Reading | None:
    """How much more is the first than the second? The change is from what stands after "than"."""
    if first.kind is not QuestionKind.MEASURE or second.kind is not QuestionKind.MEASURE:
        return None
    words = [token.text for token in scan.tokens]
    is_forward = "than" not in words or words.index("than") < max(
        _find_last(words, "first"), _find_last(words, "former")
    )
    queries = (first.query, second.query) if is_forward else (second.query, first.query)
    labels = [_label(query) for query in queries]
    if len(set(labels)) < len(labels):
        labels = [_label_period(query.period) for query in queries]
    parts = tuple(Part(label=label, query=query) for label, query in zip(labels, queries, strict=True))
    return Reading(kind=QuestionKind.COMPARE, parts=parts)


def _find_last(words: Sequence[str], word: str) -> int:
    """Return the place of the last such word, -1 if there is none."""
    return max((place for place, each in enumerate(words) if each == word), default=-1)


def _label(query: Query) -> str:
    names = [str(value) for each in query.where for value in each.values if value is not None]
    return ", ".join(names) or "all"


def _label_period(period: Period) -> str:
    """Return "2026-10-19 to 2026-10-25", "2026-10-21" or "whole log"."""
    if period.start is None or period.end is None:
        return WHOLE
    first, last = period.start.date(), (period.end - timedelta(microseconds=1)).date()
    return first.isoformat() if first == last else f"{first.isoformat()} to {last.isoformat()}"
