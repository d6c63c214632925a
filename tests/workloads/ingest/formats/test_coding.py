"""Formats of coding agents: golden files in their documented layouts. Rates are in `tests.support.workloads.golden`."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.workloads.golden import Golden, check_golden, cost_of, to_lines
from tests.support.workloads.ingested_logs import ingest_log

pytestmark = pytest.mark.slow

D = Decimal


def line(number: int, message: str, output: int, **usage: Any) -> dict[str, Any]:
    """A line of an assistant's message as Claude Code keeps it."""
    return {
        "parentUuid": None,
        "isSidechain": False,
        "cwd": "/home/ada/shop",
        "sessionId": "s1",
        "version": "2.1.0",
        "type": "assistant",
        "uuid": f"u{number}",
        "requestId": f"req_{message}",
        "timestamp": f"2026-11-10T09:02:{number:02}.000Z",
        "message": {
            "id": message,
            "type": "message",
            "role": "assistant",
            "model": "claude-haiku-4-5",
            "content": [],
            "usage": {
                "input_tokens": 10,
                "cache_creation_input_tokens": 3_000,
                "cache_read_input_tokens": 9_000,
                "cache_creation": {"ephemeral_5m_input_tokens": 1_000, "ephemeral_1h_input_tokens": 2_000},
                "output_tokens": output,
                "service_tier": "standard",
                **usage,
            },
        },
    }


SYNTHETIC = line(9, "msg_9", 0)
SYNTHETIC["message"] |= {"model": "<synthetic>", "usage": {"input_tokens": 0, "output_tokens": 0}}
CLAUDE_CODE = to_lines(
    {"type": "summary", "summary": "x", "leafUuid": "u1"},
    {
        "type": "user",
        "uuid": "u0",
        "sessionId": "s1",
        "timestamp": "2026-11-10T09:02:00.000Z",
        "message": {"role": "u"},
    },
    line(1, "msg_1", 5),
    line(2, "msg_1", 250),
    line(3, "msg_2", 100),
    SYNTHETIC,
)


def event(second: int, running: int, **last: int) -> dict[str, Any]:
    """An event with the last call's tokens as Codex keeps it."""
    return {
        "timestamp": f"2026-11-12T10:01:{second:02}.000Z",
        "type": "event_msg",
        "payload": {
            "type": "token_count",
            "info": {"total_token_usage": {"total_tokens": running}, "last_token_usage": last},
        },
    }


FIRST = {
    "input_tokens": 3_000,
    "cached_input_tokens": 1_024,
    "output_tokens": 200,
    "reasoning_output_tokens": 50,
    "total_tokens": 3_200,
}
SECOND = FIRST | {"input_tokens": 1_000, "cached_input_tokens": 0, "total_tokens": 1_200}
CODEX = to_lines(
    {"timestamp": "2026-11-12T10:00:00Z", "type": "session_meta", "payload": {"id": "x", "cwd": "/home/ada/shop"}},
    {
        "timestamp": "2026-11-12T10:00:01Z",
        "type": "turn_context",
        "payload": {"cwd": "/home/ada/shop", "model": "gpt-5"},
    },
    event(1, 3_200, **FIRST),
    event(2, 3_200, **FIRST),
    {"timestamp": "2026-11-12T10:01:20Z", "type": "turn_context", "payload": {"cwd": "/x", "model": "gpt-4o"}},
    event(30, 4_400, **SECOND),
)
CURSOR = (
    '"Date","Kind","Model","Max Mode","Input (w/ Cache Write)","Input (w/o Cache Write)","Cache Read","Output Tokens",'
    '"Total Tokens","Cost"\n'
    '"2026-11-03T08:29:22.859Z","On-Demand","claude-haiku-4-5","No","1000","2000","50000","400","53400","$0.07"\n'
    '"2026-11-03T08:59:08.010Z","Included","claude-haiku-4-5","No","0","500","5000","90","5590","Included"\n'
)
COPILOT = (
    "date,username,product,sku,model,quantity,unit_type,applied_cost_per_quantity,gross_amount,discount_amount,"
    "net_amount,total_monthly_quota,organization,cost_center_name,input,output,cache_read,cache_write\n"
    "2026-11-01,octo,copilot,copilot_ai_credit,Claude Haiku 4.5,13.85,ai-credits,0.01,0.1385,0.1385,0,,acme,,8000,600,"
    "80000,1000\n"
)
DAY = {
    "date": "2026-11-01",
    "inputTokens": 3_000,
    "outputTokens": 500,
    "cacheCreationTokens": 1_000,
    "cacheReadTokens": 20_000,
    "totalTokens": 24_500,
    "totalCost": 0.02,
    "modelsUsed": ["claude-haiku-4-5", "gpt-4o"],
    "modelBreakdowns": [
        {
            "modelName": "claude-haiku-4-5",
            "inputTokens": 2_000,
            "outputTokens": 400,
            "cacheCreationTokens": 1_000,
            "cacheReadTokens": 20_000,
            "cost": 0.0073,
        },
        {
            "modelName": "gpt-4o",
            "inputTokens": 1_000,
            "outputTokens": 100,
            "cacheCreationTokens": 0,
            "cacheReadTokens": 0,
            "cost": 0.0035,
        },
    ],
}
SESSION = {key: value for key, value in DAY.items() if key != "date"} | {"sessionId": "s", "lastActivity": "2026-11-01"}
WHOLE_DAY = DAY | {"modelsUsed": ["claude-haiku-4-5"], "modelBreakdowns": []}

