"""The tests that count are there."""

from pathlib import Path

from tests.support.counted_tests import GATED, REPEATING

ROOT = Path(__file__).resolve().parents[2]


def test_the_gated_packages_have_tests() -> None:
    assert [name for name in GATED if not any(Path(ROOT, name).rglob("test_*.py"))] == []


def test_what_repeats_is_there() -> None:
    for name in REPEATING:
        file, _, function = name.partition("::")
        path = Path(ROOT, file)
        assert path.exists(), name
        assert f"def {function}(" in (path.read_text() if function else "def ("), name
