"""The tools to call for a question, and the conversation's memory of what they returned."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from agents.answers.composers.group_answers import list_named
from agents.language.conversation import find_subject
from agents.language.reading import QuestionKind, Reading, SupposedChange, Turn
from agents.language.steps.members import get_main
from workloads.levers.registry import LEVERS
from workloads.query.query import Query
from workloads.query.result import QueryResult

DEFAULT_REQUESTS, MAX_REQUESTS = 10, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A tool and its typed arguments. `log` is the index of the log that is asked about.

    measure(query); explain_change(before, after); what_if(query, change, model, factor); forecast(query, start, end);
    find_anomalies(query, dimension); list_requests(query, order_by, descending, limit); describe_log();
    explain_request(query, order_by, descending); combine_levers(names); estimate_lever(name);
    measure_group_savings(dimension); inspect_workload().
    """

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    log: int = 0


def list_calls(reading: Reading) -> tuple[Call, ...]:
    """Return the calls whose results answer the question, in order; none where nothing is computed, or for a report."""
    return (*_list_own_calls(reading), *(call for each in reading.rest for call in list_calls(each)))


def _list_own_calls(reading: Reading) -> tuple[Call, ...]:
    calls = None if reading.member is not None else _CALLS.get(reading.kind)
    return () if calls is None else calls(reading)


def _call_measure(reading: Reading) -> tuple[Call, ...]:
    return (Call(tool="measure", arguments={"query": reading.query}, log=reading.log),)


def _measure_parts(reading: Reading) -> tuple[Call, ...]:
    return tuple(Call(tool="measure", arguments={"query": part.query}, log=part.log) for part in reading.parts)


def _explain_change(reading: Reading) -> tuple[Call, ...]:
    if len(reading.parts) != 2:
        return ()
    before, after = reading.parts
    arguments = {"before": before.query, "after": after.query}
    return (Call(tool="explain_change", arguments=arguments, log=after.log),)


def _forecast(reading: Reading) -> tuple[Call, ...]:
    if reading.horizon is None:
        return ()
    start, end = reading.horizon
    arguments: dict[str, Any] = {"query": reading.query, "start": start, "end": end}
    return (Call(tool="forecast", arguments=arguments, log=reading.log),)


def _find_anomalies(reading: Reading) -> tuple[Call, ...]:
    arguments: dict[str, Any] = {"query": reading.query, "dimension": reading.dimension}
    return (Call(tool="find_anomalies", arguments=arguments, log=reading.log),)


def _list_requests(reading: Reading) -> tuple[Call, ...]:
    arguments: dict[str, Any] = {
        "query": reading.query,
        "order_by": reading.order_by,
        "descending": reading.descending,
        "limit": min(reading.query.limit or DEFAULT_REQUESTS, MAX_REQUESTS),
    }
    return (Call(tool="list_requests", arguments=arguments, log=reading.log),)


def _suppose(reading: Reading) -> tuple[Call, ...]:
    supposition = reading.supposition
    if supposition is None:
        return ()
    if supposition.change is SupposedChange.REPLACE:
        whole = Call(tool="measure", arguments={"query": Query(zone=reading.query.zone)}, log=reading.log)
        return (*_measure_parts(reading), whole)
    arguments: dict[str, Any] = {
        "query": reading.query,
        "change": supposition.change,
        "model": supposition.model,
        "factor": supposition.factor,
        "share": supposition.share,
    }
    return (Call(tool="what_if", arguments=arguments, log=reading.log),)


def _describe_log(reading: Reading) -> tuple[Call, ...]:
    return (Call(tool="describe_log", log=reading.log),)


def _explain_request(reading: Reading) -> tuple[Call, ...]:
    arguments: dict[str, Any] = {
        "query": replace(reading.query, limit=None),
        "order_by": reading.order_by,
        "descending": reading.descending,
    }
    return (Call(tool="explain_request", arguments=arguments, log=reading.log),)


def _hold_against_limit(reading: Reading) -> tuple[Call, ...]:
    return (*_call_measure(reading), _COMBINE_LEVERS)


def _find_savings(reading: Reading) -> tuple[Call, ...]:
    if reading.dimension:
        return (Call(tool="measure_group_savings", arguments={"dimension": reading.dimension}),)
    if reading.topic:
        whole = Call(tool="measure", arguments={"query": Query(zone=reading.query.zone)})
        return (Call(tool="estimate_lever", arguments={"name": reading.topic}), whole)
    return (_COMBINE_LEVERS,)


def _inspect_basis(reading: Reading) -> tuple[Call, ...]:
    return (Call(tool="describe_log"), Call(tool="inspect_workload"), *_call_measure(reading))


_COMBINE_LEVERS = Call(tool="combine_levers", arguments={"names": tuple(LEVERS)})

_CALLS: Mapping[QuestionKind, Callable[[Reading], tuple[Call, ...]]] = MappingProxyType(
    {
        QuestionKind.MEASURE: _call_measure,
        QuestionKind.COMPARE: _measure_parts,
        QuestionKind.EXPLAIN: _explain_change,
        QuestionKind.FORECAST: _forecast,
        QuestionKind.ANOMALIES: _find_anomalies,
        QuestionKind.REQUESTS: _list_requests,
        QuestionKind.WHAT_IF: _suppose,
        QuestionKind.REQUEST_PARTS: _explain_request,
        QuestionKind.BUDGET: _hold_against_limit,
        QuestionKind.SAVINGS: _find_savings,
        QuestionKind.TRUST: _inspect_basis,
        QuestionKind.PERIOD: _describe_log,
        QuestionKind.REPEATS: _describe_log,
    }
)
"""The calls for each kind of question that needs any."""


def build_turn(reading: Reading, results: Sequence[object]) -> Turn:
    """Return what the next question may refer to: nothing of a figure that the log lacks."""
    if (main := get_main(reading)) is not reading:  # "requests of the top user": the next question is about that one
        reading, results = main, results[len(_list_own_calls(reading)) :]
    first = results[0] if results else None
    if isinstance(first, QueryResult) and first.missing and not first.measures:
        return Turn(reading=replace(reading, kind=QuestionKind.CANNOT))
    rows = list_named(reading.query, first) if isinstance(first, QueryResult) else []
    place = (reading.rank or 1) - 1
    return Turn(reading=reading, subject=find_subject(reading, rows[place] if place < len(rows) else ()))
