"""Numbers of requests that groups have exactly: "which models did we use only once?", "users with only one request"."""

from collections.abc import Iterator
from decimal import Decimal

from agents.language.numbers import Threshold
from agents.language.scan import Scan
from workloads.query.query import Operator

EXACTLY = frozenset(("only", "just", "exactly", "nur", "genau", "seulement", "exactement", "solo", "solamente"))
OWNERS = ("dimensions", "grains")


def iter_exact_counts(scan: Scan) -> Iterator[Threshold]:
    """Yield the limits on the groups' number of requests."""
    if not any(True for kind in OWNERS for _ in scan.iter_spans(kind)) or not _asks_which(scan):
        return
    for span in scan.iter_spans("operators", "once"):
        yield Threshold(span.start, span.end, Operator.AT_MOST, "requests", Decimal(1), False)
    starts = {span.start: span.end for span in scan.iter_spans("measures", "requests")}
    for number in scan.numbers:
        is_exact = number.start > 0 and scan.tokens[number.start - 1].text in EXACTLY
        if is_exact and number.end in starts and number.value >= 1 and not number.is_percent:
            end = starts[number.end]
            if number.value > 1:
                yield Threshold(number.start - 1, end, Operator.AT_LEAST, "requests", number.value, False)
            yield Threshold(number.start - 1, end, Operator.AT_MOST, "requests", number.value, False)


def _asks_which(scan: Scan) -> bool:
    """Whether groups are asked for, and no list of so many requests: "show only one request"."""
    return not scan.has("most", "least", "top", "latest", "earliest", "list")
