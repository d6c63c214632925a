"""The public traces, to the token; the figures were computed independently."""

import os
from pathlib import Path

import pytest

from tests.support.workloads.golden import Golden, check_golden, cost_of, to_lines
from tests.support.workloads.ingested_logs import bring_file, ingest_log

pytestmark = pytest.mark.slow

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
    log = ingest_log(tmp_path, header + "5,ChatGPT,472,18,490,Conversation log\n45,GPT-4,1087,230,1317,API log\n")
    assert (log.source.format, log.source.guessed, log.source.relative_clock) == ("burstgpt", False, True)
    assert log.query("SELECT model, fresh_input, output FROM log.requests") == [
        ("ChatGPT", 472, 18),
        ("GPT-4", 1087, 230),
    ]


def test_it_reads_azures_layout(tmp_path: Path) -> None:
    trace = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 18:17:05,110,27\n"
    golden = Golden(
        format="azure",
        content=trace,
        rows=2,
        buckets=(4_918, 0, 0, 37),
        cost=cost_of("gpt-4o", 4_918, 0, 0, 37),
        assume_model="gpt-4o",
    )
    check_golden(tmp_path, golden)


def test_it_reads_mooncakes_layout(tmp_path: Path) -> None:
    rows = [
        {"timestamp": 0, "input_length": 600, "output_length": 20, "hash_ids": [0, 1]},
        {"timestamp": 3_000, "input_length": 700, "output_length": 30, "hash_ids": [0, 2]},
    ]
    golden = Golden(
        format="mooncake",
        content=to_lines(*rows),
        rows=2,
        buckets=(1_300, 0, 0, 50),
        cost=cost_of("gpt-4o", 1_300, 0, 0, 50),
        assume_model="gpt-4o",
    )
    check_golden(tmp_path, golden)


def test_it_works_out_the_block_size_where_it_is_not_stated(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, "input_tokens,output_tokens,hash_ids\n" + '130,1,"[1, 2, 3]"\n60,1,"[1]"\n')
    assert log.source.block_tokens == 60
    assert "60 tokens are assumed" in log.notes
