import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from core.events import (
    EVENT_ADAPTER,
    AgentCompleted,
    AgentError,
    AgentStarted,
    BaseEvent,
    Event,
    RunQueued,
    build_agent_fields,
    is_terminal,
)
from core.stream.append import get_redactable_part
from tests.support.fakes import context


def test_an_event_survives_being_stored() -> None:
    event = AgentStarted(**build_agent_fields(context(), "data"), title="Data")
    assert EVENT_ADAPTER.validate_json(event.model_dump_json()) == event


@pytest.mark.parametrize("change", [{"type": "agent_dancing"}, {"surprise": 1}, {"run_id": "default"}])
def test_the_union_is_closed(change: dict[str, Any]) -> None:
    stored = RunQueued(
        run_id=uuid4(), thread_id=uuid4(), message_id=uuid4(), client_id=None, text="?", title="?", workload_id=None
    ).model_dump(mode="json")
    with pytest.raises(ValidationError):
        EVENT_ADAPTER.validate_python(stored | change)


def test_an_event_cannot_be_changed() -> None:
    event = AgentStarted(**build_agent_fields(context(), "data"), title="Data")
    with pytest.raises(ValidationError):
        event.title = "Other"  # type: ignore[misc]


def test_only_the_top_agents_terminal_event_ends_a_run() -> None:
    top = context()
    assert is_terminal(
        AgentCompleted(**build_agent_fields(top, "supervisor"), outcome="completed", summary="", duration_ms=0)
    )
    assert is_terminal(AgentError(**build_agent_fields(top, "supervisor"), code="defect", message="", duration_ms=0))
    assert not is_terminal(
        AgentError(**build_agent_fields(top.child(), "data"), code="defect", message="", duration_ms=0)
    )
    assert not is_terminal(AgentStarted(**build_agent_fields(top, "supervisor"), title=""))


KINDS: Sequence[type[BaseEvent]] = [
    each for union in get_args(get_args(Event)[0]) for each in get_args(union) or (union,)
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_events_own_fields_precede_untrusted_text(kind: type[BaseEvent]) -> None:
    # Built without checks, so that a field of any type can hold a sentence.
    canaries = {name: f"canary-{name}" for name, field in kind.model_fields.items() if not _is_ours(field.annotation)}
    fields: dict[str, Any] = dict.fromkeys(kind.model_fields) | canaries
    event = kind.model_construct(None, **fields)

    text = event.model_dump_json(warnings=False)

    assert canaries, "an event with words in it"
    assert all(json.dumps(canary) in get_redactable_part(text) for canary in canaries.values())
    assert get_redactable_part(text) != text, "what is not looked at"


def _is_ours(annotation: Any) -> bool:
    """Whether a field's values are made here, and no sentences: times, ids and numbers."""
    return all(each in (datetime, UUID, int, float, bool, type(None)) for each in get_args(annotation) or (annotation,))
