"""Queries of the audit: the subjects of a user, rows in order page by page, and distinct column values."""

import re
from collections.abc import Iterator
from typing import Any, Generic, Protocol, TypeVar

from django.db.models import QuerySet

from core.db import as_all_users
from core.exceptions import UserError
from core.users import find_user
from tools.audit.models import AuditRow, AuditSubject

PAGE_ROWS = 1_000
MAX_VALUES = 100
SUBJECT_PATTERN = re.compile(r"[0-9a-f]{32}")


@as_all_users()
def find_subjects(text: str) -> list[str]:
    """Return the subjects of a user's id or name. A subject finds itself: nothing else is left of an erased user."""
    try:
        subjects = list(AuditSubject.objects.filter(owner=find_user(text)).values_list("subject", flat=True))
    except UserError:
        subjects = []
    return [*subjects, text] if SUBJECT_PATTERN.fullmatch(text) and text not in subjects else subjects


def iter_in_order(rows: QuerySet[Any], columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Yield rows by subject and number, both of which must be among the columns."""
    page: list[dict[str, Any]] = list(rows.order_by("subject", "seq").values(*columns)[:PAGE_ROWS])
    while page:
        yield from page
        if len(page) < PAGE_ROWS:
            return
        subject, seq = page[-1]["subject"], page[-1]["seq"]
        # Two queries that the index answers; one condition for both would read from the start every time.
        page = list(rows.filter(subject=subject, seq__gt=seq).order_by("seq").values(*columns)[:PAGE_ROWS])
        if len(page) < PAGE_ROWS:
            rest = rows.filter(subject__gt=subject).order_by("subject", "seq").values(*columns)
            page += rest[: PAGE_ROWS - len(page)]


class HasSubject(Protocol):
    @property
    def subject(self) -> str: ...


T = TypeVar("T", bound=HasSubject)


class SubjectStream(Generic[T]):
    """Rows in the order of their subjects, to be taken in the same order."""

    def __init__(self, rows: Iterator[T]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def take_subject(self, subject: str) -> Iterator[T]:
        """Yield the rows of a subject, which may have none."""
        while self._next is not None and self._next.subject == subject:
            yield self._next
            self._next = next(self._rows, None)


def list_distinct_values(column: str) -> list[str]:
    """Return the first MAX_VALUES values of a column, in order. The index finds each without reading all rows."""
    values: list[str] = []
    rows = AuditRow.objects.order_by(column).values_list(column, flat=True)
    value = rows.first()
    while value is not None and len(values) < MAX_VALUES:
        values.append(value)
        value = rows.filter(**{f"{column}__gt": value}).first()
    return values
