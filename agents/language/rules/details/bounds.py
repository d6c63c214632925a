"""What a supposition can change at most, where the log does not tell what it would: shorter prompts save no more than
all input costs."""

from agents.language.findings import Findings
from agents.language.reading import Part, QuestionKind, Reading
from agents.language.scope import get_scope
from core.i18n.text import Text
from workloads.query.query import Query

BOUND = "bound"
"""The topic of a supposition that is only answered by what it cannot exceed."""

INPUT_PARTS = ("input_spend", "cached_spend", "cache_write_spend")


def bound_by_input(found: Findings, message: Text, choices: tuple[str, ...]) -> Reading:
    """Return what the input of the requests in question costs, and what they cost in all."""
    scope = get_scope(found)
    part, whole = (
        Part(label="", query=Query(measures=measures, where=scope.where, period=scope.period))
        for measures in (INPUT_PARTS, ("spend",))
    )
    return Reading(kind=QuestionKind.COMPARE, topic=BOUND, parts=(part, whole), message=message, choices=choices)
