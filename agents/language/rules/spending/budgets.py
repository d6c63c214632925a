"""How much of a budget is used: spend as a part of an amount that the question names."""

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.spending.pace import FUTURE
from agents.language.scope import get_scope
from core.i18n.text import text
from workloads.query.query import Having, Operator, Query

BUDGET = "budget"


def read_budget(found: Findings) -> Reading | None:
    """How much of our budget of $200 have we used? Are we over it?"""
    scan = found.scan
    is_asked = any(True for _ in scan.iter_spans("asked", BUDGET))
    if not is_asked or found.groups or scan.has("what_if", "why"):
        return None
    if found.money is None:
        message = text("I don't know your budget. Name the amount, for example:")
        example = "How much of our budget of $200 have we used?"
        return Reading(kind=QuestionKind.CLARIFY, topic=BUDGET, message=message, choices=(example,))
    amount = found.money.value
    if FUTURE & found.words or any(time.start and time.start > found.extent.last for time in scan.times):
        message = text("I can forecast the spend of a period, and say whether it stays under an amount.")
        shown = f"${amount:f}"
        choices = (f"Will we stay under {shown} in the current month?", "What will next month cost?")
        return Reading(kind=QuestionKind.CLARIFY, topic=BUDGET, message=message, choices=choices)
    scope = get_scope(found)
    is_over = scan.has("above") or any(True for _ in scan.iter_spans("asked", "over"))
    check = Having(measure="spend", operator=Operator.ABOVE if is_over else Operator.AT_MOST, value=amount)
    query = Query(where=scope.where, period=scope.period)
    return Reading(kind=QuestionKind.MEASURE, query=query, topic=BUDGET, goal_usd=amount, check=check)
