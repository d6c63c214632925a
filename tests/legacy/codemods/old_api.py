"""A minimal legacy platform for the agents of the cases, as modules `old.*`."""

import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.context import UserExecutionContext


@dataclass(slots=True)
class Recording:
    """The texts for the user and the tool calls of an agent, in order, and its result."""

    thoughts: list[str] = field(default_factory=list)
    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    result: Any = None


def build_answer(tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of every tool here."""
    return {"tool": tool, "month": 1, **arguments}


class Dispatcher:
    def __init__(self, recording: Recording) -> None:
        self.recording = recording

    async def dispatch(self, tool_name: str, **arguments: Any) -> Any:
        self.recording.calls.append((tool_name, arguments))
        return build_answer(tool_name, arguments)

    async def dispatch_tool(self, tool_name: str, parameters: dict[str, Any], state: Any, run_id: Any) -> Any:
        return types.SimpleNamespace(success=True, result=await self.dispatch(tool_name, **parameters), error=None)


class Bridge:
    def __init__(self, recording: Recording) -> None:
        self.recording = recording

    async def notify_agent_started(self, run_id: str, agent_name: str) -> None: ...

    async def notify_agent_thinking(
        self, run_id: str, agent_name: str, reasoning: str, step_number: int | None = None
    ) -> None:
        self.recording.thoughts.append(reasoning)

    async def send_to_user(self, user_id: str, message: dict[str, Any]) -> bool:
        (inner,) = (each for name, each in message.items() if name != "type")
        self.recording.thoughts.append(inner.get("thought") or inner.get("message"))
        return True

    send_to_thread = send_to_user


def build_platform(recording: Recording) -> dict[str, types.ModuleType]:
    """Return the modules, bound to one recording: a test has no other access to a global."""

    class BaseAgent:
        def __init__(self, llm_manager: Any = None, name: str = "BaseAgent", description: str = "", **_: Any) -> None:
            self.name = name
            self.tool_dispatcher = Dispatcher(recording)
            self.websocket_bridge = Bridge(recording)

        async def emit_agent_started(self, message: str | None = None) -> None:
            recording.thoughts.extend([message] if message else [])

        async def emit_thinking(self, thought: str, step_number: int | None = None) -> None:
            recording.thoughts.append(thought)

        async def emit_progress(self, content: str, is_complete: bool = False) -> None:
            recording.thoughts.append(content)

        async def send_status_update(self, context: Any, status: str, message: str) -> None:
            recording.thoughts.append(message)

        async def nothing(self, *args: Any, **kwargs: Any) -> None: ...

        emit_agent_completed = emit_tool_executing = emit_tool_completed = emit_error = nothing

    agents, state, manager = (types.ModuleType(f"old.{name}") for name in ("agents", "state", "manager"))
    bridges = types.ModuleType("old.bridges")
    bridges.__dict__.update(LegacyAgentBase=BaseAgent)
    agents.__dict__.update(BaseAgent=BaseAgent, helper=None)
    state.__dict__.update(DeepAgentState=State)
    manager.__dict__.update(get_websocket_manager=lambda: Bridge(recording))
    return {"old": types.ModuleType("old"), **{each.__name__: each for each in (agents, state, manager, bridges)}}


class State:
    def __init__(self, context: UserExecutionContext, ask: str) -> None:
        self.user_id, self.run_id = str(context.user_id), str(context.run_id)
        self.chat_thread_id, self.user_request = str(context.thread_id), ask

    def increment_step_count(self) -> None: ...


async def run(agent: Any, recording: Recording, context: UserExecutionContext, ask: str) -> None:
    state: Any = State(context, ask)
    if hasattr(agent, "execute_core_logic"):
        legacy = types.SimpleNamespace(state=state, user_request=ask, user_id=state.user_id, run_id=state.run_id)
        recording.result = await agent.execute_core_logic(legacy)
        return
    if not hasattr(agent, "tool_dispatcher") or agent.tool_dispatcher is None:
        agent.tool_dispatcher = Dispatcher(recording)
    if getattr(agent, "websocket_bridge", None) is None:
        agent.websocket_bridge = Bridge(recording)
    await agent.execute(state, state.run_id, True)
    results = [value for name, value in vars(state).items() if name.endswith("_result")]
    recording.result = results[0] if results else None
