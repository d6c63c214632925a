"""Questions for the whole savings report: goals, and what must stay as it is; and what was saved by a change, which a
log alone does not show."""

from dataclasses import replace
from decimal import Decimal

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.money.levels import find_level
from core.i18n.text import text

LATENCY_WORDS = frozenset({"latency", "latenz", "latence", "latencia", "p50", "p90", "p95", "p99"})
SAVED = frozenset(("save", "saved", "gespart", "eingespart", "economise", "ahorrado", "ahorramos"))
CHANGING = frozenset(
    (
        *("changing", "change", "switching", "switch", "replacing", "same", "current"),
        *("wechseln", "andern", "austauschen", "gleichen", "changer", "remplacer", "memes", "cambiar", "mismos"),
    )
)
"""Words of "without changing models" and "with the same models"."""

SAME_MODELS = "same_models"
"""The topic of a report for which no model may change."""

PAST = frozenset(("did", "have", "has", "haben", "hat", "avons", "hemos", "ahorramos"))


def read_report(found: Findings) -> Reading | None:
    scan = found.scan
    is_supposition = scan.has("what_if") and bool(found.words & {"if", "wenn", "si"})
    if is_supposition or found.measures[:1] == ("cache_saving",):
        return None
    has_goal = scan.has("goal") and not scan.has("batch", "caching", "what_if", "why", "move")
    percent, money = found.percent, found.money
    if has_goal and percent is not None and percent.value > 100:
        return Reading(kind=QuestionKind.CANNOT, topic="goal", message=text("Spend can't be cut by more than 100%."))
    fraction = next(scan.iter_spans("fractions"), None)
    if has_goal and (percent or money or fraction):
        return _build_report(
            found, percent.value if percent else None if money or not fraction else Decimal(fraction.concept.name)
        )
    if _keeps_models(found):
        return replace(_build_report(found, None), topic=SAME_MODELS)
    is_about_spend = "spend" in found.measures or not (found.has_domain or scan.unknown_words)
    if scan.has("report") or (has_goal and is_about_spend and not found.groups and not scan.times):
        return _build_report(found, None)
    return None


def _keeps_models(found: Findings) -> bool:
    """Whether a saving without other models is asked for: "how much could I save without changing models?"."""
    scan = found.scan
    is_wish = scan.has("goal") and not scan.has("batch", "caching", "what_if", "why") and not (PAST & found.words)
    is_bound = found.groups == ("model",) and bool(CHANGING & found.words) and not found.measures
    return is_wish and is_bound and not (scan.names or scan.times)


def _build_report(found: Findings, goal_percent: Decimal | None) -> Reading:
    money = found.money
    return Reading(
        kind=QuestionKind.REPORT,
        goal_percent=goal_percent,
        goal_usd=money.value if money and goal_percent is None and find_level(found) is None else None,
        keep=_list_kept(found),
        guard=_find_guard(found),
    )


def _list_kept(found: Findings) -> tuple[str, ...]:
    scan = found.scan
    return tuple(name.value for span in scan.names for name in span.names) if scan.has("keep", "except") else ()


def _find_guard(found: Findings) -> str:
    if not found.words & LATENCY_WORDS:
        return ""
    percentiles = [each for each in found.scan.list_names("statistics") if each != "mean"]
    return percentiles[0] if percentiles else "p95"


def read_saved_since(found: Findings) -> Reading | None:
    """What did we save since 20 June? Other things changed, too: offer to compare the times before and after."""
    scan = found.scan
    since = next((time for time in scan.times if time.start and not time.end), None)
    if since is None or not (SAVED & found.words and PAST & found.words) or scan.has("caching", "what_if", "batch"):
        return None
    if "cache_saving" in found.measures or found.percent or found.money:
        return None
    message = text(
        "The log doesn't show what a change saved, because requests and models changed, too. I can compare the time "
        "before {day} with the time after.",
        day=str(since.start),
    )
    choices = (f"Compare spend before and after {since.start}", f"Cost per request by week since {since.start}")
    return Reading(kind=QuestionKind.CLARIFY, topic="saved", message=message, choices=choices)
