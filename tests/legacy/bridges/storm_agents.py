"""A legacy agent that stores each question on its class and sends all stored ones through every method of every facade;
and the rosters with which test servers load it."""

from typing import Any, ClassVar

from core.exceptions import IsolationViolation
from legacy.bridges.voice import LegacyAgentBase
from legacy.rollout.roster import rollout
from tests.legacy.bridges.notebook import remember

NAME = "data"


class StormyDataAgent(LegacyAgentBase):
    stored: ClassVar[list[str]] = []

    async def execute(self, state: Any, run_id: str, stream_updates: bool) -> None:
        self.stored.append(state.user_request)
        await self._send(state)
        await self._notify(run_id)
        await self._emit(state, run_id)
        self._copy_and_merge(state)
        state.data_result = await self._call_tools(state, run_id)

    def _build_message(self) -> dict[str, Any]:
        return {"type": "update", "data": {"content": f"stored: {self.stored}"}}

    async def _send(self, state: Any) -> None:
        manager = self.websocket_manager  # type: ignore[attr-defined]  # by the bridge
        connection = await manager.connect_user(state.user_id, object(), thread_id=state.chat_thread_id)
        await manager.update_connection_thread(connection, state.chat_thread_id)
        assert await manager.send_to_user(state.user_id, self._build_message())
        assert await manager.send_message(state.user_id, self._build_message())
        assert await manager.send_to_thread(state.chat_thread_id, self._build_message())
        try:
            await manager.broadcast_message(self._build_message())
        except IsolationViolation:
            await manager.send_to_user(state.user_id, f"no broadcast; {manager.get_stats()}")
        else:
            raise AssertionError("the broadcast was not refused")
        await manager.disconnect_user(state.user_id, None)

    async def _notify(self, run_id: str) -> None:
        bridge = self.websocket_bridge  # type: ignore[attr-defined]
        for what in (
            *("agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_error"),
            *("progress_update", "agent_completed"),
        ):
            await getattr(bridge, f"notify_{what}")(run_id, NAME, self._build_message())
        await bridge.notify_custom(run_id, NAME, "update", self._build_message())

    async def _emit(self, state: Any, run_id: str) -> None:
        self.set_websocket_bridge(self.websocket_bridge, run_id)  # type: ignore[attr-defined]
        await self.emit_agent_started(self._build_message())
        await self.emit_thinking(str(self.stored), 1)
        await self.emit_tool_executing("profile_workload", self._build_message())
        await self.emit_tool_completed("profile_workload", self._build_message())
        await self.emit_progress(self._build_message())
        await self.emit_error(self._build_message())
        await self.send_status_update(state, "working", str(self.stored))
        await self.emit_agent_completed(self._build_message())

    def _copy_and_merge(self, state: Any) -> None:
        """The next agents get the stored questions in the state, too."""
        other = state.copy_with_updates(agent_input={"stored": self.stored})
        other.add_metadata("stored", self.stored).increment_step_count()
        state.merge_from(other)
        assert state.to_dict()["metadata"] == {"stored": self.stored}
        other.clear_sensitive_data()

    async def _call_tools(self, state: Any, run_id: str) -> dict[str, Any]:
        tools = self.tool_dispatcher
        tools.set_websocket_bridge(self.websocket_bridge)  # type: ignore[attr-defined]
        tools.set_websocket_manager(self.websocket_manager)  # type: ignore[attr-defined]
        tools.register("ask_again", lambda: state.user_request)
        tools.register_tool("all_stored", lambda: self.stored)
        assert tools.has_tool("ask_again") and not tools.has_tool("other_runs")
        self.stored.append(await tools.dispatch("ask_again"))
        await self.emit_thinking(f"{await tools.dispatch('all_stored')} {tools.get_metrics()}")
        found = {
            "profile": await tools.dispatch("profile_workload"),
            "spend": await tools.dispatch("price_workload", user_id=state.user_id),
            "prefix_cache": (await tools.dispatch_tool("measure_prefix_cache", {}, state, run_id)).result,
        }
        tools.cleanup()
        return found


class NotingDataAgent(StormyDataAgent):
    """Stores the questions in another module, which no bridge inspects."""

    async def execute(self, state: Any, run_id: str, stream_updates: bool) -> None:
        await self.emit_thinking(str(remember(state.user_request)))
        await super().execute(state, run_id, stream_updates)


roster = rollout({NAME: StormyDataAgent})
noting = rollout({NAME: NotingDataAgent})
