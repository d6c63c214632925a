"""The levers of the waterfall in their order: what is promised, and the open questions, which are only candidates."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from workloads.analysis.estimate import Estimate, Question
from workloads.analysis.log_state import LeverEffect, LogState
from workloads.analysis.priced_log import PricedLog
from workloads.analysis.waterfall import WaterfallLever
from workloads.levers.base import Lever


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterfallEntry:
    """A lever in the waterfall's order, or an open question of it, whose saving is not promised."""

    name: str
    estimate: Estimate
    question: Question | None
    build: Callable[[PricedLog, LogState], LeverEffect | None]

    def to_lever(self, log: PricedLog) -> WaterfallLever:
        return WaterfallLever(name=self.name, build=partial(self.build, log), is_promised=self.is_promised)

    @property
    def is_promised(self) -> bool:
        return self.estimate.headline and self.question is None


def _iter_entries(lever: Lever, estimate: Estimate) -> Iterable[WaterfallEntry]:
    """Yield what is promised, then a candidate for each open question; the lever as a candidate if it asks nothing."""
    asked = [question for question in estimate.questions if question.answer is None]
    if estimate.headline or not asked:
        yield WaterfallEntry(name=lever.name, estimate=estimate, question=None, build=lever.build_effect)
    for number, question in enumerate(asked):
        build = partial(_build_question_effect, lever, number, question.scope)
        yield WaterfallEntry(name=f"{lever.name}_{number}", estimate=estimate, question=question, build=build)


def _build_question_effect(
    lever: Lever, number: int, scope: str, log: PricedLog, state: LogState
) -> LeverEffect | None:
    return lever.build_question_effect(log, number, scope, state)


def list_entries(levers: Mapping[str, Lever], estimates: Sequence[Estimate]) -> list[WaterfallEntry]:
    """Return the entries of the levers that save something, in the order of `levers`."""
    saving = _list_saving_estimates(levers, estimates)
    return [entry for each in saving for entry in _iter_entries(levers[each.name], each)]


def _list_saving_estimates(levers: Mapping[str, Lever], estimates: Sequence[Estimate]) -> list[Estimate]:
    order = list(levers)
    return sorted(
        (estimate for estimate in estimates if estimate.saving and estimate.saving > 0),
        key=lambda estimate: order.index(estimate.name),
    )
