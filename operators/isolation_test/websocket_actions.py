"""Websocket actions of a simulated user: start and cancel runs, and resume the stream from every kind of position."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from core.stream.batches import Position
from operators.isolation_test.simulated_user import SimulatedUser
from operators.isolation_test.websocket_client import WebSocketClient, open_websocket

MAX_OPEN_RUNS = 2  # of one user, so that all users get workers
QUESTIONS_PER_SOCKET = 5
QUESTION_PAUSE = 0.2  # seconds
MAX_VISIT_SECONDS = 1.5
AHEAD_OFFSET = 1_000_000
POSITION_KINDS = ("current", "old", "beginning", "snapshot", "welcome", "none", "foreign epoch", "ahead", "another's")
QUESTION_SOCKET = "socket (questions)"

# Errors in answer to a start or a cancel that a busy server may give.
BUSY_CODES = ("rate_limited", "too_many_runs", "conflict", "storage_full")


async def ask_questions(actor: SimulatedUser, others: Sequence[SimulatedUser]) -> None:
    """Ask a few questions over one socket, and abort it."""
    async with open_websocket(actor.server, actor.results, QUESTION_SOCKET) as socket:
        if socket is None:
            return
        for _ in range(QUESTIONS_PER_SOCKET):
            if len(actor.order_checker.open_runs) < MAX_OPEN_RUNS:
                await _ask_question(actor, socket)
            await _cancel_runs(actor, socket)
            await _try_foreign_ids(actor, others, socket)
            await asyncio.sleep(actor.rng.uniform(0, QUESTION_PAUSE * 4))
        socket.abort()


async def _ask_question(actor: SimulatedUser, socket: WebSocketClient) -> None:
    question: dict[str, Any] = {
        "text": f"{actor.canary.for_field('text')} cut my spend by 30 %",
        "client_id": str(uuid4()),
    }
    if actor.owned.logs and actor.rng.random() < 0.8:
        question["workload_id"] = actor.owned.logs[0]
    if actor.owned.threads and actor.rng.random() < 0.5:
        question["thread_id"] = actor.rng.choice(actor.owned.threads)
    if actor.rng.random() < 0.5:
        first, second = await socket.request("start", **question), None
    else:
        # The same message over websocket and REST at the same time must start one run.
        first, second = await asyncio.gather(socket.request("start", **question), _start_over_rest(actor, question))
    run = _get_accepted_run(actor, first, "start")
    if run is None:
        return
    actor.owned.runs.append(run["id"])
    actor.owned.threads.append(run["thread_id"])
    if second is not None and second["id"] != run["id"]:
        actor.results.add_finding("double", QUESTION_SOCKET, "one client_id started two runs")
    if actor.rng.random() < 0.3:
        answer = await socket.request("cancel", run_id=run["id"])  # mostly before a worker claims it
        _get_accepted_run(actor, answer, "cancel")


async def _start_over_rest(actor: SimulatedUser, question: dict[str, Any]) -> Any:
    answer = await actor.rest.request("POST", "runs/", question, expect=(200, 201, 409))
    return answer if answer and "id" in answer else None


async def _cancel_runs(actor: SimulatedUser, socket: WebSocketClient) -> None:
    for runs in (actor.order_checker.active_runs, actor.order_checker.ended_runs):  # during and after
        if runs and actor.rng.random() < 0.3:
            answer = await socket.request("cancel", run_id=actor.rng.choice(sorted(runs)))
            _get_accepted_run(actor, answer, "cancel")


async def _try_foreign_ids(actor: SimulatedUser, others: Sequence[SimulatedUser], socket: WebSocketClient) -> None:
    """Cancel and start with ids of another user or of nobody, which must not be found."""
    other = actor.rng.choice(others).owned if others else None
    await _expect_refusal(actor, socket, "cancel", run_id=_choose_id(actor, other.runs if other else ()))
    question = {"text": actor.canary.for_field("text"), "client_id": str(uuid4())}
    kind = actor.rng.choice(("thread_id", "workload_id"))
    foreign_ids = () if other is None else other.threads if kind == "thread_id" else other.logs
    await _expect_refusal(actor, socket, "start", **question, **{kind: _choose_id(actor, foreign_ids)})


def _choose_id(actor: SimulatedUser, ids: Sequence[str]) -> str:
    return actor.rng.choice(ids) if ids else str(uuid4())


async def _expect_refusal(actor: SimulatedUser, socket: WebSocketClient, kind: str, **fields: Any) -> None:
    answer = await socket.request(kind, **fields)
    if answer is not None and answer.get("code") not in ("not_found", *BUSY_CODES[:2]):
        actor.results.add_finding(
            "wrong", QUESTION_SOCKET, f"{kind} with another user's id was answered with {_describe_answer(answer)}"
        )


def _get_accepted_run(actor: SimulatedUser, answer: Mapping[str, Any] | None, kind: str) -> Any:
    """Return the run in the answer to a request with the user's own ids."""
    if answer is None:
        return None
    if answer["type"] == "accepted":
        return answer["run"]
    if answer["code"] not in BUSY_CODES:
        actor.results.add_finding(
            "wrong", QUESTION_SOCKET, f"{kind} with the user's own ids was answered with {_describe_answer(answer)}"
        )
    return None


