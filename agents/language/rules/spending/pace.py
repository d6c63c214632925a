"""How fast money is spent: the burn rate, and when an amount is reached."""

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.scope import get_scope
from workloads.query.query import Query

PACE, REACH = "pace", "reach"
FUTURE = frozenset(("will", "next", "werden", "wird", "nachste", "nachsten", "sera", "prochain", "proximo"))


def read_pace(found: Findings) -> Reading | None:
    """What is our burn rate? Spend per day, and what 30 days cost at that pace."""
    scan, last = found.scan, found.extent.last
    is_future = any(time.start and time.start > last for time in scan.times) or bool(FUTURE & found.words)
    is_asked = any(True for _ in scan.iter_spans("asked", "pace")) and found.extent.is_dated
    if not is_asked or is_future or found.groups or found.thresholds or scan.has("what_if", "rise", "fall", "why"):
        return None
    scope = get_scope(found)
    query = Query(by=("day",), where=scope.where, period=scope.period)
    return Reading(kind=QuestionKind.MEASURE, query=query, topic=PACE)


def read_reach(found: Findings) -> Reading | None:
    """When will we reach $250? From the days of the log, which are counted from its first one."""
    scan = found.scan
    is_asked = any(True for _ in scan.iter_spans("asked", "reach")) and found.extent.is_dated
    if not is_asked or found.money is None or scan.times or found.groups:
        return None
    query = Query(by=("day",), where=get_scope(found).where)
    return Reading(kind=QuestionKind.MEASURE, query=query, topic=REACH, goal_usd=found.money.value)
