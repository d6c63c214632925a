"""So much of one figure for so much of another: "errors per 1,000 requests", "tokens per dollar", "what do 100 requests
cost?", "requests for each active user"."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType

from agents.language.findings import Findings
from agents.language.lexicon import Span
from agents.language.numbers import DOLLARS
from agents.language.phrases.bulk_prices import BULK_MEASURES, MILLION, PER, SCALES
from agents.language.reading import QuestionKind, Quotient, Reading
from agents.language.rules.figure_queries import asks_worst, build_query
from agents.language.rules.pairs.compared_names import compare_names
from agents.language.scan import Scan
from workloads.query.measures import MEASURES
from workloads.query.query import Order

WHOLES = frozenset({"requests", "tokens", "input_tokens", "output_tokens"})
MILLIONS: Mapping[str, str] = MappingProxyType(
    {
        "cost_per_million_tokens": "tokens",
        "cost_per_million_input": "input_tokens",
        "cost_per_million_output": "output_tokens",
    }
)
"""Prices that are named by "per million tokens" alone."""

PARTS_LIMIT = 12
"""Spans of measures that are looked at."""

KNOWN: Mapping[tuple[str, str, Decimal], str] = MappingProxyType(
    {
        ("spend", "requests", Decimal(1)): "cost_per_request",
        ("tokens", "requests", Decimal(1)): "tokens_per_request",
        ("input_tokens", "requests", Decimal(1)): "input_per_request",
        ("output_tokens", "requests", Decimal(1)): "output_per_request",
        ("output_tokens", "input_tokens", Decimal(1)): "output_per_input",
        ("failures", "requests", Decimal(1)): "error_rate",
        ("failures", "requests", Decimal(100)): "error_rate",
    }
)
"""Quotients that are measures of their own."""

HUNDREDS: Mapping[str, int] = MappingProxyType(
    {**dict.fromkeys(("hundred", "hundert", "cent", "cien", "ciento", "cientos"), 100), **SCALES}
)
BUYING = frozenset(("buy", "buys", "get", "gets", "bekommen", "bekommt", "kaufen", "obtient", "obtenons", "obtenemos"))
OUTCOMES = frozenset({"succeeded", "failed", "streamed", "unstreamed"})
WEAK = frozenset(("for", "fur", "pour", "a"))
"""Words that say "per" only before a number or an article."""

SOME = frozenset(
    (
        *("last", "first", "latest", "next", "other", "these", "those", "letzten", "ersten", "derniers", "dernieres"),
        *("premiers", "premieres", "ultimas", "ultimos", "primeras", "primeros"),
    )
)
"""Words before a number that say which requests are meant: "the last 100 requests"."""

ONE = frozenset(("one", "a", "an", "each", "ein", "eine", "einen", "einer", "un", "une", "una", "every"))
EXTRA = frozenset(("more", "additional", "extra", "further", "mehr", "weitere", "zusatzliche"))
RANKED = (
    *("most", "least", "top", "list", "latest", "earliest", "above", "below"),
    *("at_least", "at_most", "than", "how_many"),
)
MAX_NUMBER = 3
"""Tokens of "1 000" or "one hundred thousand"."""

MAX_OUTCOME = 2
"""Tokens between "per" and "request": "per successful request"."""


@dataclass(frozen=True, slots=True)
class _Whole:
    """What something is counted for, in the tokens from `start`, with its "per", to before `end`."""

    start: int
    end: int
    measure: str
    size: Decimal


def read_quotient(found: Findings) -> Reading | None:
    scan = found.scan
    if found.thresholds or scan.has("why", "share", "forecast", "goal", "batch") or _is_other(found):
        return None
    whole = next(_iter_wholes(scan), None) or _find_counted(found)
    part = None if whole is None else _find_part(found, whole)
    if whole is None or part is None or part == whole.measure:
        return None
    quotient = Quotient(part=part, whole=whole.measure, size=whole.size)
    known = KNOWN.get((part, whole.measure, whole.size))
    if known and len(scan.names) > 1 and scan.has("than", "compare", "ratio", "times_as"):
        return None  # a comparison by a measure
    known = BULK_MEASURES.get((whole.measure, int(whole.size))) if part == "spend" and not known else known
    measures = (known,) if known else (part, whole.measure)
    query = build_query(replace(found, measures=measures, groups=found.groups or _list_compared(scan)))
    if query.statistics:
        return None
    query = replace(query, measures=measures)
    if known:
        order = None if query.order is None else Order(by=known, descending=query.order.descending)
        singular = scan.has("most", "least") and bool(query.by)
        query = replace(query, order=order)
        alone = Reading(kind=QuestionKind.MEASURE, query=query, quotient=quotient, singular=singular)
        return _compare_families(found, known, quotient) or alone
    is_least = query.order is not None and not query.order.descending
    is_least = is_least or (part not in {"spend", "failures"} and asks_worst(scan))
    query = replace(query, order=None, limit=None, limit_share=None, shares=False)
    return Reading(
        kind=QuestionKind.MEASURE,
        query=query,
        quotient=quotient,
        descending=not is_least,
    )


def _compare_families(found: Findings, measure: str, quotient: Quotient) -> Reading | None:
    """Return the families of "compare Claude with GPT on cost per 1,000 tokens", each together."""
    is_asked = found.scan.has("compare", "than")
    families = compare_names(replace(found, measures=(measure,))) if is_asked else None
    return replace(families, quotient=quotient) if families and families.kind is QuestionKind.COMPARE else None


def _list_compared(scan: Scan) -> tuple[str, ...]:
    """Return the dimension of the names of "tokens per dollar of A compared with B"."""
    named = {name.names[0].dimension for name in scan.names}
    return tuple(named) if len(named) == 1 and len(scan.names) > 1 and scan.has("compare", "than", "ratio") else ()


def _is_other(found: Findings) -> bool:
    """Whether something is supposed, or a sum is wanted beside its rate: "what did we spend, and per request?"."""
    if {"spend", "cost_per_request"} <= set(found.measures):
        return True
    return found.scan.has("what_if", "double", "triple", "halve", "remove") and bool(found.words & {"if", "wenn", "si"})


def _iter_wholes(scan: Scan) -> Iterator[_Whole]:
    """Yield "per 1,000 requests" and "per dollar"."""
    for span in scan.iter_spans("measures"):
        measure = _to_whole(scan, span)
        if span.concept.name in MILLIONS and scan.tokens[span.start].text in PER:  # a phrase of its own
            is_one = not scan.list_names("measures").count("spend") and not _is_in_millions(scan, span)
            yield _Whole(span.start, span.end, MILLIONS[span.concept.name], Decimal(1 if is_one else MILLION))
        if measure is None:
            continue
        start, size = _read_size(scan, _skip_outcome(scan, span.start))
        is_bare = start == span.start and scan.tokens[start - 1].text in WEAK
        if is_bare:
            continue  # "spend for input tokens"
        if start > 0 and scan.tokens[start - 1].text in PER and size:
            yield _Whole(start - 1, span.end, measure, size)


def _is_in_millions(scan: Scan, span: Span) -> bool:
    """Whether a phrase says "million"; not "per output token"."""
    return any(t.text in HUNDREDS or t.text[:1].isdecimal() for t in scan.tokens[span.start : span.end])


def _to_whole(scan: Scan, span: Span) -> str | None:
    if span.concept.name in WHOLES:
        return span.concept.name
    is_dollar = span.concept.name == "spend" and span.end - span.start == 1 and scan.tokens[span.start].text in DOLLARS
    return "spend" if is_dollar else None


def _skip_outcome(scan: Scan, place: int) -> int:
    """Return where "successful" of "per successful request" stands."""
    before = [s for s in scan.iter_spans("operators") if s.concept.name in OUTCOMES and s.end == place]
    return before[0].start if before and place - before[0].start <= MAX_OUTCOME else place


def _read_size(scan: Scan, end: int) -> tuple[int, Decimal]:
    """Return where the number before a place starts, and the number: "1,000", "one hundred", "un"; 1 without any."""
    number = next((each for each in scan.numbers if each.end == end and not each.is_percent), None)
    start, size, scale = end, Decimal(1), 1
    while start > 0 and end - start < MAX_NUMBER and scan.tokens[start - 1].text in HUNDREDS:
        scale *= HUNDREDS[scan.tokens[start - 1].text]
        start -= 1
    number = next((each for each in scan.numbers if each.end == start and not each.is_percent), None)
    if number is not None:
        start, size = number.start, number.value
        before = scan.tokens[start - 1].text if start else ""
        if before.isdecimal() and scan.tokens[number.start].text == "000":  # "1 000"
            start, size = start - 1, Decimal(before + "000")
    elif start > 0 and scan.tokens[start - 1].text in ONE:
        start -= 1
    return start, size * scale


def _find_counted(found: Findings) -> _Whole | None:
    """Return the hundred requests of "what do 100 requests to support-chat cost?", and the dollar of "what does one
    dollar buy?"."""
    scan = found.scan
    if scan.has(*RANKED, "compare") and not (BUYING & found.words):
        return None
    for span in scan.iter_spans("measures"):
        measure = _to_whole(scan, span)
        if measure is None:
            continue
        is_extra = span.start > 0 and scan.tokens[span.start - 1].text in EXTRA  # "1,000 more requests"
        start, size = _read_size(scan, _skip_outcome(scan, span.start - is_extra))
        if (amount := _read_amount(scan, span)) is not None and BUYING & found.words:
            return _Whole(span.start, span.end + 1, "spend", amount)
        is_money = measure == "spend" and bool(BUYING & found.words)
        if (
            start < span.start
            and size
            and (is_money or (size > 1 and "spend" in found.measures and measure != "spend"))
        ):
            is_some = start > 0 and scan.tokens[start - 1].text in SOME
            return None if is_some else _Whole(start, span.end, measure, size)
    return None


