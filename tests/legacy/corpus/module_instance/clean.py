"""What is constant may be a module's; what acts is made for a run."""

from decimal import Decimal
from pathlib import Path

from app.tools import ToolDispatcher

CENT = Decimal("0.01")
ROOT = Path("/srv")


def get_root():
    return ROOT


def open_dispatcher(context):
    tool_dispatcher = ToolDispatcher(context)
    return tool_dispatcher


async def search(tool_dispatcher, query):
    return await tool_dispatcher.dispatch("search", query=query)
