"""Pages of long lists, newest first, by cursor: each page costs the same however long the list is."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from core.exceptions import BadInput
from core.i18n.text import text

M = TypeVar("M", bound=Model)

DEFAULT_LIMIT = 50  # rows of a page without a limit
MAX_LIMIT = 100
CURSOR_PATTERN = re.compile(r"(?P<micros>\d{1,17})-(?P<id>[0-9a-f]{32})")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[M]):
    """A page of rows; `next` is the cursor of the next page, None if this is the last one."""

    rows: list[M]
    next: str | None


def take_page(rows: QuerySet[M], field: str, *, before: str = "", limit: int = DEFAULT_LIMIT) -> Page[M]:
    """Return the newest rows, by the time in `field`, that are older than the cursor `before`.

    Raises BadInput for an invalid cursor. Rows added or deleted meanwhile cause neither duplicates nor gaps.
    """
    if before:
        at, row_id = _parse_cursor(before)
        rows = rows.filter(Q(**{f"{field}__lt": at}) | Q(**{field: at, "id__lt": row_id}))
    found = list(rows.order_by(f"-{field}", "-id")[: limit + 1])
    return cut_page(found, field, limit)


def cut_page(found: list[M], field: str, count: int) -> Page[M]:
    """Return a page of the first `count` rows; the rest belongs to the next page."""
    rows = found[:count]
    return Page(rows=rows, next=_format_cursor(rows[-1], field) if rows and len(found) > count else None)


def _format_cursor(row: Any, field: str) -> str:
    micros = (getattr(row, field) - EPOCH) // timedelta(microseconds=1)
    return f"{micros}-{row.id.hex}"


def _parse_cursor(before: str) -> tuple[datetime, UUID]:
    found = CURSOR_PATTERN.fullmatch(before)
    if found is None:
        raise BadInput(text("Invalid page position. Use the one that the previous page returned."))
    return EPOCH + timedelta(microseconds=int(found["micros"])), UUID(hex=found["id"])
