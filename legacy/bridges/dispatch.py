"""The legacy ToolDispatcher, bound to one turn, on top of Netra's dispatcher: same permissions, limits and events.
A tool registered here exists for this turn only."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from pydantic import JsonValue

from agents.framework.deps import AgentDeps, RunInput
from core.exceptions import BadInput, Defect
from core.i18n.text import text
from core.json_data import to_jsonable
from legacy.bridges.deprecation import UsageCounter, mark_deprecated
from legacy.bridges.local_tools import build_local_tool
from legacy.bridges.ownership import ID_SUBJECTS, require_own_facade, require_own_id, require_own_ids_in
from legacy.bridges.turn import BridgeTurn
from legacy.bridges.websockets import WebSocketBridge
from tools.base import Tool
from tools.errors import ToolFailed, ToolRefused
from tools.run_dispatcher import ToolDispatcher as NetraToolDispatcher

DISPATCH_REPLACEMENT = (
    "async with self.open_dispatcher(run_input) as dispatcher: await dispatcher.dispatch(name, arguments)"
)
REGISTER_REPLACEMENT = "a registered tool: a file in tools/builtin/ and a line in tools/registry.py"
NO_GLOBAL_DISPATCHER = (
    "There is no global ToolDispatcher, because it could not know the user of a call. A bridged agent "
    "(legacy.bridges.agent.bridge_agent) has its run's dispatcher in self.tool_dispatcher."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDispatchResponse:
    """The result of dispatch_tool. `error` can be shown to the user."""

    success: bool
    result: JsonValue = None
    error: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class DispatchContext:
    """The turn's dispatcher, and what is needed to create one for a local tool."""

    dispatcher: NetraToolDispatcher
    deps: AgentDeps
    run_input: RunInput


