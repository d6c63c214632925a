"""Who makes the bill: owners by spend, and which part of them makes which part of it."""

from dataclasses import replace
from decimal import Decimal

from agents.language.findings import Findings
from agents.language.groups import COUNTS
from agents.language.lexicon import Span
from agents.language.limits import PERCENT
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.figures import read_figures
from agents.language.scan import Scan
from agents.language.scope import get_scope
from core.i18n.text import text
from workloads.query.measures import MEASURES
from workloads.query.query import Order, Query

CONCENTRATION = "concentration"
CANDIDATES = ("user", "customer", "team", "api_key", "feature", "model")
USUAL_PART = Decimal("0.2")
"""The part of the owners whose share is told where the question names none."""

MAX_GROUPS = 2
"""Of "which team or feature"; each is answered."""

MAX_TOKENS = 3
"""Between a percentage and what it is a part of: "20 % of all our users"."""


def read_responsible(found: Findings) -> Reading | None:
    """Who is responsible for the bill? Users, or what else the log has, by spend."""
    scan = found.scan
    is_asked = any(True for _ in scan.iter_spans("asked", "responsible")) and all(
        MEASURES[name].is_sum for name in found.measures
    )
    is_change = scan.has("rise", "fall", "change", "compare", "than", "what_if") or len(found.list_points()) > 1
    if not is_asked or is_change or found.thresholds or found.percent is not None:
        return None
    by = found.groups or _find_owner(found)
    if not by:
        return None
    scope = get_scope(found)
    measure = found.measures[:1] or ("spend",)
    order = Order(by=measure[0])
    first, *rest = (
        Reading(
            kind=QuestionKind.MEASURE,
            query=Query(measures=measure, by=(name,), where=scope.where, period=scope.period, order=order, shares=True),
        )
        for name in by[:MAX_GROUPS]
    )
    return replace(first, rest=tuple(rest))


def read_cause(found: Findings) -> Reading | None:
    """Who causes the most cost? The ranking: the verb says nothing more."""
    scan = found.scan
    is_told = any(True for _ in scan.iter_spans("asked", "cause")) and bool(found.groups)
    is_plain = not (found.percent or scan.ranked_share) and not scan.has("why", "what_if", "rise", "fall", "change")
    return read_figures(found) if is_told and is_plain and scan.has("most", "least", "top") else None


def read_concentration(found: Findings) -> Reading | None:
    """Do 20% of users cause 80% of the cost? The first fifth of them, and their share."""
    scan = found.scan
    if any(True for _ in scan.iter_spans("asked", "concentrated")) and not found.percent:
        by = [name for name in found.groups if name in COUNTS] or list(_find_owner(found))
        return _build(found, by[0], USUAL_PART) if by else None
    part = _find_part(found)
    sums = all(MEASURES[name].is_sum for name in found.measures)
    is_told = any(True for _ in scan.iter_spans("asked", "cause")) or scan.has("together")
    if part is None or not sums or not is_told or found.thresholds or scan.has("what_if", "why", "change"):
        return None
    dimension, share, wholes = part
    if len(wholes) > 1:
        message = text("Name one part of the members and one part of the spend.")
        return Reading(kind=QuestionKind.CLARIFY, message=message)
    reading = _build(found, dimension, share)
    return replace(reading, reach=wholes[0] if wholes else None)


def ask_concentration_of(scan: Scan, previous: Reading) -> Reading | None:
    """Return "and of the features?" after such a part of other members."""
    named = [name for name in scan.list_names("dimensions") if name in COUNTS and name in scan.vocabulary.dimensions]
    is_bare = not (scan.names or scan.times or scan.numbers or scan.list_names("measures"))
    if previous.topic != CONCENTRATION or len(named) != 1 or not is_bare or previous.query.limit_share is None:
        return None
    query = replace(previous.query, by=(named[0],), measures=(previous.query.measures[0], COUNTS[named[0]]))
    return replace(previous, query=query, rest=(), whether=False)


def _find_owner(found: Findings) -> tuple[str, ...]:
    return tuple(each for each in CANDIDATES if each in found.scan.vocabulary.dimensions)[:1]


def _find_part(found: Findings) -> tuple[str, Decimal, list[Decimal]] | None:
    """Return the dimension, the part of its members, and the other shares that the question names."""
    scan = found.scan
    known = scan.vocabulary.dimensions & set(COUNTS)
    spans = [span for span in scan.iter_spans("dimensions") if span.concept.name in known]
    percents = [each for each in scan.numbers if each.is_percent]
    others = [Decimal(span.concept.name) / 100 for span in scan.iter_spans("fractions")]
    ranked = scan.ranked_share
    if ranked is not None and not ranked.field and len(found.groups) == 1 and found.groups[0] in known:
        return found.groups[0], ranked.share, [*(each.value / 100 for each in percents), *others]
    for number in percents:
        span = next((each for each in spans if _is_part_of(found, number.end, each)), None)
        if span is not None and 0 < number.value <= 100:
            rest = [each.value / 100 for each in percents if each is not number]
            return span.concept.name, number.value / 100, [*rest, *others]
    return None


def _is_part_of(found: Findings, end: int, span: Span) -> bool:
    between = range(end, span.start)
    return 0 < len(between) <= MAX_TOKENS + 1 and all(
        found.scan.tokens[at].text in PERCENT or found.scan.are_small(at, at + 1) for at in between
    )


def _build(found: Findings, dimension: str, share: Decimal) -> Reading:
    measure = found.measures[:1] or ("spend",)
    scope = get_scope(found)
    query = Query(
        measures=(*measure, COUNTS[dimension]),
        by=(dimension,),
        where=scope.where,
        period=scope.period,
        order=Order(by=measure[0]),
        limit_share=share,
    )
    return Reading(kind=QuestionKind.MEASURE, query=query, topic=CONCENTRATION)
