import json
from decimal import Decimal
from pathlib import Path

import pytest

from core.exceptions import BadInput
from tests.support.workloads.builder import Log
from tests.support.workloads.ingested_logs import ingest_log

pytestmark = pytest.mark.slow

BUCKETS = "SELECT fresh_input, cache_read, cache_write, output FROM log.requests ORDER BY row"


def test_it_takes_cached_tokens_out_of_prompt_tokens_and_says_that_it_guessed(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, "prompt_tokens,cached_tokens,completion_tokens\n100,60,7\n50,,8\n")
    assert log.query(BUCKETS) == [(40, 60, 0, 7), (50, 0, 0, 8)]
    assert '"prompt_tokens" is assumed to include cached tokens' in log.notes


def test_it_sees_from_one_row_that_cached_tokens_come_on_top(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, "prompt_tokens,cached_tokens,completion_tokens\n100,60,7\n50,90,8\n")
    assert log.query(BUCKETS) == [(100, 60, 0, 7), (50, 90, 0, 8)]
    assert "is assumed to exclude cached tokens" in log.notes


def test_one_damaged_row_among_many_says_nothing_of_the_others(tmp_path: Path) -> None:
    rows = "100,60,7\n" * 30
    one, both = tmp_path / "one", tmp_path / "both"
    one.mkdir()
    both.mkdir()
    damaged = ingest_log(one, f"prompt_tokens,cached_tokens,completion_tokens\n{rows}5,90,8\n")
    assert damaged.query(BUCKETS) == [*[(40, 60, 0, 7)] * 30, (5, 90, 0, 8)]
    assert "excludes cached tokens in 1 of 31 rows with any" in damaged.notes
    two = ingest_log(both, f"prompt_tokens,cached_tokens,completion_tokens\n{rows}5,90,8\n6,90,8\n")
    assert two.query(BUCKETS)[0] == (100, 60, 0, 7)


def test_it_knows_anthropics_usage_object(tmp_path: Path) -> None:
    usage = (
        '{"usage": {"input_tokens": 10, "cache_read_input_tokens": 4, '
        '"cache_creation_input_tokens": 3, "output_tokens": 2}}'
    )
    log = ingest_log(tmp_path, usage)
    assert log.query(BUCKETS) == [(10, 4, 3, 2)]
    assert log.source.mapping["cached_tokens"] == "usage.cache_read_input_tokens"


def test_it_believes_the_user(tmp_path: Path) -> None:
    content = "a,b,c\n" + "100,60,7\n" * 3 + "50,90,8\n"
    given = {"cached_tokens": "b", "output_tokens": "c"}
    inclusive = ingest_log(tmp_path, content, mapping={"input_tokens": "a", **given})
    assert inclusive.query(BUCKETS) == [(40, 60, 0, 7)] * 3
    assert [(one.why, one.examples) for one in inclusive.source.rejected] == [
        ("more cached tokens than input tokens", (4,))
    ]
    exclusive = ingest_log(tmp_path, content, mapping={"fresh_input_tokens": "a", **given})
    assert exclusive.query(BUCKETS)[3] == (50, 90, 0, 8)


def test_it_reads_langfuse_buckets_as_disjoint(tmp_path: Path) -> None:
    observation = (
        '{"startTime": "2024-05-01T10:00:00.000Z", "model": "gpt-4o", "latency": 2.5, "timeToFirstToken": 0.4, '
        '"usageDetails": {"input": 40, "input_cached_tokens": 60, "output": 5, "output_reasoning_tokens": 3}}'
    )
    log = ingest_log(tmp_path, observation)
    assert log.query(BUCKETS) == [(40, 60, 0, 8)]
    assert log.query("SELECT latency_ms, first_token_ms FROM log.requests") == [(2500.0, 400.0)]


def test_it_tells_a_known_zero_from_an_unknown(tmp_path: Path) -> None:
    known = ingest_log(tmp_path, "prompt_tokens,cached_tokens,completion_tokens\n100,0,7\n")
    assert "cache_read" in known.source.columns
    assert "cache_read" not in ingest_log(tmp_path, "prompt_tokens,completion_tokens\n100,7\n").source.columns


