"""Runs a second with one and two workers, in both profiles, beside procrastinate alone with an empty job.

Each case is an installation of its own: users with a small log each ask one question after the other, all at once. The
seconds of processor time are those of all its processes for one run: servers and workers, PostgreSQL, Redis. On a
machine with few cores that tells more than the runs a second: the client, PostgreSQL and all workers share them.
`python -m benchmarks.scale [--users N] [--questions N] [--jobs N] [--cases NAME ...]`"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager

from benchmarks.measurement import list_children, percentile, read_command, read_tree_cpu_seconds
from benchmarks.stream.profiles import ROOT, profile

CASES = ("bare-1", "bare-2", "embedded", "scaled-1", "scaled-2")
WARM_UP = 2  # questions of each user before the clock starts
LATENCY_JOBS = 100
GROUPS = ("server", "workers", "PostgreSQL", "Redis")
Groups = Mapping[str, list[int]]
"""Ids of processes by what they are."""


def measure_netra(workers: int, users: int, questions: int) -> dict[str, float]:
    """`workers` of 0: the server runs the jobs itself, on SQLite."""
    with profile("scale-out" if workers else "embedded"), ExitStack() as stack:
        from benchmarks.installation import installation  # noqa: PLC0415  # after the profile's environment

        processes = stack.enter_context(_running_workers(workers)) if workers else []
        settings = {"NETRA_RUNNER": "off", "NETRA_PROCESSES": "2"} if workers else {}
        server, people = stack.enter_context(installation(["small"] * users, **settings))
        groups = {"server": [server.pid], "workers": processes, **_find_parts()}
        return asyncio.run(_ask_all(server, people, questions, groups))


async def _ask_all(server: object, people: Sequence[object], questions: int, groups: Groups) -> dict[str, float]:
    from benchmarks.page import PageClient  # noqa: PLC0415  # after the profile's environment

    async with AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(PageClient(server, person)) for person in people]  # type: ignore[arg-type]

        async def ask(page: PageClient, count: int) -> list[float]:
            return [(await page.ask()).seconds for _ in range(count)]

        await asyncio.gather(*(ask(page, WARM_UP) for page in pages))
        before, started = _read_cpu(groups), time.perf_counter()
        told = await asyncio.gather(*(ask(page, questions) for page in pages))
        took, after = time.perf_counter() - started, _read_cpu(groups)
    seconds = [each for times in told for each in times]
    return _summarize(len(seconds), took, before, after, seconds)


@contextmanager
def _running_workers(count: int) -> Iterator[list[int]]:
    from django import setup  # noqa: PLC0415  # after the profile's environment
    from django.core.management import call_command  # noqa: PLC0415

    setup()
    call_command("migrate", verbosity=0, interactive=False)
    command = [sys.executable, "manage.py", "work"]
    with _running_processes([command] * count, "Working.") as pids:
        yield pids


def measure_bare(workers: int, jobs: int) -> dict[str, float]:
    """Procrastinate with its own schema and a job that does nothing, deferred one by one."""
    with profile("scale-out"):
        import procrastinate  # noqa: PLC0415

        url = os.environ["DATABASE_OWNER_URL"]
        app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo=url))
        empty = app.task(name="empty")(_do_nothing)
        command = [sys.executable, "-m", "benchmarks.scale", "--bare-worker", url]
        with app.open():
            app.schema_manager.apply_schema()
            with _running_processes([command] * workers, "Working.") as started_workers:
                groups = {"server": [], "workers": started_workers, **_find_parts()}
                for _ in range(LATENCY_JOBS):
                    empty.defer()
                    time.sleep(0.02)
                _await_jobs(app, LATENCY_JOBS)
                latencies = _read_latencies(app)
                before, started = _read_cpu(groups), time.perf_counter()
                for _ in range(jobs):
                    empty.defer()
                _await_jobs(app, LATENCY_JOBS + jobs)
                return _summarize(jobs, time.perf_counter() - started, before, _read_cpu(groups), latencies)


def _do_nothing() -> None:
    pass


def serve_bare_jobs(url: str) -> None:
    """Run empty jobs as our workers are set up."""
    import procrastinate  # noqa: PLC0415

    async def serve() -> None:
        app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))

        @app.task(name="empty")
        async def empty() -> None:
            pass

        async with app.open_async():
            sys.stdout.write("Working.\n")
            sys.stdout.flush()
            await app.run_worker_async(concurrency=16, fetch_job_polling_interval=0.5, update_heartbeat_interval=2)

    asyncio.run(serve())


def _await_jobs(app: object, count: int) -> None:
    while _query(app, "SELECT count(*) AS n FROM procrastinate_jobs WHERE status = 'succeeded'")[0]["n"] < count:
        time.sleep(0.02)


def _read_latencies(app: object) -> list[float]:
    rows = _query(
        app,
        "SELECT extract(epoch FROM s.at - d.at)::float AS seconds FROM procrastinate_events d "
        "JOIN procrastinate_events s USING (job_id) WHERE d.type = 'deferred' AND s.type = 'started'",
    )
    return [float(row["seconds"]) for row in rows]


def _query(app: object, statement: str) -> list[dict[str, float]]:
    rows: list[dict[str, float]] = app.connector.execute_query_all(statement)  # type: ignore[attr-defined]
    return rows


@contextmanager
def _running_processes(commands: Sequence[Sequence[str]], ready: str) -> Iterator[list[int]]:
    with ExitStack() as stack:
        started = [
            stack.enter_context(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
            for command in commands
        ]
        try:
            for process in started:
                if process.stdout is None or not process.stdout.readline().startswith(ready):
                    raise RuntimeError("a worker did not start")
            yield [process.pid for process in started]
        finally:
            for process in started:
                process.terminate()
                process.communicate()


def _find_parts() -> Groups:
    """The processes of PostgreSQL and Redis that the profile has started."""
    commands = {pid: read_command(pid) for pid in list_children(os.getpid())}
    programs = {"PostgreSQL": "bin/postgres", "Redis": "redis-server"}
    return {name: [pid for pid, command in commands.items() if word in command] for name, word in programs.items()}


def _read_cpu(groups: Groups) -> dict[str, float]:
    return {name: sum(map(read_tree_cpu_seconds, pids)) for name, pids in groups.items()}


def _summarize(
    count: int, took: float, before: Mapping[str, float], after: Mapping[str, float], seconds: Sequence[float]
) -> dict[str, float]:
    used = {name: (after[name] - before[name]) / count * 1000 for name in before}
    return used | {
        "per_second": count / took,
        "all": sum(used.values()),
        "p50": percentile(seconds, 0.5),
        "p95": percentile(seconds, 0.95),
    }


def measure(case: str, options: argparse.Namespace) -> dict[str, float]:
    name, _, workers = case.partition("-")
    if name == "bare":
        return measure_bare(int(workers), options.jobs)
    return measure_netra(int(workers or 0), options.users, options.questions)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--questions", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=2_000)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=CASES)
    parser.add_argument("--only", choices=CASES, help=argparse.SUPPRESS)  # in a process of its own, as JSON
    parser.add_argument("--bare-worker", metavar="URL", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare_worker is not None:
        serve_bare_jobs(options.bare_worker)
    elif options.only is not None:
        print(json.dumps(measure(options.only, options)))
    else:
        heads = "".join(f"{name:>12}" for name in (*GROUPS, "all"))
        print(f"{'case':10}{'a second':>10}{'p50 (s)':>9}{'p95 (s)':>9}   processor ms each:{heads}", flush=True)
        for case in options.cases:
            print_case(case)


def print_case(case: str) -> None:
    command = [sys.executable, "-m", "benchmarks.scale", "--only", case, *sys.argv[1:]]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    used = "".join(f"{told.get(name, 0.0):12.2f}" for name in (*GROUPS, "all"))
    print(f"{case:10}{told['per_second']:10.1f}{told['p50']:9.3f}{told['p95']:9.3f}{'':21}{used}", flush=True)


if __name__ == "__main__":
    main()
