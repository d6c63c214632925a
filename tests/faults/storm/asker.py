"""A user who keeps asking over one websocket, connects again whenever it is lost, and goes on where they stood."""

import asyncio
import json
import random
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.faults.clients.listener import ends_run
from tests.faults.installation import Person
from tests.faults.storm.watched_stream import WatchedStream

PAUSES = (0.1, 1.0)  # seconds between an answer and the next question
AGAIN = 0.5  # seconds until a connection or a question is tried again
SILENCE = 45.0  # seconds: a heartbeat comes every 15, so that the other end is gone
ACK = 64  # events


@dataclass(slots=True)
class Question:
    """Sent again under its id until it is accepted; `ended_at` is on the monotonic clock."""

    id: str
    text: str
    run_id: str | None = None
    ended_at: float | None = None


class Asker:
    def __init__(self, person: Person, url: str, seed: int, log: str | None = None) -> None:
        self.told = WatchedStream(person)
        self.questions: list[Question] = []
        self.open: list[Question] = []  # those of them that have not ended
        self.wrong: list[str] = []
        self.refusals: dict[str, int] = {}
        self.is_asking = True
        self.url = url
        self.log = log
        self._random = random.Random(seed)
        self._socket: ClientConnection | None = None
        self._news = asyncio.Event()
        self._unsaid = 0

    async def attend(self) -> None:
        """Be connected, for ever."""
        while True:
            with suppress(OSError, WebSocketException, TimeoutError):
                await self._attend_once()
            self._socket = None
            await asyncio.sleep(AGAIN)

    async def ask_on(self) -> None:
        """Ask one question after the other until `is_asking` is off."""
        while self.is_asking:
            question = Question(str(uuid4()), f"cut my spend by {self._random.randint(1, 90)} %")
            self.questions.append(question)
            self.open.append(question)
            while question.ended_at is None:
                if question.run_id is None:
                    await self._send(question)
                self._news.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), 2.0 if question.run_id is None else None)
            await asyncio.sleep(self._random.uniform(*PAUSES))

    async def _attend_once(self) -> None:
        key = {"Authorization": f"Token {self.told.person.token}"}
        async with connect(
            self.url, additional_headers=key, max_size=None, close_timeout=1, ping_interval=None
        ) as socket:
            welcome = json.loads(await asyncio.wait_for(socket.recv(), SILENCE))
            self.told.epoch = self.told.epoch or welcome["position"]["epoch"]
            await socket.send(json.dumps({"type": "resume", "epoch": self.told.epoch, "seq": self.told.upto}))
            self._socket, self._unsaid = socket, 0
            self._news.set()
            while True:
                await self._take(socket, json.loads(await asyncio.wait_for(socket.recv(), SILENCE)))

    async def _send(self, question: Question) -> None:
        if self._socket is None:
            await asyncio.sleep(AGAIN)
            return
        frame = {"type": "start", "id": question.id, "client_id": question.id, "text": question.text}
        if self.log is not None:
            frame["workload_id"] = self.log
        with suppress(OSError, WebSocketException):
            await self._socket.send(json.dumps(frame))

    async def _take(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "events":
                self._take_events(frame)
                self._unsaid += len(frame["events"])
                if self._unsaid >= ACK:
                    self._unsaid = 0
                    await socket.send(json.dumps({"type": "ack", "epoch": self.told.epoch, "seq": self.told.upto}))
            case "accepted":
                self._take_accepted(frame)
            case "error":
                code = str(frame["code"])
                self.refusals[code] = self.refusals.get(code, 0) + 1
            case "heartbeat" | "pong":
                pass
            case kind:
                self.wrong.append(f"an unexpected frame: {kind}")
        self._news.set()

    def _take_events(self, frame: dict[str, Any]) -> None:
        try:
            self.told.add(frame)
        except AssertionError as error:
            self.wrong.append(f"{error}: {frame['user_id']}, after {frame['after']}, at {self.told.upto}")
            return
        for event in frame["events"]:
            if ends_run(event):
                self._settle(str(event["run_id"]))

    def _take_accepted(self, frame: dict[str, Any]) -> None:
        # The last ones first: a question that was sent twice is accepted twice.
        question = next(each for each in reversed(self.questions) if each.id == frame["id"])
        run_id = str(frame["run"]["id"])
        if question.run_id not in (None, run_id):
            self.wrong.append(f"one question has two runs: {question.run_id} and {run_id}")
        question.run_id = run_id
        if self.told.ends(run_id):
            self._settle(run_id)

    def _settle(self, run_id: str) -> None:
        for question in [each for each in self.open if each.run_id == run_id]:
            question.ended_at = time.monotonic()
            self.open.remove(question)
