"""The session that counts and the one that doesn't have all tests between them."""

from pathlib import Path

from tests.support.counted_tests import GATED, REPEATING, TESTS, iter_uncounted_paths

ROOT = TESTS.parent


def test_each_file_of_tests_is_in_one_of_the_two_sessions() -> None:
    files = {path.relative_to(ROOT).as_posix() for path in TESTS.rglob("test_*.py")}
    uncounted = tuple(iter_uncounted_paths())
    assert [name for name in files if not name.startswith((*GATED, *uncounted))] == []


def test_what_repeats_is_there() -> None:
    for name in REPEATING:
        file, _, function = name.partition("::")
        path = Path(ROOT, file)
        assert path.exists(), name
        assert f"def {function}(" in (path.read_text() if function else "def ("), name
