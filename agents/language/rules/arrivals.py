"""Questions about what is new in a period, or is not used any more: "which features are new this week?"."""

from agents.language.findings import Findings
from agents.language.reading import Part, QuestionKind, Reading
from agents.language.rules.compared_periods import label_period
from agents.language.scope import get_scope
from core.i18n.text import text
from workloads.query.dimensions import get_dimension
from workloads.query.query import Period, Query

NEW, GONE = "new", "gone"


def read_arrivals(found: Findings) -> Reading | None:
    """Return the groups of a period and those of the rest of the log: before it, or all of the rest for those gone."""
    scan = found.scan
    groups = tuple(name for name in found.groups if not get_dimension(name).is_time)[:1]
    if not scan.has(NEW, GONE) or not groups or scan.has("both_logs", "compare", "why"):
        return None
    points = found.list_points()
    if len(points) != 1 or points[0].start is None:
        message = text("New since when? Name a period.")
        name = groups[0].replace("_", " ")
        choices = (f"Which {name}s are new this week?", f"Which {name}s are new this month?")
        return (
            None if points else Reading(kind=QuestionKind.CLARIFY, message=message, choices=choices, is_fragment=True)
        )
    where = get_scope(found, times=()).where
    time = points[0]
    measures = found.measures[:1] or ("spend",)
    before = Query(measures=measures, by=groups, where=where, period=Period(end=time.period.start))
    after = Query(measures=measures, by=groups, where=where, period=time.period)
    parts = (Part(label="before", query=before), Part(label=label_period(time), query=after))
    return Reading(kind=QuestionKind.COMPARE, parts=parts, topic=NEW if scan.has(NEW) else GONE, dimension=groups[0])