def _read_amount(scan: Scan, span: Span) -> Decimal | None:
    """Return the 10 of "for $10"."""
    is_sign = span.end - span.start == 1 and scan.tokens[span.start].text == "$"
    return next((each.value for each in scan.numbers if is_sign and each.start == span.end and each.value), None)


def _find_part(found: Findings, whole: _Whole) -> str | None:
    """Return the figure that is asked for: the only other one, which has to be a sum."""
    spans = [s for s in found.scan.iter_spans("measures") if not whole.start <= s.start < whole.end]
    named = dict.fromkeys(s.concept.name for s in spans[:PARTS_LIMIT] if s.concept.name in MEASURES)
    if "cost_per_request" in named or not named:
        named = {"spend": None} if "spend" in found.measures or "cost_per_request" in named else named
    if "failed_spend" in found.measures and set(named) <= {"spend", "failures", "failed_spend"}:
        return "failed_spend"
    if len(named) > 1 and "spend" in named and whole.measure != "spend":
        return None
    if not named and found.scan.has("failed"):
        return "failures"
    part = next(iter(named), None) if len(named) == 1 else None
    return part if part is not None and MEASURES[part].is_sum else None


def list_sizes(reading: Reading) -> set[Decimal]:
    """Return the size of a quotient, also as it is written in groups of digits: "1 000"."""
    if reading.quotient is None:
        return set()
    size = reading.quotient.size
    scaled = {size / scale for scale in (1, 100, 1_000, 1_000_000)}
    return {each for each in scaled if each == each.to_integral()} | ({Decimal(0)} if size >= 1_000 else set())
