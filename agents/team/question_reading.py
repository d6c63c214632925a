"""How triage reads a question: with the grammar, in a time zone, and together with what the rules find in English."""

from collections.abc import Sequence
from typing import Literal, cast

from agents.language.questions import QuestionReader
from agents.language.reading import QuestionKind, Reading, Turn
from agents.team.intent import DEFAULT_ASK, AskClassification
from agents.team.question_limits import limits_savings, parse_limits
from workloads.pricing.assumptions import UTC_ZONE
from workloads.pricing.lever_answers import parse_sentences
from workloads.query.values import LogDescription


def choose_zone(kept: str, reader: str, logs: Sequence[LogDescription]) -> str:
    """Return the time zone of a question's days: the one kept with the log, else the reader's.

    Times without a zone are taken as they are written, so the reader's zone doesn't move them.
    """
    if kept != UTC_ZONE or not logs or any(log.first_at is None for log in logs):
        return kept
    return reader


def read_ask(
    reader: QuestionReader, ask: str, logs: Sequence[LogDescription], earlier: Sequence[Turn], zone: str
) -> Reading:
    """Return what a question asks for. An answer to one of the report's own questions asks for the report anew."""
    if not ask.strip() or ask.strip() == DEFAULT_ASK or parse_sentences(ask):
        return Reading(kind=QuestionKind.REPORT)
    reading = reader.read(ask, reader.know(logs), earlier, zone)
    is_unclear = (reading.kind is QuestionKind.CLARIFY and not reading.topic) or reading.topic == "off_topic"
    return Reading(kind=QuestionKind.REPORT) if is_unclear and limits_savings(parse_limits(ask)) else reading


def add_reading(verdict: AskClassification, reading: Reading) -> AskClassification:
    """Add what the grammar read in any language to what the rules found in English."""
    goal = None if reading.goal_percent is None else float(reading.goal_percent)
    guard = cast(
        'Literal["p50", "p95", "p99"] | None', reading.guard if reading.guard in ("p50", "p95", "p99") else None
    )
    return verdict.model_copy(
        update={
            "category": "cost" if verdict.category == "unrelated" else verdict.category,
            "goal_percent": verdict.goal_percent or goal,
            "guard": verdict.guard or guard,
        }
    )
