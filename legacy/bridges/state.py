"""DeepAgentState with deep copies instead of shared references, no unknown fields and no secrets in its output.
Its ids are set once; within a run they are the run's, and no decision depends on them."""

# netra: allow-file[deep-agent-state] this is the bridge itself: a state per turn, never shared
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)

from core.context import PLACEHOLDERS
from core.json_data import to_jsonable
from legacy.bridges.deprecation import UsageCounter, find_caller, mark_deprecated, warn_deprecated
from legacy.bridges.messages import redact_data
from legacy.bridges.ownership import STATE_IDS, require_same_ids, require_unchanged_id
from legacy.bridges.turn import BridgeTurn

STATE_RESULTS = (
    "triage_result",
    "data_result",
    "optimizations_result",
    "action_plan_result",
    "report_result",
    "synthetic_data_result",
    "supply_research_result",
    "corpus_admin_result",
    "corpus_admin_error",
    "final_report",
)
"""Results that an agent sets for the agents after it."""

SENSITIVE = (*STATE_RESULTS, "agent_input", "messages", "metadata", "quality_metrics", "context_tracking")
STATE_REPLACEMENT = "agents.framework.deps.RunInput, which is frozen, and the typed output of each agent"
_BRIDGE_VALIDATION = "from the bridge"


class DeepAgentState(BaseModel):
    """The legacy state. `user_request` has no default, which could be taken for a real request."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    user_request: str
    chat_thread_id: str | None = None
    user_id: str | None = None
    run_id: str | None = None
    agent_input: Any = None
    triage_result: Any = None
    data_result: Any = None
    optimizations_result: Any = None
    action_plan_result: Any = None
    report_result: Any = None
    synthetic_data_result: Any = None
    supply_research_result: Any = None
    corpus_admin_result: Any = None
    corpus_admin_error: Any = None
    final_report: Any = None
    step_count: int = 0
    messages: list[Any] = Field(default_factory=list)
    metadata: dict[str, Any] = Field(default_factory=dict)
    quality_metrics: dict[str, Any] = Field(default_factory=dict)
    context_tracking: dict[str, Any] = Field(default_factory=dict)
    _turn: BridgeTurn | None = PrivateAttr(default=None)

    @classmethod
    def for_turn(cls, turn: BridgeTurn, values: Mapping[str, Any]) -> Self:
        """Return the state of a bridged agent's turn, with the ids of its run."""
        return cls._build({**values, **_get_state_ids(turn)}, turn)

    @property
    def usage(self) -> UsageCounter:
        """The turn's counter. Without a turn, uses are not counted."""
        return UsageCounter("") if self._turn is None else self._turn.usage

    @property
    def turn(self) -> BridgeTurn | None:
        return self._turn

    @mark_deprecated(STATE_REPLACEMENT)
    def to_dict(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    @mark_deprecated(STATE_REPLACEMENT)
    def copy_with_updates(self, **updates: Any) -> Self:
        return self._copy_with(updates)

    @mark_deprecated(STATE_REPLACEMENT)
    def increment_step_count(self) -> Self:
        """Change the state and return it: legacy code uses it in both ways. The methods below do the same."""
        self.step_count += 1
        return self

    @mark_deprecated(STATE_REPLACEMENT)
    def add_metadata(self, key: str, value: Any) -> Self:
        self.metadata[key] = deepcopy(value)
        return self

    @mark_deprecated(STATE_REPLACEMENT)
    def clear_sensitive_data(self) -> Self:
        for name in SENSITIVE:
            setattr(self, name, type(self).model_fields[name].get_default(call_default_factory=True))
        return self

    @mark_deprecated(STATE_REPLACEMENT)
    def merge_from(self, other: "DeepAgentState") -> Self:
        """Take over the results of another state. Raises IsolationViolation, recorded as an incident, if it belongs to
        another user, run or conversation."""
        require_same_ids(self, other, self._turn)
        for name in (*STATE_RESULTS, "agent_input"):
            if getattr(other, name) is not None:
                setattr(self, name, getattr(other, name))
        for name in ("metadata", "quality_metrics", "context_tracking"):
            setattr(self, name, {**getattr(self, name), **getattr(other, name)})
        self.messages = [*self.messages, *other.messages]
        self.step_count = max(self.step_count, other.step_count)
        return self

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = True) -> Self:
        return self._copy_with(update or {})

    def copy(self, *, update: Mapping[str, Any] | None = None, **_: Any) -> Self:
        return self._copy_with(update or {})

    def __copy__(self) -> Self:
        return self._copy_with({})

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self._copy_with({})

    def __setattr__(self, name: str, value: Any) -> None:
        if name in type(self).model_fields:
            value = deepcopy(value)
        if name in STATE_IDS:
            value = require_unchanged_id(self, name, value, self._turn)
        super().__setattr__(name, value)

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        """Return the ids and the names of the fields that are set, without their values."""
        has = [name for name in SENSITIVE if getattr(self, name, None)]
        return [*((name, getattr(self, name, None)) for name in STATE_IDS), ("has", has)]

    @field_validator("*", mode="before")
    @classmethod
    def _copy_value(cls, value: Any) -> Any:
        return deepcopy(value)

    @field_validator(*STATE_IDS, mode="before")
    @classmethod
    def _id_to_text(cls, value: Any) -> Any:
        return None if value is None else str(value)

    @field_validator("user_request")
    @classmethod
    def _reject_placeholder_request(cls, value: str) -> str:
        if value.strip().lower() in PLACEHOLDERS | {"default_request", "default request"}:
            raise ValueError("user_request is a placeholder, not a user's request")
        return value

    @model_validator(mode="after")
    def _check_ids_and_warn(self, info: ValidationInfo) -> Self:
        if self.user_id is not None and self.user_id in (self.run_id, self.chat_thread_id):
            raise ValueError("user_id is the id of a run or thread")
        if info.context != _BRIDGE_VALIDATION:
            warn_deprecated(type(self).__qualname__, STATE_REPLACEMENT, find_caller())
        return self

    @model_serializer(mode="wrap")
    def _serialize_redacted(self, handler: SerializerFunctionWrapHandler) -> Any:
        return redact_data(to_jsonable(handler(self)))

    def _copy_with(self, updates: Mapping[str, Any]) -> Self:
        for name in STATE_IDS:
            if name in updates:
                require_unchanged_id(self, name, updates[name], self._turn)
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return self._build({**values, **updates}, self._turn)

    @classmethod
    def _build(cls, values: Mapping[str, Any], turn: BridgeTurn | None) -> Self:
        state = cls.model_validate(dict(values), context=_BRIDGE_VALIDATION)
        state._turn = turn
        return state


def _get_state_ids(turn: BridgeTurn) -> dict[str, str]:
    context = turn.context
    return {
        "user_id": str(context.user_id),
        "run_id": str(context.run_id),
        "chat_thread_id": str(context.thread_id),
    }
