"""Changes without a period, "why did spend go up?", "which model grew the most?", "is search-chat getting worse?": the
last whole week and the one before it, or the two halves of a short log."""

from dataclasses import replace
from datetime import timedelta

from agents.language.findings import Findings
from agents.language.phrases.changing import asks_which_change
from agents.language.reading import Part, QuestionKind, Reading
from agents.language.rules.changes import SPEND_MEASURES
from agents.language.rules.comparisons import find_premise
from agents.language.rules.period_pairs import build_time_parts, label_period
from agents.language.scan import Scan
from agents.language.scope import get_scope
from agents.language.times.calendar import DAY, LogDays, TimeSpan
from core.i18n.text import text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import MEASURES
from workloads.query.query import Query

PAIR, TWO_WEEKS = 2, 14
LATELY = "lately"
"""The topic of a change between periods that the question does not name."""

DURING = frozenset(("during", "over", "in", "within", "wahrend", "im", "pendant", "durante"))
FAST = frozenset({"fastest", "quickest", "schnellsten", "vite", "rapidement", "rapido"})
"""Words that rank a growth, not a speed."""

BECAME = frozenset(
    (
        *("got", "gotten", "get", "getting", "became", "become", "geworden", "wurde", "wurden", "werden", "wird"),
        *("devenu", "devenue", "devenus", "devenues", "deviennent", "volvio", "volvieron", "vuelto"),
    )
)
FASTER = frozenset(("faster", "quicker", "schneller", "rapide", "rapides", "rapido", "rapida", "rapidos", "rapidas"))
SLOWER = FASTER | frozenset(
    ("slower", "langsamer", "lent", "lente", "lents", "lentes", "lento", "lenta", "lentos", "lentas")
)
"""Words of a change of speed."""
CHANGED = frozenset(("changed", "change", "changes", "verandert", "geandert", "evolue", "cambio", "cambiado"))
"""Words for a change up or down."""

ANYTHING = frozenset(("anything", "something", "what", "was", "etwas", "que", "quoi", "algo", "quelque", "things"))

QUALITIES = ("error_rate", "latency_p95", "cost_per_request")
"""What gets better or worse."""


def is_general_change(scan: Scan) -> bool:
    """Whether a change is spoken of, and not only "why?" or "why is it so expensive?"."""
    return scan.has("rise", "fall", "change", "grow") and bool(scan.list_names("measures")) and not scan.has("pronoun")


def explain_lately(scan: Scan, reading: Reading, extent: LogDays) -> Reading | None:
    """Return why spend changed from the week before last to the last one."""
    named = [name for name in scan.list_names("measures") if name in MEASURES]
    periods = list_recent(extent)
    if not periods or not set(named) <= SPEND_MEASURES or scan.times:
        return None
    parts = tuple(
        Part(label=label_period(time), query=Query(where=reading.query.where, period=time.period)) for time in periods
    )
    return replace(reading, parts=parts, premise=find_premise(scan), topic=LATELY, is_fragment=False)


def list_recent(extent: LogDays) -> tuple[TimeSpan, ...]:
    """Return the last two whole weeks of a log, else its two halves; nothing if it has one day only."""
    if not extent.is_dated:
        return ()
    end = extent.last + DAY
    monday = end - timedelta(days=end.weekday())
    if monday - TWO_WEEKS * DAY >= extent.first:
        return _pair(TimeSpan(first=0, last=0, start=monday, end=monday), 7)
    return list_halves(extent)


def list_halves(extent: LogDays) -> tuple[TimeSpan, ...]:
    """Return the two halves of a log, as long as each other; nothing if it has one day only."""
    end = extent.last + DAY
    days = (end - extent.first).days // 2
    return _pair(TimeSpan(first=0, last=0, start=end, end=end), days) if days and extent.is_dated else ()


def _pair(last: TimeSpan, days: int) -> tuple[TimeSpan, ...]:
    """Return two periods of so many days, of which the second ends where `last` does."""
    if last.end is None:
        return ()
    middle = last.end - days * DAY
    return (last.narrow(middle - days * DAY, middle), last.narrow(middle, last.end))


def find_change(scan: Scan, words: frozenset[str]) -> str:
    """Return "rise" or "fall" for what became slower, dearer, faster or cheaper, else nothing."""
    if BECAME.isdisjoint(words) or not (SLOWER & words or scan.has("rise", "fall")):
        return ""
    return "fall" if FASTER & words or scan.has("fall") else "rise"


