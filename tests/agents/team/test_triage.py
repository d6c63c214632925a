from datetime import date

import pytest

from agents.language.questions import QuestionReader
from agents.language.reading import Turn
from agents.team.intent import DEFAULT_ASK, AskClassification
from agents.team.question_reading import add_reading, read_ask
from agents.team.triage import TriageAgent
from agents.team.triage_output import TriageOutput, get_answer_kind
from core.i18n.text import verbatim_text
from tests.agents.language.small_log import describe
from tools.base import RunFacts


def triage(guard: str | None) -> TriageOutput:
    return TriageOutput(
        category="cost",
        intent="reduce spend",
        goal_percent=30,
        guard=guard,
        sufficiency="partial",
        missing={},
        route=("data",),
        guidance=verbatim_text(""),
    )


@pytest.mark.parametrize(
    ("asked", "watched"),
    [("p50", "p50"), ("p95", "p95"), ("p99", "p99"), ("latency", "p95"), ("quality", None), (None, None)],
)
def test_triage_uses_the_requested_percentile(asked: str | None, watched: str | None) -> None:
    facts = TriageAgent.update_facts(RunFacts(ask="cut my spend"), triage(asked))
    assert facts == RunFacts(ask="cut my spend", goal_percent=30, guard=watched)


READER = QuestionReader()
LOG = describe(
    {
        "model": ("gpt-4o", "gpt-4o-mini"),
        "feature": ("support-chat", "search", "nightly-summaries"),
        "team": ("search", "platform"),
    },
    date(2026, 1, 5),
    date(2026, 2, 1),
)


@pytest.mark.parametrize(
    ("ask", "kind"),
    [
        (DEFAULT_ASK, "report"),
        ("Cut my spend by 30 % but never touch support-chat", "report"),
        ("Senke meine Kosten um 10 %, aber fass support-chat nicht an", "report"),
        ("Give me the full report", "report"),
        ("save $2,000, only team search", "report"),
        ("nightly-summaries can wait", "report"),  # an answer to one of its questions
        ("forget what I said about nightly-summaries", "report"),
        ("What did we spend per feature?", "answer"),
        ("Which one is better?", "clarify"),
        ("How good were the answers?", "cannot"),
        ("Which teams only use gpt-4o?", "clarify"),
        ("thanks", "talk"),
        ("A flight to Rome", "talk"),
    ],
)
def test_a_question_is_for_the_report_or_for_the_analyst(ask: str, kind: str) -> None:
    assert get_answer_kind(read_ask(READER, ask, (LOG,), (), "UTC")) == kind


@pytest.mark.parametrize("ask", ["thanks", "What did we spend?", "cut my spend"])
def test_a_question_is_read_without_a_log(ask: str) -> None:
    read_ask(READER, ask, (), (), "UTC")


def test_a_follow_up_is_read_in_the_light_of_the_question_before() -> None:
    first = read_ask(READER, "What did we spend per feature?", (LOG,), (), "UTC")
    second = read_ask(READER, "and per team?", (LOG,), (Turn(reading=first),), "UTC")
    assert (second.query.measures, second.query.by) == (("spend",), ("team",))


def test_what_was_read_in_another_language_is_the_goal() -> None:
    reading = read_ask(READER, "Senke meine Kosten um 10 %, aber fass support-chat nicht an", (LOG,), (), "UTC")
    verdict = AskClassification(category="unrelated", intent="?")
    assert add_reading(verdict, reading).goal_percent == 10
    assert add_reading(verdict, reading).category == "cost"
    assert reading.keep == ("support-chat",)
    assert add_reading(verdict.model_copy(update={"goal_percent": 20}), reading).goal_percent == 20
