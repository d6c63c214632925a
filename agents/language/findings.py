"""Findings in a question, ready for the rules: measures, groups, conditions and limits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType

from agents.language.groups import is_counted, list_groups
from agents.language.lexicon import Span
from agents.language.named_measures import list_measures, rank_by_use
from agents.language.names import QUESTION_WORDS
from agents.language.numbers import Threshold, list_thresholds
from agents.language.phrases.exact_counts import iter_exact_counts
from agents.language.scan import NumberSpan, Scan
from agents.language.times.calendar import LogDays, TimeSpan
from workloads.query.measures import MEASURES, Unit
from workloads.query.query import Statistic

LISTED_OWNERS = ("user", "customer", "session", "api_key")
TIME_GRAINS = ("hour", "day", "week", "month")
PAIR = 2
MAX_RANKED = 3
"""Tokens between "second" and "most expensive"."""

RANKS = ("most", "least", "top", "instead_of_it", "rank", "list", "latest", "earliest")
MEANS: Mapping[str, str] = MappingProxyType(
    {
        "spend": "cost_per_request",
        "tokens": "tokens_per_request",
        "input_tokens": "input_per_request",
        "output_tokens": "output_per_request",
        "latency_p50": "latency_mean",
        "latency_p95": "latency_mean",
    }
)
"""What the mean of a measure is without a dimension: that of a request."""

SUMS = frozenset({"sum", "total", "summe", "gesamtkosten", "gesamtsumme", "somme", "suma"})
SUM_OF = frozenset({"of", "for", "der", "des", "von", "de", "del"})
"""Words of "the sum of" and "total cost of"."""

SLOW = ("latency_p50", "latency_p95")


@dataclass(frozen=True, slots=True)
class Findings:
    """A scanned question with its measures, groups and thresholds. `extent` is the log's."""

    scan: Scan
    extent: LogDays
    measures: tuple[str, ...]
    groups: tuple[str, ...]
    thresholds: tuple[Threshold, ...]

    @property
    def words(self) -> frozenset[str]:
        return frozenset(token.text for token in self.scan.tokens)

    @property
    def percent(self) -> NumberSpan | None:
        return next((each for each in self.scan.numbers if each.is_percent), None)

    @property
    def money(self) -> NumberSpan | None:
        return next((each for each in self.scan.numbers if each.is_money), None)

    @property
    def has_domain(self) -> bool:
        """Whether the question names anything of a log."""
        kinds = ("measures", "dimensions", "grains", "statistics")
        return bool(
            self.scan.names or self.scan.times or any(True for kind in kinds for _ in self.scan.iter_spans(kind))
        )

    @property
    def counted_dimensions(self) -> tuple[str, ...]:
        """Return the dimensions whose values are to be counted: "how many different users"."""
        kinds = ("dimensions", "grains")
        return tuple(
            span.concept.name for kind in kinds for span in self.scan.iter_spans(kind) if is_counted(self.scan, span)
        )

    def list_points(self, times: Iterable[TimeSpan] | None = None) -> list[TimeSpan]:
        """Return the different periods that are named; of "from week 1 to week 8" the two ends."""
        found: dict[tuple[date, date], TimeSpan] = {}
        for time in self.scan.times if times is None else times:
            for start, end in time.ends or ((time.start, time.end),):
                if start and end and time.filter is None:
                    found.setdefault((start, end), time.narrow(start, end))
        return list(found.values())

    def find_limit(self) -> int | None:
        """Return the N of "top N"."""
        for number in self.scan.numbers:
            is_whole = number.value == number.value.to_integral() and 0 < number.value <= 1000
            if is_whole and not number.is_percent and not number.is_money and _is_limit(self.scan, number):
                return int(number.value)
        return None

    def list_statistics(self, over: Sequence[str]) -> tuple[Statistic, ...]:
        """Return the statistics over the groups of a dimension: "the p95 customer", "average spend per day"."""
        named = self.scan.list_names("statistics")
        if self.scan.has("not_this"):
            named = [each for each in named if each != "mean"]
        additive = all(MEASURES[name].is_sum for name in self.measures)
        groups = [each for each in over if each not in ("weekday", "hour_of_day")]
        return tuple(Statistic(each) for each in named) if groups and additive else ()

    def is_ranked_within_groups(self, groups: Sequence[str]) -> bool:
        """Whether the first groups are wanted for each of another: "the top 3 features for each team"."""
        scan = self.scan
        spans = [span for kind in ("dimensions", "grains") for span in scan.iter_spans(kind)]
        last = next((span for span in spans if len(groups) == PAIR and span.concept.name == groups[1]), None)
        return last is not None and any(
            scan.are_small(span.end, last.start) and span.end <= last.start
            for span in scan.iter_spans("operators", "per")
        )

    def order_statistic_groups(self, groups: tuple[str, ...]) -> tuple[str, ...]:
        """Return what a statistic is listed by, then what it is taken over: "average weekly spend by team".

        It is taken over time, or over the users of "average spend per user per week".
        """
        if len(groups) != PAIR:
            return groups[:1]
        first, second = groups
        is_over_first = first in LISTED_OWNERS or (first in TIME_GRAINS and second not in TIME_GRAINS)
        return (second, first) if is_over_first else (first, second)

    def list_separate_groups(self) -> tuple[str, ...]:
        """Return dimensions that are asked for one by one: "which keys and users"; not "by team and model"."""
        scan = self.scan
        spans = [span for span in scan.iter_spans("dimensions") if span.concept.name in self.groups]
        if len(spans) < 2 or scan.is_near(spans[0].start, "operators", ("per",), before=1, after=0):
            return ()
        joined = all(two.start == one.end + 1 and scan.is_and(one.end) for one, two in pairwise(spans))
        return self.groups if joined else ()


