from pathlib import Path

from tests.support.workloads.ingested_logs import bring

BUCKETS = "SELECT fresh_input, cache_read, cache_write, output FROM log.requests ORDER BY row"


def test_it_takes_cached_tokens_out_of_prompt_tokens_and_says_that_it_guessed(tmp_path: Path) -> None:
    log = bring(tmp_path, "prompt_tokens,cached_tokens,completion_tokens\n100,60,7\n50,,8\n")
    assert log.query(BUCKETS) == [(40, 60, 0, 7), (50, 0, 0, 8)]
    assert '"prompt_tokens" is assumed to include cached tokens' in log.notes


def test_it_sees_from_one_row_that_cached_tokens_come_on_top(tmp_path: Path) -> None:
    log = bring(tmp_path, "prompt_tokens,cached_tokens,completion_tokens\n100,60,7\n50,90,8\n")
    assert log.query(BUCKETS) == [(100, 60, 0, 7), (50, 90, 0, 8)]
    assert "is assumed to exclude cached tokens" in log.notes


def test_it_knows_anthropics_usage_object(tmp_path: Path) -> None:
    usage = (
        '{"usage": {"input_tokens": 10, "cache_read_input_tokens": 4, '
        '"cache_creation_input_tokens": 3, "output_tokens": 2}}'
    )
    log = bring(tmp_path, usage)
    assert log.query(BUCKETS) == [(10, 4, 3, 2)]
    assert log.source.mapping["cached_tokens"] == "usage.cache_read_input_tokens"


def test_it_believes_the_user(tmp_path: Path) -> None:
    content = "a,b,c\n" + "100,60,7\n" * 3 + "50,90,8\n"
    given = {"cached_tokens": "b", "output_tokens": "c"}
    inclusive = bring(tmp_path, content, mapping={"input_tokens": "a", **given})
    assert inclusive.query(BUCKETS) == [(40, 60, 0, 7)] * 3
    assert [(one.why, one.examples) for one in inclusive.source.rejected] == [
        ("more cached tokens than input tokens", (4,))
    ]
    exclusive = bring(tmp_path, content, mapping={"fresh_input_tokens": "a", **given})
    assert exclusive.query(BUCKETS)[3] == (50, 90, 0, 8)


def test_it_reads_langfuse_buckets_as_disjoint(tmp_path: Path) -> None:
    observation = (
        '{"startTime": "2024-05-01T10:00:00.000Z", "model": "gpt-4o", "latency": 2.5, "timeToFirstToken": 0.4, '
        '"usageDetails": {"input": 40, "input_cached_tokens": 60, "output": 5, "output_reasoning_tokens": 3}}'
    )
    log = bring(tmp_path, observation)
    assert log.query(BUCKETS) == [(40, 60, 0, 8)]
    assert log.query("SELECT latency_ms, first_token_ms FROM log.requests") == [(2500.0, 400.0)]


def test_it_tells_a_known_zero_from_an_unknown(tmp_path: Path) -> None:
    known = bring(tmp_path, "prompt_tokens,cached_tokens,completion_tokens\n100,0,7\n")
    assert "cache_read" in known.source.columns
    assert "cache_read" not in bring(tmp_path, "prompt_tokens,completion_tokens\n100,7\n").source.columns
