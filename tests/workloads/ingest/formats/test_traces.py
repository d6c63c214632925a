"""The public traces, to the token; the figures were computed independently."""

import os
from pathlib import Path

import pytest

from tests.support.workloads.ingested_logs import bring, bring_file

TRACES = os.environ.get("NETRA_TRACES") or None
needs_traces = pytest.mark.skipif(TRACES is None, reason="NETRA_TRACES does not point to the public traces")
TOTALS = """
    SELECT count(*), sum(fresh_input + cache_read + cache_write), sum(output),
        round(date_diff('microsecond', min("at"), max("at")) / 1e6, 1) FROM log.requests
"""


@needs_traces
def test_it_reads_azures_trace_to_the_token(tmp_path: Path) -> None:
    log = bring_file(tmp_path, Path(TRACES or "") / "AzureLLMInferenceTrace_code.csv")
    assert log.source.format == "azure"
    assert not log.source.rejected
    assert log.query(TOTALS) == [(8819, 18_059_974, 245_896, 3435.9)]


@needs_traces
def test_it_reads_mooncakes_trace_to_the_token(tmp_path: Path) -> None:
    log = bring_file(tmp_path, Path(TRACES or "") / "mooncake_synthetic_trace.jsonl")
    assert (log.source.format, log.source.relative_clock, log.source.block_tokens) == ("mooncake", True, 512)
    assert log.query(TOTALS) == [(3993, 61_194_628, 595_432, 1022.0)]
    assert log.query("SELECT max(len(blocks) - ceil(fresh_input / 512)) FROM log.requests") == [(0,)]


def test_it_reads_a_burstgpt_table(tmp_path: Path) -> None:
    header = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
    log = bring(tmp_path, header + "5,ChatGPT,472,18,490,Conversation log\n45,GPT-4,1087,230,1317,API log\n")
    assert log.source.guessed
    assert log.source.relative_clock
    assert log.query("SELECT model, fresh_input, output FROM log.requests") == [
        ("ChatGPT", 472, 18),
        ("GPT-4", 1087, 230),
    ]


def test_it_reads_openrouters_activity(tmp_path: Path) -> None:
    header = (
        "generation_id,created_at,cost_total,tokens_prompt,tokens_completion,tokens_reasoning,tokens_cached,model_permaslug,"
        "provider_name,cancelled,streamed,user,generation_time_ms,time_to_first_token_ms,app_name\n"
    )
    log = bring(
        tmp_path, header + "g1,2025-05-01 10:00:00,0.01,100,20,5,40,openai/gpt-4o,OpenAI,false,true,u,1500,300,chat\n"
    )
    assert log.query(
        "SELECT fresh_input, cache_read, output, model, provider, ok, streamed, latency_ms, first_token_ms, feature "
        "FROM log.requests"
    ) == [(60, 40, 20, "openai/gpt-4o", "OpenAI", True, True, 1500.0, 300.0, "chat")]


def test_it_reads_helicones_table(tmp_path: Path) -> None:
    header = (
        "response_id,response_created_at,response_status,request_created_at,request_body,request_properties,"
        "request_user_id,model,prompt_tokens,completion_tokens,latency,cost\n"
    )
    log = bring(
        tmp_path,
        header + 'x1,2025-05-01T10:00:02Z,200,2025-05-01T10:00:00Z,"{""a"": 1}",{},u,gpt-4o,100,20,1800,0.001\n',
    )
    assert log.query("SELECT ok, latency_ms, end_user, prompt_hash IS NOT NULL FROM log.requests") == [
        (True, 1800.0, "u", True)
    ]


def test_it_works_out_the_block_size_where_it_is_not_stated(tmp_path: Path) -> None:
    log = bring(tmp_path, "input_tokens,output_tokens,hash_ids\n" + '130,1,"[1, 2, 3]"\n60,1,"[1]"\n')
    assert log.source.block_tokens == 60
    assert "60 tokens are assumed" in log.notes
