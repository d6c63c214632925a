"""Real results of the query tools as a remote model gets them, on a log with canaries in every dimension."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest
from blockbuster import BlockBuster
from pydantic import JsonValue

from core.i18n.language import ENGLISH
from core.i18n.text import translate
from core.json_data import to_jsonable
from tests.support.workloads.builder import START, Requests
from tools.base import DataKind, Tool
from tools.disclosure import PLACEHOLDER, Disclosure
from tools.registry import TOOLS
from workloads.analysis.analysis import Analysis
from workloads.query.dimensions import DIMENSIONS, DimensionKind
from workloads.query.query import (
    AnomaliesArguments,
    ChangeArguments,
    Filter,
    ForecastArguments,
    MeasureArguments,
    Operator,
    Period,
    Query,
    RequestsArguments,
    SuppositionKind,
    WhatIfArguments,
)

pytestmark = [pytest.mark.slow, pytest.mark.long]

DAY = 86_400
WORDY = " ".join(f"wordy{number}" for number in range(14))
SHAPES: Mapping[str, str] = {
    "short": "5{place}",  # a look-up takes it for a figure
    "digits": "17{place}",
    "long": "{name}-" + "x" * 400,
    "wordy": "{name} " + WORDY,
    "plain": "canary-{name}",
}
"""Values that a look-up of words may miss."""

KIND_OF_DIMENSION: Mapping[str, DataKind] = {
    "model": DataKind.MODEL_NAMES,
    "feature": DataKind.FEATURE_NAMES,
    "error": DataKind.ERROR_TEXTS,
    "provider": DataKind.PLACE_NAMES,
    "geography": DataKind.PLACE_NAMES,
    "environment": DataKind.PLACE_NAMES,
    "tier": DataKind.PLACE_NAMES,
    "user": DataKind.USER_NAMES,
    "session": DataKind.SESSION_IDS,
}
COLUMNS = {"user": "end_user", "tier": "service_tier"}
NAMED = tuple(
    name
    for name, each in DIMENSIONS.items()
    if each.kind is DimensionKind.NAME and name not in ("status", "streaming", "pricing")
)
KEPT = "department"


def value_of(dimension: str, shape: str) -> str:
    return SHAPES[shape].format(name=dimension, place=(*NAMED, KEPT).index(dimension))


@pytest.fixture(autouse=True)
def loop_may_wait(blockbuster: BlockBuster) -> None:
    """The log is read in the test's own loop, where nobody else waits."""
    blockbuster.deactivate()


SELDOM = ("digits", "plain")


def iter_cases() -> Iterator[Any]:
    """Yield each dimension with one shape of its values, in turn; with all other shapes for `make soak`."""
    often = [shape for shape in SHAPES if shape not in SELDOM]
    for place, dimension in enumerate((*NAMED, KEPT)):
        for shape in SHAPES:
            is_first = shape == often[place % len(often)]
            yield pytest.param(shape, dimension, marks=() if is_first else pytest.mark.soak)


@pytest.fixture(
    scope="module", params=[pytest.param(each, marks=pytest.mark.soak) if each in SELDOM else each for each in SHAPES]
)
def log(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Analysis, str]]:
    """Three weeks of requests; in each dimension one value stands out."""
    shape, requests = request.param, Requests(always={"fresh_input": 1_000, "output": 10, "latency_ms": 5.0})
    for day in range(21):
        odd = day == 20
        names = {COLUMNS.get(name, name): value_of(name, shape) if odd else f"usual {name}" for name in NAMED}
        names["model"] = "gpt-4o" if odd else "gpt-4o-mini"
        requests.add(day * DAY, **names, ok=not odd, request_id=f"request-{day}")
        if odd:
            requests.add(day * DAY + 60, **names, ok=False, request_id="another", cache_read=900_000)
    written = requests.write(tmp_path_factory.mktemp("log"), kept=(KEPT,))
    with duckdb.connect(str(written.path)) as con:
        con.execute("CREATE TABLE kept AS SELECT row, CASE WHEN row > 20 THEN ? ELSE 'usual' END AS k1 FROM requests", [
            value_of(KEPT, shape)
        ])  # fmt: skip
    with written.analysis() as analysis:
        yield analysis, shape


