"""The tool that lists single requests of a log, without prompts."""

from core.i18n.text import text
from tools.base import Category, DataKind, LogInput, SideEffects, Tool, ToolContext
from workloads.query.arguments import RequestsArguments
from workloads.query.requests import RequestList


class RequestsInput(RequestsArguments, LogInput):
    pass


async def run(asked: RequestsInput, tool_context: ToolContext) -> RequestList:
    return await tool_context.session.ask_about(asked.log, lambda analysis: analysis.list_requests(asked))


TOOL = Tool(
    name="list_requests",
    title=text("List requests"),
    description=(
        "Lists single requests that meet the filters of a query, such as the most expensive ones. The user sees them; "
        "they are not sent to a remote language model."
    ),
    input=RequestsInput,
    run=run,
    category=Category.DATA,
    side_effects=SideEffects.NONE,
    idempotent=True,
    result_kinds=frozenset({DataKind.ROWS, DataKind.REQUEST_IDS, DataKind.USER_NAMES}),
    seconds=90,
    result_bytes=32_000,
)
