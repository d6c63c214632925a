"""Tasks that are awaited, grouped or kept."""

import asyncio


class SyntheticDataAgent:
    def __init__(self):
        self._busy = set()

    async def execute(self, brief):
        kept = asyncio.create_task(self._notify(brief))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._generate(brief))
        await kept
        self._busy.add(asyncio.create_task(self._notify(brief)))
        return await asyncio.create_task(self._generate(brief))

    async def _generate(self, brief):
        return brief.text

    async def _notify(self, brief):
        await asyncio.sleep(1)
