"""Tasks that are awaited, grouped or kept."""

import asyncio


class SyntheticDataAgent:
    def __init__(self):
        self._busy = set()

    async def execute(self, run_input):
        kept = asyncio.create_task(self._notify(run_input))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._generate(run_input))
        await kept
        self._busy.add(asyncio.create_task(self._notify(run_input)))
        return await asyncio.create_task(self._generate(run_input))

    async def _generate(self, run_input):
        return run_input.text

    async def _notify(self, run_input):
        await asyncio.sleep(1)
