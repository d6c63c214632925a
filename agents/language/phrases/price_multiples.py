"""Prices that are a multiple of what they are: "if claude had cost half", "at twice the price", in any language."""

from decimal import Decimal
from types import MappingProxyType

from agents.language.lexicon import Span
from agents.language.scan import Scan

HALF = Decimal("0.5")
OF = frozenset({"of", "von", "der", "des", "du", "de", "del"})
MULTIPLES = MappingProxyType({"halve": HALF, "double": Decimal(2), "triple": Decimal(3)})
TRAFFIC = frozenset(
    (
        *(
            "traffic",
            "requests",
            "calls",
            "volume",
            "usage",
            "load",
            "users",
            "anfragen",
            "aufrufe",
            "volumen",
            "menge",
        ),
        *("verkehr", "nutzung", "trafic", "requetes", "appels", "utilisateurs", "trafico", "solicitudes", "llamadas"),
        *("uso", "usuarios"),
    )
)
"""Words for how much is asked, not for what it costs."""


def find_price_multiple(scan: Scan) -> Decimal | None:
    """Return the multiple that stands beside a word for cost or price, or is said of prices at all; None without."""
    costs = [*scan.iter_spans("measures", "spend"), *scan.iter_spans("operators", "price")]
    for span in scan.spans:
        multiple = _get_multiple(span)
        is_beside = any(
            _are_beside(scan, cost.end, span.start)
            or (_are_beside(scan, span.end, cost.start) and (multiple == HALF or not _is_part(scan, span.end)))
            for cost in costs
        )
        if multiple is not None and _is_of_traffic(scan, span.end):
            continue
        if multiple is not None and (is_beside or (scan.has("price") and multiple > 1)):
            return multiple
    return None


def _is_of_traffic(scan: Scan, place: int) -> bool:
    """Whether the number of requests is multiplied: "at three times the traffic"."""
    while place < len(scan.tokens) and scan.are_small(place, place + 1):
        place += 1
    return place < len(scan.tokens) and scan.tokens[place].text in TRAFFIC


def _get_multiple(span: Span) -> Decimal | None:
    """Return what "half", "a third" or "twice" stands for."""
    if span.concept.kind == "fractions":
        return Decimal(span.concept.name) / 100
    return MULTIPLES.get(span.concept.name)


def _is_part(scan: Scan, place: int) -> bool:
    """Whether "of" stands here: "a third of the cost vanished" leaves two thirds."""
    return scan.tokens[place].text in OF


def _are_beside(scan: Scan, end: int, start: int) -> bool:
    """Whether only small words stand between; "what would it cost if half ..." supposes something else."""
    return end <= start and scan.are_small(end, start) and scan.tokens[end].text not in ("if", "wenn", "si")
