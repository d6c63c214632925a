"""Allocation of the spend: the log's dimensions side by side, each dividing the whole spend, in exact USD."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from types import MappingProxyType

from core.redaction import redact_text
from workloads.analysis.priced_log import PricedLog, Row
from workloads.analysis.private_values import PRIVATE_COLUMNS
from workloads.analysis.spend import MAX_PARTS, count_requests
from workloads.pricing.prices import OTHERS

DIMENSIONS: Mapping[str, str] = MappingProxyType(
    {
        "team": "team",
        "feature": "feature",
        "end_user": "user",
        "api_key": "api_key",
        "customer": "customer",
        "environment": "environment",
        "provider": "provider",
        "service_tier": "service_tier",
        "geography": "geography",
        "model": "model",
    }
)
"""Our columns that divide a log, with the fields that they are read from, in the order of the report."""

OWNER_COLUMNS = ("team", "feature", "end_user", "api_key", "customer")
"""Columns that say whose request it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocatedPart:
    """The part of the spend with one value of a dimension. `name` is None where the log has no value; `names` is how
    many values "(all others)" sums up.

    `cost` is that of the requests with a price or a cost stated by the log, of which `stated` is the log's; None if
    none has either; `unpriced_tokens` are those of the others.
    `share` is of the whole spend. `requests` is None if rows sum up an unknown number.
    """

    name: str | None
    requests: int | None
    tokens: int
    unpriced_tokens: int
    cost: Decimal | None
    share: float | None
    names: int = 1
    stated: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocatedDimension:
    """A column that divides the log. `name` is one of our fields, or for a kept column the file's own name; `column` is
    the file's name, None if the format itself supplies the values.

    `private`: its values never reach a remote model. `values` is how many there are. The part without a value is the
    first, then those with the largest cost; "(all others)" ends a list that was too long.
    """

    name: str
    column: str | None
    kept: bool
    private: bool
    values: int
    parts: tuple[AllocatedPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """`unowned` is the part without a team, feature, user, key and customer; None if the log has none of them."""

    unowned: AllocatedPart | None
    dimensions: tuple[AllocatedDimension, ...]


_MEASURES = """coalesce(sum(input + output), 0)::BIGINT AS tokens,
    coalesce(sum(input + output) FILTER (spend IS NULL), 0)::BIGINT AS unpriced, sum(spend) AS paid,
    coalesce(sum(stated_cost), 0) AS stated"""


def allocate_spend(log: PricedLog) -> Allocation:
    (total,) = log.fetch_one("SELECT coalesce(sum(spend), 0) FROM priced")
    columns = [column for column in DIMENSIONS if log.has_columns(column)]
    return Allocation(
        unowned=_measure_unowned(log, total),
        dimensions=tuple(_list_dimensions(log, columns, total)) if columns or log.source.kept else (),
    )


def _measure_unowned(log: PricedLog, total: Decimal) -> AllocatedPart | None:
    owners = [column for column in OWNER_COLUMNS if log.has_columns(column)]
    if not owners:
        return None
    nobody = " AND ".join(f"{column} IS NULL" for column in owners)
    measures = log.fetch_one(f"SELECT {count_requests()}, {_MEASURES} FROM priced WHERE {nobody}")
    return _to_part((None, *measures, 1), total)


def _list_dimensions(log: PricedLog, columns: Sequence[str], total: Decimal) -> Iterable[AllocatedDimension]:
    kept = log.source.kept
    sources = [*columns, *(f"k{number}" for number in range(1, len(kept) + 1))]
    rows = log.fetch_all(_build_allocation_sql(sources, with_kept=bool(kept)))
    parts = {
        mask: tuple(_to_part(row[2:], total) for row in group) for mask, group in groupby(rows, key=lambda row: row[0])
    }
    for place, source in enumerate(sources):
        field = DIMENSIONS.get(source)
        # GROUPING_ID has a zero bit for the column that a row is grouped by; the last column has the lowest bit.
        own = parts[2 ** len(sources) - 1 - 2 ** (len(sources) - 1 - place)]
        yield AllocatedDimension(
            name=field or kept[place - len(columns)],
            column=log.source.mapping.get(field) if field else kept[place - len(columns)],
            kept=field is None,
            private=field is None or source in PRIVATE_COLUMNS,
            values=sum(part.names for part in own if part.name is not None),
            parts=own,
        )


def _build_allocation_sql(sources: Sequence[str], *, with_kept: bool) -> str:
    """Return SQL that reads the log once and groups it by each of the columns."""
    names = ", ".join(sources)
    sets = ", ".join(f"({source})" for source in sources)
    relation = "priced JOIN log.kept USING (row)" if with_kept else "priced"
    return f"""WITH parts AS (
            SELECT grouping_id({names}) AS mask, coalesce({names}) AS name, {count_requests()} AS n, {_MEASURES}
            FROM {relation} GROUP BY GROUPING SETS ({sets})),
        places AS (SELECT *, row_number() OVER (
            PARTITION BY mask ORDER BY name IS NULL DESC, paid DESC NULLS LAST, tokens DESC, name) AS place FROM parts)
        SELECT mask, least(place, {MAX_PARTS + 1}) AS shown, min(name),
            CASE WHEN count(*) = count(n) THEN sum(n)::BIGINT END, sum(tokens)::BIGINT, sum(unpriced)::BIGINT,
            sum(paid), sum(stated), count(*)
        FROM places GROUP BY mask, shown ORDER BY mask, shown"""


def _to_part(row: Row, total: Decimal) -> AllocatedPart:
    name, requests, tokens, unpriced, cost, stated, names = row
    return AllocatedPart(
        name=OTHERS if names > 1 else name and redact_text(name),
        requests=requests,
        tokens=tokens,
        unpriced_tokens=unpriced,
        cost=cost,
        stated=stated,
        share=float(cost / total) if total and cost is not None else None,
        names=names,
    )
