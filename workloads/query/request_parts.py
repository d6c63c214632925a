"""What one request cost is made of: its tokens by kind, their prices, and the median request beside it."""

from dataclasses import dataclass
from decimal import Decimal

from core.i18n.text import Text, text
from workloads.analysis.priced_log import PricedLog
from workloads.query.query import Query
from workloads.query.requests import RequestList, list_requests
from workloads.query.sql import build_source, start_statement

MILLION = 1_000_000

PARTS = (
    (text("Fresh input"), "fresh_input", "p_fresh", "cost_input - cache_read * p_read - cache_write * p_write"),
    (text("Cached input"), "cache_read", "p_read", "cache_read * p_read"),
    (text("Cache writes"), "cache_write", "p_write", "cache_write * p_write"),
    (text("Output"), "output", "p_output", "cost_output"),
)
"""Kinds of tokens: their number, the price of one, and what they cost together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPart:
    """Tokens of a kind: their number, USD per million and in all, and how many the median request has."""

    title: Text
    tokens: int
    price: Decimal | None
    spend: Decimal | None
    median_tokens: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestParts:
    """The first request of a list with what its cost is made of. `fees` are what is no price of tokens."""

    request: RequestList
    spend: Decimal | None
    fees: Decimal
    median_spend: Decimal | None
    parts: tuple[RequestPart, ...]


def explain_request(log: PricedLog, query: Query, *, order_by: str, descending: bool = True) -> RequestParts:
    """Return the parts of the first request by a column; none if no request matches. Raises BadInput as
    `list_requests` does."""
    found = list_requests(log, query, order_by=order_by, descending=descending, limit=1)
    if not found.rows:
        return RequestParts(request=found, spend=None, fees=Decimal(0), median_spend=None, parts=())
    row = found.rows[0][[column.name for column in found.columns].index("row")]
    own = ", ".join(f"{tokens}, {price} * {MILLION}, {spend}" for _, tokens, price, spend in PARTS)
    spend, fees, *values = log.fetch_all(
        f"SELECT spend, coalesce(cost - cost_input - cost_output, 0), {own} FROM priced WHERE row = $row", {"row": row}
    )[0]
    statement = start_statement(log)
    medians = ", ".join(f"quantile_cont({tokens}, 0.5)" for _, tokens, _, _ in PARTS)
    median_spend, *median_tokens = log.fetch_all(
        f"SELECT quantile_cont(spend, 0.5), {medians} FROM ({build_source(query, statement)})", statement.values
    )[0]
    parts = tuple(
        RequestPart(
            title=title,
            tokens=int(values[3 * place] or 0),
            price=_to_decimal(values[3 * place + 1]),
            spend=_to_decimal(values[3 * place + 2]),
            median_tokens=Decimal(str(median_tokens[place] or 0)),
        )
        for place, (title, *_) in enumerate(PARTS)
    )
    return RequestParts(
        request=found,
        spend=_to_decimal(spend),
        fees=Decimal(str(fees)),
        median_spend=_to_decimal(median_spend),
        parts=tuple(each for each in parts if each.tokens or each.median_tokens),
    )


def _to_decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))
