"""Results in full: stored with the event that has their preview, for their owner, and gone with it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import JsonValue

from agents import user_data
from agents.models import Run
from agents.retention import OldEvents
from agents.run_queue import RunJob
from agents.run_writer import RunItem
from core.events import ToolCompleted, build_agent_fields
from core.exceptions import NotFound, RunLost
from core.models import Event
from core.stream.append import publish_to_nobody
from tests.agents.claimed_runs import claim_queued_run, write
from tests.conftest import People
from tests.core.sample_secrets import KEYS
from tests.tools.settlements import receipt
from tools.models import CallResult
from tools.results import FullResult, get_result

pytestmark = pytest.mark.django_db


def say(claim: RunJob, result: JsonValue, *, call_id: str = "c", child: bool = False, **changes: Any) -> ToolCompleted:
    mine = claim.context.child() if child else claim.context
    event = ToolCompleted(
        **build_agent_fields(mine, "data"),
        call_id=call_id,
        tool="t",
        outcome="ok",
        result="…",
        truncated=True,
        duration_ms=1,
    )
    item: dict[str, Any] = {"user_id": mine.user_id, "run_id": mine.run_id, "attempt": mine.attempt} | changes
    write(
        RunItem(
            **item, events=(event,), receipt=receipt(mine.user_id, full_result=FullResult(result, is_complete=True))
        )
    )
    return event


def test_a_result_is_stored_with_its_event_or_not_at_all(people: People) -> None:
    claim = claim_queued_run(people.owner)
    say(claim, {"all": [1, "é"]})
    found = get_result(people.owner.id, claim.context.run_id, "c")
    assert (found.tool, found.result, found.complete) == ("t", {"all": [1, "é"]}, True)
    before = Event.objects.count()
    with pytest.raises(RunLost):
        say(claim, ["lost"], attempt=2)
    assert (CallResult.objects.count(), Event.objects.count()) == (1, before)


def test_another_user_does_not_get_the_result(people: People) -> None:
    mine, theirs = claim_queued_run(people.owner), claim_queued_run(people.neighbour)
    say(mine, ["mine"])
    say(theirs, ["theirs"])
    assert get_result(people.owner.id, mine.context.run_id, "c").result == ["mine"]
    for user, claim in ((people.owner, theirs), (people.neighbour, mine), (people.stranger, mine)):
        with pytest.raises(NotFound):
            get_result(user.id, claim.context.run_id, "c")


def test_calls_with_the_same_id_are_distinguished_by_their_turn(people: People) -> None:
    claim = claim_queued_run(people.owner)
    events = [say(claim, [number], child=True) for number in range(2)]
    run = claim.context.run_id
    assert [get_result(people.owner.id, run, "c", each.request_id).result for each in events] == [[0], [1]]
    assert get_result(people.owner.id, run, "c").result == [1]
    with pytest.raises(NotFound):
        get_result(people.owner.id, run, "c", uuid4())


@pytest.mark.parametrize("secret", [KEYS["openai"], KEYS["pem"]], ids=["in a line", "in lines"])
def test_secrets_are_removed_from_the_full_result(people: People, secret: str) -> None:
    claim = claim_queued_run(people.owner)
    say(claim, {"said": f"it is {secret} now"})
    assert secret not in str(get_result(people.owner.id, claim.context.run_id, "c").result)


def test_a_result_is_removed_with_its_conversation_or_old_events(people: People) -> None:
    deleted, old, new, theirs = (claim_queued_run(user) for user in (*[people.owner] * 3, people.neighbour))
    for claim in (deleted, old, new, theirs):
        say(claim, ["x" * 1_000])
    user_data.delete_thread(people.owner.id, deleted.context.thread_id, publish=publish_to_nobody)
    assert set(CallResult.objects.values_list("run_id", flat=True)) == {c.context.run_id for c in (old, new, theirs)}
    now = datetime.now(UTC)
    Run.objects.filter(id=old.context.run_id).update(ended_at=now - timedelta(days=31))
    Run.objects.filter(id=new.context.run_id).update(ended_at=now)
    waste = OldEvents(ended_before=now - timedelta(days=30))
    found = waste.find()
    assert (found.count, found.size > 1_000) == (2, True)
    assert waste.remove() == found
    assert set(CallResult.objects.values_list("run_id", flat=True)) == {c.context.run_id for c in (new, theirs)}
    assert waste.remove().size == 0
