"""Database sessions that agents keep."""

from sqlalchemy.ext.asyncio import AsyncSession


class CorpusAgent:
    def __init__(self, session: AsyncSession, name="corpus"):
        self.session = session  # expect: stored-session
        self.name = name

    async def execute(self, state, run_id, stream_updates):
        return await self.session.execute(state.user_request)


class DataManager:
    def set_session(self, db_session):
        self.db_session = db_session  # expect: stored-session
