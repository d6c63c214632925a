"""Each legacy module of the corpus has exactly the expected findings, and its clean counterpart has none."""

from pathlib import Path

import pytest

from legacy.analysis.findings import UNREAD_FILE as UNREAD
from legacy.analysis.registry import CATALOG
from tests.legacy.analysis.expected import CORPUS, list_expected, list_findings

CASES = sorted(each.name for each in CORPUS.iterdir() if (each / "legacy.py").exists())


def source(case: str, file: str) -> str:
    return (CORPUS / case / file).read_text()


@pytest.mark.parametrize("case", CASES)
def test_a_legacy_module_has_exactly_the_expected_findings(case: str) -> None:
    marked = list_expected(source(case, "legacy.py"))
    assert marked
    assert list_findings(source(case, "legacy.py")) == marked


@pytest.mark.parametrize("case", CASES)
def test_the_clean_counterpart_has_no_findings(case: str) -> None:
    assert list_findings(source(case, "clean.py")) == []


def test_the_corpus_covers_every_rule() -> None:
    rules = {rule for case in CASES for _, rule in list_expected(source(case, "legacy.py"))}
    assert rules == set(CATALOG) - {UNREAD.id}
    assert len(CASES) >= 25
    assert all(Path(CORPUS / case / "clean.py").exists() for case in CASES)
