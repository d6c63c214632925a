"""Who somebody is, in variables that tasks take along."""

from contextvars import ContextVar

current_user: ContextVar = ContextVar("current_user", default=None)  # expect: context-variable
_tenant = ContextVar("tenant_id")  # expect: context-variable
db_session = ContextVar("db_session")  # expect: context-variable


async def execute(state, run_id, stream_updates):
    current_user.set(state.user_id)
    return await answer()


async def answer():
    return current_user.get()
