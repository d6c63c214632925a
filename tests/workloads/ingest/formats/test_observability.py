"""Formats of tracing: golden files in their documented layouts. Rates are in `tests.support.workloads.golden`."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.workloads.file_variants import write_csv
from tests.support.workloads.golden import Golden, check_golden, cost_of, to_lines
from tests.support.workloads.ingested_logs import ingest_log

pytestmark = pytest.mark.slow

OBSERVATION = {
    "id": "o1",
    "traceId": "t1",
    "type": "GENERATION",
    "name": "answer",
    "startTime": "2026-11-03T08:13:32.984Z",
    "endTime": "2026-11-03T08:13:35.284Z",
    "completionStartTime": "2026-11-03T08:13:33.584Z",
    "model": "gpt-5",
    "usageDetails": {
        "input": 1_000,
        "input_cached_tokens": 2_000,
        "output": 100,
        "output_reasoning_tokens": 60,
        "total": 3_160,
    },
    "costDetails": {"total": 0.003},
    "latency": 2.3,
    "timeToFirstToken": 0.6,
    "level": "DEFAULT",
    "statusMessage": None,
    "parentObservationId": "o0",
    "usage": {"input": 3_000, "output": 160, "total": 3_160, "unit": "TOKENS"},
    "promptTokens": 3_000,
    "completionTokens": 160,
    "totalTokens": 3_160,
}
STEP = {
    "id": "o0",
    "traceId": "t1",
    "type": "SPAN",
    "name": "retrieve",
    "startTime": "2026-11-03T08:13:32.984Z",
    "usageDetails": {},
    "level": "DEFAULT",
    "promptTokens": 0,
    "completionTokens": 0,
    "totalTokens": 0,
}
SPAN = {
    "span_id": "d1",
    "trace_id": "t1",
    "parent_id": "d0",
    "span_kind": "llm",
    "ml_app": "helper",
    "model_name": "gpt-4o-mini",
    "model_provider": "openai",
    "start_ms": 1_793_692_944_600,
    "duration": 2_300_000_000,
    "status": "ok",
    "metrics": {
        "input_tokens": 2_000,
        "output_tokens": 200,
        "total_tokens": 2_200,
        "cache_read_input_tokens": 1_000,
        "non_cached_input_tokens": 1_000,
        "estimated_total_cost": 345_000,
    },
}
WORKFLOW = SPAN | {
    "span_id": "d0",
    "parent_id": "undefined",
    "span_kind": "workflow",
    "model_name": None,
    "metrics": {"input_tokens": 2_000, "output_tokens": 200, "total_tokens": 2_200},
}
LANGFUSE_DAYS = [
    {
        "date": "2026-11-01",
        "countTraces": 7,
        "totalCost": 0.9,
        "usage": [
            {"model": model, "inputUsage": 9_000, "outputUsage": 700, "totalUsage": 9_700, "countObservations": 8}
            for model in ("gpt-4o", "gpt-4o-mini")
        ],
    }
]
POSTHOG = {
    "uuid": "p1",
    "event": "$ai_generation",
    "timestamp": "2026-11-03T08:14:06Z",
    "distinct_id": "ada",
    "properties": {
        "$ai_model": "gpt-4o-mini",
        "$ai_provider": "openai",
        "$ai_input_tokens": 2_000,
        "$ai_cache_read_input_tokens": 1_000,
        "$ai_output_tokens": 200,
        "$ai_latency": 1.3,
    },
}
POSTHOG_CLAUDE = {
    **POSTHOG,
    "uuid": "p2",
    "properties": {**POSTHOG["properties"], "$ai_model": "claude-haiku-4-5", "$ai_provider": "anthropic"},  # type: ignore[dict-item]
}
BLOB: list[dict[str, Any]] = [
    {
        "id": "b1",
        "trace_id": "t1",
        "type": "GENERATION",
        "start_time": "2026-11-03 08:06:23.535000",
        "end_time": "2026-11-03 08:06:27.535000",
        "provided_model_name": "claude-haiku-4-5",
        "usage_details": {
            "input": 800,
            "input_cache_read": 9_000,
            "input_cache_creation": 1_000,
            "output": 170,
            "total": 10_970,
        },
        "total_cost": 0.004,
        "latency": 4.0,
        "level": "DEFAULT",
    },
    {
        "id": "b2",
        "trace_id": "t2",
        "type": "GENERATION",
        "start_time": "2026-11-03 08:07:23.535000",
        "end_time": "2026-11-03 08:07:27.535000",
        "provided_model_name": "gpt-4o-mini",
        "usage_details": {"input": 500, "input_cached_tokens": 1_500, "output": 30, "total": 2_030},
        "total_cost": 0.001,
        "latency": 4.0,
        "level": "DEFAULT",
    },
]
PAGE = (
    "id,traceId,traceName,type,name,startTime,endTime,model,inputUsage,outputUsage,totalUsage,totalCost,level\n"
    "u1,t1,support,GENERATION,answer,2026-11-03T08:00:00.000Z,2026-11-03T08:00:02.000Z,gpt-4o-mini,1000,50,1050,"
    "0.0001,DEFAULT\n"
)
RUNS: list[dict[str, Any]] = [
    {
        "id": "c1",
        "name": "RunnableSequence",
        "run_type": "chain",
        "start_time": "2026-11-03T08:00:00+00:00",
        "end_time": "2026-11-03T08:00:03+00:00",
        "status": "success",
        "parent_run_id": None,
        "trace_id": "c1",
        "session_id": "project-1",
        "prompt_tokens": 2_000,
        "completion_tokens": 100,
        "total_tokens": 2_100,
    },
    {
        "id": "l1",
        "name": "ChatOpenAI",
        "run_type": "llm",
        "start_time": "2026-11-03T08:00:01+00:00",
        "end_time": "2026-11-03T08:00:03+00:00",
        "status": "success",
        "parent_run_id": "c1",
        "trace_id": "c1",
        "session_id": "project-1",
        "extra": {"metadata": {"ls_model_name": "gpt-4o-mini", "ls_provider": "openai", "thread_id": "h1"}},
        "prompt_tokens": 2_000,
        "prompt_token_details": {"cache_read": 1_024},
        "completion_tokens": 100,
        "total_tokens": 2_100,
    },
]
PHOENIX = (
    "context.span_id,name,span_kind,parent_id,start_time,end_time,status_code,context.trace_id,"
    "attributes.llm.model_name,attributes.llm.token_count.prompt,attributes.llm.token_count.completion,"
    "attributes.llm.token_count.total,attributes.llm.token_count.prompt_details.cache_read\n"
    "s0,agent,AGENT,,2026-11-03T08:07:48+00:00,2026-11-03T08:07:53+00:00,OK,t1,,,,,\n"
    "s1,ChatCompletion,LLM,s0,2026-11-03T08:07:48+00:00,2026-11-03T08:07:51+00:00,OK,t1,gpt-4o,8000,800,8800,1024\n"
)
MLFLOW = {
    "traces": [
        {
            "info": {
                "trace_id": "tr-1",
                "request_time": "2026-11-03T08:07:02.188Z",
                "execution_duration": "2.1s",
                "state": "OK",
                "trace_metadata": {
                    "mlflow.trace.tokenUsage": '{"input_tokens": 6000, "output_tokens": 200, "total_tokens": 6200}',
                    "mlflow.trace.session": "s1",
                },
            },
            "data": {"spans": []},
        }
    ]
}

MLFLOW_FRAME: list[dict[str, Any]] = [
    {
        "trace_id": "tr-1",
        "client_request_id": None,
        "state": "OK",
        "request_time": 1_793_693_222_188,
        "execution_duration": 2_100,
        "request": '{"question": "What\'s new?"}',
        "trace_metadata": {
            "mlflow.trace.tokenUsage": '{"input_tokens": 6000, "output_tokens": 200, "total_tokens": 6200}',
            "mlflow.trace.session": "s1",
        },
        "tags": {"mlflow.traceName": "answer"},
        "spans": [{"name": "answer", "attributes": {}}],
    },
    {
        "trace_id": "tr-2",
        "client_request_id": None,
        "state": "OK",
        "request_time": 1_793_693_300_000,
        "execution_duration": 900,
        "request": "{}",
        "trace_metadata": {
            "mlflow.trace.tokenUsage": json.dumps(
                {"input_tokens": 2_100, "cache_read_input_tokens": 2_000, "output_tokens": 7, "total_tokens": 2_107}
            )
        },
        "tags": {"mlflow.traceName": "it's"},
        "spans": [],
    },
]


def to_frame(rows: list[dict[str, Any]]) -> str:
    """Return the rows as pandas writes a DataFrame: objects and lists are in Python's own notation."""
    return write_csv([{name: "" if value is None else str(value) for name, value in row.items()} for row in rows])


