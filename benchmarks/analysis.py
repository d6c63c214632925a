"""The cost of a whole answer on a long log: `manage.py optimize FILE` against DuckDB reading the same file once.

Seeded logs in a temporary folder: CSV without prefix blocks, JSON lines and Parquet with ten of them per request. For
each, plain DuckDB does one GROUP BY with percentiles in a process of its own (the floor), then the command answers.
Prints seconds, CPU seconds of all processes, the ratio, and the peak memory of the command's process and of the one
that reads the log. `python -m benchmarks.analysis [--rows N] [--only csv|jsonl|parquet]`"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import duckdb

ROOT = Path(__file__).resolve().parent.parent
POLL = 0.01  # seconds
MEBI = 1 << 20

LOG = """
SELECT make_timestamp(1767225600000000 + i * {apart})::VARCHAR || 'Z' AS time, 'r' || i AS request_id,
    CASE WHEN a < 5 THEN 'gpt-4o' WHEN a < 8 THEN 'claude-sonnet-4-5' ELSE 'gpt-4o-mini' END AS model,
    'feature-' || (b % 12) AS feature, 'session-' || session AS session, (300 + c % 12000)::BIGINT AS input_tokens,
    10 + d % 700 AS output_tokens, 200 + d % 9000 AS latency_ms, if(a = 9 AND b % 9 = 0, 'error', 'success') AS status,
    md5((c % {prompts})::VARCHAR) AS prompt_hash, a % 2 = 0 AS streamed, 0 AS temperature
FROM (
    SELECT i, hash(i, {seed}) % 10 AS a, hash(i, {seed} + 1) % 1000 AS b, hash(i, {seed} + 2) AS c,
        hash(i, {seed} + 3) AS d, hash(i // 40 * 8 + hash(i, {seed} + 4) % 8) % 1000000000 AS session
    FROM range({rows}) numbers (i)
)
"""
"""Eight sessions at a time take turns for forty requests; about one prompt in six was sent before."""

BLOCKS = """
SELECT *, list_transform(range(input_tokens // 1230 + 5), lambda place: substr(md5(place || CASE
    WHEN place < 4 THEN feature WHEN place < 8 THEN session ELSE request_id END), 1, 16)) AS blocks
"""
"""About ten chained hashes per prompt: four blocks are the feature's, four the session's, the rest its own."""

FLOOR = """
import sys, duckdb
duckdb.sql("SET threads = 2")
print(duckdb.sql(f"SELECT model, count(*), sum(input_tokens), quantile_cont(input_tokens, [0.5, 0.95, 0.99]),"
    f" quantile_cont(output_tokens, [0.5, 0.95, 0.99]) FROM '{sys.argv[1]}' GROUP BY model").fetchall())
"""

FILES: Mapping[str, tuple[bool, str]] = MappingProxyType(
    {"csv": (False, "HEADER"), "jsonl": (True, "FORMAT json"), "parquet": (True, "FORMAT parquet")}
)
"""Ending, whether the log has blocks, and how DuckDB writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandMeasurement:
    """`peak`: the most memory in bytes that the process itself, and that any process it started, held at a time."""

    seconds: float
    cpu: float
    own_peak: int
    child_peak: int


def write_log(path: Path, *, rows: int, seed: int = 7, days: int = 30, has_blocks: bool = True) -> None:
    """Write a log, with the prompts' prefix blocks if its format has them here and `has_blocks`."""
    blocks, how = FILES[path.suffix.removeprefix(".")]
    blocks = blocks and has_blocks
    log = LOG.format(rows=rows, seed=seed, apart=days * 86_400_000_000 // rows, prompts=rows * 3)
    with duckdb.connect(config={"threads": 2, "temp_directory": str(path.parent / "spill")}) as con:
        con.execute(f"COPY ({BLOCKS if blocks else 'SELECT *'} FROM ({log})) TO '{path}' ({how})")


def measure_command(command: Sequence[str | Path]) -> CommandMeasurement:
    """Run it, watching the high-water marks of its memory and its children's; ends us if it fails."""
    start = time.perf_counter()
    quiet = subprocess.DEVNULL
    with subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=quiet, stderr=quiet) as process:
        peaks: dict[int, int] = {}
        while True:
            peaks |= {pid: peak for pid in (process.pid, *_list_children(process.pid)) if (peak := _read_peak(pid))}
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            time.sleep(POLL)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"failed: python {' '.join(map(str, command))}")
    return CommandMeasurement(
        seconds=time.perf_counter() - start,
        cpu=usage.ru_utime + usage.ru_stime,
        own_peak=peaks.pop(process.pid),
        child_peak=max(peaks.values(), default=0),
    )


def _read_peak(pid: int) -> int:
    """A process's most memory so far; 0 if it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


def _list_children(pid: int) -> list[int]:
    try:
        tasks = [task.joinpath("children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(child) for children in tasks for child in children.split()]


def format_comparison(path: Path) -> str:
    """One line of the table."""
    floor = measure_command(["-c", FLOOR, path])
    ask = "cut my spend by 30 % without hurting p95 latency"
    ours = measure_command(["manage.py", "optimize", path, "--ask", ask])
    own, child = ours.own_peak / MEBI, ours.child_peak / MEBI
    return (
        f"{path.suffix[1:]:8} {path.stat().st_size / MEBI:8.0f} {floor.seconds:10.1f} {ours.seconds:12.1f} "
        f"{ours.seconds / floor.seconds:7.1f} {ours.cpu:8.1f} {own:8.0f} {child:11.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", choices=FILES)
    options = parser.parse_args()
    print(f"{options.rows:,} rows\nlog        size MB   DuckDB (s)  optimize (s)   ratio  CPU (s)   own MB  reading MB")
    for ending in [options.only] if options.only else FILES:
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"log.{ending}"
            write_log(path, rows=options.rows)
            print(format_comparison(path), flush=True)


if __name__ == "__main__":
    main()
