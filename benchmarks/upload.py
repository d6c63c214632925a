"""A log of 100 MB uploaded and asked about by one user while others work: the latency of the others' events.

Runs on a temporary installation with a real server. First the others work alone: each asks small questions in a page
of their own, with a second between them, and sends pings. Then one more user uploads a generated CSV in parts over
REST, waits until it is read, and asks. Prints for each stage the p50 and p95 of an event's delay from its own time
(`at`) to the page (one clock: the same machine) and of a ping's round trip; then the upload's speed, the times, and the
peak memory of the server and of its reader processes. At the end the log is uploaded again and deleted while it is
read. `python -m benchmarks.upload [--megabytes N | --rows N | --file LOG] [--kind csv|jsonl|parquet] [--others N]`;
exit status 1 if anything was wrong, or a target missed: server below 512 MiB, p95 of others' events below 200 ms; with
10 million rows (`--rows 10000000`) also: read and answered within 4 minutes, all processes together below 1 GiB, and a
question after it answered within 1 s."""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from benchmarks.analysis import FILES, write_log
from benchmarks.installation import BenchmarkServer, BenchmarkUser, installation
from benchmarks.measurement import MEBI, list_children, percentile, read_command, read_peak_memory, read_resident_memory
from benchmarks.page import PageClient, find_order_errors

CALM_SECONDS = 10.0  # seconds of the others alone
PAUSE_SECONDS = 1.0  # seconds in which one of the others reads an answer
PING_SECONDS = 0.1  # seconds between pings
CANCEL_AFTER_SECONDS = 3.0  # seconds of reading before the log is deleted
POLL_SECONDS = 0.02  # seconds between looks at the processes
BYTES_PER_ROW = 138  # of the generated CSV
MAX_MEMORY_BYTES, MAX_DELAY_SECONDS = 512 * MEBI, 0.2
LONG_LOG_ROWS = 10_000_000
MAX_ANSWER_SECONDS, MAX_AGAIN_SECONDS, MAX_TOGETHER_BYTES = 240.0, 1.0, 1024 * MEBI
"""For a log of that many rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What happened from `start` to `end` (wall clock)."""

    name: str
    start: float
    end: float


class PeakMemory:
    """The most memory of the server, of any process that it started, and of all of them together at one moment."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.server = 0
        self.reader = 0
        self.together = 0

    async def watch(self) -> None:
        while True:
            children = list_children(self._pid)
            self.server = max(self.server, read_peak_memory(self._pid))
            self.reader = max([self.reader, *map(read_peak_memory, children)])
            self.together = max(self.together, sum(map(read_resident_memory, (self._pid, *children))))
            await asyncio.sleep(POLL_SECONDS)


async def run_benchmark(server: BenchmarkServer, people: Sequence[BenchmarkUser], log: Path, rows: int) -> bool:
    """Return whether nothing was wrong and all targets were met."""
    uploader, *others = people
    peaks = PeakMemory(server.pid)
    async with AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(PageClient(server, person)) for person in others]
        for page in pages:
            await page.ask()  # warms up
        await stack.enter_async_context(_in_background(peaks.watch()))
        for page in pages:
            await stack.enter_async_context(_in_background(_ask_repeatedly(page)))
            await stack.enter_async_context(_in_background(_ping_repeatedly(page)))
        stages = [await _time_stage("alone", asyncio.sleep(CALM_SECONDS))]
        uploaded: dict[str, Any] = {}
        stages.append(await _time_stage("upload", asyncio.to_thread(_upload, server, uploader, log, uploaded)))
        stages.append(await _time_stage("reading", _wait_until_ready(server, uploader, uploaded["id"])))
        asking = PageClient(server, replace(uploader, workload_id=UUID(uploaded["id"])))
        await stack.enter_async_context(asking)
        stages.append(await _time_stage("run", asking.ask()))
        stages.append(await _time_stage("again", asking.ask("what do I spend?")))
        stages.append(await _time_stage("cancel", _cancel_reading(server, uploader, log)))
    return _print_report(log, stages, pages, asking, peaks) and _meets_targets(rows, stages, peaks)


@asynccontextmanager
async def _in_background(work: Any) -> AsyncIterator[None]:
    """Beside the block; what it raises before the end of the block is raised at the end."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _time_stage(name: str, work: Any) -> Stage:
    start = time.time()
    await work
    return Stage(name=name, start=start, end=time.time())


async def _ask_repeatedly(page: PageClient) -> None:
    while True:
        await page.ask("what do I spend?")
        await asyncio.sleep(PAUSE_SECONDS)


async def _ping_repeatedly(page: PageClient) -> None:
    while True:
        await page.ping()
        await asyncio.sleep(PING_SECONDS)


def _upload(server: BenchmarkServer, person: BenchmarkUser, log: Path, uploaded: dict[str, Any]) -> None:
    """The whole log in parts; the workload that it became goes into `uploaded`."""
    size = log.stat().st_size
    upload = _request_json(server, person, "POST", "/api/uploads/", {"name": log.name, "size": size})
    with log.open("rb") as file:
        while part := file.read(upload["part_bytes"]):
            headers = {"Content-Type": "application/octet-stream", "Upload-Offset": str(file.tell() - len(part))}
            status, body = server.request(person, "PATCH", f"/api/uploads/{upload['id']}/", part, headers)
            if status != 200:
                raise RuntimeError(f"a part was answered {status}: {body[:500]!r}")
    uploaded |= json.loads(body)["workload"]


