"""Commands that are parsed without a language model; anything else is answered with help."""

from typing import Any

import pytest

from agents.llm.turns import PlannedCall
from operators.commands import is_command, parse_command

RUN = "8a3f6c9e-1111-4222-8333-444455556666"


@pytest.mark.parametrize(
    ("ask", "calls"),
    [
        ("runs of ben", [("inspect_runs", {"user": "ben"})]),
        (f"cancel run {RUN}", [("cancel_run", {"run_id": RUN})]),
        ("health", [("engine_health", {}), ("stream_health", {})]),
        ("usage", [("usage_by_user", {})]),
        ("usage of ben for 30 days", [("usage_by_user", {"user": "ben", "days": 30})]),
        ("prune", [("prune", {})]),
        ("prune 60 days", [("prune", {"days": 60})]),
        ("prune 60 days confirmed", [("prune", {"days": 60, "confirmed": True})]),
        ("ask ben because of a ticket", [("ask_consent", {"user": "ben", "why": "of a ticket"})]),
        (f"ask ben about {RUN} because why", [("ask_consent", {"user": "ben", "thread_id": RUN, "why": "why"})]),
        (
            "Allow estimate_lever for ben because he asked",
            [("change_grant", {"tool": "estimate_lever", "user": "ben", "effect": "allow", "why": "he asked"})],
        ),
    ],
)
def test_known_commands_are_parsed(ask: str, calls: list[tuple[str, dict[str, Any]]]) -> None:
    assert [(each.tool, each.arguments) for each in parse_command(f"/ops {ask}")] == calls


@pytest.mark.parametrize(
    "ask",
    [
        "",
        "runs",
        "runs of ben and ada",
        "cancel",
        "prune confirmed",
        "prune everything",
        "ask ben",
        "deny x for ben",
        "x",
    ],
)
def test_unknown_commands_make_no_call(ask: str) -> None:
    assert list[PlannedCall](parse_command(f"/ops {ask}")) == []


@pytest.mark.parametrize(
    ("ask", "ours"), [("/ops", True), ("  /ops health", True), ("/opsx", False), ("what is /ops", False), ("", False)]
)
def test_the_first_word_decides_whether_it_is_a_command(ask: str, ours: bool) -> None:
    assert is_command(ask) is ours
