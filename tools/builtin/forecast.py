"""The tool that forecasts the spend of days after the log."""

from core.i18n.text import text
from tools.base import QUERY_KINDS, Category, LogInput, SideEffects, Tool, ToolContext
from workloads.query.arguments import ForecastArguments
from workloads.query.forecast import Forecast


class ForecastInput(ForecastArguments, LogInput):
    pass


async def run(asked: ForecastInput, tool_context: ToolContext) -> Forecast:
    return await tool_context.session.ask_about(asked.log, lambda analysis: analysis.forecast(asked))


TOOL = Tool(
    name="forecast",
    title=text("Forecast spend"),
    description=(
        "Forecasts the spend of the requests of a query from the day `start` to before the day `end`, which is after "
        "the log. Gives an interval from a backtest. The log needs at least two weeks."
    ),
    input=ForecastInput,
    run=run,
    category=Category.ANALYTICS,
    side_effects=SideEffects.NONE,
    idempotent=True,
    result_kinds=QUERY_KINDS,
    seconds=90,
    result_bytes=32_000,
)
