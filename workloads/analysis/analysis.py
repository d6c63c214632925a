"""The Analysis of one user's log: every question that can be asked of it, over one connection of its own."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeVar, cast

from core.exceptions import BadInput
from core.i18n.text import Text, text
from workloads.analysis import combination as combining
from workloads.analysis import prefix_cache
from workloads.analysis import prefix_cache as analysis_prefix_cache
from workloads.analysis import profile as profiling
from workloads.analysis import spend as spending
from workloads.analysis.answers import Question
from workloads.analysis.cache import AnswerCache
from workloads.analysis.combination import build_plan
from workloads.analysis.estimate import Estimate
from workloads.analysis.priced_log import PricedLog
from workloads.analysis.private_values import WORDS_PER_QUERY, PrivateWords, find_private_words
from workloads.analysis.profile import Extent, measure_extent
from workloads.ingest.schema import LogSource
from workloads.levers.base import Lever, estimate_saving
from workloads.levers.registry import LEVERS
from workloads.pricing.prices import Assumptions, Prices

if TYPE_CHECKING:  # it brings Babel, for which a child that only computes need not wait
    from workloads.report.report import Report


T = TypeVar("T")
"""MB that DuckDB may use before it spills: a process takes up to twice that and its own code besides. Not all that it
does can spill: percentiles of ten million requests, 500 MB of a stored log, need more than those of a million."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeverInfo:
    name: str
    title: Text


class AnswerProvider(Protocol):
    """What computes answers in the place of an Analysis: a process of its own (workloads.analysis.calculator)."""

    def answer(self, question: Question, kind: type[T]) -> T: ...
    def interrupt(self) -> None: ...
    def close(self) -> None: ...


