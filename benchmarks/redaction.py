"""`python -m benchmarks.redaction`: how long redacting an event's text takes, beside parsing the same text as JSON."""

import json
import time
from collections.abc import Callable
from typing import Any

from core.redaction import redact

CLEAN = json.dumps({"rows": [{"model": "gpt-4o", "input_tokens": 123, "usd": "12.34"}] * 40})
TIMES, ROUNDS = 300, 9


def measure_seconds(work: Callable[[str], Any]) -> float:
    """Return the processor time of the best of several rounds."""

    def run_once() -> float:
        start = time.process_time()
        for _ in range(TIMES):
            work(CLEAN)
        return time.process_time() - start

    return min(run_once() for _ in range(ROUNDS))


def main() -> None:
    redacting, parsing = measure_seconds(redact), measure_seconds(json.loads)
    ratio = redacting / parsing
    print(f"{len(CLEAN):,} characters without a secret: redacted in {ratio:.2f} times the time of json.loads")


if __name__ == "__main__":
    main()
