"""How an answer's figures and tables were computed: the formula, the SQL, and the query of the requests behind them."""

from collections.abc import Sequence

from agents.answers.answer import Answer, Shown
from agents.answers.calls import list_calls
from agents.language.reading import QuestionKind, Reading
from core.i18n.text import Text, join_texts, text
from workloads.query.measures import MEASURES
from workloads.query.query import Query
from workloads.query.result import QueryResult

FORMULAS: dict[QuestionKind, Text] = {
    QuestionKind.EXPLAIN: text(
        "spend after − spend before, split into volume, mix, errors, price, caching, length and other costs; the "
        "effects add up"
    ),
    QuestionKind.WHAT_IF: text("the same requests under the supposition, at list prices"),
    QuestionKind.FORECAST: text("mean of the same weekday in the last weeks; the interval comes from a backtest"),
    QuestionKind.ANOMALIES: text("distance of a day from the median of its weekday, in robust standard deviations"),
    QuestionKind.REQUESTS: text("single requests, in the order that was asked for"),
    QuestionKind.REQUEST_PARTS: text("tokens × price, for each kind of token of the request"),
    QuestionKind.SAVINGS: text("cost now − cost with the change, for each request; several levers one after the other"),
    QuestionKind.TRUST: text("what was read of the log, what of it has a price, and the checks of the log"),
    QuestionKind.PERIOD: text("first and last day with requests"),
    QuestionKind.REPEATS: text("rows of the file whose request ID another row has, too"),
}


def show_computation(reading: Reading, results: Sequence[object], answer: Answer) -> tuple[Shown, ...]:
    """Return how all figures and tables of an answer to one question were computed."""
    figures, tables = tuple(range(len(answer.figures))), tuple(range(len(answer.tables)))
    first = results[0]
    tool = list_calls(reading)[0].tool
    if isinstance(first, QueryResult):
        formula = join_texts("; ", [_state_formula(name) for name in _list_measures(reading)])
        query = reading.parts[-1].query if reading.parts else reading.query
        is_single = len(results) == 1
        return (
            Shown(
                figures=figures, tables=tables, tool=tool, formula=formula, sql=first.sql, query=query, rows=is_single
            ),
        )
    query_of_rows: Query | None = (
        reading.query if reading.kind in (QuestionKind.REQUESTS, QuestionKind.WHAT_IF) else None
    )
    return (
        Shown(
            figures=figures,
            tables=tables,
            tool=tool,
            formula=FORMULAS[reading.kind],
            query=query_of_rows,
            rows=query_of_rows is not None,
        ),
    )


def _list_measures(reading: Reading) -> tuple[str, ...]:
    return (reading.parts[0].query if reading.parts else reading.query).measures


def _state_formula(measure: str) -> Text:
    return text("{measure} = {formula}", measure=MEASURES[measure].title, formula=MEASURES[measure].formula)
