"""A model's partial texts are removed from the log once its text is whole, and no reader of the log misses them."""

from uuid import UUID

import pytest

from agents.run_queue import RunJob
from agents.run_writer import RunItem
from core.context import UserExecutionContext
from core.events import AgentThinking, AgentWriting, Event, build_agent_fields
from core.models import Event as EventRow
from core.models import UserStream
from core.stream import read
from core.stream.batches import Batch, Position
from tests.agents.claimed_runs import claim_queued_run, write
from tests.conftest import People

pytestmark = pytest.mark.django_db


def writing(mine: UserExecutionContext, part: int, text: str = "so far") -> AgentWriting:
    return AgentWriting(**build_agent_fields(mine, "data"), part=part, text=text)


def whole(mine: UserExecutionContext, part: int | None) -> AgentThinking:
    return AgentThinking(
        **build_agent_fields(mine, "data"), thought="whole", source="model" if part is not None else "agent", part=part
    )


def say(claim: RunJob, *events: Event) -> Batch:
    mine = claim.context
    batch = write(RunItem(user_id=mine.user_id, run_id=mine.run_id, attempt=mine.attempt, events=events))
    assert batch is not None
    return batch


def list_stored_texts(run_id: UUID) -> list[tuple[str, int | None]]:
    rows = EventRow.objects.filter(run_id=run_id, type__startswith="agent_").order_by("seq")
    return [(row.type, row.payload["part"]) for row in rows]


def test_a_complete_text_replaces_its_partial_states(people: People) -> None:
    claim = claim_queued_run(people.owner)
    turn = claim.context.child()
    for text in ("a", "ab", "abc"):
        say(claim, writing(turn, 0, text))
    assert list_stored_texts(turn.run_id) == [("agent_writing", 0)] * 3
    say(claim, writing(turn, 0, "abcd"), whole(turn, 0))  # also what is stored with it
    assert list_stored_texts(turn.run_id) == [("agent_thinking", 0)]


def test_partial_texts_of_other_turns_and_runs_stay(people: People) -> None:
    claims = [claim_queued_run(people.owner), claim_queued_run(people.owner), claim_queued_run(people.neighbour)]
    turns = [claims[0].context.child(), *(claim.context for claim in claims)]
    for claim, turn in zip((claims[0], *claims), turns, strict=True):
        say(claim, *(writing(turn, part) for part in (0, 1, 2)))
    say(claims[0], whole(turns[0], None))  # our own words are no text of a model's
    say(claims[0], whole(turns[0], 1))
    of_turn = EventRow.objects.filter(payload__request_id=str(turns[0].request_id)).order_by("seq")
    # A text before it that broke off will never be whole.
    assert [row.payload["part"] for row in of_turn] == [2, None, 1]
    for turn in turns[1:]:
        rows = EventRow.objects.filter(payload__request_id=str(turn.request_id), type="agent_writing")
        assert rows.count() == 3
        assert {row.owner_id for row in rows} == {turn.user_id}


def test_a_position_among_partial_states_continues_without_a_gap(people: People) -> None:
    claim = claim_queued_run(people.owner)
    turn = claim.context.child()
    among = [say(claim, writing(turn, 0)).position for _ in range(4)]
    last = say(claim, whole(turn, 0))
    for position in among:
        news = read.read_after(people.owner.id, position)
        assert isinstance(news, Batch)
        assert (news.after, news.position) == (position.seq, last.position)
        assert [event.type for event in news.events] == ["agent_thinking"]
    begin = read.read_after(people.owner.id, Position(epoch=last.epoch, seq=0))
    assert isinstance(begin, Batch)
    assert [event.type for event in begin.events] == ["run_queued", "agent_thinking"]
    assert UserStream.objects.get(owner=people.owner).floor == 0
