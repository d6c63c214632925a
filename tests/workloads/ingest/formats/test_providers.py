"""Formats of providers: golden files in their documented layouts. Rates are in `tests.support.workloads.golden`."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.workloads.file_variants import write_csv
from tests.support.workloads.golden import Golden, check_golden, cost_of, to_lines
from tests.support.workloads.ingested_logs import ingest_log

pytestmark = pytest.mark.slow

D = Decimal

OPENAI_BUCKETS = {
    "object": "page",
    "data": [
        {
            "object": "bucket",
            "start_time": 1793577600,
            "end_time": 1793664000,
            "results": [
                {
                    "object": "organization.usage.completions.result",
                    "model": "gpt-4o-mini",
                    "batch": False,
                    "input_tokens": 500_000,
                    "input_cached_tokens": 200_000,
                    "output_tokens": 30_000,
                    "num_model_requests": 40,
                    "project_id": "proj_1",
                    "service_tier": "default",
                },
                {
                    "object": "organization.usage.completions.result",
                    "model": "gpt-4o-mini",
                    "batch": True,
                    "input_tokens": 100_000,
                    "input_cached_tokens": 0,
                    "output_tokens": 10_000,
                    "num_model_requests": 5,
                    "project_id": "proj_2",
                    "service_tier": None,
                },
            ],
        }
    ],
    "has_more": False,
    "next_page": None,
}
OPENAI_DASHBOARD = (
    "start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,user_id,api_key_id,model,batch,"
    "service_tier,input_tokens,output_tokens,input_cached_tokens,input_uncached_tokens\n"
    "1793577600,1793664000,2026-11-02T00:00:00+00:00,2026-11-03T00:00:00+00:00,proj_1,40,,,gpt-4o-mini,False,default,"
    "500000,30000,200000,300000\n"
)
OPENAI_ACTIVITY = (
    "timestamp,api_key_id,api_key_name,organization_name,model,n_requests,operation,n_context_tokens_total,"
    "n_generated_tokens_total\n"
    "1793491200,key_1,app,acme,gpt-4o-mini,39,completion,52980,12521\n"
    "1793577600,key_1,app,acme,gpt-4o-mini,26,completion,39878,6764\n"
)
CHAT = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1793693594,
    "model": "gpt-5",
    "service_tier": "default",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "x"}}],
    "usage": {
        "prompt_tokens": 3_000,
        "completion_tokens": 500,
        "total_tokens": 3_500,
        "prompt_tokens_details": {"cached_tokens": 1_024, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 320, "audio_tokens": 0},
    },
}
RESPONSE = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1793692864,
    "status": "completed",
    "model": "gpt-5",
    "output": [],
    "usage": {
        "input_tokens": 2_000,
        "output_tokens": 300,
        "total_tokens": 2_300,
        "input_tokens_details": {"cached_tokens": 1_536},
        "output_tokens_details": {"reasoning_tokens": 128},
    },
}
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-haiku-4-5",
    "content": [],
    "usage": {
        "input_tokens": 400,
        "cache_read_input_tokens": 9_000,
        "cache_creation_input_tokens": 3_000,
        "cache_creation": {"ephemeral_5m_input_tokens": 1_000, "ephemeral_1h_input_tokens": 2_000},
        "output_tokens": 250,
        "service_tier": "standard",
    },
}
GEMINI = {
    "responseId": "g1",
    "modelVersion": "gemini-2.5-flash",
    "createTime": "2026-11-03T08:00:00Z",
    "candidates": [],
    "usageMetadata": {
        "promptTokenCount": 5_000,
        "cachedContentTokenCount": 2_000,
        "candidatesTokenCount": 100,
        "thoughtsTokenCount": 900,
        "toolUsePromptTokenCount": 50,
        "totalTokenCount": 6_050,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 4_000},
            {"modality": "AUDIO", "tokenCount": 1_000},
        ],
    },
}
PLAIN_GEMINI = {
    "promptTokenCount": 5_000,
    "candidatesTokenCount": 100,
    "thoughtsTokenCount": 900,
    "totalTokenCount": 6_000,
}
COMPATIBLE = {
    "timestamp": "2026-11-03T08:00:00Z",
    "id": "c1",
    "model": "gemini-2.5-flash",
    "usage": {"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_500},
}
BEDROCK = {
    "schemaType": "ModelInvocationLog",
    "schemaVersion": "1.0",
    "timestamp": "2026-11-03T08:04:41Z",
    "accountId": "000000000000",
    "region": "us-east-1",
    "requestId": "b1",
    "operation": "InvokeModel",
    "modelId": "global.anthropic.claude-haiku-4-5-20251001-v1:0",
    "input": {
        "inputContentType": "application/json",
        "inputBodyJson": {"messages": [{"role": "user", "content": "x"}]},
        "inputTokenCount": 400,
        "cacheReadInputTokenCount": 9_000,
        "cacheWriteInputTokenCount": 1_000,
    },
    "output": {"outputContentType": "application/json", "outputBodyJson": {"content": []}, "outputTokenCount": 250},
}
APIM = (
    "TimeGenerated [UTC],CorrelationId,RequestId,DeploymentName,ModelName,PromptTokens,CompletionTokens,TotalTokens,"
    "SequenceNumber,IsStreamCompletion\n"
    '"11/3/2026, 8:12:51.000 AM",c1,r1,gpt-4o-prod,gpt-4o,1000,200,1200,0,true\n'
    '"11/3/2026, 8:19:25.000 AM",c2,r2,gpt-4o-prod,gpt-4o,3000,100,3100,0,false\n'
)
CONSOLE = (
    "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,"
    "usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,"
    "usage_output_tokens,web_search_count,inference_geo,speed\n"
    "2026-11-01,claude-haiku-4-5,app,Default,standard,≤ 200k,10000,2000,1000,50000,4000,0,global,\n"
    "2026-11-02,claude-haiku-4-5,app,Default,batch,≤ 200k,10000,0,0,0,4000,0,global,\n"
)
CONSOLE_COST = cost_of("claude-haiku-4-5", 10_000, 50_000, 2_000, 4_000) + 1_000 * D(2) / 1_000_000
CONSOLE_BATCH = cost_of("claude-haiku-4-5", 10_000, 0, 0, 4_000) / 2
REPORT = {
    "data": [
        {
            "starting_at": "2026-11-01T00:00:00Z",
            "ending_at": "2026-11-02T00:00:00Z",
            "results": [
                {
                    "uncached_input_tokens": 10_000,
                    "cache_read_input_tokens": 50_000,
                    "output_tokens": 4_000,
                    "cache_creation": {"ephemeral_5m_input_tokens": 2_000, "ephemeral_1h_input_tokens": 1_000},
                    "model": "claude-haiku-4-5",
                    "service_tier": "standard",
                    "context_window": "0-200k",
                    "workspace_id": None,
                    "api_key_id": None,
                    "server_tool_use": {"web_search_requests": 0},
                }
            ],
        }
    ],
    "has_more": True,
    "next_page": "page_2",
}
PLAIN_USAGE = {"prompt_tokens": 3_000, "completion_tokens": 500, "total_tokens": 3_500}
BATCH = {
    "id": "batch_req_1",
    "custom_id": "item-0",
    "error": None,
    "response": {
        "status_code": 200,
        "request_id": "r1",
        "body": CHAT | {"model": "gpt-4o-mini", "usage": PLAIN_USAGE},
    },
}

GOLDEN = {
    "usage API": Golden(
        format="openai_usage",
        content=json.dumps(OPENAI_BUCKETS),
        rows=2,
        requests=45,
        buckets=(400_000, 200_000, 0, 40_000),
        cost=cost_of("gpt-4o-mini", 300_000, 200_000, 0, 30_000) + cost_of("gpt-4o-mini", 100_000, 0, 0, 10_000) / 2,
    ),
    "usage dashboard": Golden(
        format="openai_usage",
        content=OPENAI_DASHBOARD,
        rows=1,
        requests=40,
        buckets=(300_000, 200_000, 0, 30_000),
        cost=cost_of("gpt-4o-mini", 300_000, 200_000, 0, 30_000),
    ),
    "activity": Golden(
        format="openai_activity",
        content=OPENAI_ACTIVITY,
        rows=2,
        requests=65,
        buckets=(92_858, 0, 0, 19_285),
        cost=cost_of("gpt-4o-mini", 92_858, 0, 0, 19_285),
    ),
    "batch output": Golden(
        format="openai_batch",
        content=to_lines(BATCH),
        rows=1,
        buckets=(3_000, 0, 0, 500),
        cost=cost_of("gpt-4o-mini", 3_000, 0, 0, 500) / 2,
    ),
    "chat completions": Golden(
        format="openai_chat",
        content=to_lines(CHAT),
        rows=1,
        buckets=(1_976, 1_024, 0, 500),
        cost=cost_of("gpt-5", 1_976, 1_024, 0, 500),
    ),
    "responses": Golden(
        format="openai_responses",
        content=to_lines(RESPONSE),
        rows=1,
        buckets=(464, 1_536, 0, 300),
        cost=cost_of("gpt-5", 464, 1_536, 0, 300),
    ),
    "messages": Golden(
        format="anthropic_messages",
        content=to_lines({"timestamp": "2026-11-03T08:10:06Z"} | MESSAGE),
        rows=1,
        buckets=(400, 9_000, 3_000, 250),
        cost=cost_of("claude-haiku-4-5", 400, 9_000, 1_000, 250) + 2_000 * D(2) / 1_000_000,
    ),
    "generateContent": Golden(
        format="gemini",
        content=to_lines(GEMINI),
        rows=1,
        buckets=(3_050, 2_000, 0, 1_000),
        cost=cost_of("gemini-2.5-flash", 2_050, 2_000, 0, 1_000) + 1_000 * D(1) / 1_000_000,
    ),
    "Gemini through OpenAI's API": Golden(
        format="openai_chat",
        content=to_lines(COMPATIBLE),
        rows=1,
        buckets=(1_000, 0, 0, 500),
        cost=cost_of("gemini-2.5-flash", 1_000, 0, 0, 500),
    ),
    "Gemini batch": Golden(
        format="gemini_batch",
        content=to_lines({"key": "k1", "response": GEMINI | {"usageMetadata": PLAIN_GEMINI}}),
        rows=1,
        buckets=(5_000, 0, 0, 1_000),
        cost=cost_of("gemini-2.5-flash", 5_000, 0, 0, 1_000) / 2,
    ),
    "Anthropic batch": Golden(
        format="anthropic_batch",
        content=to_lines({"custom_id": "i1", "result": {"type": "succeeded", "message": MESSAGE}}),
        rows=1,
        buckets=(400, 9_000, 3_000, 250),
        cost=(cost_of("claude-haiku-4-5", 400, 9_000, 1_000, 250) + 2_000 * D(2) / 1_000_000) / 2,
    ),
    "Bedrock": Golden(
        format="bedrock",
        content=to_lines(BEDROCK),
        rows=1,
        buckets=(400, 9_000, 1_000, 250),
        cost=cost_of("claude-haiku-4-5", 400, 9_000, 1_000, 250),
    ),
    "API Management": Golden(
        format="azure_apim",
        content=APIM,
        rows=2,
        buckets=(4_000, 0, 0, 300),
        cost=cost_of("gpt-4o", 4_000, 0, 0, 300),
    ),
    "console": Golden(
        format="anthropic_console",
        content=CONSOLE,
        rows=2,
        requests=0,
        buckets=(20_000, 50_000, 3_000, 8_000),
        cost=CONSOLE_COST + CONSOLE_BATCH,
    ),
    "usage report": Golden(
        format="anthropic_usage",
        content=json.dumps(REPORT),
        rows=1,
        requests=0,
        buckets=(10_000, 50_000, 3_000, 4_000),
        cost=CONSOLE_COST,
    ),
}


@pytest.mark.parametrize("golden", GOLDEN.values(), ids=GOLDEN)
def test_it_reads_a_file_to_the_token_and_prices_it(tmp_path: Path, golden: Golden) -> None:
    check_golden(tmp_path, golden)


def test_one_log_may_hold_the_answers_of_several_providers(tmp_path: Path) -> None:
    answers = [{"at": "2026-11-03T08:10:06Z", "answer": each} for each in (CHAT, RESPONSE, MESSAGE, GEMINI)]
    buckets = (1_976 + 464 + 400 + 3_050, 1_024 + 1_536 + 9_000 + 2_000, 3_000, 500 + 300 + 250 + 1_000)
    cost = sum(GOLDEN[name].cost for name in ("chat completions", "responses", "messages", "generateContent"))
    check_golden(
        tmp_path,
        Golden(format="anthropic_messages", content=to_lines(*answers), rows=4, buckets=buckets, cost=D(cost)),
    )


def test_it_says_that_a_log_has_no_cached_tokens(tmp_path: Path) -> None:
    log = check_golden(tmp_path, GOLDEN["API Management"])
    assert "doesn't say how many prompt tokens were read from the provider's cache" in log.notes


def test_anthropics_input_excludes_cached_tokens_however_few_they_are(tmp_path: Path) -> None:
    usage = {"input_tokens": 10_000, "cache_read_input_tokens": 500, "output_tokens": 20}
    golden = Golden(
        format="anthropic_messages",
        content=to_lines(MESSAGE | {"usage": usage}),
        rows=1,
        buckets=(10_000, 500, 0, 20),
        cost=cost_of("claude-haiku-4-5", 10_000, 500, 0, 20),
    )
    check_golden(tmp_path, golden)


def test_bedrocks_log_may_be_a_column_of_cloudwatchs_table(tmp_path: Path) -> None:
    usage = {"inputTokens": 300, "outputTokens": 20, "cacheReadInputTokens": 900, "cacheWriteInputTokens": 100}
    message = {
        "timestamp": "2026-11-03T08:00:00Z",
        "requestId": "q1",
        "modelId": "anthropic.claude-haiku-4-5-20251001-v1:0",
        "input": {"inputTokenCount": 300, "cacheReadInputTokenCount": 900, "cacheWriteInputTokenCount": 100},
        "output": {"outputTokenCount": 20, "outputBodyJson": {"usage": usage}},
        "schemaType": "ModelInvocationLog",
    }
    rows = [{"@timestamp": "2026-11-03 08:00:00.000", "@message": json.dumps(message)}]
    log = ingest_log(tmp_path, write_csv(rows))
    assert log.source.format == "bedrock"
    columns = "model, fresh_input, cache_read, cache_write, output"
    assert log.query(f"SELECT {columns} FROM log.requests") == [(message["modelId"], 300, 900, 100, 20)]


def test_a_count_of_gemini_that_is_not_read_is_no_thought_where_thoughts_are_counted(tmp_path: Path) -> None:
    row = {"time": "2026-11-03T08:00:00Z", "model": "gemini-2.5-flash", "input_token_count": 100}
    counts = {"output_token_count": 20, "thoughts_token_count": 30}
    log = ingest_log(tmp_path, json.dumps([row | counts | {"total_token_count": 199}]))
    assert log.query("SELECT output FROM log.requests") == [(50,)]
    read = ingest_log(tmp_path, json.dumps([row | counts | {"tool_token_count": 49, "total_token_count": 199}]))
    assert read.query("SELECT fresh_input, output FROM log.requests") == [(149, 50)]
