from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from netra.core.events import EVENT, AgentCompleted, AgentError, AgentStarted, RunQueued, ends_run, who
from tests.told import context


def test_an_event_survives_being_stored() -> None:
    event = AgentStarted(**who(context(), "data"), title="Data")
    assert EVENT.validate_json(event.model_dump_json()) == event


@pytest.mark.parametrize("change", [{"type": "agent_dancing"}, {"surprise": 1}, {"run_id": "default"}])
def test_the_union_is_closed(change: dict[str, Any]) -> None:
    stored = RunQueued(
        run_id=uuid4(), thread_id=uuid4(), message_id=uuid4(), client_id=None, text="?", title="?", workload_id=None
    ).model_dump(mode="json")
    with pytest.raises(ValidationError):
        EVENT.validate_python(stored | change)


def test_an_event_cannot_be_changed() -> None:
    event = AgentStarted(**who(context(), "data"), title="Data")
    with pytest.raises(ValidationError):
        event.title = "Other"  # type: ignore[misc]


def test_only_the_top_agents_last_word_ends_a_run() -> None:
    top = context()
    assert ends_run(AgentCompleted(**who(top, "supervisor"), outcome="completed", summary="", duration_ms=0))
    assert ends_run(AgentError(**who(top, "supervisor"), code="defect", message="", duration_ms=0))
    assert not ends_run(AgentError(**who(top.child(), "data"), code="defect", message="", duration_ms=0))
    assert not ends_run(AgentStarted(**who(top, "supervisor"), title=""))
