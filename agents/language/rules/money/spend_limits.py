"""Whether spend keeps to a limit: "can we stay below $150 a month?", "are we within our budget of $200?"."""

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.figures import asks_whether
from agents.language.scan import Scan
from agents.language.scope import get_scope
from workloads.query.query import Query

GRAINS = ("month", "week", "day")
ASKING = frozenset(("can", "could", "kann", "konnen", "peut", "pouvons", "podemos", "puede", "podriamos"))
BUDGET = frozenset(("budget", "limit", "cap", "ceiling", "budgets", "grenze", "plafond", "presupuesto", "limite"))
WITHIN = frozenset(
    ("within", "inside", "enough", "afford", "exceed", "innerhalb", "reicht", "dans", "dentro", "suffit")
)
EACH = frozenset(("a", "per", "each", "every", "pro", "im", "je", "par", "chaque", "al", "por", "cada"))
SETTING = frozenset(
    ("set", "alert", "alerts", "notify", "remind", "warn", "alarm", "setze", "benachrichtige", "alerte")
)
"""Words of wishes for a limit that is watched."""

OTHERS = ("forecast", "what_if", "why", "compare", "goal", "report", "than", "how_many", "most", "least", "top", "list")


def read_spend_limit(found: Findings) -> Reading | None:
    """Return the spend of each month, or of the time that is named, and the limit that it is held against."""
    scan, words = found.scan, found.words
    if found.money is None or SETTING & words or "will" in words or scan.has(*OTHERS):
        return None
    is_limit = scan.has("above", "below", "at_most", "at_least")
    is_budget = bool(BUDGET & words) and (is_limit or bool(WITHIN & words))
    first = next((token.text for token in scan.tokens if token.is_word), "")
    grain = find_grain(scan)
    is_asked = asks_whether(scan) or first in ASKING
    is_future = any(time.end and time.end > found.extent.last for time in scan.times)
    if not is_asked or is_future or not (is_budget or (is_limit and grain)) or set(found.groups) - {grain}:
        return None
    if not set(found.measures) <= {"spend"} or not found.extent.is_dated:
        return None
    scope = get_scope(found)
    is_above = scan.has("above", "at_least") or "exceed" in words
    return Reading(
        kind=QuestionKind.BUDGET,
        query=Query(by=(grain or "month",), where=scope.where, period=scope.period),
        goal_usd=found.money.value,
        premise="above" if is_above else "below",
    )


def find_grain(scan: Scan) -> str:
    """Return the month of "$150 a month" and of "monthly"; nothing of "any month above $150"."""
    for span in scan.iter_spans("grains"):
        word = scan.tokens[span.start].text
        before = scan.tokens[span.start - 1].text if span.start else ""
        if span.concept.name in GRAINS and (before in EACH or word.endswith(("ly", "lich", "lichen", "el", "suel"))):
            return span.concept.name
    return ""
