"""Compose the answers to what the person who pays the bill asks: limits, savings, and how sure the figures are."""

from collections.abc import Sequence

from agents.answers.answer import Answer
from agents.answers.composers.money.budgets import compose_budget
from agents.answers.composers.money.request_parts import compose_request_parts
from agents.answers.composers.money.savings import compose_group_savings, compose_lever, compose_levers
from agents.answers.composers.money.trust import compose_trust
from agents.language.questions import KnownLogs
from agents.language.reading import QuestionKind, Reading
from tools.builtin.inspect_workload import WorkloadInspection
from workloads.analysis.combination import Combination
from workloads.analysis.estimate import Estimate
from workloads.levers.group_savings import GroupSavings
from workloads.query.request_parts import RequestParts
from workloads.query.result import QueryResult
from workloads.query.values import LogDescription


def list_needed(reading: Reading, results: Sequence[object]) -> Sequence[object]:
    """Return the results without which there is no answer: a limit needs no savings."""
    return results[:1] if reading.kind is QuestionKind.BUDGET else results


def compose_money(reading: Reading, results: Sequence[object], known: KnownLogs | None) -> Answer | None:
    """Return the answer, or None for results of other questions."""
    match reading.kind, results:
        case QuestionKind.BUDGET, [QueryResult() as spends, savings]:
            return compose_budget(reading, spends, savings if isinstance(savings, Combination) else None, known)
        case QuestionKind.SAVINGS, _:
            return _compose_savings(reading, results)
        case QuestionKind.TRUST, [LogDescription() as log, WorkloadInspection() as inspection, QueryResult() as stated]:
            return compose_trust(log, inspection, stated)
        case QuestionKind.REQUEST_PARTS, [RequestParts() as parts]:
            return compose_request_parts(reading, parts)
    return None


def _compose_savings(reading: Reading, results: Sequence[object]) -> Answer | None:
    match results:
        case [Combination() as combination]:
            return compose_levers(combination, reading.goal_usd)
        case [Estimate() as estimate, QueryResult() as whole]:
            return compose_lever(reading, estimate, whole)
        case [GroupSavings() as found]:
            return compose_group_savings(reading, found)
    return None