def _describe_answer(answer: Mapping[str, Any]) -> str:
    return str(answer.get("code") or answer["type"])


async def resume_stream(actor: SimulatedUser, others: Sequence[SimulatedUser]) -> None:
    """Open a socket, resume the stream once or twice, and leave."""
    kind = actor.rng.choice(POSITION_KINDS)
    where = f"socket ({kind})"
    async with open_websocket(actor.server, actor.results, where) as socket:
        if socket is None:
            return
        await _resume_first(actor, others, socket, kind)
        await asyncio.sleep(actor.rng.uniform(0, MAX_VISIT_SECONDS))
        if actor.rng.random() < 0.3:
            await _resume_again(actor, socket)
        if actor.rng.random() < 0.6:
            socket.abort()
    actor.chains.extend(socket.chains)


async def _resume_first(
    actor: SimulatedUser, others: Sequence[SimulatedUser], socket: WebSocketClient, kind: str
) -> None:
    if kind == "none":
        await socket.request("ping")
        return
    if kind == "welcome":
        await socket.resume(None)
        return
    position = await _choose_position(actor, others, kind)
    if position is not None:
        await socket.resume(position, resync=kind in ("foreign epoch", "ahead", "another's"))


async def _choose_position(actor: SimulatedUser, others: Sequence[SimulatedUser], kind: str) -> Position | None:
    if kind == "snapshot":
        return await actor.rest.get_position()
    if kind == "another's":
        positions = [other.owned.positions[-1] for other in others if other.owned.positions]
        return actor.rng.choice(positions) if positions else None
    known = actor.owned.positions
    return _derive_position(actor.rng.choice(known), known[-1], kind) if known else None


def _derive_position(old: Position, last: Position, kind: str) -> Position:
    """Return a position derived from those that the observer has seen."""
    positions = {
        "old": old,
        "beginning": last._replace(seq=0),
        "foreign epoch": last._replace(epoch=uuid4()),
        "ahead": last._replace(seq=last.seq + AHEAD_OFFSET),
    }
    return positions.get(kind, last)


async def _resume_again(actor: SimulatedUser, socket: WebSocketClient) -> None:
    """Resume again from an earlier position, which replaces the first resume."""
    at = socket.position
    older = [each for each in actor.owned.positions if at and each.epoch == at.epoch and each.seq < at.seq]
    if older:
        await socket.resume(actor.rng.choice(older))
        await asyncio.sleep(actor.rng.uniform(0, MAX_VISIT_SECONDS / 2))
