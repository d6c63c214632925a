"""Many runs of users who look alike at once, some cancelled: nobody meets another's canary."""

import asyncio
import json
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async

from agents import runs
from agents.models import Run
from core.events import is_terminal
from core.exceptions import Conflict
from core.models import Event, User
from core.stream.append import publish_to_nobody
from tests.agents.claimed_runs import connection
from tests.conftest import People
from tests.support.running_worker import (
    ask_about_log,
    await_run_events,
    environment,
    everything,
    log_file,
    place_log,
    working,
)
from workloads.models import Workload

pytestmark = pytest.mark.django_db(transaction=True)


def canary(user: User) -> str:
    return f"canary-{user.username}"


def log_of(user: User, folder: Path) -> Workload:
    return place_log(user, log_file(folder / user.username, feature=canary(user)), folder)


async def cancel(user: User, run: Run) -> None:
    try:
        await sync_to_async(runs.cancel_run)(connection(user), run.id, publish=publish_to_nobody)
    except Conflict:
        return  # it was quicker


@pytest.mark.parametrize("rounds", [3, pytest.param(100, marks=pytest.mark.soak)])
async def test_no_user_receives_anothers_canary(people: People, tmp_path: Path, rounds: int) -> None:
    users = (people.owner, people.neighbour, people.stranger)
    logs = {user: await sync_to_async(log_of)(user, tmp_path) for user in users}
    async with working(environment(tmp_path)) as (services, engine):
        started = [
            (user, await sync_to_async(ask_about_log)(user, logs[user], f"cut my spend {canary(user)}"))
            for _ in range(rounds)
            for user in users
        ]
        engine.wake()
        await asyncio.sleep(0.5)
        for user, run in started[::4]:
            await cancel(user, run)
        told = await asyncio.gather(*[await_run_events(services, run) for _, run in started])
    assert all(sum(is_terminal(event) for event in events) == 1 for events in told)
    for user in users:
        await sync_to_async(check)(user, [other for other in users if other != user], len(started) // len(users))


def check(user: User, others: list[User], count: int) -> None:
    mine = json.dumps([event.model_dump(mode="json") for event in everything(user.id)])
    assert canary(user) in mine
    for other in others:
        assert canary(other) not in mine
        assert str(other.id) not in mine
    numbers = list(Event.objects.for_user(user.id).order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert Run.objects.for_user(user.id).filter(ended_at__isnull=False).count() == count
