"""A report as an answer."""

from typing import Any

from agents.answers.report_answer import summarize_report
from agents.language.reading import QuestionKind, Reading, Turn, dump_turn

REPORT: dict[str, Any] = {
    "ask": "Cut our costs by 20%, but keep chat-help",
    "spend": {"total": "12.5"},
    "combination": {"total": "3.25"},
    "levers": [
        {"title": "Another model", "saving": "3", "basis": "estimated"},
        {"title": "Prompt caching", "saving": None, "basis": "estimated"},
    ],
}


def build_triage(*, goal: float | None = None, guard: str | None = None, keep: tuple[str, ...] = ()) -> dict[str, Any]:
    turn = Turn(reading=Reading(kind=QuestionKind.REPORT, keep=keep))
    return {"goal_percent": goal, "guard": guard, "turn": dump_turn(turn)}


def test_a_report_says_its_spend_goal_and_limits() -> None:
    answer = summarize_report(REPORT, build_triage(goal=20, guard="p95", keep=("chat-help",)))
    assert answer["kind"] == "report"
    assert answer["question"] == REPORT["ask"]
    assert [(each["name"], each["value"]) for each in answer["figures"]] == [
        ("Spend", "12.5"),
        ("Savings", "3.25"),
        ("Goal", "0.2"),
    ]
    assert answer["text"] == (
        "Spend $12.50; confirmed savings $3.25. The report has the levers and what would confirm more. "
        "Goal: 20% less. Left untouched: chat-help. Must not get worse: p95 latency."
    )


def test_levers_without_a_saving_are_left_out() -> None:
    answer = summarize_report(REPORT, build_triage(guard="quality"))
    assert answer["tables"][0]["rows"] == [["Another model", "3", "estimated"]]
    assert answer["text"].endswith("Must not get worse: quality.")


def test_an_unknown_saving_is_no_zero() -> None:
    answer = summarize_report({**REPORT, "combination": None, "levers": []}, build_triage())
    assert answer["figures"][1]["value"] is None
    assert answer["tables"] == []
