"""What a log marks in words of its own: free requests, and cancelled ones in a column of true and false."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from agents.language.scan import Scan
from agents.language.vocabulary import NameSpan

FREE = ("free",)
MARK_COLUMNS: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        "cancelled": tuple(
            (*before, word)
            for before in ((), ("is",), ("was",))
            for word in ("cancelled", "canceled", "aborted", "interrupted")
        ),
    }
)
"""How the columns are called that mark requests, by what they mark."""


def find_mark_column(scan: Scan, words: Sequence[str]) -> str | None:
    """Return the log's column for words such as "abgebrochen" that say what it marks."""
    meant = [concept.name for concept in scan.lexicon.get(*words) if concept.kind == "marks"]
    columns = (scan.vocabulary.columns.get(name) for mark in meant for name in MARK_COLUMNS[mark])
    return next((column for column in columns if column in scan.vocabulary.marks), None)


def take_free_names(scan: Scan) -> None:
    """Take "were free" for what the log calls free, if it has that as a value: "Kind: Free"."""
    names = scan.vocabulary.by_tokens.get(FREE, ())
    if not names:
        return
    for span in list(scan.iter_spans("operators", "free")):
        scan.names.append(NameSpan(span.start, span.end, names[:1], True))
        scan.spans.remove(span)
    scan.names.sort(key=lambda each: each.start)
