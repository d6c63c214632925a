"""What is to be left out of an answer by its figures, "drop the cheapest ones", "hide everything under $1": which are
meant is asked back, and never ignored."""

from agents.language.reading import QuestionKind, Reading, Turn
from agents.language.scan import Scan
from agents.language.times.calendar import LogDays
from core.i18n.text import text
from workloads.query.dimensions import get_dimension

REMOVING = ("except", "turned_off", "remove", "leave_out")
BY_FIGURE = ("most", "least", "above", "below", "at_least", "at_most")
KEPT = (3, 5, 10)
MAX_TOKENS = 12


def read_unclear_removal(scan: Scan, _: Reading, last: Turn, __: LogDays) -> Reading | None:
    """Drop the cheapest ones? How many of them; the first ones can be kept by their number."""
    query = last.reading.query
    is_unclear = scan.has(*BY_FIGURE) or (scan.has("leave_out") and _count_without(scan) > 1)
    is_removal = scan.has(*REMOVING) and is_unclear and not (scan.names or scan.times)
    is_short = len(scan.tokens) <= MAX_TOKENS and not (scan.list_names("measures") and scan.has("how_much", "how_many"))
    if last.reading.kind is not QuestionKind.MEASURE or not query.by or not (is_removal and is_short):
        return None
    message = text("Which ones should be left out? Say how many to keep, or name what to leave out.")
    is_named = last.subject is not None and scan.has("most") and not get_dimension(query.by[0]).is_time
    named = [f"without {last.subject[1]}"] if last.subject is not None and is_named else []
    choices = (*named, *(f"just the top {number}" for number in KEPT))
    return Reading(kind=QuestionKind.CLARIFY, message=message, choices=choices, is_fragment=True)


def _count_without(scan: Scan) -> int:
    """Return how many words leave something out: two of them in "drop those without a team"."""
    return len({span.start for span in scan.iter_spans("operators") if span.concept.name in ("except", "nobody")})
