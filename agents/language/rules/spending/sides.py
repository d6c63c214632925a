"""Input or output: which of both costs more, or has more tokens."""

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.scope import get_scope
from workloads.query.measures import MEASURES, Unit
from workloads.query.query import Query

SIDES = "sides"
OR = frozenset(("or", "oder", "ou", "o"))
DEAR = frozenset(
    (
        *("expensive", "dearer", "costlier", "pricier", "cheaper", "teurer", "billiger", "gunstiger"),
        *("cher", "chere", "chers", "caro", "cara", "caros", "barato", "barata"),
    )
)
INPUT = frozenset({"input_tokens", "input_spend", "input_per_request"})
OUTPUT = frozenset({"output_tokens", "output_spend", "output_per_request"})
SPENDS = ("input_spend", "cached_spend", "cache_write_spend", "output_spend")
TOKENS = ("input_tokens", "output_tokens")


def read_sides(found: Findings) -> Reading | None:
    """What costs us more, input or output? Input is also what was cached and written to the cache."""
    scan, measures = found.scan, set(found.measures)
    is_both = bool(INPUT & measures) and bool(OUTPUT & measures)
    is_choice = bool(OR & found.words) and (bool(scan.list_names("directions")) or scan.has("rise", "fall", "most"))
    is_plain = not (found.thresholds or found.counted_dimensions)
    if not is_both or not is_choice or not is_plain or [name for name in found.groups if name != "week"]:
        return None
    is_money = any(MEASURES[name].unit is Unit.USD for name in measures) or bool(DEAR & found.words)
    scope = get_scope(found)
    query = Query(measures=SPENDS if is_money else TOKENS, where=scope.where, period=scope.period)
    return Reading(kind=QuestionKind.MEASURE, query=query, topic=SIDES)
