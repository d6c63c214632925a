"""The Analysis of one user's log: every question that can be asked about it, over its own connection."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar, Unpack

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.analysis.allocation import Allocation, allocate_spend
from workloads.analysis.answers import AnswerProvider, AnswerStore, Question, compute_fingerprint
from workloads.analysis.cache import AnswerCache
from workloads.analysis.combination import Combination, apply_goal, apply_guard, combine
from workloads.analysis.estimate import Estimate
from workloads.analysis.guard import check_guard
from workloads.analysis.prefix_cache import PrefixCache, measure_prefix_cache
from workloads.analysis.priced_log import PricedLog
from workloads.analysis.private_values import (
    PrivateWordFinder,
    PrivateWords,
    find_kept_words,
    find_private_words,
)
from workloads.analysis.profile import LogSpan, Profile, build_profile, measure_span
from workloads.analysis.scope import Scope
from workloads.analysis.spend import LogSpend, compute_spend
from workloads.checks.check import Checks
from workloads.checks.run_checks import run_checks
from workloads.focus.usage import FocusUsage, measure_usage
from workloads.ingest.schema import LogSource
from workloads.invoices.invoice import BilledCosts, Reconciliation
from workloads.invoices.reconcile import reconcile
from workloads.levers.base import Lever, LeverInfo, estimate_saving
from workloads.levers.group_savings import GroupSavings, measure_group_savings
from workloads.levers.registry import LEVERS
from workloads.levers.repricing.what_if import WhatIf, compute_what_if
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.prices import Prices
from workloads.query.answers import QueryAnswers

if TYPE_CHECKING:  # it imports Babel, for which a child process that only computes should not wait
    from workloads.report.report import Report, ReportOptions

T = TypeVar("T")

_FIGURES = ("scope", "extent", "profile", "spend", "checks", "allocation", "focus_usage", "prefix_cache")
"""Questions without arguments, each named like the method that answers it."""


def ignore_share(share: float) -> None:
    """Report nothing."""


class Analysis(QueryAnswers):
    """Answers questions about a log with frozen dataclasses, each computed once, by one thread at a time.

    `open_log` opens the log when the first answer has to be computed; this object closes it. If a `calculator` is
    given, it computes the answers instead, and is closed as well. If a `cache` is given, earlier answers come from it,
    and new ones are saved at the end. `invoice` is what the log is compared
    with. `interrupt` stops the current question, which then raises
    duckdb.InterruptException or, with a calculator, RunCancelled.
    """

    def __init__(
        self,
        open_log: Callable[[], PricedLog],
        assumptions: Assumptions,
        *,
        levers: Mapping[str, Lever] = LEVERS,
        cache: AnswerCache | None = None,
        calculator: AnswerProvider | None = None,
        invoice: BilledCosts | None = None,
    ) -> None:
        self._open_log = open_log
        self._opened_log: PricedLog | None = None
        self._store = AnswerStore(cache, calculator)
        self.computing_nothing = self._store.computing_nothing
        self._levers = levers
        self._private_words = PrivateWordFinder(self._store.lock, self._look_up_private_words)
        self.assumptions = assumptions
        self.invoice = invoice

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """Open the log now instead of with the first question. Raises what `open_log` raises."""
        with self._store.lock:
            _ = self._priced_log

    def close(self) -> None:
        if self._opened_log is not None:
            self._opened_log.close()
        self._store.close()

    def interrupt(self) -> None:
        """Stop the current question, from any thread."""
        if self._opened_log is not None:
            self._opened_log.interrupt()
        self._store.interrupt()

    @property
    def source(self) -> LogSource:
        return self._get_answer(("source",), LogSource, lambda: self._priced_log.source)

    @property
    def prices(self) -> Prices:
        return self._get_answer(("prices",), Prices, lambda: self._priced_log.prices)

    def scope(self) -> Scope:
        """Return the limits of the question as they were understood."""
        return self._get_answer(("scope",), Scope, lambda: self._priced_log.scope)

    def levers(self) -> tuple[LeverInfo, ...]:
        return tuple(LeverInfo(name=lever.name, title=lever.title) for lever in self._levers.values())

    def profile(self) -> Profile:
        return self._get_answer(("profile",), Profile, lambda: build_profile(self._priced_log))

    def extent(self) -> LogSpan:
        return self._get_answer(("extent",), LogSpan, lambda: measure_span(self._priced_log))

    def spend(self) -> LogSpend:
        return self._get_answer(("spend",), LogSpend, lambda: compute_spend(self._priced_log))

    def allocation(self) -> Allocation:
        return self._get_answer(("allocation",), Allocation, lambda: allocate_spend(self._priced_log))

    def checks(self) -> Checks:
        return self._get_answer(("checks",), Checks, lambda: run_checks(self._priced_log))

    def reconciliation(self) -> Reconciliation | None:
        """Return the comparison with the invoice; None if the log has no invoice."""
        invoice = self.invoice
        if invoice is None:
            return None
        return self._get_answer(
            ("reconciliation", compute_fingerprint(invoice)),
            Reconciliation,
            lambda: reconcile(self._priced_log, invoice),
        )

    def focus_usage(self) -> FocusUsage:
        return self._get_answer(("focus_usage",), FocusUsage, lambda: measure_usage(self._priced_log))

    def prefix_cache(self) -> PrefixCache:
        return self._get_answer(("prefix_cache",), PrefixCache, lambda: measure_prefix_cache(self._priced_log))

    def estimate(self, name: str) -> Estimate:
        """Return the estimate of one lever. Raises BadInput for an unknown lever."""
        if name not in self._levers:
            known = ", ".join(self._levers)
            raise BadInput(text("Unknown lever {name}. The levers are: {levers}.", name=repr(name), levers=known))
        return self._get_answer(
            ("estimate", name), Estimate, lambda: estimate_saving(self._levers[name], self._priced_log)
        )

    def compare_model(self, model: str) -> WhatIf:
        """Return what the log would cost with a model of the price list. Raises BadInput if the list lacks it."""
        return self._get_answer(("what_if", model), WhatIf, lambda: compute_what_if(self._priced_log, model))

    def combine(
        self, names: Sequence[str] | None = None, *, goal_percent: float | None = None, guard: str | None = None
    ) -> Combination:
        """Combine the named levers, all if None; see workloads.analysis.combination."""
        check_guard(guard)
        estimates = tuple(self.estimate(name) for name in dict.fromkeys(self._levers if names is None else names))
        lever_names = tuple(estimate.name for estimate in estimates)
        combination = self._get_answer(
            ("combine", *lever_names),
            Combination,
            lambda: combine(self._priced_log, self._levers, estimates),
        )
        limits = self.assumptions.constraints
        combination = apply_goal(combination, goal_percent, goal_usd=limits.goal_usd)
        return combination if guard is None else apply_guard(combination, self._levers, guard, limits.latency_limit)

    def group_savings(self, dimension: str) -> GroupSavings:
        """Return what all levers would save in each group. Raises BadInput for a dimension that the log lacks."""
        estimates = [self.estimate(name) for name in self._levers]
        measure = partial(measure_group_savings, levers=self._levers, estimates=estimates, dimension=dimension)
        return self._get_answer(("group_savings", dimension), GroupSavings, lambda: measure(self._priced_log))

    def find_private_words(self, words: frozenset[str]) -> frozenset[str]:
        """Return those words that are values of the log's private columns. Each word is looked up only once."""
        return self._private_words.find(words)

    def find_kept_words(self, words: frozenset[str]) -> frozenset[str]:
        """Return those words that are values of the further columns of the user's file."""
        asked = tuple(sorted(words))
        found = self._store.compute(("kept", *asked), PrivateWords, lambda: find_kept_words(self._priced_log, asked))
        return frozenset(found.words)

    def _look_up_private_words(self, words: Sequence[str]) -> PrivateWords:
        return self._store.compute(
            ("private", *words), PrivateWords, lambda: find_private_words(self._priced_log, words)
        )

    def compute_all(self, on_share: Callable[[float], None] = ignore_share) -> None:
        """Compute all answers that a report needs, and the description by which questions are understood. `on_share`
        gets the share of them that is computed."""
        _ = (self.source, self.prices, self.scope())
        answers: list[Callable[[], object]] = [self.describe_log, self.extent, self.profile, self.spend, self.checks]
        answers += [self.allocation, self.prefix_cache, *(partial(self.estimate, name) for name in self._levers)]
        answers.append(self.combine)
        for place, answer in enumerate(answers):
            on_share(place / len(answers))
            answer()

    def report(self, **options: "Unpack[ReportOptions]") -> "Report":
        """Return the report; see workloads.report.report.build_report."""
        from workloads.report.report import build_report  # noqa: PLC0415 - it imports Babel, see above

        return build_report(self, **options)

    @property
    def _priced_log(self) -> PricedLog:
        if self._opened_log is None:
            self._opened_log = self._open_log()
        return self._opened_log

    def answer(self, question: Question) -> object:
        """Answer a question that came from `_get_answer` of another process. Raises BadInput for an unknown one."""
        match question:
            case (str(name),) if name in ("source", "prices", *_FIGURES):
                answer = getattr(self, name)
                return answer() if name in _FIGURES else answer
            case ("reconciliation", str()) if self.invoice is not None:
                return self.reconciliation()
            case ("estimate" | "what_if" | "group_savings" as kind, str(name)):
                answers = {"estimate": self.estimate, "what_if": self.compare_model}
                return answers.get(kind, self.group_savings)(name)
            case ("query", str(name), str(arguments)):
                return self.answer_query(name, arguments)
            case ("combine", *names):
                return self.combine([str(name) for name in names])
            case ("private" | "kept" as kind, *words):
                find = find_private_words if kind == "private" else find_kept_words
                return find(self._priced_log, [str(word) for word in words])
        raise BadInput(text("Unknown question."))

    def _get_answer(self, question: Question, kind: type[T], compute: Callable[[], T]) -> T:
        return self._store.get(question, kind, compute)
