"""The old ToolDispatcher, bound to one turn, over Netra's own: the same permissions, limits and events.

What is registered here is registered for this turn; nothing is found by anybody else.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from pydantic import JsonValue

from agents.brief import Brief
from agents.kit import AgentKit
from legacy.bridges.localtool import local_tool
from legacy.bridges.notify import WebSocketBridge
from legacy.bridges.own import NAMED, require_own, require_own_names, require_own_part
from legacy.bridges.turn import Turn
from legacy.deprecations.deprecated import deprecated
from legacy.deprecations.uses import Uses
from netra.core.exceptions import BadInput, Defect
from netra.core.jsonable import jsonable
from netra.language.text import text
from tools.base import Tool
from tools.dispatcher import ToolDispatcher as Hands
from tools.refusals import ToolFailed, ToolRefused

INSTEAD = "async with self.hands(brief) as hands: await hands.dispatch(name, arguments)"
CATALOGUED = "a tool of the catalogue: a file in tools/ and a line in tools/catalog.py"
NOTHING_GLOBAL = (
    "There is no dispatcher of the process: it would not know whose call it makes. An agent that is bridged "
    "(legacy.bridges.agent.bridged) finds its own run's as self.tool_dispatcher."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDispatchResponse:
    """What dispatch_tool returns. `error` is fit for the user."""

    success: bool
    result: JsonValue = None
    error: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Reach:
    """What the facade calls tools with: the turn's own dispatcher, and all it takes to make one for a local tool."""

    hands: Hands
    kit: AgentKit
    brief: Brief


class ToolDispatcher:
    """Made by the bridge, for one turn of one agent."""

    def __init__(self, turn: Turn | None = None, reach: Reach | None = None) -> None:
        if not isinstance(turn, Turn) or reach is None:
            raise Defect(NOTHING_GLOBAL)
        self.turn = turn
        self._reach = reach
        self._local: dict[str, Tool[Any]] = {}
        self._calls = {"successful": 0, "failed": 0}

    @property
    def uses(self) -> Uses:
        return self.turn.uses

    @deprecated(CATALOGUED)
    def register_tool(self, name: str, func: Callable[..., Any], description: str | None = None) -> None:
        """For this turn. Raises BadInput where the name is one of the platform's."""
        self.hold(name, func, description)

    @deprecated(CATALOGUED)
    def register(self, name: str, func: Callable[..., Any], description: str | None = None) -> None:
        """The same, as others call it."""
        self.hold(name, func, description)

    def hold(self, name: str, func: Callable[..., Any], description: str | None = None) -> None:
        """The same for the bridges themselves, uncounted."""
        self.turn.here()
        if name in self._reach.kit.dispatchers.catalog:
            raise BadInput(text("{name} is the name of one of Netra's own tools, which cannot be replaced", name=name))
        self._local[name] = local_tool(name, func, description)

    @deprecated("the agent's `tools`")
    def has_tool(self, name: str) -> bool:
        self.turn.here()
        return name in self._local or name in self._reach.hands.tools

    @deprecated(INSTEAD)
    async def dispatch(self, tool_name: str, **kwargs: Any) -> JsonValue:
        """The result as JSON data. Raises ToolRefused or ToolFailed, each fit for the user."""
        require_own_names(self.turn, kwargs, "ToolDispatcher.dispatch")
        return await self._called(tool_name, kwargs)

    @deprecated(INSTEAD)
    async def dispatch_tool(
        self, tool_name: str, parameters: Mapping[str, Any] | None, state: object, run_id: object
    ) -> ToolDispatchResponse:
        """The same, with what went wrong told in the response."""
        where = "ToolDispatcher.dispatch_tool"
        require_own(self.turn, "run_id", run_id, where)
        require_own_names(self.turn, state, where)
        require_own_names(self.turn, parameters or {}, where)
        try:
            result = await self._called(tool_name, parameters or {})
        except (ToolRefused, ToolFailed) as error:
            return ToolDispatchResponse(success=False, error=str(error), metadata={"code": error.code})
        return ToolDispatchResponse(success=True, result=result)

    @deprecated("nothing: the dispatcher tells each call")
    def set_websocket_bridge(self, bridge: object) -> None:
        require_own_part(self.turn, bridge, "ToolDispatcher.set_websocket_bridge")

    @deprecated("nothing: the dispatcher tells each call")
    def set_websocket_manager(self, manager: object) -> None:
        require_own_part(self.turn, manager, "ToolDispatcher.set_websocket_manager")

    @deprecated("the audit of tool calls")
    def get_metrics(self) -> dict[str, int]:
        """Of this turn."""
        self.turn.here()
        registered = len(self._local) + len(self._reach.hands.tools)
        return {"tools_registered": registered, "total_executions": sum(self._calls.values()), **_named(self._calls)}

    @deprecated("nothing: a dispatcher ends with its turn")
    def cleanup(self) -> None:
        self._local.clear()

    async def _called(self, name: str, arguments: Mapping[str, Any]) -> JsonValue:
        self.turn.here()
        tool = self._local.get(name) or self._reach.hands.tools.get(name)
        known = set(tool.input.model_fields) if tool else set()
        # Old callers say whose call it is; it is checked above, and no tool of Netra's takes it.
        given = {key: value for key, value in arguments.items() if key not in NAMED or key in known}
        try:
            result = await self._dispatched(name, given)
        except (ToolRefused, ToolFailed):
            self._calls["failed"] += 1
            raise
        self._calls["successful"] += 1
        return result

    async def _dispatched(self, name: str, arguments: Mapping[str, Any]) -> JsonValue:
        tool = self._local.get(name)
        if tool is None:
            return jsonable((await self._reach.hands.dispatch(name, arguments)).value)
        async with self._hands_for(tool) as hands:
            return jsonable((await hands.dispatch(name, arguments)).value)

    def _hands_for(self, tool: Tool[Any]) -> Hands:
        kit = self._reach.kit
        return replace(kit.dispatchers, catalog={tool.name: tool}).for_context(
            self.turn.context,
            agent=self.turn.agent,
            tools=(tool.name,),
            recorder=kit.recorder,
            session=kit.session,
            facts=self._reach.brief.facts,
        )


def _named(calls: Mapping[str, int]) -> dict[str, int]:
    return {f"{outcome}_executions": count for outcome, count in calls.items()}


class RunBridge(WebSocketBridge):
    """The turn's notify bridge, by which the old maker finds the turn's dispatcher."""

    def __init__(self, turn: Turn, dispatcher: ToolDispatcher) -> None:
        super().__init__(turn)
        self.dispatcher = dispatcher


def create_legacy_tool_dispatcher(
    tools: Iterable[Any] | None = None,
    websocket_bridge: object = None,
    permission_service: object = None,
    registry: object = None,
) -> ToolDispatcher:
    """The turn's dispatcher with these functions registered; without the turn's own bridge there is none to give."""
    if not isinstance(websocket_bridge, RunBridge):
        raise Defect(NOTHING_GLOBAL)
    dispatcher = websocket_bridge.dispatcher
    dispatcher.uses.used("create_legacy_tool_dispatcher", INSTEAD)
    for each in tools or ():
        function = getattr(each, "func", None) or each
        dispatcher.hold(str(getattr(each, "name", None) or function.__name__), function)
    return dispatcher


def get_tool_dispatcher(*_: object, **__: object) -> NoReturn:
    raise Defect(NOTHING_GLOBAL)
