"""A ranking with a question for savings: "what are the top cost drivers, and how much would each save?"."""

from dataclasses import replace

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.figures import read_figures
from core.i18n.text import text

RANKED = ("drivers", "top", "most")


def read_savings_of_each(found: Findings) -> Reading | None:
    """Return the ranking, and where the savings are told."""
    scan = found.scan
    rank = next((span for span in scan.iter_spans("operators") if span.concept.name in RANKED), None)
    saved = next((span for span in scan.iter_spans("operators", "goal") if rank and span.start > rank.end), None)
    if (
        rank is None
        or saved is None
        or found.percent
        or found.money
        or scan.names
        or scan.has("batch", "caching", "why")
    ):
        return None
    if not any(scan.is_and(at) for at in range(rank.end, saved.start)):
        return None
    ranking = read_figures(found)
    if ranking.kind is not QuestionKind.MEASURE or not ranking.query.by:
        return None
    message = text("What can be saved on each of them is no figure of the log: the savings report has it, by lever.")
    further = Reading(kind=QuestionKind.CANNOT, topic="savings", message=message, choices=("Where can we save?",))
    return replace(ranking, whether=False, rest=(further,))
