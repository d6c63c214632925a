"""A client that behaves like one open page: its websocket, the frames it receives, and checks of them."""

import asyncio
import json
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.installation import CANARY, BenchmarkServer, BenchmarkUser

ASK = "cut my spend by 30 % without hurting p95 latency"
INNER_TYPES = ("agent_thinking", "tool_executing", "tool_completed")
TERMINAL_TYPES = ("agent_completed", "agent_error")
REQUIRED_TYPES = {"agent_started", *INNER_TYPES, "agent_completed"}
FRAME_BYTES = 16 << 20
ACK_EVENTS = 64
QUIET_SECONDS = 1.0
"""In which nothing may follow the last answer."""


@dataclass(slots=True)
class PageRun:
    """One run: its events in the order of arrival, and when it ended. Those of one that `is_checked` are forgotten."""

    started: float
    events: list[dict[str, Any]] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    seconds: float = 0.0
    is_checked: bool = False

    def find_errors(self) -> list[str]:
        if not self.is_checked:
            return find_order_errors(self.events)
        return [f"{len(self.events)} events came after the end of their run"] if self.events else []


class PageClient:
    """Use it with `async with`: connected, welcomed and following. `wrong` collects the errors."""

    def __init__(self, server: BenchmarkServer, person: BenchmarkUser) -> None:
        self.person = person
        self.wrong: list[str] = []
        self.delays: list[tuple[float, float]] = []  # when an event came, and how long it was on its way
        self.pings: list[tuple[float, float]] = []
        self.runs: dict[str, PageRun] = {}
        self.received = 0
        self.canaries = 0
        self._url = f"ws://127.0.0.1:{server.port}/ws/"
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._position = ("", 0)  # epoch, seq

    async def __aenter__(self) -> Self:
        authority = {"Authorization": f"Token {self.person.token}"}
        self._link: ClientConnection = await connect(
            self._url, additional_headers=authority, max_size=FRAME_BYTES, open_timeout=60
        )
        welcome = json.loads(await self._link.recv())
        self._expect(welcome.get("type") == "welcome", f"the first frame is {welcome}")
        self._expect(welcome.get("user_id") == str(self.person.user_id), f"welcomed as another user: {welcome}")
        self._position = (welcome["position"]["epoch"], welcome["position"]["seq"])
        self._acknowledged = self._position[1]
        await self._send({"type": "resume", "epoch": self._position[0], "seq": self._position[1]})
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._link.close()
        await self._reading

    async def ask(self, text: str = ASK) -> PageRun:
        """Start a run and wait for its end."""
        started = time.perf_counter()
        log = str(self.person.workload_id)
        answer = await self._request({"type": "start", "client_id": str(uuid4()), "text": text, "workload_id": log})
        if answer["type"] != "accepted":
            raise RuntimeError(f"{self.person.canary}: {answer}")
        run = self._run_of(answer["run"]["id"])
        run.started = started
        await self._wait_unless_lost(run.ended.wait())
        run.seconds = time.perf_counter() - started
        return run

    async def ping(self) -> None:
        """One round trip."""
        started = time.perf_counter()
        await self._request({"type": "ping"})
        self.pings.append((time.time(), time.perf_counter() - started))

    async def _request(self, frame: dict[str, Any]) -> dict[str, Any]:
        frame_id = uuid4().hex
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[frame_id] = answer
        await self._send(frame | {"id": frame_id})
        await self._wait_unless_lost(answer)
        return answer.result()

    async def _wait_unless_lost(self, awaited: Awaitable[object]) -> None:
        """Wait, but not for ever on a connection that ended."""
        waiting = asyncio.ensure_future(awaited)
        await asyncio.wait((waiting, self._reading), return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            waiting.cancel()
            self._reading.result()
            raise ConnectionError(f"{self.person.canary}: the server closed the connection")

    async def _send(self, frame: dict[str, Any]) -> None:
        await self._link.send(json.dumps(frame))

    async def _read(self) -> None:
        async for raw in self._link:
            now = time.time()
            self._check_canaries(str(raw))
            frame = json.loads(raw)
            if frame["type"] == "events":
                self._handle_events(frame, now)
                await self._acknowledge()
            elif frame["type"] == "heartbeat":
                continue
            elif frame.get("id") in self._answers:
                self._answers.pop(frame["id"]).set_result(frame)
            else:
                self.wrong.append(f"{self.person.canary} got {str(frame)[:200]}")

    async def _acknowledge(self) -> None:
        epoch, seq = self._position
        if seq - self._acknowledged >= ACK_EVENTS:
            self._acknowledged = seq
            await self._send({"type": "ack", "epoch": epoch, "seq": seq})

    def _handle_events(self, frame: dict[str, Any], now: float) -> None:
        self._expect(frame["user_id"] == str(self.person.user_id), "a frame of another user")
        self._expect(
            (frame["epoch"], frame["after"]) == self._position,
            f"at {self._position} came a range after {frame['after']}",
        )
        self._position = (frame["epoch"], frame["upto"])
        for event in frame["events"]:
            self.received += 1
            self.delays.append((now, now - datetime.fromisoformat(event["at"]).timestamp()))
            if "run_id" in event:
                self._record_event(event)

    def _record_event(self, event: dict[str, Any]) -> None:
        run = self._run_of(event["run_id"])
        run.events.append(event)
        if event["type"] in TERMINAL_TYPES and event["parent_request_id"] is None:
            run.ended.set()

    def _run_of(self, run_id: str) -> PageRun:
        return self.runs.setdefault(run_id, PageRun(started=time.perf_counter()))

    def _check_canaries(self, raw: str) -> None:
        own_canary = self.person.canary
        for found in CANARY.finditer(raw):
            self.canaries += 1
            self._expect(found.group() == own_canary, f"{found.group()} in a frame of {own_canary}")

    def _expect(self, truth: bool, otherwise: str) -> None:
        if not truth:
            self.wrong.append(f"{self.person.canary}: {otherwise}")


def find_errors(page: PageClient) -> list[str]:
    """Return what is wrong with what a page has received."""
    wrong = [*page.wrong, *(each for run in page.runs.values() for each in run.find_errors())]
    if not page.canaries:
        wrong.append(f"{page.person.canary} never seen: its absence elsewhere says nothing")
    return wrong


def find_shared_runs(pages: Sequence[PageClient]) -> list[str]:
    """Return an error if two pages have received events of one run."""
    runs = [run for page in pages for run in page.runs]
    return [] if len(runs) == len(set(runs)) else ["a run was sent to two users"]


def find_order_errors(events: Sequence[dict[str, Any]]) -> list[str]:
    """Return what is wrong with the events of a finished run; nothing if they are right."""
    if not events or events[0]["type"] != "run_queued":
        return [f"a run begins with {events[0]['type'] if events else 'nothing'}"]
    rest = events[1:]
    wrong = [f"a run has no {kind}" for kind in REQUIRED_TYPES - {event["type"] for event in rest}]
    wrong += [f"attempt {event['attempt']}" for event in rest if event["attempt"] != 1][:1]
    terminal = [place for place, event in enumerate(rest) if _is_terminal(event)]
    if terminal != [len(rest) - 1]:
        wrong.append(f"of {len(rest)} events these are terminal: {terminal}")
    return wrong + _find_agent_errors(rest) + _find_call_errors(rest)


def _is_terminal(event: dict[str, Any]) -> bool:
    return event["type"] in TERMINAL_TYPES and event["parent_request_id"] is None


def _find_agent_errors(events: Sequence[dict[str, Any]]) -> list[str]:
    """Each agent starts once, within its parent, and ends once, after all its other events."""
    wrong: list[str] = []
    working: set[str] = set()
    over: set[str] = set()
    for event in events:
        who, kind = event["request_id"], event["type"]
        if kind == "agent_started":
            if who in working | over or event["parent_request_id"] not in working | {None}:
                wrong.append(f"{event['agent']} starts out of turn")
            working.add(who)
        elif who not in working:
            wrong.append(f"{kind} of {event['agent']}, which is not running")
        elif kind in TERMINAL_TYPES:
            working.discard(who)
            over.add(who)
    return wrong + ([f"{len(working)} agents never ended"] if working else [])


def _find_call_errors(events: Sequence[dict[str, Any]]) -> list[str]:
    """Each call of a tool is published as executing, then as completed, once each."""
    wrong, waiting = [], set()
    for event in events:
        if event["type"] == "tool_executing":
            waiting.add((event["request_id"], event["call_id"]))
        elif event["type"] == "tool_completed":
            call = (event["request_id"], event["call_id"])
            if call not in waiting:
                wrong.append(f"{event['tool']} completed without executing")
            waiting.discard(call)
    return wrong + ([f"{len(waiting)} calls never completed"] if waiting else [])
