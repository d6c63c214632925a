import json
import os
import stat
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from legacy.codemods import survey
from legacy.codemods.survey import survey_paths
from tests.legacy.codemods.cases import CASES

pytestmark = pytest.mark.slow

SPEND = next(each for each in CASES if each.name == "dispatch")
STATE = next(each for each in CASES if each.name == "state")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "app" / "inner").mkdir(parents=True)
    (tmp_path / "app" / "spend.py").write_text(SPEND.before)
    (tmp_path / "app" / "inner" / "state.py").write_text(STATE.before)
    (tmp_path / "app" / "plain.py").write_bytes(b"x = 1\r\n\t\n")
    return tmp_path / "app"


def run_command(*arguments: object, fails: bool = False) -> str:
    out = StringIO()
    if not fails:
        call_command("migrate_legacy", *map(str, arguments), stdout=out)
        return out.getvalue()
    with pytest.raises(CommandError) as caught:
        call_command("migrate_legacy", *map(str, arguments), stdout=out)
    assert caught.value.returncode == 2
    return out.getvalue()


def read_tree(tree: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()}


def test_it_shows_a_diff_and_changes_nothing(tree: Path) -> None:
    before = read_tree(tree)
    text = run_command(tree)
    assert f"--- a/{tree}/spend.py" in text
    assert "+    async def perform(self, run_input: RunInput) -> AgentResult[object]:" in text
    assert f"{tree}/inner/state.py:8: helper(state)" in text
    assert "Can migrate 1 agent in 1 file; use --write to change the files. 3 files read" in text
    assert "\x1b[" not in text
    assert read_tree(tree) == before


def test_write_changes_the_files_once(tree: Path) -> None:
    (tree / "spend.py").chmod(0o750)
    run_command(tree, "--write")
    assert (tree / "spend.py").read_text() == SPEND.after
    assert stat.S_IMODE((tree / "spend.py").stat().st_mode) == 0o750
    assert (tree / "inner" / "state.py").read_text() == STATE.before
    before = read_tree(tree)
    assert "No agents to migrate." in run_command(tree, "--write")
    assert read_tree(tree) == before


def test_json(tree: Path) -> None:
    report = json.loads(run_command(tree, "--json"))
    assert [each["agents"] for each in report["changes"]] == [["SpendAgent"]]
    assert report["changes"][0]["diff"].startswith("--- a/")
    assert {"path", "line", "code", "reason", "blocks"} == set(report["left"][0])
    assert report["files"] == 3


def test_unreadable_files_are_reported_and_the_others_migrated(tree: Path) -> None:
    (tree / "broken.py").write_text("def execute(self, state, run_id:\n")
    text = run_command(tree, tree / "missing", "--write", fails=True)
    assert "missing: no such file" in text
    assert "broken.py: line 1: syntax error" in text
    assert (tree / "spend.py").read_text() == SPEND.after


def test_links_are_not_followed(tree: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "spend.py").write_text(SPEND.before)
    (tree / "folder").symlink_to(outside)
    (tree / "linked.py").symlink_to(outside / "spend.py")
    run_command(tree, "--write")
    assert (outside / "spend.py").read_text() == SPEND.before
    assert (tree / "linked.py").is_symlink()


def test_a_file_changed_since_it_was_read_is_not_written(tree: Path) -> None:
    file = tree / "spend.py"
    change = survey_paths([str(file)]).changes[file.resolve()]
    file.write_text(SPEND.before + "x = 1\n")
    with pytest.raises(survey.FileChangedError):
        survey.write_migration(file, change)
    assert file.read_text() == SPEND.before + "x = 1\n"


def test_a_failed_write_leaves_the_file_and_no_temporary_file(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fails)
    before = read_tree(tree)
    assert "spend.py: was not written: No space left" in run_command(tree, "--write", fails=True)
    assert read_tree(tree) == before


def test_an_agent_with_a_subclass_in_another_file_is_not_migrated(tree: Path) -> None:
    (tree / "more.py").write_text("from app.spend import SpendAgent\n\n\nclass More(SpendAgent):\n    pass\n")
    text = run_command(tree, "--write")
    assert "it has a subclass" in text
    assert "more.py:4" in text
    assert (tree / "spend.py").read_text() == SPEND.before
