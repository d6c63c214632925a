"""Before and after, and what holds of every case and of the corpus: it compiles, and a second run changes nothing."""

from pathlib import Path

import pytest

from legacy.codemods.migration import can_compile, migrate_source
from tests.legacy.codemods.cases import BROUGHT, CASES, Case, change, once, told

pytestmark = pytest.mark.slow

CORPUS = sorted((Path(__file__).parent.parent / "corpus").rglob("*.py"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_before_and_after(case: Case) -> None:
    done = change(case.before)
    assert done.after.decode() == case.after
    assert told(done) == case.left


def test_there_are_cases_of_both_kinds() -> None:
    assert len(BROUGHT) >= 15
    assert len(CASES) - len(BROUGHT) >= 8


@pytest.mark.parametrize("source", [*(each.before.encode() for each in CASES), *(path.read_bytes() for path in CORPUS)])
def test_it_compiles_and_a_second_run_changes_nothing(source: bytes) -> None:
    done = once(source)
    assert done.error == ""
    assert can_compile(done.after)
    # What was not touched was read and left once already.
    assert not done.is_changed or migrate_source(done.after, {}).after == done.after


@pytest.mark.parametrize("case", BROUGHT[::4], ids=lambda case: case.name)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_line_ends_and_encodings_stay(case: Case, encoding: str) -> None:
    head = "# -*- coding: latin-1 -*-\n# é\n" if encoding == "latin-1" else "# é\n"
    source = (head + case.before).replace("\n", "\r\n").encode(encoding)
    after = migrate_source(source, {}).after
    # A file that begins with comments of its own keeps them; ours come without.
    assert after.startswith(head.replace("\n", "\r\n").encode(encoding))
    assert b"\n" not in after.replace(b"\r\n", b"")
    assert "class " in after.decode(encoding)


@pytest.mark.parametrize(
    "source", [b"x = 1", b"def execute(self, x):\r\n    pass", b"\xef\xbb\xbfa = 1  \n", b"\xff\xfe", b""]
)
def test_what_has_nothing_of_the_old_pattern_is_not_touched(source: bytes) -> None:
    assert migrate_source(source, {}).after == source
    assert migrate_source(source, {}).error == ""


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (b"def f(run_id:\n", "is not Python"),
        (b"# coding: latin-9000\nrun_id = 1\n", "encoding"),
        (b"run_id = '\xff'\n", "encoding"),
    ],
)
def test_what_cannot_be_read_is_said(source: bytes, said: str) -> None:
    done = migrate_source(source, {})
    assert said in done.error
    assert done.after == source


def test_what_others_are_built_on_stays() -> None:
    case = next(each for each in CASES if each.name == "thinking")
    done = migrate_source(case.before.encode(), {"SpendAgent": "other.py:3"})
    assert not done.is_changed
    assert "other.py:3" in done.issues[0].reason
