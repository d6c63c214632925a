"""The processor time of a typed query: on a log of a million rows beside bare DuckDB, and of an answer that is kept.

Run as `python -m benchmarks.ask`. The first query of a connection also stores the costs of all requests. Times are of
this process, in milliseconds."""

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import django
import duckdb

from workloads.analysis.opening import open_analysis
from workloads.ingest.pipeline import ingest_file
from workloads.pricing.assumptions import Assumptions
from workloads.query.query import Filter, MeasureArguments, Query

ROWS = 1_000_000
QUESTIONS = {
    "spend": Query(),
    "spend by team": Query(by=("team",)),
    "ten users": Query(by=("user",), limit=10),
    "p95 by model": Query(measures=("latency_p95",), by=("model",)),
    "spend by day, Berlin": Query(by=("day",), zone="Europe/Berlin"),
    "one team by feature": Query(by=("feature",), where=(Filter(field="team", values=("team-1",)),)),
}
BARE = "SELECT team, sum(fresh_input), count(*) FROM log.requests GROUP BY team"


def measure_ms(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def write_log(path: Path) -> None:
    duckdb.sql(
        f"""COPY (SELECT strftime(TIMESTAMP '2026-09-01' + to_seconds(i * 5), '%Y-%m-%dT%H:%M:%SZ') AS time,
            ['gpt-4o', 'gpt-4o-mini', 'claude-sonnet-4-5'][1 + (hash(i) % 3)::INT] AS model,
            'feature-' || (hash(i + 1) % 12) AS feature, 'team-' || (hash(i + 2) % 6) AS team,
            'user-' || (hash(i + 3) % 5000) AS "user", (hash(i + 4) % 4000)::INT AS input_tokens,
            (hash(i + 5) % 700)::INT AS output_tokens, (200 + hash(i + 6) % 9000)::INT AS latency_ms, 200 AS status
        FROM range({ROWS}) t(i)) TO '{path}' (HEADER)"""
    )


def main() -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_log(folder / "log.csv")
        log = folder / "log.duckdb"
        ingest_file(folder / "log.csv", log, format=None, mapping={}, name="log.csv")
        answers = folder / "answers"
        answers.mkdir()
        with open_analysis(log, folder / "temp", Assumptions(), answers_dir=answers) as analysis:
            asked = {title: MeasureArguments(query=query) for title, query in QUESTIONS.items()}
            first = MeasureArguments(query=Query(measures=("requests",)))
            print(f"{'first query, which stores the costs':52}{measure_ms(lambda: analysis.measure(first)):8.1f}")
            print(f"{'bare DuckDB: tokens by team':52}{measure_ms(lambda: analysis._priced_log.fetch_all(BARE)):8.1f}")
            for title, one in asked.items():
                print(f"{title:52}{measure_ms(lambda one=one: analysis.measure(one)):8.1f}")  # type: ignore[misc]
        with open_analysis(log, folder / "temp", Assumptions(), answers_dir=answers) as analysis:
            for title, one in asked.items():
                print(f"{f'kept: {title}':52}{measure_ms(lambda one=one: analysis.measure(one)):8.1f}")  # type: ignore[misc]


if __name__ == "__main__":
    django.setup()
    main()
