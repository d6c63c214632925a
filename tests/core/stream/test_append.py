"""The text that is published at the commit is the text that is read later, and neither holds a secret."""

from uuid import uuid4

import pytest
from django.db import transaction

from core.events import RunQueued
from core.models import Event
from core.stream import append
from core.stream import read as stream_read
from core.stream.append import ROWS_PER_STATEMENT
from core.stream.batches import Batch, Position
from tests.conftest import People
from tests.core.sample_secrets import KEYS

pytestmark = pytest.mark.django_db

SECRETS = [KEYS[name] for name in ("openai", "anthropic", "github", "aws", "jwt")]


def build_run_queued(text: str) -> RunQueued:
    return RunQueued(
        run_id=uuid4(), thread_id=uuid4(), message_id=uuid4(), client_id=None, text=text, title="", workload_id=None
    )


def test_published_events_equal_the_stored_ones(people: People) -> None:
    with transaction.atomic():
        told = append.append_events(
            people.owner.id,
            build_run_queued('an answer, "quoted", ünïcode \u2028 and a\nline'),
            build_run_queued("a"),
            publish=append.publish_to_nobody,
        )
    read = stream_read.read_after(people.owner.id, Position(epoch=told.epoch, seq=0))
    assert isinstance(read, Batch)
    assert (read.after, read.upto, read.events) == (told.after, told.upto, told.events)
    assert told.user_id == read.user_id == people.owner.id


def test_a_secret_is_neither_published_nor_stored(people: People) -> None:
    for secret in SECRETS:
        with transaction.atomic():
            question = build_run_queued(f"why does {secret} cost so much?")
            told = append.append_events(people.owner.id, question, publish=append.publish_to_nobody)
        assert secret not in told.payloads[0]
        assert "cost so much" in told.payloads[0]
    assert not [row for row in Event.objects.values_list("payload", flat=True) for word in SECRETS if word in str(row)]


@pytest.mark.parametrize(
    "count", [1, 2, 7, 100, ROWS_PER_STATEMENT, ROWS_PER_STATEMENT + 1, 2 * ROWS_PER_STATEMENT + 3]
)
def test_a_batch_of_any_size_is_stored_completely(people: People, count: int) -> None:
    with transaction.atomic():
        questions = [build_run_queued(f"number {number}") for number in range(count)]
        told = append.append_events(people.owner.id, *questions, publish=append.publish_to_nobody)
    read = stream_read.read_after(people.owner.id, Position(epoch=told.epoch, seq=0), limit=count + 1)
    assert isinstance(read, Batch)
    assert (read.upto, read.events) == (count, told.events)
    assert Event.objects.count() == count
