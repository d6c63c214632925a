import io

import pytest
from asgiref.sync import sync_to_async
from rich.console import Console

from agents.models import Run
from agents.run_queue import RunJob
from agents.run_writer import RunItem
from core.events import AgentCompleted, build_agent_fields
from core.stream import read
from core.stream.batches import Position
from netra.cli.output import ProgressPrinter
from netra.cli.run_once import _show_until_end
from realtime.subscriptions import StreamSubscriptions
from tests.agents.claimed_runs import claim_queued_run, write
from tests.conftest import People

pytestmark = pytest.mark.django_db(transaction=True)


def end(claim: RunJob, summary: str) -> Run:
    mine = claim.context
    event = AgentCompleted(
        **build_agent_fields(mine, "supervisor"), outcome="completed", summary=summary, duration_ms=0
    )
    write(RunItem(user_id=mine.user_id, run_id=mine.run_id, attempt=mine.attempt, events=(event,)))
    return Run.objects.get(id=mine.run_id)


async def test_the_answer_is_that_of_the_run_that_was_asked(people: People) -> None:
    """Another run of the same user, from a page say, may end in the meantime."""
    other, asked = (
        await sync_to_async(claim_queued_run)(people.owner),
        await sync_to_async(claim_queued_run)(people.owner),
    )
    await sync_to_async(end)(other, "another answer")
    run = await sync_to_async(end)(asked, "my answer")
    start = Position(epoch=(await sync_to_async(read.get_head_position)(people.owner.id)).epoch, seq=0)
    shown = io.StringIO()
    last = await _show_until_end(run, start, StreamSubscriptions(), ProgressPrinter(Console(file=shown, width=200)))
    assert isinstance(last, AgentCompleted)
    assert last.summary == "my answer"
    assert "another answer" not in shown.getvalue()
