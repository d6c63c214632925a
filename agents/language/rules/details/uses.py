"""Since when something is in use: "which models do we use, and since when?"; the first and the last day of each."""

from agents.language.findings import Findings
from agents.language.reading import Part, QuestionKind, Reading
from agents.language.scope import get_scope
from workloads.query.dimensions import get_dimension
from workloads.query.query import Order, Query

USE = "use"
"""The topic of first and last days."""


def read_use(found: Findings) -> Reading | None:
    """Return three queries by what is asked about: its figures, its first day, and its last one."""
    scan = found.scan
    named = list(dict.fromkeys(name.names[0].dimension for name in scan.names))
    asked = [name for name in found.groups if not get_dimension(name).is_time]
    groups = asked or [name for name in named if name != "user"] or named
    is_asked = scan.has("since_when") and len(groups) == 1 and found.extent.is_dated
    if not is_asked or found.thresholds or scan.has("why", "compare", "what_if", "change", "rise", "fall"):
        return None
    scope = get_scope(found)
    whole = Query(measures=("spend", "requests"), by=(groups[0],), where=scope.where, period=scope.period)
    first, last = (
        Query(
            measures=("requests",),
            by=(groups[0], "day"),
            where=scope.where,
            period=scope.period,
            order=Order(by="day", descending=is_last),
            limit_each=1,
        )
        for is_last in (False, True)
    )
    parts = (Part(label="whole", query=whole), Part(label="first", query=first), Part(label="last", query=last))
    return Reading(kind=QuestionKind.COMPARE, parts=parts, topic=USE)
