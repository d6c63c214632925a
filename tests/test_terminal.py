import io

import pytest
from asgiref.sync import sync_to_async
from rich.console import Console

from agents.guard import RunItem
from agents.leases import Claim
from agents.models import Run
from netra.core import stream
from netra.core.events import AgentCompleted, who
from netra.core.stream import Position
from netra.progress import Progress
from netra.terminal import _watch
from realtime.doorbell import Doorbells
from tests.agents.claimed import claimed, write
from tests.conftest import People

pytestmark = pytest.mark.django_db(transaction=True)


def end(claim: Claim, summary: str) -> Run:
    mine = claim.context
    event = AgentCompleted(**who(mine, "supervisor"), outcome="completed", summary=summary, duration_ms=0)
    write(RunItem(user_id=mine.user_id, run_id=mine.run_id, attempt=mine.attempt, events=(event,)))
    return Run.objects.get(id=mine.run_id)


async def test_the_answer_is_that_of_the_run_that_was_asked(people: People) -> None:
    """Another run of the same user, from a page say, may end in the meantime."""
    other, asked = await sync_to_async(claimed)(people.owner), await sync_to_async(claimed)(people.owner)
    await sync_to_async(end)(other, "another answer")
    run = await sync_to_async(end)(asked, "my answer")
    start = Position(epoch=(await sync_to_async(stream.head)(people.owner.id)).epoch, seq=0)
    shown = io.StringIO()
    last = await _watch(run, start, Doorbells(), Progress(Console(file=shown, width=200)))
    assert isinstance(last, AgentCompleted)
    assert last.summary == "my answer"
    assert "another answer" not in shown.getvalue()
