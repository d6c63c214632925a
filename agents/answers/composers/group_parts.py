"""What answers about groups have in common: the chart, and the row to begin with."""

from collections.abc import Sequence

from agents.answers.answer import Chart, ChartType, Table
from workloads.query.dimensions import get_dimension
from workloads.query.query import Query
from workloads.query.result import Cell, QueryResult, to_decimal

MIN_POINTS = 2


def choose_chart(query: Query, table: Table, index: int = 0) -> Chart | None:
    """Return lines for figures over time, shares where they were asked for, else bars; None for two dimensions."""
    if len(query.by) != 1 or len(table.rows) < MIN_POINTS:
        return None
    x, y = str(table.columns[0].name), str(table.columns[1].name)
    dimension = get_dimension(query.by[0])
    if query.shares:
        kind = ChartType.SHARES
    else:
        kind = ChartType.LINES if dimension.is_time and query.order is None else ChartType.BARS
    return Chart(type=kind, table=index, x=x, y=(y,))


def find_lead(query: Query, result: QueryResult) -> Sequence[Cell]:
    """Return the row to begin with: the first of a ranking, else the one with the highest figure; one with names."""
    width = len(query.by)
    named = [row for row in result.rows if None not in row[:width]] or result.rows
    return named[0] if query.order is not None else max(named, key=lambda row: to_decimal(row[width]))
