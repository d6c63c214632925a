"""An agent of the old pattern that keeps each question on its class, and tells all that it keeps by every method of
every facade; and the rosters in which it stands, by which servers of tests find it."""

from typing import Any, ClassVar

from core.exceptions import IsolationViolation
from legacy.bridges.voice import LegacyAgentBase
from legacy.rollout.roster import rollout
from tests.legacy.bridges.notebook import remembered

NAME = "data"


class StormyDataAgent(LegacyAgentBase):
    kept: ClassVar[list[str]] = []

    async def execute(self, state: Any, run_id: str, stream_updates: bool) -> None:
        self.kept.append(state.user_request)
        await self._sends(state)
        await self._notifies(run_id)
        await self._emits(state, run_id)
        self._passes_on(state)
        state.data_result = await self._calls(state, run_id)

    def _told(self) -> dict[str, Any]:
        return {"type": "update", "data": {"content": f"kept: {self.kept}"}}

    async def _sends(self, state: Any) -> None:
        manager = self.websocket_manager  # type: ignore[attr-defined]  # by the bridge
        connection = await manager.connect_user(state.user_id, object(), thread_id=state.chat_thread_id)
        await manager.update_connection_thread(connection, state.chat_thread_id)
        assert await manager.send_to_user(state.user_id, self._told())
        assert await manager.send_message(state.user_id, self._told())
        assert await manager.send_to_thread(state.chat_thread_id, self._told())
        try:
            await manager.broadcast_message(self._told())
        except IsolationViolation:
            await manager.send_to_user(state.user_id, f"no broadcast; {manager.get_stats()}")
        else:
            raise AssertionError("a broadcast was let through")
        await manager.disconnect_user(state.user_id, None)

    async def _notifies(self, run_id: str) -> None:
        bridge = self.websocket_bridge  # type: ignore[attr-defined]
        for what in (
            *("agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_error"),
            *("progress_update", "agent_completed"),
        ):
            await getattr(bridge, f"notify_{what}")(run_id, NAME, self._told())
        await bridge.notify_custom(run_id, NAME, "update", self._told())

    async def _emits(self, state: Any, run_id: str) -> None:
        self.set_websocket_bridge(self.websocket_bridge, run_id)  # type: ignore[attr-defined]
        await self.emit_agent_started(self._told())
        await self.emit_thinking(str(self.kept), 1)
        await self.emit_tool_executing("profile_workload", self._told())
        await self.emit_tool_completed("profile_workload", self._told())
        await self.emit_progress(self._told())
        await self.emit_error(self._told())
        await self.send_status_update(state, "working", str(self.kept))
        await self.emit_agent_completed(self._told())

    def _passes_on(self, state: Any) -> None:
        """What the next agents find in the state is what it keeps, too."""
        other = state.copy_with_updates(agent_input={"kept": self.kept})
        other.add_metadata("kept", self.kept).increment_step_count()
        state.merge_from(other)
        assert state.to_dict()["metadata"] == {"kept": self.kept}
        other.clear_sensitive_data()

    async def _calls(self, state: Any, run_id: str) -> dict[str, Any]:
        tools = self.tool_dispatcher
        tools.set_websocket_bridge(self.websocket_bridge)  # type: ignore[attr-defined]
        tools.set_websocket_manager(self.websocket_manager)  # type: ignore[attr-defined]
        tools.register("ask_again", lambda: state.user_request)
        tools.register_tool("all_kept", lambda: self.kept)
        assert tools.has_tool("ask_again") and not tools.has_tool("other_runs")
        self.kept.append(await tools.dispatch("ask_again"))
        await self.emit_thinking(f"{await tools.dispatch('all_kept')} {tools.get_metrics()}")
        found = {
            "profile": await tools.dispatch("profile_workload"),
            "spend": await tools.dispatch("price_workload", user_id=state.user_id),
            "prefix_cache": (await tools.dispatch_tool("measure_prefix_cache", {}, state, run_id)).result,
        }
        tools.cleanup()
        return found


class NotingDataAgent(StormyDataAgent):
    """Keeps it in another module, which no bridge sees."""

    async def execute(self, state: Any, run_id: str, stream_updates: bool) -> None:
        await self.emit_thinking(str(remembered(state.user_request)))
        await super().execute(state, run_id, stream_updates)


roster = rollout({NAME: StormyDataAgent})
noting = rollout({NAME: NotingDataAgent})
