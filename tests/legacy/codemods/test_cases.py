"""Sources before and after; every case and the corpus compile afterwards, and a second run changes nothing."""

from pathlib import Path

import pytest

from legacy.codemods.migration import can_compile, migrate_source
from tests.legacy.codemods.cases import CASES, MIGRATED, Case, format_issues, migrate_once, migrate_text

pytestmark = pytest.mark.slow

FILES = (Path(__file__).parent.parent / "corpus").rglob("*.py")
CORPUS = sorted(path for path in FILES if path.name != "legacy.py")  # those are migrated in test_whole_corpus.py


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_before_and_after(case: Case) -> None:
    done = migrate_text(case.before)
    assert done.after.decode() == case.after
    assert format_issues(done) == case.issues


def test_there_are_migrated_and_unchanged_cases() -> None:
    assert len(MIGRATED) >= 15
    assert len(CASES) - len(MIGRATED) >= 8


@pytest.mark.parametrize("source", [*(each.before.encode() for each in CASES), *(path.read_bytes() for path in CORPUS)])
def test_it_compiles_and_a_second_run_changes_nothing(source: bytes) -> None:
    done = migrate_once(source)
    assert done.error == ""
    assert can_compile(done.after)
    # An unchanged file has already been migrated to the same result.
    assert not done.is_changed or migrate_source(done.after, {}).after == done.after


@pytest.mark.long
@pytest.mark.parametrize("case", MIGRATED[::4], ids=lambda case: case.name)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_line_endings_and_encodings_are_preserved(case: Case, encoding: str) -> None:
    head = "# -*- coding: latin-1 -*-\n# é\n" if encoding == "latin-1" else "# é\n"
    source = (head + case.before).replace("\n", "\r\n").encode(encoding)
    after = migrate_source(source, {}).after
    # The file's own leading comments are kept.
    assert after.startswith(head.replace("\n", "\r\n").encode(encoding))
    assert b"\n" not in after.replace(b"\r\n", b"")
    assert "class " in after.decode(encoding)


@pytest.mark.parametrize(
    "source", [b"x = 1", b"def execute(self, x):\r\n    pass", b"\xef\xbb\xbfa = 1  \n", b"\xff\xfe", b""]
)
def test_a_file_without_legacy_code_is_unchanged(source: bytes) -> None:
    assert migrate_source(source, {}).after == source
    assert migrate_source(source, {}).error == ""


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"def f(run_id:\n", "syntax error"),
        (b"# coding: latin-9000\nrun_id = 1\n", "encoding"),
        (b"run_id = '\xff'\n", "encoding"),
    ],
)
def test_an_unreadable_source_is_an_error(source: bytes, message: str) -> None:
    done = migrate_source(source, {})
    assert message in done.error
    assert done.after == source


def test_a_class_with_subclasses_is_unchanged() -> None:
    case = next(each for each in CASES if each.name == "thinking")
    done = migrate_source(case.before.encode(), {"SpendAgent": "other.py:3"})
    assert not done.is_changed
    assert "other.py:3" in done.issues[0].reason
