"""The time until a change that one tab makes over REST is shown by another tab: from the request to the event.

With --profile embedded both tabs are at one process on SQLite; with scale-out each is at a process of its own, on
PostgreSQL and Redis. Prints the median and p95 of the renames of a conversation, made at random moments, so that they
meet every phase of a poll.
`python -m benchmarks.publish [--profile embedded|scale-out] [--renames N]`."""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.measurement import percentile
from benchmarks.stream.profiles import profile

MAX_PAUSE = 0.5  # seconds between two renames: as long as a poll
WARM_UP = 3  # renames that are not counted


async def follow(server: Any, user: Any) -> ClientConnection:
    """Open a tab's websocket and follow the stream from its head."""
    link = await connect(
        f"ws://127.0.0.1:{server.port}/ws/", additional_headers={"Authorization": f"Token {user.token}"}
    )
    position = json.loads(await link.recv())["position"]
    await link.send(json.dumps({"type": "resume", **position}))
    return link


async def wait_for_title(link: ClientConnection, title: str) -> None:
    async for text in link:
        frame = json.loads(text)
        if frame["type"] != "events":
            continue
        await link.send(json.dumps({"type": "ack", "epoch": frame["epoch"], "seq": frame["upto"]}))
        if any(event.get("title") == title for event in frame["events"]):
            return


def send_title(server: Any, user: Any, method: str, path: str, title: str) -> Any:
    body = json.dumps({"title": title}).encode()
    status, answer = server.request(user, method, path, body, {"Content-Type": "application/json"})
    if status not in (200, 201):
        raise RuntimeError(f"{method} {path}: {status} {answer[:200]!r}")
    return json.loads(answer)


async def measure_renames(changing: Any, showing: Any, user: Any, renames: int) -> list[float]:
    thread = await asyncio.to_thread(send_title, changing, user, "POST", "/api/threads/", "before")
    path, chance, seconds = f"/api/threads/{thread['id']}/", random.Random(7), []
    async with await follow(showing, user) as link:
        for number in range(WARM_UP + renames):
            await asyncio.sleep(chance.uniform(0, MAX_PAUSE))
            shown = asyncio.create_task(wait_for_title(link, f"title {number}"))
            began = time.perf_counter()
            renamed = asyncio.create_task(
                asyncio.to_thread(send_title, changing, user, "PATCH", path, f"title {number}")
            )
            await shown
            seconds.append(time.perf_counter() - began)
            await renamed
    return seconds[WARM_UP:]


@contextmanager
def second_process(port: int) -> Iterator[int]:
    """Serve the same installation by another process, and yield its id: `manage.py run` allows only one."""
    command = [sys.executable, "-m", "daphne", "-v", "0", "-p", str(port), "netra.asgi:application"]
    with subprocess.Popen(command) as process:
        try:
            yield process.pid
        finally:
            process.terminate()


def run_benchmark(options: argparse.Namespace) -> None:
    # Imported after the profile's environment is set.
    from benchmarks.installation import BenchmarkServer, find_free_port, installation, wait_for_server  # noqa: PLC0415

    with ExitStack() as stack:
        changing, (user,) = stack.enter_context(installation(["none"], NETRA_REQUESTS_PER_MINUTE="0"))
        showing = changing
        if options.profile == "scale-out":
            port = find_free_port()
            showing = BenchmarkServer(port=port, pid=stack.enter_context(second_process(port)))
            wait_for_server(showing, user)
        seconds = asyncio.run(measure_renames(changing, showing, user, options.renames))
    median, late = (percentile(seconds, share) * 1000 for share in (0.5, 0.95))
    print(f"{options.profile}: {options.renames} renames, median {median:.0f} ms, p95 {late:.0f} ms", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", choices=("embedded", "scale-out"), default="embedded")
    parser.add_argument("--renames", type=int, default=60)
    options = parser.parse_args()
    with profile(options.profile):
        run_benchmark(options)


if __name__ == "__main__":
    main()
