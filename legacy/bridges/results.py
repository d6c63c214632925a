"""Convert between the typed outputs of a run's agents and the result fields of a DeepAgentState."""

# netra: allow-file[deep-agent-state] this is the bridge itself: a state per turn, never shared
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
"""The state's field for the output of each of Netra's agents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyOutput:
    """The default output of a bridged agent: the result fields that it has set in the state."""

    results: dict[str, JsonValue]


def build_state_values(run_input: RunInput) -> dict[str, Any]:
    """Return the values of a new state: the request and the outputs of earlier agents."""
    values: dict[str, Any] = {"user_request": run_input.ask}
    for agent, output in run_input.outputs.items():
        if isinstance(output, LegacyOutput):
            values |= output.results
        elif agent in RESULT_FIELDS:
            values[RESULT_FIELDS[agent]] = to_jsonable(output)
    return values


def extract_results(before: Mapping[str, Any], state: DeepAgentState) -> dict[str, JsonValue]:
    """Return the new and changed results of the state as JSON data without secrets."""
    after = {name: to_jsonable(getattr(state, name)) for name in STATE_RESULTS}
    return {
        name: redact_data(value) for name, value in after.items() if value is not None and value != before.get(name)
    }


def to_typed_output(name: str, kind: type[Any], result: str, results: Mapping[str, JsonValue]) -> Any:
    """Return the typed output of a result field. Raises Defect if the agent has set none, or one of another type."""
    if result not in results:
        raise Defect(f"the legacy agent {name} has set no {result}")
    try:
        return TypeAdapter(kind).validate_python(results[result])
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, each["loc"])) for each in error.errors(include_input=False)[:5])
        raise Defect(f"the {result} of the legacy agent {name} is not a valid {kind.__name__}: {wrong}") from None
