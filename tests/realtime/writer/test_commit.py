"""A batch of the writer's and a database that is away for a moment: waited for, and told where it stays away."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from django.db import InternalError, OperationalError

from agents import run_writer
from agents.run_writer import RunItem, WriteResult
from core.stream.append import publish_to_nobody
from realtime.writer import commit as committing
from realtime.writer.commit import MAX_RETRIES, WriteJob, commit_jobs

pytestmark = pytest.mark.django_db(transaction=True)


def job() -> WriteJob:
    return WriteJob(RunItem(user_id=uuid4(), run_id=uuid4(), attempt=1, events=()), lambda _: None)


@pytest.fixture(params=[OperationalError, InternalError])
def tries(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> list[int]:
    """The sizes of the batches that were tried; the database is there again at the third."""
    tried: list[int] = []
    error = request.param

    def write(items: Sequence[RunItem], **options: Any) -> WriteResult:
        tried.append(len(items))
        if len(tried) < 3:
            raise error("server closed the connection")
        return real(items, **options)

    real = run_writer.write_fenced
    monkeypatch.setattr(run_writer, "write_fenced", write)
    monkeypatch.setattr(committing, "RETRY_PAUSE", 0.001)
    return tried


def test_a_batch_waits_for_the_database_and_stays_complete(tries: list[int]) -> None:
    done = commit_jobs([job(), job()], publish_to_nobody)
    assert tries == [2, 2, 2]
    assert [type(error).__name__ for _, error in done.outcomes] == ["RunLost", "RunLost"]  # there are no such runs


def test_if_the_database_stays_away_each_item_fails(tries: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    def away(items: Sequence[RunItem], **options: Any) -> WriteResult:
        tries.append(len(items))
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(run_writer, "write_fenced", away)
    jobs = [job(), job()]
    done = commit_jobs(jobs, publish_to_nobody)
    assert tries == [2] * (MAX_RETRIES + 1) + [1, 1]
    assert [(each, type(error)) for each, error in done.outcomes] == [(each, OperationalError) for each in jobs]
