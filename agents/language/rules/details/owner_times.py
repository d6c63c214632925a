"""Means of owners over time: "requests per user and day", "how much does a customer cost per month on average?"."""

from collections.abc import Sequence

from agents.language.findings import LISTED_OWNERS, TIME_GRAINS, Findings
from workloads.query.query import Filter, Operator

A = frozenset(("a", "one", "each", "ein", "eine", "einer", "un", "une", "una"))
PAIR = 2


def is_of_one_owner(found: Findings, groups: Sequence[str]) -> bool:
    """Whether a mean is that of an owner and a time: "how many requests does a user make per day on average?"."""
    scan = found.scan
    pairs = (span for span in scan.iter_spans("dimensions") if span.concept.name in LISTED_OWNERS)
    is_one = any(span.start and scan.tokens[span.start - 1].text in A for span in pairs)
    return is_one and is_owner_over_time(groups) and scan.list_names("statistics") == ["mean"]


def is_owner_over_time(groups: Sequence[str]) -> bool:
    return len(groups) == PAIR and any(g in LISTED_OWNERS for g in groups) and any(g in TIME_GRAINS for g in groups)


def leave_out_unowned(groups: Sequence[str], where: tuple[Filter, ...]) -> tuple[Filter, ...]:
    """Return the filters of "requests per user and day", whose mean is that of known users."""
    owner = next((name for name in groups if name in LISTED_OWNERS), "")
    if any(each.field == owner for each in where):
        return where
    return (*where, Filter(field=owner, operator=Operator.IS_NOT, values=(None,)))
