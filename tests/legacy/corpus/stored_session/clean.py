"""Sessions where the work is done; other things that are called sessions."""

import aiohttp
from sqlalchemy.ext.asyncio import AsyncSession


class CorpusAgent:
    def __init__(self, sessions, name="corpus"):
        self._sessions = sessions
        self.name = name

    async def execute(self, run_input):
        async with self._sessions() as session:
            return await session.execute(run_input.text)


class HttpManager:
    def __init__(self, session: aiohttp.ClientSession):
        self.session = session
        self.db_session = None


class CorpusRepository:
    def __init__(self, session: AsyncSession):
        self.session = session