def attribute(key: str, value: str | int) -> dict[str, Any]:
    """An attribute as OTLP's JSON has it; 64-bit integers are texts."""
    return {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}


def span(number: int, parent: int, operation: str, **usage: int) -> dict[str, Any]:
    attributes = {"gen_ai.operation.name": operation, "gen_ai.request.model": "gpt-4o", "gen_ai.system": "openai"}
    names = {name: f"gen_ai.usage.{name.replace('__', '.')}" for name in usage}
    return {
        "traceId": "t1",
        "spanId": f"s{number}",
        "parentSpanId": f"s{parent}" if parent else "",
        "name": f"{operation} gpt-4o",
        "startTimeUnixNano": str(1_793_693_204_000_000_000 + number),
        "endTimeUnixNano": str(1_793_693_206_000_000_000 + number),
        "attributes": [
            *(attribute(key, value) for key, value in attributes.items()),
            *(attribute(names[name], value) for name, value in usage.items()),
        ],
    }


def otlp(*spans: dict[str, Any]) -> str:
    resource = {"attributes": [attribute("service.name", "shop")]}
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {}, "spans": list(spans)}]}]})


NEW = otlp(
    span(1, 0, "invoke_agent", input_tokens=3_000, output_tokens=150),
    span(2, 1, "chat", input_tokens=2_000, output_tokens=100, cache_read__input_tokens=1_024),
    span(3, 1, "chat", input_tokens=1_000, output_tokens=50, cache_write__input_tokens=200),
)
FORMER = otlp(
    span(2, 1, "chat", input_tokens=2_000, output_tokens=100, cache_read__input_tokens=1_024),
    span(3, 1, "chat", input_tokens=1_000, output_tokens=50, cache_creation__input_tokens=200),
)
OLD = (
    "trace_id,span_id,timestamp,gen_ai.system,gen_ai.response.model,gen_ai.usage.prompt_tokens,"
    "gen_ai.usage.completion_tokens,llm.usage.total_tokens,gen_ai.usage.cache_read_input_tokens\n"
    "t1,s1,2026-11-03T08:10:12.762Z,openai,gpt-4o,2000,100,2100,1024\n"
)
VERCEL = (
    "trace_id,span_id,parent_span_id,name,start_time,ai.model.id,ai.response.id,ai.usage.promptTokens,"
    "ai.usage.completionTokens\n"
    "t1,s0,,ai.generateText,2026-11-03T08:18:32Z,gpt-4o-mini,,3000,300\n"
    "t1,s1,s0,ai.generateText.doGenerate,2026-11-03T08:18:32Z,gpt-4o-mini,c1,1000,100\n"
    "t1,s2,s0,ai.generateText.doGenerate,2026-11-03T08:19:32Z,gpt-4o-mini,c2,2000,200\n"
)