class ToolDispatcher:
    """The facade for one turn of one agent. Only the bridge creates it."""

    def __init__(self, turn: BridgeTurn | None = None, context: DispatchContext | None = None) -> None:
        if not isinstance(turn, BridgeTurn) or context is None:
            raise Defect(NO_GLOBAL_DISPATCHER)
        self.turn = turn
        self._dispatch_context = context
        self._local_tools: dict[str, Tool[Any]] = {}
        self._calls = {"successful": 0, "failed": 0}

    @property
    def usage(self) -> UsageCounter:
        return self.turn.usage

    @mark_deprecated(REGISTER_REPLACEMENT)
    def register_tool(self, name: str, func: Callable[..., Any], description: str | None = None) -> None:
        """Register a tool for this turn. Raises BadInput if Netra has a tool of this name."""
        self.add_local_tool(name, func, description)

    @mark_deprecated(REGISTER_REPLACEMENT)
    def register(self, name: str, func: Callable[..., Any], description: str | None = None) -> None:
        """Like `register_tool`, under its other legacy name."""
        self.add_local_tool(name, func, description)

    def add_local_tool(self, name: str, func: Callable[..., Any], description: str | None = None) -> None:
        """Like `register_tool`, for the bridges themselves: the call is not counted."""
        self.turn.ensure_active()
        if name in self._dispatch_context.deps.dispatcher_factory.catalog:
            raise BadInput(text("{name} is the name of a built-in tool. Choose another name.", name=name))
        self._local_tools[name] = build_local_tool(name, func, description)

    @mark_deprecated("the agent's `tools`")
    def has_tool(self, name: str) -> bool:
        self.turn.ensure_active()
        return name in self._local_tools or name in self._dispatch_context.dispatcher.tools

    @mark_deprecated(DISPATCH_REPLACEMENT)
    async def dispatch(self, tool_name: str, **kwargs: Any) -> JsonValue:
        """Return the result as JSON data. Raises ToolRefused or ToolFailed, whose messages can be shown to the user."""
        require_own_ids_in(self.turn, kwargs, "ToolDispatcher.dispatch")
        return await self._call_tool(tool_name, kwargs)

    @mark_deprecated(DISPATCH_REPLACEMENT)
    async def dispatch_tool(
        self, tool_name: str, parameters: Mapping[str, Any] | None, state: object, run_id: object
    ) -> ToolDispatchResponse:
        """Like `dispatch`, but an error is returned in the response."""
        where = "ToolDispatcher.dispatch_tool"
        require_own_id(self.turn, "run_id", run_id, where)
        require_own_ids_in(self.turn, state, where)
        require_own_ids_in(self.turn, parameters or {}, where)
        try:
            result = await self._call_tool(tool_name, parameters or {})
        except (ToolRefused, ToolFailed) as error:
            return ToolDispatchResponse(success=False, error=str(error), metadata={"code": error.code})
        return ToolDispatchResponse(success=True, result=result)

    @mark_deprecated("nothing instead: the dispatcher emits an event for each call")
    def set_websocket_bridge(self, bridge: object) -> None:
        require_own_facade(self.turn, bridge, "ToolDispatcher.set_websocket_bridge")

    @mark_deprecated("nothing instead: the dispatcher emits an event for each call")
    def set_websocket_manager(self, manager: object) -> None:
        require_own_facade(self.turn, manager, "ToolDispatcher.set_websocket_manager")

    @mark_deprecated("the audit log of tool calls")
    def get_metrics(self) -> dict[str, int]:
        """Return the counts of this turn."""
        self.turn.ensure_active()
        registered = len(self._local_tools) + len(self._dispatch_context.dispatcher.tools)
        return {
            "tools_registered": registered,
            "total_executions": sum(self._calls.values()),
            **_to_metric_names(self._calls),
        }

    @mark_deprecated("nothing instead: a dispatcher is closed with its turn")
    def cleanup(self) -> None:
        self._local_tools.clear()

    async def _call_tool(self, name: str, arguments: Mapping[str, Any]) -> JsonValue:
        self.turn.ensure_active()
        tool = self._local_tools.get(name) or self._dispatch_context.dispatcher.tools.get(name)
        known = set(tool.input.model_fields) if tool else set()
        # Legacy callers pass ids of the owner. They are checked above, and no tool of Netra takes them.
        remaining = {key: value for key, value in arguments.items() if key not in ID_SUBJECTS or key in known}
        try:
            result = await self._dispatch_call(name, remaining)
        except (ToolRefused, ToolFailed):
            self._calls["failed"] += 1
            raise
        self._calls["successful"] += 1
        return result

    async def _dispatch_call(self, name: str, arguments: Mapping[str, Any]) -> JsonValue:
        tool = self._local_tools.get(name)
        if tool is None:
            return to_jsonable((await self._dispatch_context.dispatcher.dispatch(name, arguments)).value)
        async with self._dispatcher_for(tool) as dispatcher:
            return to_jsonable((await dispatcher.dispatch(name, arguments)).value)

    def _dispatcher_for(self, tool: Tool[Any]) -> NetraToolDispatcher:
        deps = self._dispatch_context.deps
        return replace(deps.dispatcher_factory, catalog={tool.name: tool}).for_context(
            self.turn.context,
            agent=self.turn.agent,
            tools=(tool.name,),
            recorder=deps.recorder,
            session=deps.session,
            facts=self._dispatch_context.run_input.facts,
        )


def _to_metric_names(calls: Mapping[str, int]) -> dict[str, int]:
    return {f"{outcome}_executions": count for outcome, count in calls.items()}


class RunWebSocketBridge(WebSocketBridge):
    """The turn's notify bridge, through which `create_legacy_tool_dispatcher` finds the turn's dispatcher."""

    def __init__(self, turn: BridgeTurn, dispatcher: ToolDispatcher) -> None:
        super().__init__(turn)
        self.dispatcher = dispatcher


def create_legacy_tool_dispatcher(
    tools: Iterable[Any] | None = None,
    websocket_bridge: object = None,
    permission_service: object = None,
    registry: object = None,
) -> ToolDispatcher:
    """Register the functions and return the turn's dispatcher. Raises Defect without the turn's own bridge."""
    if not isinstance(websocket_bridge, RunWebSocketBridge):
        raise Defect(NO_GLOBAL_DISPATCHER)
    dispatcher = websocket_bridge.dispatcher
    dispatcher.usage.record_call("create_legacy_tool_dispatcher", DISPATCH_REPLACEMENT)
    for each in tools or ():
        function = getattr(each, "func", None) or each
        dispatcher.add_local_tool(str(getattr(each, "name", None) or function.__name__), function)
    return dispatcher


def get_tool_dispatcher(*_: object, **__: object) -> NoReturn:
    raise Defect(NO_GLOBAL_DISPATCHER)
