"""Groups of an answer that are to be left out by their rank, "drop the cheapest ones": which are meant is asked back,
and never ignored."""

from agents.language.reading import QuestionKind, Reading, Turn
from agents.language.scan import Scan
from agents.language.times.calendar import LogDays
from core.i18n.text import text

REMOVING = ("except", "turned_off", "remove", "leave_out")
KEPT = (3, 5, 10)
MAX_TOKENS = 12


def read_unclear_removal(scan: Scan, _: Reading, last: Turn, __: LogDays) -> Reading | None:
    """Drop the cheapest ones? How many of them; the first ones can be kept by their number."""
    query = last.reading.query
    is_removal = scan.has(*REMOVING) and scan.has("most", "least") and not (scan.names or scan.times)
    is_short = len(scan.tokens) <= MAX_TOKENS and not (scan.list_names("measures") and scan.has("how_much", "how_many"))
    if last.reading.kind is not QuestionKind.MEASURE or not query.by or not (is_removal and is_short):
        return None
    message = text("Which ones should be left out? Say how many to keep, or name what to leave out.")
    named = [f"without {last.subject[1]}"] if last.subject is not None and scan.has("most") else []
    choices = (*named, *(f"just the top {number}" for number in KEPT))
    return Reading(kind=QuestionKind.CLARIFY, message=message, choices=choices, is_fragment=True)
