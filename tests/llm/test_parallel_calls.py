"""Many users on one model server, one client and one pool of connections: nothing of one reaches another."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from asgiref.sync import sync_to_async

from agents import runs
from core.events import AgentCompleted, AgentError
from core.models import User
from core.stream.append import publish_to_nobody
from netra.services import Services
from tests.agents.claimed_runs import connection
from tests.conftest import People
from tests.llm.conftest import GiveLog, OpenServices, Serve
from tests.support.llm import scripted_models, whole_runs
from tests.support.llm.model_responses import Answer, Request, Said, Silence
from tests.support.llm.model_server import ModelServer
from tests.support.patience import PATIENCE
from workloads.models import Workload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

ASKS = {"alpha": "cut my spend, alpha-question", "beta": "what do my errors cost, beta-question"}


def whose(request: Request) -> str:
    return next(name for name, ask in ASKS.items() if ask in request.ask)


def talkative(request: Request) -> Answer:
    """Works as it should, and says whose conversation it believes this to be."""
    return replace(scripted_models.diligent(request), text=(f"{whose(request)}-answer",))


def together() -> Callable[[Request], None]:
    """Neither of two conversations is answered before both have asked."""
    begun: set[str] = set()
    both = threading.Barrier(2)

    def wait(request: Request) -> None:
        if whose(request) not in begun:
            begun.add(whose(request))
            both.wait(PATIENCE)

    return wait


async def test_two_conversations_at_once_stay_apart(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(talkative)
    server.gate = together()
    users = {"alpha": people.owner, "beta": people.neighbour}
    started = [
        await whole_runs.start(user, await sync_to_async(give_log)(user), ASKS[name]) for name, user in users.items()
    ]
    async with run_services(server) as opened, whole_runs.working(opened):
        for told in await asyncio.gather(*(whole_runs.await_received_run(opened, run) for run in started)):
            assert isinstance(told.last, AgentCompleted)
            assert told.last.outcome == "completed"
    order = [whose(request) for request in server.requests]
    assert order != sorted(order)
    assert order != sorted(order, reverse=True)
    for name, other in (("alpha", "beta"), ("beta", "alpha")):
        stream = await whole_runs.whole_stream(users[name])
        assert f"{name}-answer" in stream
        assert f"{other}-" not in stream
        mine = [request for request in server.requests if whose(request) == name]
        assert any(f"{name}-answer" in request.text for request in mine)
        assert not any(f"{other}-" in request.text for request in mine)
    assert await whole_runs.whole_stream(people.stranger) == ""


HANGING: dict[str, Said] = {
    "before the answer": Silence(late=("alpha-secret",)),
    "in mid-stream": Answer(text=("alpha-secret one, ",), then="hang", late=("alpha-secret two",)),
}


@pytest.mark.parametrize("hanging", ["before the answer", pytest.param("in mid-stream", marks=pytest.mark.soak)])
async def test_a_cancel_ends_a_run_whose_model_hangs_and_its_connection_serves_nobody_else(
    hanging: str, people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(lambda request: HANGING[hanging] if whose(request) == "alpha" else scripted_models.diligent(request))
    workload, others = await sync_to_async(give_log)(people.owner), await sync_to_async(give_log)(people.neighbour)
    async with run_services(server) as opened:
        await cancelled_while_hanging(server, opened, people.owner, workload)
        server.going_on.set()  # what was meant for the first user is now sent, too late
        told = await whole_runs.ask(opened, people.neighbour, others, ASKS["beta"])
    assert isinstance(told.last, AgentCompleted)
    assert "alpha-" not in await whole_runs.whole_stream(people.neighbour)
    first, *rest = server.requests
    assert first.connection not in {request.connection for request in rest}
    assert len({request.connection for request in rest}) < len(rest)  # whole answers' connections are used again


async def cancelled_while_hanging(server: ModelServer, opened: Services, user: User, workload: Workload) -> None:
    run = await whole_runs.start(user, workload, ASKS["alpha"])
    async with whole_runs.working(opened) as engine:
        assert await asyncio.to_thread(server.hanging.acquire, timeout=PATIENCE)
        await sync_to_async(runs.cancel_run)(connection(user), run.id, publish=publish_to_nobody)
        engine.wake()
        told = await whole_runs.await_received_run(opened, run)  # though its model never answers
    assert told.run.state == "cancelled"
    assert isinstance(told.last, AgentError)
    assert told.last.code == "cancelled"
    assert "alpha-secret" not in told.text