class Analysis:
    """Answers as frozen dataclasses. Calls from several threads take turns; what was computed once is kept.

    `opening` gives the ledger when the first answer has to be computed; its connection is owned and closed. With
    `calculator`, also owned and closed, that one is asked instead. With `kept`, answers that were computed before are
    taken from there, and new ones added at the end. `interrupt` stops the question under way, which then raises
    duckdb.InterruptException or, of a calculator, RunCancelled.
    """

    def __init__(
        self,
        opening: Callable[[], PricedLog],
        assumptions: Assumptions,
        *,
        levers: Mapping[str, Lever] = LEVERS,
        kept: AnswerCache | None = None,
        calculator: AnswerProvider | None = None,
    ) -> None:
        self._open_log = opening
        self._opened_log: PricedLog | None = None
        self._calculator = calculator
        self._lock = threading.RLock()
        self._levers = levers
        self._cache = kept
        self._answers: dict[tuple[object, ...], object] = {}
        self._checked_words: set[str] = set()
        self._private_words: set[str] = set()
        self.assumptions = assumptions

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._opened_log is not None:
            self._opened_log.close()
        if self._calculator is not None:
            self._calculator.close()
        if self._cache is not None:
            self._cache.save()

    def interrupt(self) -> None:
        """Stop the question under way, from any thread."""
        if self._opened_log is not None:
            self._opened_log.interrupt()
        if self._calculator is not None:
            self._calculator.interrupt()

    @property
    def source(self) -> LogSource:
        return self._get_answer(("source",), LogSource, lambda: self._priced_log.source)

    @property
    def prices(self) -> Prices:
        return self._get_answer(("prices",), Prices, lambda: self._priced_log.prices)

    def levers(self) -> tuple[LeverInfo, ...]:
        return tuple(LeverInfo(name=lever.name, title=lever.title) for lever in self._levers.values())

    def profile(self) -> profiling.Profile:
        return self._get_answer(("profile",), profiling.Profile, lambda: profiling.build_profile(self._priced_log))

    def extent(self) -> Extent:
        return self._get_answer(("extent",), Extent, lambda: measure_extent(self._priced_log))

    def spend(self) -> spending.LogSpend:
        return self._get_answer(("spend",), spending.LogSpend, lambda: spending.compute_spend(self._priced_log))

    def prefix_cache(self) -> analysis_prefix_cache.PrefixCache:
        return self._get_answer(
            ("prefix_cache",), prefix_cache.PrefixCache, lambda: prefix_cache.measure_prefix_cache(self._priced_log)
        )

    def estimate(self, name: str) -> Estimate:
        """Raises BadInput for a lever that there is not."""
        if name not in self._levers:
            named, there = repr(name), ", ".join(self._levers)
            raise BadInput(text("There is no lever {named}; there are: {there}.", named=named, there=there))
        return self._get_answer(
            ("estimate", name), Estimate, lambda: estimate_saving(self._levers[name], self._priced_log)
        )

    def combine(
        self, names: Sequence[str] | None = None, *, goal_percent: float | None = None, guard: str | None = None
    ) -> combining.Combination:
        """The named levers together, all if None; see workloads.analysis.combination."""
        combining.check_guard(guard)
        estimates = tuple(self.estimate(name) for name in dict.fromkeys(self._levers if names is None else names))
        named = tuple(one.name for one in estimates)
        together = self._get_answer(
            ("combine", *named),
            combining.Combination,
            lambda: combining.combine(self._priced_log, self._levers, estimates),
        )
        aimed = combining.apply_goal(together, goal_percent)
        if guard is None:
            return aimed
        watched = self._get_answer(
            ("guard", guard, *named),
            combining.Guard,
            lambda: combining.evaluate_guard(self._priced_log, self._levers, estimates, guard),
        )
        return replace(aimed, guard=watched)

    def find_private_words(self, words: frozenset[str]) -> frozenset[str]:
        """Which of them are values of the log's private columns (workloads/analysis/private_values.py). None is looked up twice."""
        with self._lock:
            new = sorted(words - self._checked_words)
            for start in range(0, len(new), WORDS_PER_QUERY):
                some = new[start : start + WORDS_PER_QUERY]
                found = self._compute(("private", *some), PrivateWords, partial(self._compute_private_words, some))
                self._private_words |= set(found.words)
                self._checked_words |= set(some)
            return words & self._private_words

    def _compute_private_words(self, words: Sequence[str]) -> PrivateWords:
        return find_private_words(self._priced_log, words)

    def compute_all(self) -> None:
        """Compute all that a report can hold, whatever is asked."""
        _ = (self.source, self.prices)
        for answer in (self.extent, self.profile, self.spend, self.prefix_cache):
            answer()
        for guard in (None, *combining.GUARDS):
            self.combine(guard=guard)

    def report(
        self,
        *,
        ask: str = "",
        levers: Sequence[str] | None = None,
        goal_percent: float | None = None,
        guard: str | None = None,
        missing: Sequence[str] = (),
        because: Mapping[str, Text] | None = None,
    ) -> "Report":
        """The report on the named levers, on all if None. `missing` names parts of the work that failed, in words, and
        `because` says why, where that is known; a plan is left out if "actions" did."""
        from workloads.report.report import Report  # noqa: PLC0415 - see above

        names = tuple(self._levers) if levers is None else tuple(levers)
        estimates = tuple(self.estimate(name) for name in names)
        combination = self.combine(names, goal_percent=goal_percent, guard=guard) if names else None
        return Report(
            ask=ask,
            source=self.source,
            assumptions=self.assumptions,
            prices=self.prices,
            profile=self.profile(),
            spend=self.spend(),
            prefix_cache=self.prefix_cache(),
            levers=estimates,
            combination=combination,
            plan=build_plan(estimates, combination) if combination and "actions" not in missing else (),
            missing=tuple(missing),
            because=dict(because or {}),
        )

    @property
    def _priced_log(self) -> PricedLog:
        if self._opened_log is None:
            self._opened_log = self._open_log()
        return self._opened_log

    def answer(self, question: Question) -> object:
        """The answer to what `_get_answer` is asked elsewhere, by its number. Raises BadInput for a question there is not."""
        match question:
            case ("source",) | ("prices",):
                return getattr(self, str(question[0]))
            case ("extent",) | ("profile",) | ("spend",) | ("prefix_cache",):
                return getattr(self, str(question[0]))()
            case ("estimate", str(name)):
                return self.estimate(name)
            case ("combine", *names):
                return self.combine([str(name) for name in names])
            case ("private", *words):
                return self._compute_private_words([str(word) for word in words])
            case ("guard", str(metric), *names):
                return self.combine([str(name) for name in names], guard=metric).guard
        raise BadInput(text("There is no such question."))

    def _get_answer(self, question: Question, kind: type[T], compute: Callable[[], T]) -> T:
        """The answer to `question`, computed the first time it is asked, by one thread at a time."""
        with self._lock:
            if question not in self._answers:
                self._answers[question] = self._load_or_compute(question, kind, compute)
            return cast("T", self._answers[question])

    def _load_or_compute(self, question: Question, kind: type[T], compute: Callable[[], T]) -> T:
        if self._cache is None:
            return self._compute(question, kind, compute)
        found = self._cache.get(question, kind)
        if found is None:
            found = self._compute(question, kind, compute)
            self._cache.put(question, found)
        return found

    def _compute(self, question: Question, kind: type[T], compute: Callable[[], T]) -> T:
        return compute() if self._calculator is None else self._calculator.answer(question, kind)

    def open(self) -> None:
        """Open the log now and not with the first question; raises what `opening` does."""
        with self._lock:
            _ = self._priced_log
