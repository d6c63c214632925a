"""What was saved by a change, which a log alone doesn't show."""

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from core.i18n.text import text

SAVED = frozenset(("save", "saved", "gespart", "eingespart", "economise", "ahorrado", "ahorramos"))
PAST = frozenset(("did", "have", "has", "haben", "hat", "avons", "hemos", "ahorramos"))


def read_saved_since(found: Findings) -> Reading | None:
    """What did we save since 20 June? Other things changed, too: offer to compare the times before and after."""
    scan = found.scan
    since = next((time for time in scan.times if time.start and not time.end), None)
    if since is None or not (SAVED & found.words and PAST & found.words) or scan.has("caching", "what_if", "batch"):
        return None
    if "cache_saving" in found.measures or found.percent or found.money:
        return None
    message = text(
        "The log doesn't show what a change saved, because requests and models changed, too. I can compare the time "
        "before {day} with the time after.",
        day=str(since.start),
    )
    choices = (f"Compare spend before and after {since.start}", f"Cost per request by week since {since.start}")
    return Reading(kind=QuestionKind.CLARIFY, topic="saved", message=message, choices=choices)
