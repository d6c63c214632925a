"""Questions over a websocket: started, sent twice, cancelled before, while and after they are answered."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from netra.selftest.actor import Actor
from netra.selftest.wire import Socket, opened

MOST_OPEN = 2  # runs of one user at a time: others want theirs
PAUSE = 0.2  # seconds
ASKED = 5  # questions over one socket
WHERE = "socket (asking)"

# Answers to a start or a cancel that are nobody's fault.
BUSY = ("rate_limited", "too_many_runs", "conflict", "storage_full")


async def ask_for_a_while(actor: Actor, others: Sequence[Actor]) -> None:
    """One socket with a few questions on it, then dropped."""
    async with opened(actor.server, actor.tally, WHERE) as socket:
        if socket is None:
            return
        for _ in range(ASKED):
            if len(actor.order.open) < MOST_OPEN:
                await _question(actor, socket)
            await _cancels(actor, others, socket)
            await _trespass(actor, others, socket)
            await asyncio.sleep(actor.chance.uniform(0, PAUSE * 4))
        socket.drop()


async def _question(actor: Actor, socket: Socket) -> None:
    asked: dict[str, Any] = {"text": f"{actor.canary.of('text')} cut my spend by 30 %", "client_id": str(uuid4())}
    if actor.mine.logs and actor.chance.random() < 0.8:
        asked["workload_id"] = actor.mine.logs[0]
    if actor.mine.threads and actor.chance.random() < 0.5:
        asked["thread_id"] = actor.chance.choice(actor.mine.threads)
    if actor.chance.random() < 0.5:
        first, second = await socket.ask("start", **asked), None
    else:
        # The same message on two ways at once is one run.
        first, second = await asyncio.gather(socket.ask("start", **asked), _over_rest(actor, asked))
    run = _run(actor, first, "start")
    if run is None:
        return
    actor.mine.runs.append(run["id"])
    actor.mine.threads.append(run["thread_id"])
    if second is not None and second["id"] != run["id"]:
        actor.tally.found("double", WHERE, "one client_id started two runs")
    if actor.chance.random() < 0.3:
        _run(actor, await socket.ask("cancel", run_id=run["id"]), "cancel")  # before it is taken up, mostly


async def _over_rest(actor: Actor, asked: dict[str, Any]) -> Any:
    answer = await actor.caller.ask("POST", "runs/", asked, expect=(200, 201, 409))
    return answer if answer and "id" in answer else None


async def _cancels(actor: Actor, others: Sequence[Actor], socket: Socket) -> None:
    for runs in (actor.order.at_work, actor.order.over):  # while and after
        if runs and actor.chance.random() < 0.3:
            answer = await socket.ask("cancel", run_id=actor.chance.choice(sorted(runs)))
            _run(actor, answer, "cancel")


async def _trespass(actor: Actor, others: Sequence[Actor], socket: Socket) -> None:
    """What is another's, or nobody's, is not found."""
    other = actor.chance.choice(others).mine if others else None
    await _refused(actor, socket, "cancel", run_id=_one(actor, other.runs if other else ()))
    asked = {"text": actor.canary.of("text"), "client_id": str(uuid4())}
    kind = actor.chance.choice(("thread_id", "workload_id"))
    theirs = () if other is None else other.threads if kind == "thread_id" else other.logs
    await _refused(actor, socket, "start", **asked, **{kind: _one(actor, theirs)})


def _one(actor: Actor, ids: Sequence[str]) -> str:
    return actor.chance.choice(ids) if ids else str(uuid4())


async def _refused(actor: Actor, socket: Socket, kind: str, **fields: Any) -> None:
    answer = await socket.ask(kind, **fields)
    if answer is not None and answer.get("code") not in ("not_found", *BUSY[:2]):
        actor.tally.found("wrong", WHERE, f"{kind} with what is another's was answered {_said(answer)}")


def _run(actor: Actor, answer: Mapping[str, Any] | None, kind: str) -> Any:
    """The run in an answer to what is one's own."""
    if answer is None:
        return None
    if answer["type"] == "accepted":
        return answer["run"]
    if answer["code"] not in BUSY:
        actor.tally.found("wrong", WHERE, f"{kind} with what is one's own was answered {_said(answer)}")
    return None


def _said(answer: Mapping[str, Any]) -> str:
    return str(answer.get("code") or answer["type"])
