"""Questions to ask next, which the grammar can read and the log can answer."""

from agents.answers.answer import Answer, AnswerKind
from agents.language.questions import KnownLogs
from agents.language.reading import QuestionKind, Reading
from workloads.query.dimensions import DIMENSIONS

MAX_SUGGESTIONS = 3

STARTERS = ("What did we spend in total?", "Spend by model", "How can we save money?")


def suggest_questions(reading: Reading, answer: Answer, known: KnownLogs | None) -> tuple[str, ...]:
    """Return at most MAX_SUGGESTIONS questions that follow from an answer."""
    has = known.vocabulary.dimensions if known else frozenset({"model"})
    is_dated = known.extent.is_dated if known else True
    match reading.kind:
        case _ if answer.kind is AnswerKind.CANNOT:
            found = list(STARTERS)
        case QuestionKind.MEASURE:
            found = _follow_figures(reading, has, is_dated=is_dated)
        case QuestionKind.EXPLAIN | QuestionKind.COMPARE | QuestionKind.ANOMALIES if is_dated:
            found = ["Spend by week", "List the 10 most expensive requests", "Any anomalies in our daily spend?"]
        case QuestionKind.WHAT_IF | QuestionKind.FORECAST:
            found = ["How can we save money?", "Spend by model", "Spend by week"]
        case _:
            found = list(STARTERS)
    return tuple(dict.fromkeys(found))[:MAX_SUGGESTIONS]


def _follow_figures(reading: Reading, has: frozenset[str], *, is_dated: bool) -> list[str]:
    query = reading.query
    asked = {*query.by, *(each.field for each in query.where)}
    groups = [name for name in ("model", "feature", "team", "customer") if name in has and name not in asked]
    found = [f"And by {DIMENSIONS[name].name}?" for name in groups[:1]]
    if is_dated and not any(DIMENSIONS[name].is_time for name in query.by):
        found.append("And by week?")
    if query.by and not DIMENSIONS[query.by[0]].is_time and not query.shares and query.measures == ("spend",):
        found.append("As a share")
    found.append("How can we save money?")
    return found
