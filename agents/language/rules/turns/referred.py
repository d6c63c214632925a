"""Questions about what an answer before was about: "who are the heaviest users in that team?". They keep its period and
its other filters, and ask back where no answer before was about a team."""

from collections.abc import Sequence
from dataclasses import replace

from agents.language.phrases.references import find_open_reference
from agents.language.reading import QuestionKind, Reading, Turn
from agents.language.rules.absent import list_groups_of
from agents.language.scan import Scan
from core.i18n.text import text
from workloads.query.dimensions import get_dimension
from workloads.query.query import Period

FIGURES = frozenset({QuestionKind.MEASURE, QuestionKind.REQUESTS})
OWN_TIME = ("change", "rise", "fall", "reset")


def is_open_reference(scan: Scan, reading: Reading) -> bool:
    """Whether "that team" stands for none that an answer was about; not "the same model" of the cheapest for each."""
    dimension = find_open_reference(scan)
    is_each = reading.query.limit_each is not None and dimension in reading.query.by
    return reading.kind in FIGURES and dimension is not None and not is_each


def ask_reference(scan: Scan, dimension: str) -> Reading:
    """Ask which team is meant by "that team"."""
    message = text("Which {dimension} do you mean? Name one.", dimension=get_dimension(dimension).title)
    asked = f"Spend by {dimension.replace('_', ' ')}"
    choices = tuple(dict.fromkeys((asked, *list_groups_of(scan))))[:3]
    return Reading(kind=QuestionKind.CLARIFY, message=message, choices=choices, is_fragment=True)


def keep_scope(scan: Scan, reading: Reading, last: Sequence[Turn]) -> Reading:
    """Return figures of what was referred to, of the period and with the filters of the question before."""
    if reading.kind not in FIGURES or not last or last[0].reading.kind not in FIGURES or scan.has(*OWN_TIME):
        return reading
    old, new = last[0].reading.query, reading.query
    named = {each.field for each in new.where}
    kept = tuple(each for each in old.where if each.field not in named and each.field not in new.by)
    is_over_time = any(get_dimension(name).is_time for name in new.by)
    period = old.period if new.period == Period() and not is_over_time else new.period
    return replace(reading, query=replace(new, where=(*new.where, *kept), period=period))
