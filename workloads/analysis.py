"""All questions that can be asked of one user's log: run-scoped, over one connection of its own."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar, cast

import duckdb

from netra.core.exceptions import BadInput
from workloads import combine as combining
from workloads import profile as profiling
from workloads import replay
from workloads import spend as spending
from workloads.estimate import Estimate
from workloads.extent import Extent, extent
from workloads.ledger import Ledger
from workloads.levers.base import Lever
from workloads.levers.catalog import LEVERS
from workloads.plan import plan
from workloads.prices import Assumptions, Prices
from workloads.report import Report
from workloads.schema import Source
from workloads.store import attach, read_source

T = TypeVar("T")

MEMORY = "200MB"
"""What DuckDB may use before it spills: a process takes about twice that and its own code besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeverName:
    name: str
    title: str


class Analysis:
    """Answers as frozen dataclasses. Calls from several threads take turns; what was computed once is kept.

    Owns `con` and closes it. `interrupt` stops the question under way, which then raises duckdb.InterruptException.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        source: Source,
        assumptions: Assumptions,
        *,
        now: datetime | None = None,
        levers: Mapping[str, Lever] = LEVERS,
    ) -> None:
        self._con = con
        self._turn = threading.Lock()
        self._levers = levers
        self._answers: dict[tuple[object, ...], object] = {}
        self.source = source
        self.assumptions = assumptions
        self._ledger = Ledger(con, source, assumptions, now=now or datetime.now(UTC))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._con.close()

    def interrupt(self) -> None:
        """Stop the question under way, from any thread."""
        self._con.interrupt()

    @property
    def prices(self) -> Prices:
        return self._ledger.prices

    def levers(self) -> tuple[LeverName, ...]:
        return tuple(LeverName(name=lever.name, title=lever.title) for lever in self._levers.values())

    def profile(self) -> profiling.Profile:
        return self._once(("profile",), lambda: profiling.profile(self._ledger))

    def extent(self) -> Extent:
        return self._once(("extent",), lambda: extent(self._ledger))

    def spend(self) -> spending.Spend:
        return self._once(("spend",), lambda: spending.spend(self._ledger))

    def prefix_cache(self) -> replay.PrefixCache:
        return self._once(("prefix_cache",), lambda: replay.prefix_cache(self._ledger))

    def estimate(self, name: str) -> Estimate:
        """Raises BadInput for a lever that there is not."""
        if name not in self._levers:
            raise BadInput(f"There is no lever {name!r}; there are: {', '.join(self._levers)}.")
        return self._once(("estimate", name), lambda: self._levers[name].estimate(self._ledger))

    def combine(
        self, names: Sequence[str] | None = None, *, goal_percent: float | None = None, guard: str | None = None
    ) -> combining.Combination:
        """The named levers together, all if None; see workloads.combine."""
        estimates = tuple(self.estimate(name) for name in dict.fromkeys(self._levers if names is None else names))

        def combined() -> combining.Combination:
            return combining.combine(self._ledger, self._levers, estimates, goal_percent=goal_percent, guard=guard)

        return self._once(("combine", *(one.name for one in estimates), goal_percent, guard), combined)

    def report(
        self,
        *,
        ask: str = "",
        levers: Sequence[str] | None = None,
        goal_percent: float | None = None,
        guard: str | None = None,
        missing: Sequence[str] = (),
    ) -> Report:
        """The report on the named levers, on all if None. `missing` names parts of the work that failed, in words; a
        plan is left out if "actions" did."""
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
        )

    def _once(self, question: tuple[object, ...], compute: Callable[[], T]) -> T:
        """The answer to `question`, computed the first time it is asked, by one thread at a time."""
        with self._turn:
            if question not in self._answers:
                self._answers[question] = compute()
            return cast(T, self._answers[question])


def open_analysis(path: Path, temp: Path, assumptions: Assumptions) -> Analysis:
    """An Analysis of the workload file at `path`, spilling into `temp`, which no other run may use.

    Raises BadInput for a file that is no workload, or assumptions that it cannot be priced with.
    """
    con = attach(path, temp=temp, memory=MEMORY)
    try:
        return Analysis(con, read_source(con), assumptions)
    except BaseException:
        con.close()
        raise
