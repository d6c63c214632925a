"""The measures of a follow-up: those that it names, also for what was counted before, "what did they cost?"."""

from collections.abc import Mapping
from types import MappingProxyType

from agents.language.findings import to_mean
from agents.language.named_measures import KIND_SPEND
from agents.language.phrases.references import find_bare_that
from agents.language.scan import Scan
from workloads.query.measures import MEASURES
from workloads.query.query import Query

COST_OF: Mapping[str, str] = MappingProxyType({"failures": "failed_spend", **KIND_SPEND})
"""What the requests or tokens of a measure cost."""


def name_measures(scan: Scan, old: Query, new: Query) -> tuple[str, ...]:
    """Return the measures of the new question, else those of the one before; "and what did they cost?" is of what was
    counted."""
    named = [span.concept.name for span in scan.iter_spans("measures")]
    statistics = [each for each in scan.list_names("statistics") if f"latency_{each}" in MEASURES]
    if not named and statistics and old.measures[0].startswith(("latency", "first_token")):
        stem = old.measures[0].rsplit("_", 1)[0]
        return tuple(f"{stem}_{each}" for each in statistics)
    is_same = scan.has("pronoun") or find_bare_that(scan) is not None
    if set(named) == {"spend"} and is_same and old.measures[0] in COST_OF:
        return (COST_OF[old.measures[0]],)
    if named == ["requests"] and new.measures == ("cost_per_request",):
        return tuple(dict.fromkeys(to_mean(each) for each in old.measures))  # "and per request?"
    if "error" in new.by and "failures" not in old.measures:
        return ("failures",)
    return new.measures if named else old.measures
