"""Money before or after the user's discount, "net of the discount", "at list prices"; and what only has no price.

Every figure has the discounts that the user has stated in it, and the log says nothing of others."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from agents.language.findings import Findings
from agents.language.lexicon import Span
from agents.language.reading import DiscountBasis, QuestionKind, Reading
from core.i18n.text import text
from workloads.query.dimensions import UNPRICED
from workloads.query.measures import MEASURES, Unit
from workloads.query.query import Filter, Operator, Query

OF = frozenset({"of", "von", "de", "du", "del"})
FIGURES = frozenset({QuestionKind.MEASURE, QuestionKind.COMPARE, QuestionKind.EXPLAIN, QuestionKind.REQUESTS})

NO_DISCOUNT = text(
    "I can't tell: I don't know of any discount, and the log doesn't show one. Tell me, for example “We get a 10% "
    "discount”, and every figure will have it."
)
DISCOUNTED = text(
    "I can't tell: your discount is taken off all figures. To see list prices, remove the discount under “Your prices”."
)


def find_basis(found: Findings) -> DiscountBasis | None:
    """Return what the question says of the discount. A discount of so many percent is a supposition."""
    scan = found.scan
    is_money = not found.measures or any(MEASURES[name].unit.startswith(Unit.USD) for name in found.measures)
    if found.percent is not None or not is_money:
        return None
    if scan.has("gross"):
        return DiscountBasis.GROSS
    return (
        DiscountBasis.NET
        if not scan.has("what_if") and any(not _is_net_of_other(found, span) for span in _iter_net(found))
        else None
    )


def iter_other_nets(found: Findings) -> Iterator[Span]:
    """Yield "net" where no discount is meant: "tokens net of the cache"."""
    return (span for span in _iter_net(found) if _is_net_of_other(found, span) or find_basis(found) is None)


def _iter_net(found: Findings) -> Iterator[Span]:
    return found.scan.iter_spans("operators", "net")


def _is_net_of_other(found: Findings, span: Span) -> bool:
    tokens = found.scan.tokens
    return span.end - span.start == 1 and span.end < len(tokens) and tokens[span.end].text in OF


def settle_basis(reading: Reading, discounts: Sequence[Decimal]) -> Reading:
    """Return the reading, or why it can't be answered with these `discounts`, in percent."""
    rest = tuple(settle_basis(each, discounts) for each in reading.rest)
    if reading.kind not in FIGURES or reading.basis is None:
        return replace(reading, rest=rest)
    if reading.basis is DiscountBasis.NET and not discounts:
        return Reading(kind=QuestionKind.CANNOT, topic="discount", message=NO_DISCOUNT, rest=rest)
    if reading.basis is DiscountBasis.GROSS and discounts:
        return Reading(kind=QuestionKind.CANNOT, topic="discount", message=DISCOUNTED, rest=rest)
    return replace(reading, rest=rest)


def list_unpriced(found: Findings, query: Query) -> Iterator[Reading]:
    """Yield what has no known price, which is not free."""
    is_free = any(
        each.measure == "spend" and each.operator is Operator.AT_MOST and not each.value for each in query.having
    )
    if is_free and "pricing" in found.scan.vocabulary.dimensions:
        where = (*query.where, Filter(field="pricing", values=(UNPRICED,)))
        unpriced = replace(query, measures=("requests", "tokens"), where=where, having=(), order=None, limit=None)
        yield Reading(kind=QuestionKind.MEASURE, query=unpriced)
