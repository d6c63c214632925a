"""Answers about figures that a log cannot give: why, and what would tell."""

from collections.abc import Sequence

from agents.answers.answer import Answer, AnswerKind
from core.i18n.text import join_texts, text
from workloads.query.measure import MissingMeasure
from workloads.query.measures import MEASURES


def compose_missing(missing: Sequence[MissingMeasure]) -> Answer:
    reasons = list(dict.fromkeys(each.why for each in missing))
    fields = ", ".join(dict.fromkeys(each.field for each in missing))
    titles = join_texts(", ", [MEASURES[each.measure].title for each in missing])
    sentence = text(
        "{titles}: unknown. {why} A log with {fields} would tell.",
        titles=titles,
        why=join_texts(" ", reasons),
        fields=fields,
    )
    return Answer(kind=AnswerKind.CANNOT, text=sentence)