CLAUDE_CODE_DAY = {
    "date": "2026-11-01T00:00:00Z",
    "actor": {"type": "user_actor", "email_address": "ada@example.com"},
    "core_metrics": {"num_sessions": 5, "lines_of_code": {"added": 40, "removed": 2}},
    "model_breakdown": [
        {
            "model": "claude-haiku-4-5-20251001",
            "tokens": {"input": 3_000, "output": 500, "cache_read": 20_000, "cache_creation": 1_000},
            "estimated_cost": {"currency": "USD", "amount": 9},
        }
    ],
}
GOLDEN = {
    "Claude Code": Golden(
        format="claude_code",
        content=CLAUDE_CODE,
        rows=2,
        buckets=(20, 18_000, 6_000, 350),
        cost=cost_of("claude-haiku-4-5", 20, 18_000, 2_000, 350) + 4_000 * D(2) / 1_000_000,
    ),
    "Codex": Golden(
        format="codex",
        content=CODEX,
        rows=2,
        buckets=(2_976, 1_024, 0, 400),
        cost=cost_of("gpt-5", 1_976, 1_024, 0, 200) + cost_of("gpt-4o", 1_000, 0, 0, 200),
    ),
    "Cursor": Golden(
        format="cursor",
        content=CURSOR,
        rows=2,
        buckets=(2_500, 55_000, 1_000, 490),
        cost=cost_of("claude-haiku-4-5", 2_500, 55_000, 1_000, 490),
    ),
    "Copilot": Golden(
        format="github_copilot",
        content=COPILOT,
        rows=1,
        requests=0,
        buckets=(8_000, 80_000, 1_000, 600),
        cost=cost_of("claude-haiku-4-5", 8_000, 80_000, 1_000, 600),
    ),
    "ccusage, a model a row": Golden(
        format="ccusage",
        content=json.dumps({"daily": [DAY], "totals": {"inputTokens": 3_000, "totalCost": 0.02}}),
        rows=2,
        requests=0,
        buckets=(3_000, 20_000, 1_000, 500),
        cost=cost_of("claude-haiku-4-5", 2_000, 20_000, 1_000, 400) + cost_of("gpt-4o", 1_000, 0, 0, 100),
    ),
    "ccusage, sessions": Golden(
        format="ccusage",
        content=json.dumps({"sessions": [SESSION], "totals": {}}),
        rows=2,
        requests=0,
        buckets=(3_000, 20_000, 1_000, 500),
        cost=cost_of("claude-haiku-4-5", 2_000, 20_000, 1_000, 400) + cost_of("gpt-4o", 1_000, 0, 0, 100),
    ),
    "ccusage, a day a row": Golden(
        format="ccusage",
        content=json.dumps({"daily": [WHOLE_DAY]}),
        rows=1,
        requests=0,
        buckets=(3_000, 20_000, 1_000, 500),
        cost=cost_of("claude-haiku-4-5", 3_000, 20_000, 1_000, 500),
    ),
    "Claude Code report": Golden(
        format="claude_code_report",
        content=json.dumps({"data": [CLAUDE_CODE_DAY], "has_more": False}),
        rows=1,
        requests=0,
        buckets=(3_000, 20_000, 1_000, 500),
        cost=cost_of("claude-haiku-4-5", 3_000, 20_000, 1_000, 500),
    ),
}


@pytest.mark.parametrize("golden", GOLDEN.values(), ids=GOLDEN)
def test_it_reads_a_file_to_the_token_and_prices_it(tmp_path: Path, golden: Golden) -> None:
    check_golden(tmp_path, golden)


def test_a_models_part_of_a_day_has_its_own_cost(tmp_path: Path) -> None:
    log = check_golden(tmp_path, GOLDEN["ccusage, a model a row"])
    assert log.column("logged_cost") == [D("0.0073"), D("0.0035")]


def test_codexs_events_have_the_model_and_folder_of_their_turn(tmp_path: Path) -> None:
    log = check_golden(tmp_path, GOLDEN["Codex"])
    assert log.query("SELECT model, feature FROM log.requests ORDER BY row") == [
        ("gpt-5", "/home/ada/shop"),
        ("gpt-4o", "/x"),
    ]


def test_an_event_before_the_first_count_is_no_request(tmp_path: Path) -> None:
    event = {"timestamp": "2026-11-03T08:00:00Z", "type": "event_msg", "payload": {"type": "token_count", "info": None}}
    log = ingest_log(tmp_path, to_lines(event) + CODEX)
    assert log.source.rows == 2


def test_the_report_of_claude_code_has_users_and_costs_in_cents(tmp_path: Path) -> None:
    log = check_golden(tmp_path, GOLDEN["Claude Code report"])
    assert log.query("SELECT end_user, logged_cost FROM log.requests") == [("ada@example.com", D("0.09"))]
