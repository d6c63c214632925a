"""Load of REST requests: `python -m benchmarks.request_load PORT EACH TOKEN …`.

Keeps EACH requests of every token's user at the server until standard input ends. Prints the number of answers by
status. Runs at the lowest priority, because real clients are other machines."""

import asyncio
import os
import sys
from collections import Counter

PATHS = ("/api/snapshot/", "/api/threads/", "/api/workloads/", "/api/me/")


async def send_requests(port: int, token: str, path: str, answers: Counter[int]) -> None:
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Token {token}\r\nConnection: close\r\n\r\n"
    while True:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(head.encode())
            answer = await reader.read()
            answers[int(answer[9:12])] += 1
        finally:
            writer.close()


async def run_load(port: int, each: int, tokens: list[str]) -> Counter[int]:
    answers: Counter[int] = Counter()
    tasks = [
        asyncio.create_task(send_requests(port, token, PATHS[number % len(PATHS)], answers))
        for token in tokens
        for number in range(each)
    ]
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    broken = [each for each in await asyncio.gather(*tasks, return_exceptions=True) if isinstance(each, OSError)]
    answers[0] += len(broken)
    return answers


def main() -> None:
    os.nice(19)
    port, each, *tokens = sys.argv[1:]
    print(dict(asyncio.run(run_load(int(port), int(each), tokens))), flush=True)


if __name__ == "__main__":
    main()
