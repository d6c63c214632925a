"""Compare the results of two queries, such as those of two weeks or of two logs."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.query.result import Cell, Column, QueryResult, Rows, to_decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A measure before and after. `change` and `share` (of `before`) are None where a figure is unknown."""

    column: Column
    before: Cell
    after: Cell
    change: Decimal | None
    share: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two results, the differences of their totals, and their groups side by side.

    A row of `groups` has the dimensions, then for each measure its figure before and after and the change between them.
    A group that one of them does not list has no figures there.
    """

    before: QueryResult
    after: QueryResult
    differences: tuple[Difference, ...]
    groups: Rows


def compare_results(before: QueryResult, after: QueryResult) -> Comparison:
    """Return the comparison of two results. Raises BadInput if they have different columns."""
    if [column.name for column in before.columns] != [column.name for column in after.columns] or not before.columns:
        if missing := (*before.missing, *after.missing):
            raise BadInput(missing[0].why)
        raise BadInput(text("Only figures of the same measures and dimensions can be compared."))
    differences = tuple(
        _compare(column, old, new) for column, old, new in zip(before.measures, before.total, after.total, strict=False)
    )
    return Comparison(before=before, after=after, differences=differences, groups=_compare_groups(before, after))


def _compare(column: Column, old: Cell, new: Cell) -> Difference:
    change = _subtract(old, new)
    share = change / to_decimal(old) if change is not None and to_decimal(old) else None
    return Difference(column=column, before=old, after=new, change=change, share=share)


def _subtract(old: Cell, new: Cell) -> Decimal | None:
    return None if old is None or new is None else to_decimal(new) - to_decimal(old)


def _compare_groups(before: QueryResult, after: QueryResult) -> Rows:
    width = len(before.dimensions)
    if not width:
        return Rows()
    old, new = _index(before, width), _index(after, width)
    empty = (None,) * len(before.total)
    rows = []
    for key in dict.fromkeys((*new, *old)):
        pairs = zip(old.get(key, empty), new.get(key, empty), strict=True)
        rows.append((*key, *(cell for a, b in pairs for cell in (a, b, _subtract(a, b)))))
    listed = (before.listed, after.listed)
    private = any(each.private for each in listed)
    withheld = tuple(any(pair) for pair in zip_longest(*(each.withheld for each in listed), fillvalue=False))
    return Rows(private=private, withheld=withheld, rows=tuple(rows))


def _index(result: QueryResult, width: int) -> Mapping[tuple[Cell, ...], tuple[Cell, ...]]:
    return {row[:width]: row[width : width + len(result.total)] for row in result.rows}
