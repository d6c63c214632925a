"""Convert between the typed outputs of a run's agents and the result fields of a DeepAgentState."""

# netra: allow-file[deep-agent-state] this is the bridge itself: a state per turn, shared with nobody
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import JsonValue, TypeAdapter, ValidationError

from agents.framework.deps import RunInput
from core.exceptions import Defect
from core.json_data import to_jsonable
from legacy.bridges.messages import redact_data
from legacy.bridges.state import STATE_RESULTS, DeepAgentState

RESULT_FIELDS: Mapping[str, str] = MappingProxyType(
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


def build_state_values(brief: RunInput) -> dict[str, Any]:
    """A new state's values: the request, and what the agents before have found."""
    values: dict[str, Any] = {"user_request": brief.ask}
    for agent, output in brief.outputs.items():
        if isinstance(output, LegacyOutput):
            values |= output.results
        elif agent in RESULT_FIELDS:
            values[RESULT_FIELDS[agent]] = to_jsonable(output)
    return values


def extract_results(before: Mapping[str, Any], state: DeepAgentState) -> dict[str, JsonValue]:
    """What is new or different in the state's results, as data without secrets."""
    after = {name: to_jsonable(getattr(state, name)) for name in STATE_RESULTS}
    return {
        name: redact_data(value) for name, value in after.items() if value is not None and value != before.get(name)
    }


def to_typed_output(name: str, kind: type[Any], result: str, results: Mapping[str, JsonValue]) -> Any:
    """The typed output of a result field. Raises Defect where the agent left none, or another one."""
    if result not in results:
        raise Defect(f"the legacy agent {name} has left no {result}")
    try:
        return TypeAdapter(kind).validate_python(results[result])
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, each["loc"])) for each in error.errors(include_input=False)[:5])
        raise Defect(f"the {result} of the legacy agent {name} is no {kind.__name__}: {wrong}") from None
