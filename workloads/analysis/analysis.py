"""All questions that can be asked of one user's log: run-scoped, over one connection of its own."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeVar, cast

from netra.core.exceptions import BadInput
from netra.language.text import Text, text
from workloads import combine as combining
from workloads import profile as profiling
from workloads import replay
from workloads import spend as spending
from workloads.answers import Question
from workloads.estimate import Estimate
from workloads.extent import Extent, extent
from workloads.kept import Kept
from workloads.ledger import Ledger
from workloads.levers.base import Lever, estimated
from workloads.levers.catalog import LEVERS
from workloads.plan import plan
from workloads.prices import Assumptions, Prices
from workloads.privacy import AT_ONCE, PrivateWords, private_among
from workloads.schema import Source
from workloads.store import attach, read_source

if TYPE_CHECKING:  # it brings Babel, for which a child that only computes need not wait
    from workloads.report import Report

T = TypeVar("T")

LEAST_MEMORY, MOST_MEMORY = 200, 600
"""MB that DuckDB may use before it spills: a process takes up to twice that and its own code besides. Not all that it
does can spill: percentiles of ten million requests, 500 MB of a stored log, need more than those of a million."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeverName:
    name: str
    title: Text


class Calculating(Protocol):
    """What computes answers in the place of an Analysis: a process of its own (workloads.calculator)."""

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
        opening: Callable[[], Ledger],
        assumptions: Assumptions,
        *,
        levers: Mapping[str, Lever] = LEVERS,
        kept: Kept | None = None,
        calculator: Calculating | None = None,
    ) -> None:
        self._opening = opening
        self._opened: Ledger | None = None
        self._calculator = calculator
        self._turn = threading.RLock()
        self._levers = levers
        self._kept = kept
        self._answers: dict[tuple[object, ...], object] = {}
        self._looked_up: set[str] = set()
        self._private: set[str] = set()
        self.assumptions = assumptions

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()
        if self._calculator is not None:
            self._calculator.close()
        if self._kept is not None:
            self._kept.save()

    def interrupt(self) -> None:
        """Stop the question under way, from any thread."""
        if self._opened is not None:
            self._opened.interrupt()
        if self._calculator is not None:
            self._calculator.interrupt()

    @property
    def source(self) -> Source:
        return self._once(("source",), Source, lambda: self._ledger.source)

    @property
    def prices(self) -> Prices:
        return self._once(("prices",), Prices, lambda: self._ledger.prices)

    def levers(self) -> tuple[LeverName, ...]:
        return tuple(LeverName(name=lever.name, title=lever.title) for lever in self._levers.values())

    def profile(self) -> profiling.Profile:
        return self._once(("profile",), profiling.Profile, lambda: profiling.profile(self._ledger))

    def extent(self) -> Extent:
        return self._once(("extent",), Extent, lambda: extent(self._ledger))

    def spend(self) -> spending.Spend:
        return self._once(("spend",), spending.Spend, lambda: spending.spend(self._ledger))

    def prefix_cache(self) -> replay.PrefixCache:
        return self._once(("prefix_cache",), replay.PrefixCache, lambda: replay.prefix_cache(self._ledger))

    def estimate(self, name: str) -> Estimate:
        """Raises BadInput for a lever that there is not."""
        if name not in self._levers:
            named, there = repr(name), ", ".join(self._levers)
            raise BadInput(text("There is no lever {named}; there are: {there}.", named=named, there=there))
        return self._once(("estimate", name), Estimate, lambda: estimated(self._levers[name], self._ledger))

    def combine(
        self, names: Sequence[str] | None = None, *, goal_percent: float | None = None, guard: str | None = None
    ) -> combining.Combination:
        """The named levers together, all if None; see workloads.combine."""
        combining.check_guard(guard)
        estimates = tuple(self.estimate(name) for name in dict.fromkeys(self._levers if names is None else names))
        named = tuple(one.name for one in estimates)
        together = self._once(
            ("combine", *named),
            combining.Combination,
            lambda: combining.combine(self._ledger, self._levers, estimates),
        )
        aimed = combining.aimed(together, goal_percent)
        if guard is None:
            return aimed
        watched = self._once(
            ("guard", guard, *named),
            combining.Guard,
            lambda: combining.guarded(self._ledger, self._levers, estimates, guard),
        )
        return replace(aimed, guard=watched)

    def private_among(self, words: frozenset[str]) -> frozenset[str]:
        """Which of them are values of the log's private columns (workloads/privacy.py). None is looked up twice."""
        with self._turn:
            new = sorted(words - self._looked_up)
            for start in range(0, len(new), AT_ONCE):
                some = new[start : start + AT_ONCE]
                found = self._computed(("private", *some), PrivateWords, partial(self._private_among, some))
                self._private |= set(found.words)
                self._looked_up |= set(some)
            return words & self._private

    def _private_among(self, words: Sequence[str]) -> PrivateWords:
        return private_among(self._ledger, words)

    def everything(self) -> None:
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
        from workloads.report import Report  # noqa: PLC0415 - see above

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
            plan=plan(estimates, combination) if combination and "actions" not in missing else (),
            missing=tuple(missing),
            because=dict(because or {}),
        )

    @property
    def _ledger(self) -> Ledger:
        if self._opened is None:
            self._opened = self._opening()
        return self._opened

    def answer(self, question: Question) -> object:
        """The answer to what `_once` is asked elsewhere, by its number. Raises BadInput for a question there is not."""
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
                return self._private_among([str(word) for word in words])
            case ("guard", str(metric), *names):
                return self.combine([str(name) for name in names], guard=metric).guard
        raise BadInput(text("There is no such question."))

    def _once(self, question: Question, kind: type[T], compute: Callable[[], T]) -> T:
        """The answer to `question`, computed the first time it is asked, by one thread at a time."""
        with self._turn:
            if question not in self._answers:
                self._answers[question] = self._recalled(question, kind, compute)
            return cast("T", self._answers[question])

    def _recalled(self, question: Question, kind: type[T], compute: Callable[[], T]) -> T:
        if self._kept is None:
            return self._computed(question, kind, compute)
        found = self._kept.get(question, kind)
        if found is None:
            found = self._computed(question, kind, compute)
            self._kept.put(question, found)
        return found

    def _computed(self, question: Question, kind: type[T], compute: Callable[[], T]) -> T:
        return compute() if self._calculator is None else self._calculator.answer(question, kind)

    def open(self) -> None:
        """Open the log now and not with the first question; raises what `opening` does."""
        with self._turn:
            _ = self._ledger


