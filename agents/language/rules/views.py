"""How an answer is to be shown: "as a chart", "and as a table". All have tables, and a chart where there can be one."""

from dataclasses import replace

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading, Turn
from agents.language.scan import Scan
from agents.language.times.calendar import LogDays
from core.i18n.text import text

VIEW = "view"
CHOICES = ("Spend by week", "Spend by model", "Requests by day")

SMALL = ("also", "instead_of_it", "list", "pronoun", "reset")
"""Operators that say nothing of what is shown: "and now show me that as a table instead"."""


def read_view(found: Findings) -> Reading | None:
    """As a chart? Of what: nothing else is said."""
    scan = found.scan
    is_bare = not found.has_domain and not scan.unknown_words and not scan.numbers
    others = {span.concept.name for span in scan.iter_spans("operators")} - {"as_chart", "as_table", *SMALL}
    if not scan.has("as_chart", "as_table") or not is_bare or others:
        return None
    message = text("A chart or a table of what? For example:")
    return Reading(kind=QuestionKind.CLARIFY, topic=VIEW, message=message, choices=CHOICES, is_fragment=True)


def read_wish_for_view(scan: Scan, reading: Reading, last: Turn, extent: LogDays) -> Reading | None:
    """Return the question before if only how it is to be shown is said. A single figure has no chart, so it is shown by
    week."""
    if reading.topic != VIEW or not scan.has("as_chart", "as_table"):
        return None
    previous, query = last.reading, last.reading.query
    is_figure = previous.kind is QuestionKind.MEASURE and not (query.by or query.statistics or previous.rest)
    if not scan.has("as_chart") or not is_figure or not extent.is_dated:
        return replace(previous, whether=False)
    return replace(previous, query=replace(query, by=("week",)), check=None, exists=False, whether=False)
