"""Rows of chains in order, page by page: in constant memory, and no transaction is held open while they are used."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

PAGE = 1_000


def in_order(rows: QuerySet[Any], columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """By subject and number, both among the columns."""
    page: list[dict[str, Any]] = list(rows.order_by("subject", "seq").values(*columns)[:PAGE])
    while page:
        yield from page
        if len(page) < PAGE:
            return
        subject, seq = page[-1]["subject"], page[-1]["seq"]
        # Two steps, each of which the index answers; one condition for both would read from the start every time.
        page = list(rows.filter(subject=subject, seq__gt=seq).order_by("seq").values(*columns)[:PAGE])
        if len(page) < PAGE:
            rest = rows.filter(subject__gt=subject).order_by("subject", "seq").values(*columns)
            page += rest[: PAGE - len(page)]