def find(scan: Scan, extent: LogDays) -> Findings:
    thresholds = (*list_thresholds(scan), *iter_exact_counts(scan))
    measures = list_measures(scan, thresholds)
    measures = measures or (() if thresholds else rank_by_use(scan))
    if any(each.than is Statistic.MEAN for each in scan.statistic_limits):
        measures = tuple("latency_mean" if each in SLOW else each for each in measures)  # "slower than average"
    return Findings(scan, extent, measures, list_groups(scan), thresholds)


def to_percentiles(scan: Scan, measures: Sequence[str], *, is_whole: bool) -> tuple[str, ...]:
    """Return percentiles of single requests for "median cost per request", else the measures as they are.

    Without groups (`is_whole`), "median spend" is that of a request too.
    """
    statistics = [each for each in scan.list_names("statistics") if each.startswith("p")]
    found: list[str] = []
    for measure in measures:
        stems = (measure, to_mean(measure)) if is_whole else (measure,)
        names = [f"{stem}_{each}" for stem in stems for each in statistics if f"{stem}_{each}" in MEASURES]
        found.extend(names or (measure,))
    return tuple(dict.fromkeys(found))


def _is_limit(scan: Scan, number: NumberSpan) -> bool:
    if _is_asked_for(scan, number):
        return True
    before = any(0 <= number.start - span.end < 1 for span in scan.iter_spans("operators", "top"))
    is_ranked = scan.has(*RANKS) and not scan.has("how_many")
    return before or (is_ranked and any(0 <= span.start - number.end < 2 and _is_ranked(span) for span in scan.spans))


def _is_asked_for(scan: Scan, number: NumberSpan) -> bool:
    """Whether so many groups are asked for: "which three features", "¿qué tres funciones?"."""
    before = scan.tokens[number.start - 1].text if number.start else ""
    groups = (span for kind in ("dimensions", "grains") for span in scan.iter_spans(kind))
    return before in QUESTION_WORDS and any(span.start == number.end for span in groups)


def _is_ranked(span: Span) -> bool:
    kind, name = span.concept.kind, span.concept.name
    return (
        kind in ("dimensions", "grains")
        or (kind == "operators" and name in ("most", "least", "instead_of_it"))
        or (kind == "measures" and name in ("requests", "spend"))
    )


def find_rank(scan: Scan, *, is_alone: bool = False) -> int | None:
    """Return the place of "the second dearest", "le deuxième modèle le plus cher"; also of "the second" if it is all
    that is said."""
    ranks = [span for span in scan.iter_spans("operators") if span.concept.name in ("most", "least", "top")]
    for span in scan.iter_spans("ordinals"):
        is_ranked = any(0 <= rank.start - span.end <= MAX_RANKED and _is_between(scan, span, rank) for rank in ranks)
        if is_alone or is_ranked:
            return int(span.concept.name)
    return None


def _is_between(scan: Scan, one: Span, other: Span) -> bool:
    """Whether only small words and what is ranked stand between two spans."""
    nouns = {
        place for kind in ("dimensions", "grains") for s in scan.iter_spans(kind) for place in range(s.start, s.end)
    }
    return all(place in nouns or scan.are_small(place, place + 1) for place in range(one.end, other.start))


def is_sum_of_first(scan: Scan) -> bool:
    """Whether "the sum of the top 3 models" is asked for; not "the top 3 by total spend"."""
    ranks = [span.start for span in scan.iter_spans("operators") if span.concept.name in ("top", "most", "least")]
    for place, token in enumerate(scan.tokens):
        if token.text in SUMS and any(place < rank for rank in ranks):
            after = [each.text for each in scan.tokens[place + 1 : place + 3]]
            if SUM_OF.intersection(after):
                return True
    return False


def to_mean(measure: str) -> str:
    return MEANS.get(measure, measure)


def is_share(measure: str) -> bool:
    return MEASURES[measure].unit is Unit.SHARE


def find_part(found: Findings) -> Decimal:
    """Return the share of the requests that a question is about: 30%, half, a third; 1 without any."""
    scan = found.scan
    shares = {Decimal(span.concept.name) for span in scan.iter_spans("fractions")}
    shares |= {each.value for each in scan.numbers if each.is_percent}
    return min(shares.pop() / 100, Decimal(1)) if len(shares) == 1 else Decimal(1)