def ask_each_tool(analysis: Analysis, dimension: str, shape: str) -> Mapping[str, object]:
    """What each query tool returns about one dimension, with and without a filter on its odd value."""
    chosen = (Filter(field=dimension, values=(value_of(dimension, shape),)),)
    wrong = (Filter(field=dimension, operator=Operator.IS_NOT, values=("no such",)),)
    last = Period(start=date_of(20))
    by = Query(by=(dimension,), shares=True)
    asked: Mapping[str, Callable[[], object]] = {
        "measure": lambda: [
            analysis.measure(MeasureArguments(query=query))
            for query in (by, Query(where=chosen), Query(by=("day", dimension), where=wrong, limit=2))
        ],
        "compare": lambda: analysis.compare(
            MeasureArguments(query=by), MeasureArguments(query=Query(by=(dimension,), shares=True, period=last))
        ),
        "explain_change": lambda: analysis.explain_change(
            ChangeArguments(before=Query(period=Period(end=date_of(20))), after=Query(period=last, where=chosen))
        ),
        "what_if": lambda: analysis.what_if(
            WhatIfArguments(query=Query(where=chosen), change=SuppositionKind.MODEL, model="gpt-4o")
        ),
        "forecast": lambda: analysis.forecast(
            ForecastArguments(query=Query(where=chosen), start=date(2026, 6, 22), end=date(2026, 6, 29))
        ),
        "find_anomalies": lambda: analysis.find_anomalies(AnomaliesArguments(query=Query(), dimension=dimension)),
        "list_requests": lambda: analysis.list_requests(RequestsArguments(query=Query(where=chosen))),
        "describe_log": analysis.describe_log,
    }
    return {name: ask() for name, ask in asked.items()}


def date_of(day: int) -> datetime:
    return START + timedelta(days=day)


async def disclose(analysis: Analysis, tool: Tool[Any], value: object) -> JsonValue:
    async def find(words: frozenset[str]) -> frozenset[str]:
        return analysis.find_private_words(words)

    data = to_jsonable(translate(value, ENGLISH))
    return await Disclosure(find).redact_result(data, tool.result_kinds, 1_000_000)


def list_cells(data: JsonValue) -> list[str]:
    """All texts of a result, each by itself."""
    if isinstance(data, list):
        return [cell for item in data for cell in list_cells(item)]
    if isinstance(data, dict):
        return [cell for key, item in data.items() for cell in (key, *list_cells(item))]
    return [data] if isinstance(data, str) else []


@pytest.mark.parametrize(("log", "dimension"), list(iter_cases()), indirect=["log"])
async def test_a_value_is_sent_only_if_its_kind_is_declared(log: tuple[Analysis, str], dimension: str) -> None:
    analysis, shape = log
    kind = KIND_OF_DIMENSION.get(dimension)  # None: the notice says that it is replaced
    canary = value_of(dimension, shape)
    if dimension == "model":
        canary = "gpt-4o"
    for name, value in ask_each_tool(analysis, dimension, shape).items():
        cells = list_cells(await disclose(analysis, TOOLS[name], value))
        told = [each for each in cells if each == canary or (len(canary) > 3 and canary[:100] in each)]
        if kind not in TOOLS[name].result_kinds:
            assert not told, f"{name} sends {told[:3]}, a value of {dimension}"


async def test_figures_are_sent_beside_names_that_are_not(log: tuple[Analysis, str]) -> None:
    analysis, _ = log
    told: Any = await disclose(
        analysis, TOOLS["measure"], analysis.measure(MeasureArguments(query=Query(by=("user",))))
    )
    assert {row[0] for row in told["listed"]["rows"]} == {PLACEHOLDER}
    assert all(float(row[1]) > 0 for row in told["listed"]["rows"])


async def test_what_may_be_sent_is_sent(log: tuple[Analysis, str]) -> None:
    analysis, shape = log
    for dimension in ("feature", "environment", "geography"):
        result = analysis.measure(MeasureArguments(query=Query(by=(dimension,))))
        assert "usual" in json.dumps(await disclose(analysis, TOOLS["measure"], result))
    filtered = analysis.measure(
        MeasureArguments(query=Query(where=(Filter(field="feature", values=(value_of("feature", shape),)),)))
    )
    assert not filtered.private_filters


def test_each_dimension_of_names_has_a_kind_or_is_replaced() -> None:
    replaced = {"team", "customer", "api_key"}
    assert KIND_OF_DIMENSION.keys() | replaced == set(NAMED)
    for name in NAMED:
        kind = KIND_OF_DIMENSION.get(name)
        private = kind is None or kind in (DataKind.USER_NAMES, DataKind.SESSION_IDS)
        assert DIMENSIONS[name].is_private == private, name
