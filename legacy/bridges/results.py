"""Between a run's typed outputs and what a state holds: one agent's results are the next one's fields."""
# netra: allow-file[deep-agent-state] this is the bridge itself: a state per turn, shared with nobody

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import JsonValue, TypeAdapter, ValidationError

from agents.brief import Brief
from legacy.bridges.clean import clean
from legacy.bridges.state import RESULTS, DeepAgentState
from netra.core.exceptions import Defect
from netra.core.jsonable import jsonable

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "triage": "triage_result",
        "data": "data_result",
        "optimization": "optimizations_result",
        "actions": "action_plan_result",
        "reporting": "report_result",
    }
)
"""Where old agents look for what an agent of Netra's has found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyOutput:
    """What a bridged agent hands on where it says nothing more precise: the fields that it has set in the state."""

    results: dict[str, JsonValue]


def known_before(brief: Brief) -> dict[str, Any]:
    """A new state's values: the request, and what the agents before have found."""
    values: dict[str, Any] = {"user_request": brief.ask}
    for agent, output in brief.outputs.items():
        if isinstance(output, LegacyOutput):
            values |= output.results
        elif agent in FIELDS:
            values[FIELDS[agent]] = jsonable(output)
    return values


def written(before: Mapping[str, Any], state: DeepAgentState) -> dict[str, JsonValue]:
    """What is new or different in the state's results, as data without secrets."""
    after = {name: jsonable(getattr(state, name)) for name in RESULTS}
    return {name: clean(value) for name, value in after.items() if value is not None and value != before.get(name)}


def revived(name: str, kind: type[Any], result: str, results: Mapping[str, JsonValue]) -> Any:
    """The typed output of a result field. Raises Defect where the agent left none, or another one."""
    if result not in results:
        raise Defect(f"the legacy agent {name} has left no {result}")
    try:
        return TypeAdapter(kind).validate_python(results[result])
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, each["loc"])) for each in error.errors(include_input=False)[:5])
        raise Defect(f"the {result} of the legacy agent {name} is no {kind.__name__}: {wrong}") from None
