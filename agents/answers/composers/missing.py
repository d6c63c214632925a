"""Answers about figures that a log cannot give: why, and what would tell."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from agents.answers.answer import Answer, AnswerKind
from core.i18n.text import Text, join_texts, text
from workloads.query.measure import MissingMeasure
from workloads.query.measures import MEASURES

CONTENTS: Mapping[str, Text] = MappingProxyType(
    {
        "latency_ms": text("the latency of each request"),
        "first_token_ms": text("the time to the first token of each request"),
        "request_id": text("a row for each request"),
        "time": text("the time of each request"),
        "status": text("the status of each request"),
        "user": text("the user of each request"),
        "model": text("the names of models with a known price"),
    }
)
"""What a log must hold, by field (docs/formats.md); other fields are named as they are."""


def compose_missing(missing: Sequence[MissingMeasure]) -> Answer:
    reasons = list(dict.fromkeys(each.why for each in missing))
    fields = list(dict.fromkeys(each.field for each in missing))
    titles = join_texts(", ", [MEASURES[each.measure].title for each in missing])
    sentence = text(
        "{titles}: unknown. {why} A log with {contents} would tell.",
        titles=titles,
        why=join_texts(" ", reasons),
        contents=join_texts(", ", [CONTENTS.get(field, text("{field}", field=field)) for field in fields]),
    )
    return Answer(kind=AnswerKind.CANNOT, text=sentence)