def test_a_rows_own_total_shows_whether_cached_tokens_are_inside(tmp_path: Path) -> None:
    header = "prompt_tokens,cached_tokens,completion_tokens,total_tokens"
    log = ingest_log(tmp_path, f"{header}\n100,60,7,107\n100,60,7,167\n100,60,7,\n")
    assert log.query(BUCKETS) == [(40, 60, 0, 7), (100, 60, 0, 7), (40, 60, 0, 7)]
    assert '"prompt_tokens" excludes cached tokens in 1 of 3 rows with any' in log.notes


def test_a_row_that_leaves_no_doubt_stands_for_others_of_its_model_only(tmp_path: Path) -> None:
    rows = "claude,50,90,8\nclaude,100,60,7\ngpt-4o,100,60,7\n"
    log = ingest_log(tmp_path, f"model,prompt_tokens,cached_tokens,completion_tokens\n{rows}")
    assert log.query(BUCKETS) == [(50, 90, 0, 8), (100, 60, 0, 7), (40, 60, 0, 7)]


def test_cache_writes_are_counted_once_and_by_how_long_they_are_kept(tmp_path: Path) -> None:
    header = "fresh_input_tokens,cache_creation_input_tokens,ephemeral_5m_input_tokens,ephemeral_1h_input_tokens"
    log = ingest_log(tmp_path, f"{header},output_tokens\n10,50,20,30,1\n10,0,20,30,1\n10,50,,,1\n")
    assert log.query("SELECT cache_write, cache_write_1h FROM log.requests ORDER BY row") == [
        (50, 30),
        (50, 30),
        (50, 0),
    ]


def test_a_rows_own_total_shows_whether_reasoning_is_inside_output(tmp_path: Path) -> None:
    header = "input_tokens,output_tokens,usage_details.output_reasoning_tokens,total_tokens"
    log = ingest_log(tmp_path, f"{header}\n10,7,5,17\n10,7,5,22\n10,7,5,\n")
    assert log.column("output") == [7, 12, 12]
    assert log.column("reasoning") == [5, 5, 5]


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("completion_tokens_details.reasoning_tokens", 7),
        ("output_tokens_details.reasoning_tokens", 7),
        ("reasoning_tokens", 7),
        ("thoughts_token_count", 12),
    ],
)
def test_without_a_total_the_name_shows_it(tmp_path: Path, name: str, output: int) -> None:
    assert ingest_log(tmp_path, f"input_tokens,output_tokens,{name}\n10,7,5\n").column("output") == [output]
    assert ingest_log(tmp_path, f"input_tokens,output_tokens,{name}\n10,7,9\n").column("output") == [
        16
    ]  # more than fit in


def test_geminis_total_includes_thoughts_without_a_column(tmp_path: Path) -> None:
    header = "model,input_tokens,output_tokens,total_tokens"
    log = ingest_log(tmp_path, f"{header}\ngemini-2.5-pro,10,7,30\ngpt-4o,10,7,30\n")
    assert log.column("output") == [20, 7]


def test_tokens_of_tool_results_are_input(tmp_path: Path) -> None:
    log = ingest_log(
        tmp_path,
        "model,prompt_token_count,cached_content_token_count,tool_use_prompt_token_count,candidates_token_count\n"
        "gemini-2.5-pro,10,4,5,1\n",
    )
    assert log.query(BUCKETS) == [(11, 4, 0, 1)]


def test_audio_is_a_part_of_its_bucket_with_cached_audio_apart(tmp_path: Path) -> None:
    usage = (
        '{"usage": {"input_tokens": 100, "output_tokens": 9, "input_token_details": {"audio_tokens": 70, '
        '"cached_tokens": 40, "cached_tokens_details": {"audio_tokens": 30}}, '
        '"output_token_details": {"audio_tokens": 8}}}'
    )
    log = ingest_log(tmp_path, usage)
    assert log.query(BUCKETS) == [(60, 40, 0, 9)]
    assert log.query("SELECT audio_input, audio_read, audio_output FROM log.requests") == [(40, 30, 8)]


def test_a_part_is_never_more_than_its_bucket(tmp_path: Path) -> None:
    header = "input_tokens,output_tokens,input_audio_tokens,output_audio_tokens,input_image_tokens,output_image_tokens"
    log = ingest_log(tmp_path, f"{header}\n10,5,70,80,90,60\n10,5,4,3,90,60\n")
    parts = log.query("SELECT audio_input, audio_output, image_input, image_output FROM log.requests ORDER BY row")
    assert parts == [(10, 5, 0, 0), (4, 3, 6, 2)]


