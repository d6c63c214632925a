"""Questions from the terminal: what is printed and written, the exit status, and that follow-ups have a memory."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from agents.models import Run, Thread
from tests.conftest import People
from tests.support.running_worker import environment
from workloads.models import Workload

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

HEAD = "timestamp,model,input_tokens,output_tokens,feature,team\n"
ROWS = (
    *(("2026-01-05T10:00:00Z", "gpt-4o", 1_000_000, 0, "search", "Growth"),) * 3,
    *(("2026-01-06T10:00:00Z", "gpt-4o-mini", 1_000_000, 0, "support-chat", "Support"),) * 2,
)
"""Spend: search $7.50 at $2.50 per million, support-chat $0.30 at $0.15."""

Ask = Callable[..., list[dict[str, Any]]]


def log_file(folder: Path, name: str = "usage.csv", rows: tuple[tuple[object, ...], ...] = ROWS) -> Path:
    (folder / name).write_text(HEAD + "".join(",".join(map(str, row)) + "\n" for row in rows))
    return folder / name


@pytest.fixture
def ask(people: People, settings: Settings, tmp_path: Path) -> Ask:
    """The command as the owner, over the test's database: returns the answers that it has written."""
    settings.NETRA = environment(tmp_path / "data")

    def run(*asks: str, files: tuple[Path, ...] = (), options: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        out = tmp_path / "out.json"
        out.unlink(missing_ok=True)
        paths = [str(file) for file in files or (log_file(tmp_path),)]
        questions = [part for each in asks for part in ("--ask", each)]
        try:
            call_command("ask", *paths, "--user", "owner", "--json", str(out), *questions, *options)
        finally:
            found = json.loads(out.read_text())["answers"] if out.exists() else []
        return list(found)

    return run


def figures(answer: dict[str, Any]) -> dict[str, Decimal]:
    return {each["name"]: Decimal(str(each["value"])) for each in answer["figures"] if each["value"] is not None}


def test_follow_ups_are_read_in_the_light_of_the_questions_before(
    ask: Ask, people: People, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, third = ask("What did we spend per feature?", "and per team?", "only gpt-4o-mini")
    assert [each["kind"] for each in (first, second, third)] == ["answer"] * 3
    assert first["tables"][0]["rows"] == [["search", "7.5"], ["support-chat", "0.3"]]
    assert second["tables"][0]["rows"] == [["Growth", "7.5"], ["Support", "0.3"]]
    assert third["tables"][0]["rows"] == [["Support", "0.3"]]
    out, err = capsys.readouterr()
    assert "> and per team?" in out
    assert "$7.50" in out
    assert "▶" not in err
    assert Thread.objects.for_user(people.owner.id).count() == 1
    assert Run.objects.for_user(people.owner.id).count() == 3


def test_each_figure_says_how_it_was_computed(ask: Ask) -> None:
    (answer,) = ask("What did we spend in total?")
    assert Decimal("7.8") in figures(answer).values()
    (shown,) = answer["shown"]
    assert shown["tool"] == "measure"
    assert shown["sql"].startswith("SELECT")
    assert shown["rows"] is True
    assert {each["kind"] for each in answer["understood"]} >= {"measure"}
    assert answer["suggestions"]


@pytest.mark.parametrize(
    ("question", "kind"), [("How good were the answers?", "cannot"), ("Which one is better?", "clarify")]
)
def test_what_is_not_answered_has_a_status_of_its_own(ask: Ask, tmp_path: Path, question: str, kind: str) -> None:
    with pytest.raises(SystemExit) as ended:
        ask(question)
    assert ended.value.code == 3
    (answer,) = json.loads((tmp_path / "out.json").read_text())["answers"]
    assert answer["kind"] == kind
    assert answer["figures"] == []


def test_small_talk_is_answered_without_figures(ask: Ask) -> None:
    (answer,) = ask("thanks!")
    assert (answer["kind"], answer["figures"], answer["tables"]) == ("talk", [], [])


def test_a_wish_to_save_gets_the_report_with_its_limits(ask: Ask) -> None:
    (answer,) = ask("Cut my spend by 30 % but never touch support-chat")
    assert answer["kind"] == "report"
    assert "30%" in answer["text"]
    assert "support-chat" in answer["text"]
    assert figures(answer)["Spend"] == Decimal("7.8")


def test_prices_and_the_time_zone_apply(ask: Ask) -> None:
    options = ("--price", "gpt-4o=10/10", "--discount", "50", "--time-zone", "Asia/Tokyo")
    (answer,) = ask("What did we spend in total?", options=options)
    assert Decimal("15.15") in figures(answer).values()


def test_a_log_that_cannot_be_read_is_bad_input(ask: Ask, tmp_path: Path) -> None:
    (empty := tmp_path / "empty.csv").write_text("")
    with pytest.raises(CommandError) as error:
        ask("What did we spend?", files=(empty,))
    assert error.value.returncode == 2
    assert not Workload.objects.exists()


def test_more_than_two_logs_are_bad_input(ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(CommandError) as error:
        ask("What did we spend?", files=(log_file(tmp_path),) * 3)
    assert error.value.returncode == 2


SECOND = (
    *(("2026-02-05T10:00:00Z", "gpt-4o", 1_000_000, 0, "search", "Growth"),) * 2,
    ("2026-02-05T10:00:00Z", "gpt-4.1", 1_000_000, 0, "search", "Growth"),
)
"""Spend: gpt-4o $5.00 and gpt-4.1 $2.00."""


@pytest.mark.long
def test_two_logs_are_compared(ask: Ask, tmp_path: Path) -> None:
    files = (log_file(tmp_path), log_file(tmp_path, "second.csv", SECOND))
    spend, models, days, why = ask(
        "Compare the two logs: spend and number of requests",
        "Which model is new in the second log, and which one is gone?",
        "What do we spend per day in each log?",
        "Why is the second log cheaper?",
        files=files,
    )
    found = figures(spend)
    assert (found["Spend, usage.csv"], found["Spend, second.csv"]) == (Decimal("7.8"), Decimal(7))
    assert (found["Requests, usage.csv"], found["Requests, second.csv"]) == (Decimal(5), Decimal(3))
    assert "New: gpt-4.1." in models["text"]
    assert "Gone: gpt-4o-mini." in models["text"]
    assert ["gpt-4.1", "0", "2", "0", "1"] in [[str(cell) for cell in row] for row in models["tables"][0]["rows"]]
    assert figures(days) == {"Spend per day, usage.csv": Decimal("3.9"), "Spend per day, second.csv": Decimal(7)}
    assert figures(why)["Difference in spend"] == Decimal("-0.8")
    assert sum(Decimal(row[1]) for row in why["tables"][0]["rows"]) == Decimal("-0.8")


def test_another_users_log_cannot_be_compared_with(
    ask: Ask, people: People, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = Workload.objects.create(owner=people.neighbour, name="secret-log.csv", state="ready")
    with pytest.raises(SystemExit):
        ask("Compare it with secret-log.csv")
    assert str(theirs.id) not in capsys.readouterr().out
    (answer,) = json.loads((tmp_path / "out.json").read_text())["answers"]
    assert (answer["kind"], answer["figures"], answer["tables"]) == ("clarify", [], [])


def test_a_stated_price_is_kept_with_the_log_and_used(ask: Ask) -> None:
    before, said, after = ask("What did we spend in total?", "gpt-4o costs us 10/10", "What did we spend in total?")
    assert Decimal("7.8") in figures(before).values()
    assert said["kind"] == "talk"
    assert "$10.00" in said["text"]
    assert Decimal("30.3") in figures(after).values()


def test_a_wish_to_export_is_told_where(ask: Ask) -> None:
    (answer,) = ask("Export this as CSV")
    assert (answer["kind"], answer["figures"]) == ("talk", [])
    assert "CSV" in answer["text"]
