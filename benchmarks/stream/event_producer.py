"""The events of each variant: five of about 200 bytes, the last of them awaited until it is stored."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from core.context import UserExecutionContext
from core.events import AgentCompleted, AgentStarted, AgentThinking, ToolCompleted, ToolExecuting, build_agent_fields
from realtime.emitter import WebSocketBridgeFactory

BURST_EVENTS = 1_000
THOUGHT = "x" * 20


def build_event(number: int) -> dict[str, Any]:
    """An event as somebody without Netra would send it: with the fields of ours, and about as long."""
    return {
        "at": "2026-01-01T00:00:00.000000Z",
        "run_id": "0b8e9f0e-6f3c-4d0e-9a55-0f0a4f6d3c11",
        "thread_id": "0b8e9f0e-6f3c-4d0e-9a55-0f0a4f6d3c12",
        "attempt": 1,
        "agent": "data",
        "request_id": "0b8e9f0e-6f3c-4d0e-9a55-0f0a4f6d3c13",
        "parent_request_id": "0b8e9f0e-6f3c-4d0e-9a55-0f0a4f6d3c14",
        "type": "agent_thinking",
        "thought": THOUGHT,
        "number": number,
    }


def derive_id(user_id: UUID, what: str) -> UUID:
    """The id of a user's one thread, message or run, so that nothing need be looked up."""
    return uuid5(user_id, what)


class EventProducer:
    """One user's run in this process, already claimed."""

    def __init__(self, user_id: UUID, bridges: WebSocketBridgeFactory) -> None:
        now = datetime.now(UTC)
        top = UserExecutionContext(
            user_id=user_id,
            request_id=uuid4(),
            connection_id=uuid4(),
            created_at=now,
            thread_id=derive_id(user_id, "thread"),
            run_id=derive_id(user_id, "run"),
            attempt=1,
            deadline=now + timedelta(hours=1),
        )
        # A child's turn: its end does not end the run, so that there can be another.
        self.context = top.child()
        self.emitter = bridges.for_context(top)

    async def emit_turn(self) -> None:
        emit, fields = self.emitter.emit, build_agent_fields(self.context, "data")
        call: Mapping[str, str] = {"call_id": "c", "tool": "rows"}
        await emit(AgentStarted(**fields, title="Data"))
        await emit(AgentThinking(**fields, thought=THOUGHT))
        await emit(ToolExecuting(**fields, **call, title="Rows", arguments={}))
        await emit(ToolCompleted(**fields, **call, outcome="ok", result={"rows": 8819}, duration_ms=1))
        await self._end(AgentCompleted(**fields, outcome="completed", summary="done", duration_ms=2))

    async def emit_burst(self) -> None:
        fields = build_agent_fields(self.context, "data")
        for _ in range(BURST_EVENTS - 1):
            await self.emitter.emit(AgentThinking(**fields, thought=THOUGHT))
        await self._end(AgentCompleted(**fields, outcome="completed", summary="done", duration_ms=2))

    async def _end(self, event: AgentCompleted) -> None:
        """Store a child's end as the end of a run is stored: at once. In a run it would wait for the run's end."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self.emitter._submit(self.emitter._make_item((event,)), stored)
        await stored