def test_an_embedding_has_no_output(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, "model,input_tokens,output_tokens\ntext-embedding-3-small,10,\ngpt-4o,5,2\n")
    assert log.column("output") == [0, 2]
    assert "1 request has no output token count" in log.notes


def embedding(model: str, tokens: int) -> str:
    answer = {"object": "list", "data": [{"embedding": [0.1, 0.2]}, {"embedding": [0.3]}], "model": model}
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return json.dumps({"created_at": "2026-11-03T08:00:00Z", **answer, "usage": usage}) + "\n"


def test_a_log_of_embeddings_needs_no_output(tmp_path: Path) -> None:
    log = ingest_log(
        tmp_path, embedding("text-embedding-3-small", 1_000_000) + embedding("text-embedding-3-large", 500_000)
    )
    assert log.query(BUCKETS) == [(1_000_000, 0, 0, 0), (500_000, 0, 0, 0)]
    priced = Log(path=log.out).priced_log()
    assert priced.fetch_one("SELECT sum(cost) FROM priced") == (Decimal("0.085"),)  # 1 × $0.02 + 0.5 × $0.13


def test_other_models_among_embeddings_are_not_free_of_output(tmp_path: Path) -> None:
    rows = "2026-11-03T08:00:00Z,voyage-3,10\n" * 3_000
    log = ingest_log(tmp_path, f"time,model,input_tokens\n{rows}2026-11-03T09:00:00Z,gpt-4o,5\n")
    assert log.source.rows == 3_000
    assert [(each.rows, str(each.why)) for each in log.source.rejected] == [
        (1, "no output tokens, and no model for embeddings")
    ]


def test_without_output_other_models_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no column for output_tokens"):
        ingest_log(tmp_path, "time,model,input_tokens\n2026-11-03T08:00:00Z,gpt-4o,5\n")


@pytest.mark.parametrize(
    ("column", "cells", "tiers"),
    [
        ("service_tier", ["batch", "flex", "priority", "default", "auto", "gold"], ["batch", "flex", "priority"]),
        ("batch", ["true", "1", "false"], ["batch", "batch"]),
        ("model", ["gpt-4o:batch", "gpt-4o"], ["batch"]),
    ],
)
def test_it_reads_what_was_bought(tmp_path: Path, column: str, cells: list[str], tiers: list[str]) -> None:
    rows = "".join(f"5,2,{cell}\n" for cell in cells)
    log = ingest_log(tmp_path, f"input_tokens,output_tokens,{column}\n{rows}")
    assert log.column("service_tier") == tiers + [None] * (len(cells) - len(tiers))


def test_an_id_of_something_else_is_no_id_of_the_request(tmp_path: Path) -> None:
    row = '{"user": {"id": "u1"}, "model": {"id": "gpt-4o"}, "usage": {"input_tokens": 5, "output_tokens": 2}}\n'
    log = ingest_log(tmp_path, row * 3)
    assert log.source.rows == 3
    assert log.column("request_id") == [None] * 3


def test_models_of_one_maker_are_counted_in_one_way(tmp_path: Path) -> None:
    rows = ["gpt-4o,500,1024,5", "gpt-4o,700,1024,5", "gpt-4o-mini,2000,1024,5", "llama,2000,1024,5"]
    log = ingest_log(tmp_path, "model,input,cached_tokens,output\n" + "\n".join(rows) + "\n")
    assert log.column("fresh_input") == [500, 700, 2000, 976]


def test_a_rows_own_total_says_whether_its_reasoning_is_inside_the_output(tmp_path: Path) -> None:
    rows = "gpt-4o,100,50,20,150\ngpt-4o,100,50,20,170\n"
    log = ingest_log(tmp_path, f"model,input_tokens,output_tokens,reasoning_tokens,total_tokens\n{rows}")
    assert log.column("output") == [50, 70]


def test_a_rows_own_total_goes_before_the_names_of_its_columns(tmp_path: Path) -> None:
    rows = "claude-haiku-4-5,100,60,5,105\nclaude-haiku-4-5,100,60,5,165\n"
    log = ingest_log(tmp_path, f"model,input_tokens,cache_read_input_tokens,output_tokens,total_tokens\n{rows}")
    assert log.column("fresh_input") == [40, 100]
