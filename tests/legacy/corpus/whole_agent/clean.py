"""The same work for one context."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    text: str


class OptimizationAgent:
    def __init__(self, context, kit):
        self._context = context
        self._kit = kit

    async def execute(self, run_input):
        await self._kit.emitter.progress(f"Looking at {run_input.text}")
        async with self._kit.sessions() as session:
            rows = await session.rows(self._context.user_id)
        return Advice(text=f"fewer tokens in {len(rows)} rows")
