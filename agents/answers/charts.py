"""The choice of a chart for a table of groups."""

from agents.answers.answer import Chart, ChartType, Table
from workloads.query.dimensions import DIMENSIONS
from workloads.query.query import Query

MIN_POINTS = 2


def choose_chart(query: Query, table: Table, index: int = 0) -> Chart | None:
    """Return lines for figures over time, shares where they were asked for, else bars; None for two dimensions."""
    if len(query.by) != 1 or len(table.rows) < MIN_POINTS:
        return None
    x, y = str(table.columns[0].name), str(table.columns[1].name)
    dimension = DIMENSIONS[query.by[0]]
    if query.shares:
        kind = ChartType.SHARES
    else:
        kind = ChartType.LINES if dimension.is_time and query.order is None else ChartType.BARS
    return Chart(type=kind, table=index, x=x, y=(y,))
