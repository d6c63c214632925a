"""A forecast again, of fewer requests: "what would it be without gpt-4o?" after "what will next month cost?"."""

from dataclasses import replace

from agents.language.query_changes import add_filters
from agents.language.reading import QuestionKind, Reading, Turn
from agents.language.scan import Scan
from agents.language.times.calendar import LogDays
from workloads.query.query import Operator

EXCLUDING = frozenset({Operator.IS_NOT, Operator.LACKS})
MAX_TOKENS = 10


def read_forecast_without(scan: Scan, reading: Reading, last: Turn, _: LogDays) -> Reading | None:
    before, where = last.reading, reading.query.where
    is_without = bool(where) and all(each.operator in EXCLUDING for each in where) and not reading.query.by
    is_forecast = before.kind is QuestionKind.FORECAST and before.goal_usd is None and not before.rest
    is_asked = reading.kind is QuestionKind.MEASURE and not scan.times and set(scan.list_names("measures")) <= {"spend"}
    if not (is_forecast and is_without and is_asked) or len(scan.tokens) > MAX_TOKENS or scan.has("why", "compare"):
        return None
    query = replace(before.query, where=add_filters(before.query.where, where))
    return replace(before, query=query, whether=False, unread=reading.unread)
