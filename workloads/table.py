"""A Markdown table."""

from collections.abc import Iterable, Sequence

MOST_ROWS = 10
"""Rows that a reader is shown of a list; the JSON has more."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[str]:
    """Lines of a table; cells must be escaped already."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
