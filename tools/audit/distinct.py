"""The values of an indexed column, from one to the next: to ask for the distinct ones would read the whole table."""

from tools.audit.models import AuditRow

MOST = 100


def values_of(column: str) -> list[str]:
    """The first hundred, in order."""
    found: list[str] = []
    rows = AuditRow.objects.order_by(column).values_list(column, flat=True)
    value = rows.first()
    while value is not None and len(found) < MOST:
        found.append(value)
        value = rows.filter(**{f"{column}__gt": value}).first()
    return found
