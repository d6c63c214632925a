"""Find the totals in a table with groups: rows that equal the sum of the rows just below them, or just above.

A pivot table or an outline has a row for each team, rows for its models below it, perhaps a "Subtotal" behind them, and
the same again for departments. Each request must be counted once, at whatever depth. That a row equals a sum is not
enough: it must also be named as a total, or lack a name that its parts have, or stand further left."""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Final

import duckdb

from workloads.ingest.cell_contents import names_model
from workloads.ingest.mapping import ColumnMapping
from workloads.ingest.reading.sums import has_request_fields

MOST_ROWS: Final = 5_000
"""Tables with groups are made for people to read."""

_TOTAL: Final = re.compile(
    r"(?:^|[\W_])(?:grand|sub|sous|zwischen|gesamt)?[ -]?(?:totals?|totale|totaux|totaal|summe|gesamt|gesamtsumme"
    r"|insgesamt|gesamtergebnis|ergebnis|eindtotaal|suma|somme|soma|sum|overall|all)(?:$|[\W_])",
    re.IGNORECASE,
)
_NAMES: Final = ("model", "provider", "feature", "team", "api_key", "customer", "environment")
_COUNTS: Final = "fresh_input + cache_read + cache_write, output"

Counts = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row with its counts, its names (None: empty), and the blanks in front of the first."""

    row: int
    counts: Counts
    names: tuple[str | None, ...]
    indent: int

    def sums_up(self, parts: Sequence["TableRow"], places: Set[int]) -> bool:
        """Whether its names are those of a total of the parts. `places`: of names that only totals lack."""
        pairs = [(name, [part.names[place] for part in parts]) for place, name in enumerate(self.names)]
        model, *_ = self.names
        models = pairs[0][1]
        is_left = self.indent < min(part.indent for part in parts)
        has_models = is_left or any(names_model(each or "") for each in models)
        is_group = model is not None and not names_model(model) and has_models
        for place, (name, others) in enumerate(pairs):
            is_free = name is None or is_total_name(name) or (place == 0 and is_group)
            if not is_free and any(each not in (None, name) for each in others):
                return False
        return (
            is_group
            or any(map(is_total_name, self.names))
            or any(pairs[place][0] is None and None not in pairs[place][1] for place in places)
            or is_left
        )


def is_total_name(name: str | None) -> bool:
    """Whether a name has a word for a total, in one of several languages."""
    return name is not None and _TOTAL.search(name[:100]) is not None


def find_outline_totals(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> tuple[int, ...]:
    """Return the `row`s of `typed` that are totals of groups; none in a log of requests, or a long one."""
    fields = [field for field in _NAMES if field in mapping.columns]
    if not fields or has_request_fields(mapping):
        return ()
    names = ", ".join(field if field in fields else "NULL" for field in _NAMES)
    indents = ", ".join(f"length({field}) - length(ltrim({field}, ' \t\u00a0\u2003'))" for field in fields)
    requests = "coalesce(requests, 0)" if "requests" in mapping.columns else "0"
    rows = con.execute(
        f"""SELECT row, {requests}, {_COUNTS}, indent, {names} FROM typed
        JOIN (SELECT row, coalesce({indents}, 0) AS indent FROM cells) USING (row)
        WHERE why IS NULL ORDER BY row LIMIT {MOST_ROWS + 1}"""
    ).fetchall()
    if len(rows) > MOST_ROWS:
        return ()
    table = [
        TableRow(row=row, counts=(requests, tokens, output), names=tuple(labels), indent=indent)
        for row, requests, tokens, output, indent, *labels in rows
    ]
    return tuple(sorted(find_totals(table)))


def find_totals(table: Sequence[TableRow]) -> set[int]:
    """Return the `row`s of totals. A name that another row lacks, too, which is no total, says nothing."""
    places = frozenset(range(len(table[0].names) if table else 0))
    while True:
        totals = _sum_up(table, places)
        unsure = {place for place in places for each in table if each.names[place] is None and each.row not in totals}
        if not unsure or not totals:
            return totals
        places -= unsure


def _sum_up(table: Sequence[TableRow], places: frozenset[int]) -> set[int]:
    """Return the totals, from the innermost groups outwards: what is a total is no part of another."""
    marked: dict[int, int] = {}  # from a total's row to the number of its parts
    while found := dict(_iter_totals(table, places, marked.keys())):
        marked |= found
    named = {each.row for each in table if any(map(is_total_name, each.names))}
    has_groups = any(parts > 1 for parts in marked.values())
    return {row for row in marked if has_groups or row in named}


def _iter_totals(table: Sequence[TableRow], places: Set[int], marked: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the totals of parts that are none themselves: first those above their parts, then those below them."""
    known = set(marked)
    for is_above in (True, False):
        nearest: list[TableRow] = []  # parts, the nearest last
        for each in reversed(table) if is_above else table:
            if each.row in known:
                continue
            parts = _find_parts(each, nearest)
            if parts and each.sums_up(parts, places):
                known.add(each.row)
                yield each.row, len(parts)
            else:
                nearest.append(each)


def _find_parts(total: TableRow, nearest: Sequence[TableRow]) -> Sequence[TableRow]:
    """Return the nearest rows that sum up to `total`; empty if there are none."""
    rest = total.counts
    if sum(rest) == 0:
        return ()
    for number, part in enumerate(reversed(nearest), start=1):
        rest = tuple(left - count for left, count in zip(rest, part.counts, strict=True))
        if not any(rest):
            return nearest[-number:]
        if min(rest) < 0:
            break
    return ()