GOLDEN = {
    "Langfuse API": Golden(
        format="langfuse",
        content=json.dumps({"data": [STEP, OBSERVATION], "meta": {"page": 1, "limit": 50, "totalItems": 2}}),
        rows=1,
        buckets=(1_000, 2_000, 0, 160),
        cost=cost_of("gpt-5", 1_000, 2_000, 0, 160),
    ),
    "Langfuse blob": Golden(
        format="langfuse",
        content=to_lines(*BLOB),
        rows=2,
        buckets=(1_300, 10_500, 1_000, 200),
        cost=cost_of("claude-haiku-4-5", 800, 9_000, 1_000, 170) + cost_of("gpt-4o-mini", 500, 1_500, 0, 30),
    ),
    "Langfuse page": Golden(
        format="langfuse",
        content=PAGE,
        rows=1,
        buckets=(1_000, 0, 0, 50),
        cost=cost_of("gpt-4o-mini", 1_000, 0, 0, 50),
    ),
    "LangSmith": Golden(
        format="langsmith",
        content=to_lines(*RUNS),
        rows=1,
        buckets=(976, 1_024, 0, 100),
        cost=cost_of("gpt-4o-mini", 976, 1_024, 0, 100),
    ),
    "Phoenix": Golden(
        format="phoenix",
        content=PHOENIX,
        rows=1,
        buckets=(6_976, 1_024, 0, 800),
        cost=cost_of("gpt-4o", 6_976, 1_024, 0, 800),
    ),
    "MLflow": Golden(
        format="mlflow",
        content=json.dumps(MLFLOW),
        rows=1,
        buckets=(6_000, 0, 0, 200),
        cost=cost_of("gpt-4o-mini", 6_000, 0, 0, 200),
        assume_model="gpt-4o-mini",
    ),
    "MLflow as a DataFrame": Golden(
        format="mlflow",
        content=to_frame(MLFLOW_FRAME),
        rows=2,
        buckets=(6_100, 2_000, 0, 207),
        cost=cost_of("gpt-4o-mini", 6_100, 2_000, 0, 207),
        assume_model="gpt-4o-mini",
    ),
    "OTLP of 2026": Golden(
        format="otel",
        content=NEW,
        rows=2,
        buckets=(1_776, 1_024, 200, 150),
        cost=cost_of("gpt-4o", 1_776, 1_024, 200, 150),
    ),
    "OTLP of 2025": Golden(
        format="otel",
        content=FORMER,
        rows=2,
        buckets=(1_776, 1_024, 200, 150),
        cost=cost_of("gpt-4o", 1_776, 1_024, 200, 150),
    ),
    "flat spans of 2024": Golden(
        format="otel",
        content=OLD,
        rows=1,
        buckets=(976, 1_024, 0, 100),
        cost=cost_of("gpt-4o", 976, 1_024, 0, 100),
    ),
    "Datadog": Golden(
        format="datadog",
        content=json.dumps({"data": [{"id": x["span_id"], "type": "span", "attributes": x} for x in (WORKFLOW, SPAN)]}),
        rows=1,
        buckets=(1_000, 1_000, 0, 200),
        cost=cost_of("gpt-4o-mini", 1_000, 1_000, 0, 200),
    ),
    "Langfuse by day": Golden(
        format="langfuse_daily",
        content=json.dumps({"data": LANGFUSE_DAYS, "meta": {"page": 1}}),
        rows=2,
        requests=16,
        buckets=(18_000, 0, 0, 1_400),
        cost=cost_of("gpt-4o-mini", 9_000, 0, 0, 700) + cost_of("gpt-4o", 9_000, 0, 0, 700),
    ),
    "PostHog": Golden(
        format="posthog",
        content=to_lines(POSTHOG, {"event": "$pageview", "timestamp": "2026-11-03T08:14:06Z"}, POSTHOG_CLAUDE),
        rows=2,
        buckets=(3_000, 2_000, 0, 400),
        cost=cost_of("gpt-4o-mini", 1_000, 1_000, 0, 200) + cost_of("claude-haiku-4-5", 2_000, 1_000, 0, 200),
    ),
    "Vercel": Golden(
        format="vercel_ai",
        content=VERCEL,
        rows=2,
        buckets=(3_000, 0, 0, 300),
        cost=cost_of("gpt-4o-mini", 3_000, 0, 0, 300),
    ),
}


