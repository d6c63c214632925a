"""What the levers would save in each group of a log: of each feature, team or model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from core.exceptions import BadInput
from core.i18n.text import Text, text
from workloads.analysis.estimate import Estimate
from workloads.analysis.priced_log import PricedLog
from workloads.analysis.waterfall import apply_levers_to_groups
from workloads.levers.base import Lever
from workloads.levers.waterfall_entries import list_entries

MAX_GROUPS = 200
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        **{name: name for name in ("feature", "model", "provider", "team", "customer", "api_key", "environment")},
        "user": "end_user",
    }
)
"""The columns of a log whose values are groups, by the names of their dimensions."""

Sums = Mapping[str | None, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSaving:
    """What a group costs and could save, in USD. `confirmed` is its part of the waterfall, most of it by `lever`.

    `possible` is what the best lever that is not confirmed would save alone: `possible_lever`. `value` is None for
    requests without a value of the dimension.
    """

    value: str | None
    spend: Decimal
    confirmed: Decimal
    lever: Text | None
    possible: Decimal
    possible_lever: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSavings:
    """Groups of a dimension, those with the largest savings first; `confirmed` is the sum over all groups."""

    dimension: str
    confirmed: Decimal
    groups: tuple[GroupSaving, ...]


def measure_group_savings(
    log: PricedLog, levers: Mapping[str, Lever], estimates: Sequence[Estimate], dimension: str
) -> GroupSavings:
    """Apply the levers as in the waterfall, and sum what each saves by the groups. Raises BadInput for a dimension that
    is unknown or that the log lacks."""
    column = COLUMNS.get(dimension)
    if column is None or not log.has_columns(column):
        raise BadInput(text("The log has no dimension {name}.", name=repr(dimension)))
    entries = list_entries(levers, estimates)
    sums = apply_levers_to_groups(log, [entry.to_lever(log) for entry in entries], column)
    saved = [(entry.estimate.title, found, entry.is_promised) for entry, found in zip(entries, sums, strict=True)]
    spends = log.fetch_all(f"SELECT {column}, coalesce(sum(spend), 0) FROM priced GROUP BY 1")
    groups = [_build_group(value, Decimal(spend), saved) for value, spend in spends]
    groups.sort(key=lambda each: (-each.confirmed, -each.possible, -each.spend, each.value or ""))
    total = sum((each.confirmed for each in groups), Decimal(0))
    return GroupSavings(dimension=dimension, confirmed=total, groups=tuple(groups[:MAX_GROUPS]))


def _build_group(value: str | None, spend: Decimal, saved: Sequence[tuple[Text, Sums, bool]]) -> GroupSaving:
    confirmed = [(found.get(value, Decimal(0)), title) for title, found, is_promised in saved if is_promised]
    possible = [(found.get(value, Decimal(0)), title) for title, found, is_promised in saved if not is_promised]
    most, best = _find_largest(possible)
    return GroupSaving(
        value=value,
        spend=spend,
        confirmed=sum((usd for usd, _ in confirmed), Decimal(0)),
        lever=_find_largest(confirmed)[1],
        possible=most,
        possible_lever=best,
    )


def _find_largest(sums: Sequence[tuple[Decimal, Text]]) -> tuple[Decimal, Text | None]:
    usd, title = max(sums, key=lambda each: each[0], default=(Decimal(0), None))
    return (usd, title) if usd > 0 else (Decimal(0), None)
