"""The least of a legacy platform that an agent can run on, as modules `old.*` for the cases."""

import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.context import UserExecutionContext


@dataclass(slots=True)
class Heard:
    """What an agent did: texts for the user in order, calls of tools in order, and its result."""

    thoughts: list[str] = field(default_factory=list)
    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    result: Any = None


def answer(tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What every tool here gives back."""
    return {"tool": tool, "month": 1, **arguments}


class Dispatcher:
    def __init__(self, heard: Heard) -> None:
        self.heard = heard

    async def dispatch(self, tool_name: str, **arguments: Any) -> Any:
        self.heard.calls.append((tool_name, arguments))
        return answer(tool_name, arguments)

    async def dispatch_tool(self, tool_name: str, parameters: dict[str, Any], state: Any, run_id: Any) -> Any:
        return types.SimpleNamespace(success=True, result=await self.dispatch(tool_name, **parameters), error=None)


class Bridge:
    def __init__(self, heard: Heard) -> None:
        self.heard = heard

    async def notify_agent_started(self, run_id: str, agent_name: str) -> None: ...

    async def notify_agent_thinking(
        self, run_id: str, agent_name: str, reasoning: str, step_number: int | None = None
    ) -> None:
        self.heard.thoughts.append(reasoning)

    async def send_to_user(self, user_id: str, message: dict[str, Any]) -> bool:
        (inner,) = (each for name, each in message.items() if name != "type")
        self.heard.thoughts.append(inner.get("thought") or inner.get("message"))
        return True

    send_to_thread = send_to_user


def platform(heard: Heard) -> dict[str, types.ModuleType]:
    """The modules, bound to one hearing: a test has no other way into a global."""

    class BaseAgent:
        def __init__(self, llm_manager: Any = None, name: str = "BaseAgent", description: str = "", **_: Any) -> None:
            self.name = name
            self.tool_dispatcher = Dispatcher(heard)
            self.websocket_bridge = Bridge(heard)

        async def emit_agent_started(self, message: str | None = None) -> None:
            heard.thoughts.extend([message] if message else [])

        async def emit_thinking(self, thought: str, step_number: int | None = None) -> None:
            heard.thoughts.append(thought)

        async def emit_progress(self, content: str, is_complete: bool = False) -> None:
            heard.thoughts.append(content)

        async def send_status_update(self, context: Any, status: str, message: str) -> None:
            heard.thoughts.append(message)

        async def nothing(self, *args: Any, **kwargs: Any) -> None: ...

        emit_agent_completed = emit_tool_executing = emit_tool_completed = emit_error = nothing

    agents, state, manager = (types.ModuleType(f"old.{name}") for name in ("agents", "state", "manager"))
    bridges = types.ModuleType("old.bridges")
    bridges.__dict__.update(LegacyAgentBase=BaseAgent)
    agents.__dict__.update(BaseAgent=BaseAgent, helper=None)
    state.__dict__.update(DeepAgentState=State)
    manager.__dict__.update(get_websocket_manager=lambda: Bridge(heard))
    return {"old": types.ModuleType("old"), **{each.__name__: each for each in (agents, state, manager, bridges)}}


class State:
    def __init__(self, context: UserExecutionContext, ask: str) -> None:
        self.user_id, self.run_id = str(context.user_id), str(context.run_id)
        self.chat_thread_id, self.user_request = str(context.thread_id), ask

    def increment_step_count(self) -> None: ...


async def run(agent: Any, heard: Heard, context: UserExecutionContext, ask: str) -> None:
    state: Any = State(context, ask)
    if hasattr(agent, "execute_core_logic"):
        legacy = types.SimpleNamespace(state=state, user_request=ask, user_id=state.user_id, run_id=state.run_id)
        heard.result = await agent.execute_core_logic(legacy)
        return
    if not hasattr(agent, "tool_dispatcher") or agent.tool_dispatcher is None:
        agent.tool_dispatcher = Dispatcher(heard)
    if getattr(agent, "websocket_bridge", None) is None:
        agent.websocket_bridge = Bridge(heard)
    await agent.execute(state, state.run_id, True)
    results = [value for name, value in vars(state).items() if name.endswith("_result")]
    heard.result = results[0] if results else None
