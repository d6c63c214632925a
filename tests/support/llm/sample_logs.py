"""A small log whose private columns are told apart from everything else, so that a leak of any of them is seen."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.workloads.read_logs import ReadLog, read_log

PRIVATE = (
    "private-request",
    "private-user",
    "private-session",
    "private-prompt",
    "private-block",
    "private-feature-not",
)
"""What every private value begins with; the last is in no row, so that it can stand for a text that never occurs."""
PUBLIC = ("gpt-4o-mini", "gpt-4o", "checkout", "search", "rate_limited", "shop.jsonl")
START = datetime(2026, 6, 1, 12, tzinfo=UTC)


def write(rows: int = 60) -> bytes:
    return "".join(json.dumps(_row(number)) + "\n" for number in range(rows)).encode()


def _row(number: int) -> dict[str, Any]:
    return {
        "netra": 1,
        "time": (START + timedelta(seconds=17 * number)).isoformat(),
        "request_id": f"private-request-{number}",
        "model": "gpt-4o" if number % 3 else "gpt-4o-mini",
        "provider": "openai",
        "input_tokens": 2000 + 7 * number,
        "output_tokens": 100 + number,
        "latency_ms": 800 + 11 * number,
        "status": "error" if number % 20 == 19 else "ok",
        "error": "rate_limited" if number % 20 == 19 else "",
        "streamed": False,
        "temperature": 0,
        "tools": False,
        "feature": "checkout" if number % 2 else "search",
        "user": f"private-user-{number % 5}",
        "session": f"private-session-{number % 7}",
        "prompt_hash": f"private-prompt-{number % 12}",
        "blocks": [f"private-block-{number % 4}-{place}" for place in range(12)],
    }


def read() -> ReadLog:
    return read_log("shop.jsonl", write())