def open_analysis(
    path: Path,
    temp: Path,
    assumptions: Assumptions,
    *,
    keep_in: Path | None = None,
    now: datetime | None = None,
    scratch: int | None = None,
) -> Analysis:
    """An Analysis of the workload file at `path`, spilling at most `scratch` bytes into `temp`, which is its own.

    For a process with limits (workloads.calculation, workloads.sandboxed): here a log is opened. Answers are kept in
    the folder `keep_in`, if there is one; where some are there already, the file is opened only for others. Raises
    BadInput for a file that is no workload, or assumptions that it cannot be priced with.
    """
    now = now or datetime.now(UTC)
    kept = None if keep_in is None else Kept(keep_in, path, assumptions, now.date())
    analysis = Analysis(partial(_open, path, temp, assumptions, now, scratch), assumptions, kept=kept)
    if not kept:
        analysis.open()
    return analysis


def memory_for(path: Path) -> str:
    """DuckDB's memory for the workload file at `path`: more for a larger one."""
    size = path.stat().st_size >> 20 if path.exists() else 0
    return f"{min(LEAST_MEMORY + size, MOST_MEMORY)}MB"


def _open(path: Path, temp: Path, assumptions: Assumptions, now: datetime, scratch: int | None) -> Ledger:
    con = attach(path, temp=temp, memory=memory_for(path), scratch=scratch)
    try:
        return Ledger(con, read_source(con), assumptions, now=now)
    except BaseException:
        con.close()
        raise
