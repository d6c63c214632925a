"""Which group changed most between the two periods that were compared before."""

from dataclasses import replace

from agents.language.reading import QuestionKind, Reading, Turn
from agents.language.rules.lately import LATELY
from agents.language.scan import Scan
from agents.language.times.calendar import LogDays

PAIR = 2


def read_changed_most(scan: Scan, reading: Reading, last: Turn, _: LogDays) -> Reading | None:
    """Return such a question of the periods before, not of the halves of the log."""
    before = last.reading
    is_asked = reading.kind is QuestionKind.COMPARE and reading.topic == LATELY and not scan.times
    is_of_periods = before.kind is QuestionKind.COMPARE and len(before.parts) == PAIR and not before.is_ratio
    if not is_asked or not is_of_periods or before.topic not in ("", LATELY):
        return None
    first, second = (part.query for part in before.parts)
    if first.period == second.period or first.where != second.where:
        return None
    measures = reading.parts[0].query.measures if scan.list_names("measures") else first.measures[:1]
    where = (*first.where, *(each for each in reading.parts[0].query.where if each not in first.where))
    by = reading.parts[0].query.by
    parts = tuple(
        replace(part, query=replace(part.query, measures=measures, by=by, where=where)) for part in before.parts
    )
    return replace(reading, parts=parts, topic="")
