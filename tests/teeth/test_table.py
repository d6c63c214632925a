from tests.teeth.bugs.catalog import BUGS
from tests.teeth.table import DOCUMENT, written


def test_the_document_names_every_bug_and_its_catcher() -> None:
    """Where it does not: `python -m tests.teeth` writes it anew."""
    document = DOCUMENT.read_text(encoding="utf-8")
    assert document == written(document, BUGS)
