"""One supervisor for the whole application, found through the request."""

from app.agents import Supervisor
from app.main import app
from app.tools import make_dispatcher


def startup():
    app.state.agent_supervisor = Supervisor()  # expect: global-instance
    app.state.tool_dispatcher = make_dispatcher()  # expect: global-instance
    app.state.version = str(2)


async def ask(request, user_id, text):
    supervisor = request.app.state.agent_supervisor  # expect: global-dispatcher
    return await supervisor.run(text, user_id)
