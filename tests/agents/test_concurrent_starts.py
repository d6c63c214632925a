"""As many questions of one user wait, and as many conversations are pinned, as may, however many processes take them at
the same moment."""

from collections import Counter
from uuid import UUID

import pytest

from agents import runs, threads
from agents.models import Run
from agents.run_conditions import MAX_QUEUED_RUNS
from core.models import User
from core.stream.append import publish_to_nobody
from tests.agents.claimed_runs import connection
from tests.conftest import People
from tests.tools.quota.races import from_two_processes, mainly_on_postgresql

pytestmark = pytest.mark.django_db(transaction=True)

TOO_MANY = 10


def ask(user_id: str) -> None:
    runs.start_run(
        connection(User.objects.get(id=UUID(user_id))), question="?", workload_id=None, publish=publish_to_nobody
    )


@mainly_on_postgresql
def test_two_processes_accept_no_more_runs_than_one(people: People) -> None:
    answers = from_two_processes(MAX_QUEUED_RUNS + TOO_MANY, ask, str(people.owner.id))
    assert Counter(answers) == Counter(ok=MAX_QUEUED_RUNS, too_many_runs=TOO_MANY)
    assert Run.objects.for_user(people.owner.id).count() == MAX_QUEUED_RUNS
    run, _ = runs.start_run(connection(people.neighbour), question="?", workload_id=None, publish=publish_to_nobody)
    assert run.owner_id == people.neighbour.id


def pin(user_id: str) -> None:
    thread = threads.create_thread(UUID(user_id), "t", publish=publish_to_nobody)
    threads.pin_thread(UUID(user_id), thread.id, True, publish=publish_to_nobody)


@mainly_on_postgresql
def test_two_processes_pin_no_more_conversations_than_one(people: People) -> None:
    answers = from_two_processes(threads.MAX_PINNED + TOO_MANY, pin, str(people.owner.id))
    assert Counter(answers) == Counter(ok=threads.MAX_PINNED, bad_input=TOO_MANY)
