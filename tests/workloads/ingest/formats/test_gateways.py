"""Formats of gateways: golden files in their documented layouts. Rates are in `tests.support.workloads.golden`."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.workloads.golden import Golden, check_golden, cost_of, to_lines

pytestmark = pytest.mark.slow

PAYLOAD = {
    "id": "chatcmpl-1",
    "trace_id": "t1",
    "call_type": "acompletion",
    "cache_hit": False,
    "response_cost": 0.001,
    "status": "success",
    "custom_llm_provider": "openai",
    "model": "gpt-4o-mini",
    "model_group": "mini",
    "total_tokens": 2_200,
    "prompt_tokens": 2_000,
    "completion_tokens": 200,
    "startTime": 1793692944.6,
    "endTime": 1793692945.8,
    "completionStartTime": 1793692945.0,
    "metadata": {
        "user_api_key_alias": "svc",
        "usage_object": {"prompt_tokens": 2_000, "prompt_tokens_details": {"cached_tokens": 1_024}},
    },
    "request_tags": ["search"],
    "end_user": "ada",
    "stream": True,
    "error_str": None,
}
SPEND = {
    "request_id": "r1",
    "call_type": "acompletion",
    "spend": 0.001,
    "total_tokens": 2_200,
    "prompt_tokens": 2_000,
    "completion_tokens": 200,
    "startTime": "2026-11-03T08:00:00Z",
    "endTime": "2026-11-03T08:00:02Z",
    "model": "gpt-4o-mini",
    "custom_llm_provider": "openai",
    "metadata": {"additional_usage_values": {"cache_read_input_tokens": 0}},
    "cache_hit": "False",
    "status": "success",
}
DAILY = (
    "Date,Team,Team ID,Spend ($),Requests,Successful Requests,Failed Requests,Total Tokens,Prompt Tokens,"
    "Completion Tokens\n"
    "2026-11-01,search,t1,0.1281,256,256,0,672395,611807,60588\n"
    "2026-11-02,search,t1,0.0377,76,76,0,203087,187034,16053\n"
)
DAILY_TABLE = (
    "id,user_id,date,api_key,model,model_group,custom_llm_provider,prompt_tokens,completion_tokens,"
    "cache_read_input_tokens,cache_creation_input_tokens,spend,api_requests,successful_requests,failed_requests\n"
    "1,u1,2026-11-01,k1,gpt-4o-mini,mini,openai,10000,500,4000,0,0.0012,12,11,1\n"
)
DAY_METRICS = {
    "spend": 0.0012,
    "prompt_tokens": 10_000,
    "completion_tokens": 500,
    "cache_read_input_tokens": 4_000,
    "cache_creation_input_tokens": 0,
    "total_tokens": 10_500,
    "successful_requests": 11,
    "failed_requests": 1,
    "api_requests": 12,
}
BY_MODEL = {"gpt-4o-mini": {"metrics": DAY_METRICS, "api_key_breakdown": {"k1": {"metrics": DAY_METRICS}}}}
DAILY_API = {
    "results": [
        {
            "date": "2026-11-01",
            "metrics": DAY_METRICS,
            "breakdown": {"models": BY_MODEL, "model_groups": BY_MODEL, "providers": {"openai": BY_MODEL}},
        }
    ],
    "metadata": {"total_spend": 0.0012, "total_prompt_tokens": 10_000},
}
OPENROUTER = (
    "generation_id,created_at,cost_total,cost_web_search,cost_cache,cost_file_processing,tokens_prompt,"
    "tokens_completion,tokens_reasoning,tokens_cached,model_permaslug,provider_name,variant,cancelled,streamed,user,"
    "generation_time_ms,time_to_first_token_ms,finish_reason_normalized,api_key_name,app_name\n"
    "gen-1,2026-11-03 08:14:06.262,0.0013,0,0,0,3000,400,150,1000,openai/gpt-4o-mini,OpenAI,standard,false,true,,1693,"
    "668,stop,key-1,My app\n"
    "gen-2,2026-11-03 08:15:06.262,0.0001,0,0,0,500,20,0,0,openai/gpt-4o-mini,OpenAI,standard,true,true,,200,100,,"
    "key-1,My app\n"
)
GENERATION = {
    "id": "gen-7",
    "created_at": "2026-11-03T08:14:06.262Z",
    "model": "openai/gpt-4o-mini",
    "total_cost": 0.0006,
    "tokens_prompt": 3_300,
    "tokens_completion": 390,
    "native_tokens_prompt": 3_000,
    "native_tokens_completion": 400,
    "native_tokens_cached": 1_000,
    "native_tokens_reasoning": 100,
}
CLOUDFLARE = {
    "id": "c1",
    "created_at": "2026-11-03T08:14:06Z",
    "provider": "openai",
    "model": "gpt-4o-mini",
    "path": "chat/completions",
    "duration": 2_340,
    "status_code": 200,
    "success": True,
    "cached": False,
    "tokens_in": 1_200,
    "tokens_out": 80,
    "cost": 0.000228,
}
ACTIVITY = {
    "data": [
        {
            "date": "2026-11-01",
            "model": "openai/gpt-4o-mini",
            "model_permaslug": "openai/gpt-4o-mini",
            "endpoint_id": "e1",
            "provider_name": "OpenAI",
            "usage": 0.09,
            "byok_usage_inference": 0,
            "requests": 81,
            "prompt_tokens": 445_839,
            "completion_tokens": 38_742,
            "reasoning_tokens": 0,
        }
    ]
}
PORTKEY = {
    "id": "p1",
    "trace_id": "t1",
    "created_at": "2026-11-03T08:09:58.903Z",
    "ai_org": "openai",
    "ai_model": "gpt-4o-mini",
    "req_units": 4_000,
    "res_units": 50,
    "total_units": 4_050,
    "request_url": "https://api.openai.com/v1/chat/completions",
    "cost": 0.063,
    "cost_currency": "USD",
    "response_time": 1_400,
    "response_status_code": 200,
    "cache_status": "MISS",
    "metadata": {"_user": "u1"},
}
HELICONE = {
    "response_id": "h1",
    "response_created_at": "2026-11-03T08:00:02Z",
    "response_status": 200,
    "request_id": "q1",
    "request_created_at": "2026-11-03T08:00:00Z",
    "request_user_id": "ada",
    "request_properties": {"Helicone-Session-Id": "s1", "Environment": "production"},
    "request_model": "claude-haiku-4-5",
    "response_model": "claude-haiku-4-5",
    "provider": "ANTHROPIC",
    "delay_ms": 2_000,
    "time_to_first_token": 300,
    "total_tokens": 650,
    "prompt_tokens": 400,
    "prompt_cache_read_tokens": 300,
    "prompt_cache_write_tokens": 0,
    "completion_tokens": 250,
    "cost": 0.00168,
    "cache_reference_id": "00000000-0000-0000-0000-000000000000",
}
HELICONE_CSV = (
    "response_id,response_created_at,response_status,request_created_at,request_body,request_properties,"
    "request_user_id,model,prompt_tokens,completion_tokens,latency,cost\n"
    'h1,2026-11-03T08:00:02Z,200,2026-11-03T08:00:00Z,"{""a"": 1}",{},u,gpt-4o,100,20,1800,0.001\n'
)

GOLDEN = {
    "LiteLLM table": Golden(
        format="litellm",
        content=to_lines(SPEND),
        rows=1,
        buckets=(2_000, 0, 0, 200),
        cost=cost_of("gpt-4o-mini", 2_000, 0, 0, 200),
    ),
    "LiteLLM payload": Golden(
        format="litellm_payload",
        content=to_lines(PAYLOAD, PAYLOAD | {"id": "chatcmpl-2", "cache_hit": True, "response_cost": 0}),
        rows=1,
        buckets=(976, 1_024, 0, 200),
        cost=cost_of("gpt-4o-mini", 976, 1_024, 0, 200),
    ),
    "LiteLLM page": Golden(
        format="litellm_daily",
        content=DAILY,
        rows=2,
        requests=332,
        buckets=(798_841, 0, 0, 76_641),
        cost=cost_of("gpt-4o-mini", 798_841, 0, 0, 76_641),
        assume_model="gpt-4o-mini",
    ),
    "LiteLLM daily table": Golden(
        format="litellm_daily",
        content=DAILY_TABLE,
        rows=1,
        requests=12,
        buckets=(6_000, 4_000, 0, 500),
        cost=cost_of("gpt-4o-mini", 6_000, 4_000, 0, 500),
    ),
    "LiteLLM daily API": Golden(
        format="litellm_daily",
        content=json.dumps(DAILY_API),
        rows=1,
        requests=12,
        buckets=(6_000, 4_000, 0, 500),
        cost=cost_of("gpt-4o-mini", 6_000, 4_000, 0, 500),
    ),
    "OpenRouter generations": Golden(
        format="openrouter",
        content=to_lines({"data": GENERATION}, {"data": GENERATION | {"id": "gen-8"}}),
        rows=2,
        buckets=(4_000, 2_000, 0, 800),
        cost=cost_of("gpt-4o-mini", 4_000, 2_000, 0, 800),
    ),
    "Cloudflare": Golden(
        format="cloudflare",
        content=json.dumps({"success": True, "result": [CLOUDFLARE, CLOUDFLARE | {"id": "c2", "cached": True}]}),
        rows=1,
        buckets=(1_200, 0, 0, 80),
        cost=cost_of("gpt-4o-mini", 1_200, 0, 0, 80),
    ),
    "OpenRouter CSV": Golden(
        format="openrouter",
        content=OPENROUTER,
        rows=2,
        buckets=(2_500, 1_000, 0, 420),
        cost=cost_of("gpt-4o-mini", 2_500, 1_000, 0, 420),
    ),
    "OpenRouter API": Golden(
        format="openrouter_activity",
        content=json.dumps(ACTIVITY),
        rows=1,
        requests=81,
        buckets=(445_839, 0, 0, 38_742),
        cost=cost_of("gpt-4o-mini", 445_839, 0, 0, 38_742),
    ),
    "Portkey": Golden(
        format="portkey",
        content=to_lines(PORTKEY, PORTKEY | {"id": "p2", "cache_status": "SEMANTIC HIT", "cost": 0}),
        rows=1,
        buckets=(4_000, 0, 0, 50),
        cost=cost_of("gpt-4o-mini", 4_000, 0, 0, 50),
    ),
    "Helicone API": Golden(
        format="helicone",
        content=json.dumps({"data": [HELICONE, HELICONE | {"response_id": "h2", "cache_reference_id": "7b1c0f5e-1"}]}),
        rows=1,
        buckets=(400, 300, 0, 250),
        cost=cost_of("claude-haiku-4-5", 400, 300, 0, 250),
    ),
    "Helicone CSV": Golden(
        format="helicone",
        content=HELICONE_CSV,
        rows=1,
        buckets=(100, 0, 0, 20),
        cost=cost_of("gpt-4o", 100, 0, 0, 20),
    ),
}


@pytest.mark.parametrize("golden", GOLDEN.values(), ids=GOLDEN)
def test_it_reads_a_file_to_the_token_and_prices_it(tmp_path: Path, golden: Golden) -> None:
    check_golden(tmp_path, golden)


def test_portkeys_costs_are_in_cents(tmp_path: Path) -> None:
    log = check_golden(tmp_path, GOLDEN["Portkey"])
    assert log.column("logged_cost") == [Decimal("0.00063")]


def test_a_stream_that_was_cancelled_is_no_failure(tmp_path: Path) -> None:
    log = check_golden(tmp_path, GOLDEN["OpenRouter CSV"])
    assert False not in log.column("ok")


def test_helicones_names_of_owners_are_read(tmp_path: Path) -> None:
    log = check_golden(tmp_path, GOLDEN["Helicone API"])
    assert log.query("SELECT end_user, session, environment, latency_ms, first_token_ms FROM log.requests") == [
        ("ada", "s1", "production", 2000.0, 300.0)
    ]
