"""How to do what an answer proposed, and whether it is safe: the report's plan says so of each change, and of another
model only a test of its answers tells."""

from agents.language.reading import QuestionKind, Reading, SupposedChange, Turn
from agents.language.scan import Scan
from agents.language.times.calendar import LogDays
from core.i18n.text import text

PLAN, EVALUATION, TRIAL = "plan", "evaluation", "trial"
"""Topics: the report's plan, another model, and any other change that was supposed."""

CHANGES = ("How can we save money?", "What if everything could run in batch?")


def read_steps(scan: Scan, _: Reading, last: Turn, __: LogDays) -> Reading | None:
    if not scan.has("how_to", "risk") or scan.names or scan.list_names("measures"):
        return None
    before = last.reading
    if before.kind is QuestionKind.REPORT:
        return Reading(kind=QuestionKind.TALK, topic=PLAN)
    if before.kind is QuestionKind.WHAT_IF and before.supposition is not None:
        is_model = before.supposition.change is SupposedChange.MODEL
        return Reading(kind=QuestionKind.TALK, topic=EVALUATION if is_model else TRIAL)
    message = text("Of which change? Ask what would change the bill first, for example:")
    return Reading(kind=QuestionKind.CLARIFY, message=message, choices=CHANGES, is_fragment=True)