def read_growth(found: Findings) -> Reading | None:
    """Which model grew the most? Each group in the first and in the second half of the log."""
    scan = found.scan
    groups = tuple(name for name in found.groups if not get_dimension(name).is_time)
    is_changed = scan.has("change") and bool(CHANGED & found.words) and not scan.has("rise", "fall")
    is_ranked = (scan.has("rise", "fall") or is_changed) and (scan.has("most") or bool(FAST & found.words))
    became = find_change(scan, frozenset(found.words))
    is_change = is_ranked or bool(became) or scan.has("growth_drivers") or asks_which_change(scan)
    is_grouped = len(found.groups) > 1 and (scan.has("per") or not _is_whole_period(found))
    if not is_change or len(groups) != 1 or is_grouped or found.thresholds:
        return None
    is_why = scan.has("why") and not scan.has("growth_drivers")
    is_compared = any(span.start for span in scan.iter_spans("operators", "than"))  # "¿qué modelos crecen?"
    if is_why or is_compared or scan.has("compare", "what_if", "forecast", "share"):
        return None
    if scan.times:
        return None if is_ranked or became or not asks_which_change(scan) else _read_growth_in_time(found, groups)
    measures = found.measures[:1]
    halves = list_halves(found.extent)
    if not halves:
        return None
    scope = get_scope(found, times=())
    premise = became or ("change" if is_changed else "fall" if scan.has("fall") else "rise")
    measure = measures or ("spend",)
    parts = tuple(
        Part(
            label=label_period(time),
            query=Query(measures=measure, by=groups, where=scope.where, period=time.period),
        )
        for time in halves
    )
    return Reading(kind=QuestionKind.COMPARE, parts=parts, premise=premise, topic=LATELY)


def _read_growth_in_time(found: Findings, groups: tuple[str, ...]) -> Reading | None:
    """Which features grew last week? Each in that week and in the one before."""
    parts = build_time_parts(found)
    measures = found.measures[:1] or ("spend",)
    grouped = tuple(replace(part, query=replace(part.query, measures=measures, by=groups)) for part in parts)
    premise = "fall" if found.scan.has("fall") else "rise"
    is_pair = len(parts) == PAIR
    return Reading(kind=QuestionKind.COMPARE, parts=grouped, premise=premise) if is_pair else None


def _is_whole_period(found: Findings) -> bool:
    """Whether a time is only that of the log: "rose the most during the month"."""
    scan = found.scan
    before = [scan.tokens[max(span.start - 2, 0) : span.start] for span in scan.iter_spans("grains")]
    return all(tokens and tokens[0].text in DURING for tokens in before)


def read_quality_trend(found: Findings) -> Reading | None:
    """Is search-chat getting worse? Its errors, speed and price week by week."""
    scan = found.scan
    is_trend = scan.has("better") and scan.has("change")
    if not is_trend or found.measures or found.groups or not found.extent.is_dated or scan.has("than", "compare"):
        return None
    if scan.has("pronoun") and not scan.names:
        return None
    scope = get_scope(found)
    query = Query(measures=QUALITIES, by=("week",), where=scope.where, period=scope.period)
    return Reading(kind=QuestionKind.MEASURE, query=query, premise="change")


def read_open_change(found: Findings) -> Reading | None:
    """Did anything change over time? Why spend differs between the two halves of the log."""
    scan = found.scan
    is_open = not (found.measures or found.thresholds or scan.times or set(found.groups) - {"week"})
    is_change = scan.has("change") and bool(ANYTHING & found.words) and not scan.has("why")
    is_asked = (is_change or scan.has("growth_drivers")) and scan.list_names("grains") in ([], ["over_time"])
    if not is_open or not is_asked or scan.has("compare", "than", "what_if", "both_logs", "pronoun"):
        return None
    if not found.extent.is_dated:
        return None
    halves = list_halves(found.extent)
    where = get_scope(found).where
    if not halves:
        message = text("The log has one day only, so it shows no change over time.")
        choices = ("Spend by hour of the day", "Spend by model")
        return Reading(kind=QuestionKind.CANNOT, topic="period", message=message, choices=choices)
    parts = tuple(Part(label=label_period(time), query=Query(where=where, period=time.period)) for time in halves)
    premise = "rise" if scan.has("growth_drivers") else ""
    return Reading(kind=QuestionKind.EXPLAIN, parts=parts, premise=premise, topic=LATELY)
