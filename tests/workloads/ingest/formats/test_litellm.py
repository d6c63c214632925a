import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.workloads.ingested_logs import IngestedLog, ingest_log, utc

pytestmark = pytest.mark.slow

BUCKETS = "SELECT fresh_input, cache_read, cache_write, output FROM log.requests ORDER BY row"


def row(**changes: Any) -> dict[str, Any]:
    """One row of LiteLLM_SpendLogs as its JSON export has it, with 60 of 100 prompt tokens read from the cache."""
    metadata = {
        "user_api_key_alias": "k",
        "additional_usage_values": {"cache_read_input_tokens": 60, "cache_creation_input_tokens": 10},
    }
    return {
        "request_id": "r1",
        "call_type": "acompletion",
        "spend": 0.00125,
        "total_tokens": 107,
        "prompt_tokens": 100,
        "completion_tokens": 7,
        "startTime": "2024-05-01T10:00:00.000Z",
        "endTime": "2024-05-01T10:00:02.500Z",
        "completionStartTime": "2024-05-01T10:00:00.400Z",
        "model": "claude-sonnet-4-5",
        "custom_llm_provider": "anthropic",
        "user": "",
        "end_user": "ada",
        "metadata": json.dumps(metadata),
        "cache_hit": "False",
        "request_tags": '["User-Agent: curl", "search"]',
        "team_id": "t1",
        "session_id": "s1",
        "status": "success",
    } | changes


def spend_log(tmp_path: Path, *rows: dict[str, Any]) -> IngestedLog:
    return ingest_log(tmp_path, "\n".join(json.dumps(one) for one in rows))


def test_it_reads_every_field_of_a_spend_log(tmp_path: Path) -> None:
    log = spend_log(tmp_path, row())
    assert log.source.format == "litellm"
    assert not log.source.guessed
    assert log.query(
        'SELECT "at", request_id, model, provider, latency_ms, first_token_ms, ok, feature, end_user, session, '
        "logged_cost::VARCHAR FROM log.requests"
    ) == [
        (
            *(utc(2024, 5, 1, 10), "r1", "claude-sonnet-4-5", "anthropic", 2500.0, 400.0, True, "search"),
            *("ada", "s1", "0.001250000"),
        )
    ]


def test_it_takes_cached_tokens_out_of_prompt_tokens(tmp_path: Path) -> None:
    assert spend_log(tmp_path, row()).query(BUCKETS) == [(30, 60, 10, 7)]


def test_it_sees_row_by_row_where_prompt_tokens_leave_cached_ones_out(tmp_path: Path) -> None:
    rows = [row(request_id=f"r{tokens}", prompt_tokens=tokens) for tokens in (100, 65, 30)]
    log = spend_log(tmp_path, *rows)
    assert log.query(BUCKETS) == [(30, 60, 10, 7), (5, 60, 10, 7), (30, 60, 10, 7)]
    assert '"prompt_tokens" excludes cached tokens in 2 of 3 rows' in log.notes


def test_calls_of_anthropics_own_api_exclude_cached_tokens_however_many_there_are(tmp_path: Path) -> None:
    own = row(call_type="anthropic_messages", request_id="r2", prompt_tokens=100)
    assert spend_log(tmp_path, row(), own).query(BUCKETS) == [(30, 60, 10, 7), (100, 60, 10, 7)]


def test_it_reads_the_same_from_csv_as_from_json(tmp_path: Path) -> None:
    one = row()
    cells = ['"' + str(value).replace('"', '""') + '"' for value in one.values()]
    log = ingest_log(tmp_path, ",".join(one) + "\n" + ",".join(cells))
    assert log.source.format == "litellm"
    assert log.query(BUCKETS) == [(30, 60, 10, 7)]
    assert log.column("feature") == ["search"]


def test_it_reads_metadata_that_is_an_object_or_that_is_broken(tmp_path: Path) -> None:
    log = spend_log(tmp_path, row(metadata=json.loads(row()["metadata"])), row(request_id="r2", metadata="{broken"))
    assert log.query(BUCKETS) == [(30, 60, 10, 7), (100, 0, 0, 7)]


def test_it_leaves_out_what_the_gateway_answered_itself(tmp_path: Path) -> None:
    hits = [row(request_id=f"h{number}", cache_hit="True", spend=0) for number in range(3)]
    log = spend_log(tmp_path, row(), *hits)
    assert log.source.rows == 1
    assert [(one.rows, "gateway's cache" in one.why) for one in log.source.rejected] == [(3, True)]


def test_it_sees_cached_tokens_that_only_a_late_row_has(tmp_path: Path) -> None:
    plain = [row(request_id=f"r{number}", metadata="{}") for number in range(600)]
    log = spend_log(tmp_path, *plain, row(request_id="last"))
    assert log.query("SELECT sum(cache_read), sum(cache_write) FROM log.requests") == [(60, 10)]


def test_tags_of_the_gateway_itself_are_no_feature(tmp_path: Path) -> None:
    log = spend_log(tmp_path, row(request_tags='["User-Agent: curl"]'))
    assert log.query("SELECT feature, team FROM log.requests") == [(None, "t1")]


def test_it_keeps_failures_without_tokens(tmp_path: Path) -> None:
    error = json.dumps({"error_information": {"error_code": "429"}})
    failed = row(request_id="r2", status="failure", prompt_tokens=0, completion_tokens=0, metadata=error)
    log = spend_log(tmp_path, row(), failed)
    assert log.query("SELECT ok, error FROM log.requests ORDER BY row") == [(True, None), (False, "429")]
