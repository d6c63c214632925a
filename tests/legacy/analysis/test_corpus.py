"""Legacy modules written for this: each finding by line and no other; none in their clean twins."""

from pathlib import Path

import pytest

from legacy.analysis.findings import UNREAD_FILE as UNREAD
from legacy.analysis.registry import CATALOG
from tests.legacy.analysis.expected import CORPUS, expected, found

CASES = sorted(each.name for each in CORPUS.iterdir() if (each / "legacy.py").exists())


def source(case: str, twin: str) -> str:
    return (CORPUS / case / twin).read_text()


@pytest.mark.parametrize("case", CASES)
def test_what_leaks_is_found_by_line_and_nothing_else(case: str) -> None:
    marked = expected(source(case, "legacy.py"))
    assert marked
    assert found(source(case, "legacy.py")) == marked


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_found_in_the_twin(case: str) -> None:
    assert found(source(case, "clean.py")) == []


def test_the_corpus_has_every_rule_and_enough_of_the_old_shapes() -> None:
    rules = {rule for case in CASES for _, rule in expected(source(case, "legacy.py"))}
    assert rules == set(CATALOG) - {UNREAD.id}
    assert len(CASES) >= 25
    assert all(Path(CORPUS / case / "clean.py").exists() for case in CASES)
