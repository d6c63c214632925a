"""A dispatcher made at import and handed out by a function."""

from app.tools import Dispatcher, ToolDispatcher

tool_dispatcher = ToolDispatcher()  # expect: global-instance
session_store: Dispatcher = Dispatcher(size=100)  # expect: global-instance


def get_tool_dispatcher():
    """The dispatcher."""
    return tool_dispatcher


def get_session_store():
    return session_store


async def search(query):
    return await tool_dispatcher.dispatch("search", query=query)  # expect: global-dispatcher
