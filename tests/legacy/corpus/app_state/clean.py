"""The application keeps makers and settings; a supervisor is made for each request."""

from app.agents import make_supervisor
from app.main import app


def startup(settings):
    app.state.settings = settings
    app.state.version = str(2)


async def ask(request, context, text):
    supervisor = make_supervisor(context, request.app.state.settings)
    return await supervisor.run(text)