@pytest.mark.parametrize("golden", GOLDEN.values(), ids=GOLDEN)
def test_it_reads_a_file_to_the_token_and_prices_it(tmp_path: Path, golden: Golden) -> None:
    check_golden(tmp_path, golden)


def test_langsmiths_session_id_is_its_project(tmp_path: Path) -> None:
    log = check_golden(tmp_path, GOLDEN["LangSmith"])
    assert log.query("SELECT session, team, model FROM log.requests") == [("h1", "project-1", "gpt-4o-mini")]


def test_it_says_that_a_trace_names_no_model(tmp_path: Path) -> None:
    assert "doesn't name a model" in check_golden(tmp_path, GOLDEN["MLflow"]).notes


def test_langfuses_kinds_of_tokens_are_counted_beside_each_other(tmp_path: Path) -> None:
    usage = {"input": 1_000, "input_audio_tokens": 200, "output": 50, "output_audio_tokens": 30, "total": 1_280}
    log = ingest_log(tmp_path, json.dumps({"data": [OBSERVATION | {"usageDetails": usage, "totalTokens": 1_280}]}))
    columns = "fresh_input, audio_input, output, audio_output"
    assert log.query(f"SELECT {columns} FROM log.requests") == [(1_200, 200, 80, 30)]


def test_datadogs_durations_are_nanoseconds_and_its_costs_nanodollars(tmp_path: Path) -> None:
    log = check_golden(tmp_path, GOLDEN["Datadog"])
    assert log.query("SELECT latency_ms, logged_cost FROM log.requests") == [(2_300.0, Decimal("0.000345"))]


def test_langsmiths_cached_tokens_may_stand_in_the_answer(tmp_path: Path) -> None:
    run = {
        "id": "r1",
        "run_type": "llm",
        "start_time": "2026-11-03T08:00:00Z",
        "prompt_tokens": 2_000,
        "completion_tokens": 100,
        "extra": {"metadata": {"ls_model_name": "gpt-4o-mini"}},
        "outputs": {"llm_output": {"token_usage": {"prompt_tokens_details": {"cached_tokens": 1_500}}}},
    }
    log = ingest_log(tmp_path, to_lines(run, run | {"id": "r2"}))
    assert log.query("SELECT sum(fresh_input)::INT, sum(cache_read)::INT FROM log.requests") == [(1_000, 3_000)]
