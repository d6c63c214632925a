"""A batch of the writer's and a database that is away for a moment: waited for, and told where it stays away."""

from collections.abc import Sequence
from uuid import uuid4

import pytest
from django.db import OperationalError

from agents import guard
from agents.guard import Outcome, RunItem
from realtime import commit as committing
from realtime.commit import AGAIN, Job, commit

pytestmark = pytest.mark.django_db(transaction=True)


def job() -> Job:
    return Job(RunItem(user_id=uuid4(), run_id=uuid4(), attempt=1, events=()), lambda _: None)


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the batches that were tried; the database is there again at the third."""
    tried: list[int] = []

    def write(items: Sequence[RunItem]) -> Outcome:
        tried.append(len(items))
        if len(tried) < 3:
            raise OperationalError("server closed the connection")
        return real(items)

    real = guard.write
    monkeypatch.setattr(guard, "write", write)
    monkeypatch.setattr(committing, "PAUSE", 0.001)
    return tried


def test_it_is_waited_for_and_the_batch_stays_whole(tries: list[int]) -> None:
    done = commit([job(), job()])
    assert tries == [2, 2, 2]
    assert [type(error).__name__ for _, error in done.settled] == ["RunLost", "RunLost"]  # there are no such runs


def test_where_it_stays_away_each_is_told_of_its_own(tries: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    def away(items: Sequence[RunItem]) -> Outcome:
        tries.append(len(items))
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(guard, "write", away)
    jobs = [job(), job()]
    done = commit(jobs)
    assert tries == [2] * (AGAIN + 1) + [1, 1]
    assert [(each, type(error)) for each, error in done.settled] == [(each, OperationalError) for each in jobs]
