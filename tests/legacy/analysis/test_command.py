"""`manage.py check_isolation`: its output formats, baselines and exit statuses."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from legacy.analysis.registry import CATALOG

LEAK = "MESSAGES = []\n\n\ndef keep(text):\n    MESSAGES.append(text)\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in (
        "app/chat.py",
        "app/migrations/m.py",
        ".venv/lib/x.py",
        "tests/t.py",
        "node_modules/y.py",
        "test_z.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(LEAK)
    return tmp_path


def run(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("check_isolation", *arguments, stdout=out)
    except SystemExit as status:
        return int(str(status.code)), out.getvalue()
    return 0, out.getvalue()


def places(*arguments: str) -> list[tuple[str, int, str]]:
    report = json.loads(run("--format", "json", *arguments)[1])
    return [(each["path"], each["line"], each["rule"]) for each in report["findings"]]


def test_a_finding_shows_its_location_reason_and_fix(tree: Path) -> None:
    status, output = run("app")
    assert status == 1
    assert "app/chat.py:1:1: error [module-state] MESSAGES is shared by all users of the process" in output
    assert "why: A module lives as long as the process" in output
    assert "fix: Keep it in a row of its owner" in output
    assert "1 file, 5 lines: 1 error, 0 warnings, 0 notes." in output.replace("\n", " ")


def test_foreign_code_and_tests_are_skipped_and_named(tree: Path) -> None:
    _, output = run(".")
    assert "Skipped: .venv, app/migrations, node_modules, test_z.py, tests." in output
    assert places(".") == [("app/chat.py", 1, "module-state")]
    assert [path for path, _, _ in places(".", "--tests")] == ["app/chat.py", "test_z.py", "tests/t.py"]
    assert places(".", "--exclude", "app/*") == []
    assert places("tests/t.py") == [("tests/t.py", 1, "module-state")]


def test_unreadable_files_are_reported_and_the_others_are_checked(tree: Path) -> None:
    (tree / "app" / "broken.py").write_text("def (:\n")
    (tree / "app" / "latin.py").write_bytes(b"name = '\xe9'\n")
    (tree / "app" / "null.py").write_bytes(b"a = 1\0\n")
    (tree / "app" / "brackets.py").write_text("a = " + "(" * 5000 + ")" * 5000)
    (tree / "app" / "deep.py").write_text("a = " + "-" * 100_000 + "1")
    (tree / "app" / "sum.py").write_text("a = {}\n\n\ndef f(b):\n    a[" + "b + " * 2000 + "1] = b\n    a.pop(b)\n")
    status, output = run("app")
    assert status == 1
    assert output.count("[unread-file] Not read") == 6
    assert "app/broken.py:1:1: warning [unread-file] Not read: invalid syntax in line 1." in output
    assert "app/chat.py:1:1: error [module-state]" in output


def test_lines_are_counted_as_the_parser_counts_them(tree: Path) -> None:
    moved = LEAK.replace("[]", "[]  # netra: allow[module-state] one user")
    (tree / "app" / "chat.py").write_bytes(b"A = '\x1c'\r\n\x0c\r\n" + moved.replace("\n", "\r\n").encode())
    assert places("app") == []
    (tree / "app" / "chat.py").write_bytes(b"A = '\x1c'\r\n\x0c\r\n" + LEAK.replace("\n", "\r\n").encode())
    assert places("app") == [("app/chat.py", 3, "module-state")]


def test_json_is_the_same_twice_and_in_order(tree: Path) -> None:
    (tree / "app" / "a.py").write_text(LEAK)
    (tree / "app.py").write_text(LEAK)
    first = run(".", "app", "--format", "json")
    assert first == run("app", ".", "--format", "json")
    report = json.loads(first[1])
    assert [each["path"] for each in report["findings"]] == ["app.py", "app/a.py", "app/chat.py"]
    assert set(report["findings"][0]) >= {"path", "line", "rule", "severity", "confidence", "message", "why", "mend"}
    assert report["files"] == 3


def test_a_baseline_matches_moved_findings_but_not_new_ones(tree: Path) -> None:
    assert run("app", "--write-baseline", "known.json")[0] == 0
    assert run("app", "--baseline", "known.json")[0] == 0
    chat = tree / "app" / "chat.py"
    chat.write_text('"""Moved."""\n\n' + LEAK.replace("MESSAGES = []", "MESSAGES  =  []"))
    status, output = run("app", "--baseline", "known.json")
    assert status == 0
    assert "1 known finding is in the baseline" in output
    chat.write_text(LEAK.replace("MESSAGES = []", "MESSAGES = [0]"))
    assert run("app", "--baseline", "known.json")[0] == 1
    chat.write_text(LEAK + "\n\nMESSAGES = []\n")
    (tree / "app" / "other.py").write_text(LEAK)
    assert places("app", "--baseline", "known.json") == [("app/other.py", 1, "module-state")]


@pytest.mark.parametrize("content", ["{", "[]", '{"version": 2}', '{"version": 1, "findings": [{}]}', "\udcff"])
def test_an_unusable_baseline_is_refused(tree: Path, content: str) -> None:
    (tree / "known.json").write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(CommandError, match=r"known\.json is (not )?a baseline") as raised:
        run("app", "--baseline", "known.json")
    assert raised.value.returncode == 2


def test_a_missing_path_or_baseline_is_refused(tree: Path) -> None:
    for arguments in (["nowhere"], ["app", "--baseline", "nowhere.json"]):
        with pytest.raises(CommandError, match="nowhere"):
            run(*arguments)


def test_the_exit_status_depends_on_the_requested_severity(tree: Path) -> None:
    (tree / "app" / "chat.py").write_text(
        "import threading\n\n\ndef go(work):\n    threading.Thread(target=work, args=(1,)).start()\n"
    )
    assert run("app")[0] == 1
    assert run("app", "--severity", "note")[0] == 1
    assert run("app", "--severity", "error")[0] == 0
    assert run("app", "--exit-zero")[0] == 0


def test_findings_below_the_requested_confidence_are_hidden(tree: Path) -> None:
    (tree / "app" / "chat.py").write_text("TOTAL = {}\n\n\ndef register(name):\n    TOTAL[name] = 1\n")
    assert run("app")[0] == 0, "an uncertain finding fails no build"
    assert len(places("app")) == 1
    assert places("app", "--confidence", "medium") == []


def test_sarif_has_what_its_schema_requires(tree: Path) -> None:
    (tree / "app" / "a chat.py").write_text(LEAK)
    sarif: dict[str, Any] = json.loads(run("app", "--format", "sarif")[1])
    assert (sarif["version"], list(sarif)) == ("2.1.0", ["$schema", "version", "runs"])
    (sarif_run,) = sarif["runs"]
    rules = sarif_run["tool"]["driver"]["rules"]
    assert {each["id"] for each in rules} == set(CATALOG)
    assert all(each["shortDescription"]["text"] and each["help"]["text"] for each in rules)
    assert {each["defaultConfiguration"]["level"] for each in rules} <= {"error", "warning", "note"}
    for result in sarif_run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
        assert 0 <= result["rank"] <= 100
        assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 1, "startColumn": 1}
    uris = [each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in sarif_run["results"]]
    assert uris == ["app/a%20chat.py", "app/chat.py"]
    assert len({each["partialFingerprints"]["ruleAndLine/v1"] for each in sarif_run["results"]}) == 2
