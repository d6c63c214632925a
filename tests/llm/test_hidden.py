"""A call to a tool that was not offered is answered by the model's loop, and is an attempt all the same."""

import pytest
from asgiref.sync import sync_to_async

from core.events import ToolCompleted
from tests.conftest import People
from tests.llm.conftest import GiveLog, OpenServices, Serve
from tests.operators.operators import list_audit_rows
from tests.support.llm import scripted_models, whole_runs
from tests.support.llm.model_responses import calls

pytestmark = pytest.mark.django_db(transaction=True)


async def test_it_is_told_and_audited(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    async with run_services(serve(scripted_models.once(calls(("delete_everything", {}))))) as opened:
        told = await whole_runs.ask(opened, people.owner, await sync_to_async(give_log)(people.owner))
    refused = [event for event in told.events if isinstance(event, ToolCompleted) and event.code == "unknown_tool"]
    assert [event.tool for event in refused[:1]] == ["delete_everything"]
    rows = await sync_to_async(list_audit_rows)(people.owner)
    assert len([row for row in rows if row[0] == "unknown"]) == len(refused)
