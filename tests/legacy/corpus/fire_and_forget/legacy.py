"""Tasks that nobody waits for."""

import asyncio
from asyncio import create_task


class SyntheticDataAgent:
    async def execute(self, state, run_id, stream_updates):
        asyncio.create_task(self._generate(state))  # expect: dropped-task
        create_task(self._notify(run_id))  # expect: dropped-task
        later = asyncio.ensure_future(self._notify(run_id))  # expect: dropped-task
        asyncio.get_event_loop().create_task(self._notify(run_id))  # expect: dropped-task

    async def _generate(self, state):
        state.synthetic_data_result = "rows"  # expect: deep-agent-state

    async def _notify(self, run_id):
        await asyncio.sleep(1)