async def _wait_until_ready(server: BenchmarkServer, person: BenchmarkUser, workload_id: str) -> None:
    while True:
        workload = await asyncio.to_thread(_request_json, server, person, "GET", f"/api/workloads/{workload_id}/")
        if workload["state"] == "ready":
            return
        if workload["state"] == "failed":
            raise RuntimeError(f"the log could not be read: {workload['error']}")
        await asyncio.sleep(0.25)


async def _cancel_reading(server: BenchmarkServer, person: BenchmarkUser, log: Path) -> None:
    """Upload the log again, delete it while it is read, and print how long its process lives on."""
    uploaded: dict[str, Any] = {}
    await asyncio.to_thread(_upload, server, person, log, uploaded)
    await _wait_for_reader(server, is_there=True)
    await asyncio.sleep(CANCEL_AFTER_SECONDS)
    start = time.perf_counter()
    status, _ = await asyncio.to_thread(server.request, person, "DELETE", f"/api/workloads/{uploaded['id']}/")
    deleted = time.perf_counter() - start
    await _wait_for_reader(server, is_there=False)
    print(f"deleted while it was read: {status} after {deleted:.2f} s, its process gone after", end=" ")
    print(f"{time.perf_counter() - start:.2f} s")


async def _wait_for_reader(server: BenchmarkServer, *, is_there: bool) -> None:
    while True:
        if any("sandbox_child" in read_command(child) for child in list_children(server.pid)) == is_there:
            return
        await asyncio.sleep(POLL_SECONDS)


def _request_json(server: BenchmarkServer, person: BenchmarkUser, method: str, path: str, data: Any = None) -> Any:
    body = None if data is None else json.dumps(data).encode()
    status, answer = server.request(person, method, path, body, {"Content-Type": "application/json"})
    if status >= 300:
        raise RuntimeError(f"{method} {path} was answered {status}: {answer[:500]!r}")
    return json.loads(answer)


def _print_report(
    log: Path, stages: Sequence[Stage], pages: Sequence[PageClient], asking: PageClient, peaks: PeakMemory
) -> bool:
    print("stage      seconds  events  event p50 (ms)  p95 (ms)  max (ms)  ping p50 (ms)  p95 (ms)")
    late = False
    for stage in stages:
        delays = _values_within(stage, [each for page in pages for each in page.delays])
        pings = _values_within(stage, [each for page in pages for each in page.pings])
        late = late or percentile(delays, 0.95) > MAX_DELAY_SECONDS
        print(
            f"{stage.name:9} {stage.end - stage.start:8.1f} {len(delays):7} {1000 * percentile(delays, 0.5):15.0f}"
            f" {1000 * percentile(delays, 0.95):9.0f} {1000 * max(delays):9.0f} {1000 * percentile(pings, 0.5):14.0f}"
            f" {1000 * percentile(pings, 0.95):9.0f}"
        )
    took = {stage.name: stage.end - stage.start for stage in stages}
    megabytes = log.stat().st_size / 1e6
    print(f"{megabytes:.0f} MB at {megabytes / took['upload']:.0f} MB/s; ready {took['reading']:.1f} s after the last")
    print(f"part; the run took {took['run']:.1f} s, a question after it {took['again']:.2f} s")
    print(f"most memory: server {peaks.server / MEBI:.0f} MiB, reading process {peaks.reader / MEBI:.0f} MiB,", end=" ")
    print(f"all processes at one moment {peaks.together / MEBI:.0f} MiB")
    # Runs that were under way at the end have not run all of theirs.
    over = [run for page in (*pages, asking) for run in page.runs.values() if run.ended.is_set()]
    wrong = {each for page in (*pages, asking) for each in page.wrong} | {
        each for run in over for each in find_order_errors(run.events)
    }
    for each in sorted(wrong)[:20]:
        print(f"WRONG: {each}")
    if late or peaks.server > MAX_MEMORY_BYTES:
        print("TARGET MISSED")
    return not (wrong or late or peaks.server > MAX_MEMORY_BYTES)


def _meets_targets(rows: int, stages: Sequence[Stage], peaks: PeakMemory) -> bool:
    """Print whether a long log was read and answered in time; a shorter one has no such targets."""
    took = {stage.name: stage.end - stage.start for stage in stages}
    answered = took["reading"] + took["run"]
    print(f"read and answered in {answered:.1f} s, the next question in {took['again']:.2f} s")
    is_met = answered <= MAX_ANSWER_SECONDS and took["again"] <= MAX_AGAIN_SECONDS
    is_met = is_met and peaks.together <= MAX_TOGETHER_BYTES
    if rows >= LONG_LOG_ROWS and not is_met:
        print("TARGET MISSED")
    return is_met or rows < LONG_LOG_ROWS


def _values_within(stage: Stage, measured: Sequence[tuple[float, float]]) -> list[float]:
    """Return the values of a stage; one that is over at once has none, and nothing was late in it."""
    found = [value for at, value in measured if stage.start <= at < stage.end]
    return found or [0.0 if stage.end - stage.start < PAUSE_SECONDS else float("inf")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--rows", type=int, help="instead of megabytes")
    parser.add_argument("--kind", choices=FILES, default="csv")
    parser.add_argument("--file", type=Path, help="a log to upload instead of a generated one")
    parser.add_argument("--others", type=int, default=5)
    options = parser.parse_args()
    with TemporaryDirectory() as folder, installation(["none", *["small"] * options.others]) as (server, people):
        log = options.file or Path(folder) / f"usage.{options.kind}"
        rows = options.rows or options.megabytes * 1_000_000 // BYTES_PER_ROW
        if options.file is None:
            write_log(log, rows=rows, has_blocks=options.rows is None)
        right = asyncio.run(run_benchmark(server, people, log, rows))
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
