from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.context import MAX_DEPTH, ConnectionContext, UserExecutionContext
from core.exceptions import InvalidContext

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def fields(**changes: Any) -> dict[str, Any]:
    ids = {name: uuid4() for name in ("user_id", "request_id", "connection_id", "thread_id", "run_id")}
    return {**ids, "created_at": NOW, "attempt": 1, "deadline": NOW + timedelta(minutes=10)} | changes


def test_metadata_cannot_be_changed() -> None:
    context = UserExecutionContext(**fields())
    with pytest.raises(TypeError):
        context.metadata["a"] = 1  # type: ignore[index]


@pytest.mark.parametrize("name", ["user_id", "request_id", "connection_id", "thread_id", "run_id"])
@pytest.mark.parametrize("value", ["", "default", "none", "temp", None, 0, UUID(int=0)])
def test_placeholder_ids_are_refused(name: str, value: object) -> None:
    with pytest.raises(InvalidContext, match=name):
        UserExecutionContext(**fields(**{name: value}))


@pytest.mark.parametrize("name", ["thread_id", "run_id"])
def test_a_user_id_is_refused_as_another_id(name: str) -> None:
    user = uuid4()
    with pytest.raises(InvalidContext, match="user_id is the id of a run or thread"):
        UserExecutionContext(**fields(user_id=user, **{name: user}))


@pytest.mark.parametrize("key", ["user_id", "run_id", "depth", "metadata"])
def test_reserved_metadata_keys_are_refused(key: str) -> None:
    with pytest.raises(InvalidContext, match="reserved"):
        UserExecutionContext(**fields(metadata={key: "x"}))


def test_objects_in_metadata_are_refused() -> None:
    with pytest.raises(InvalidContext, match="plain scalar"):
        UserExecutionContext(**fields(metadata={"session": object()}))


def test_a_context_copies_its_metadata() -> None:
    given: dict[str, Any] = {"page": "chat"}
    context = UserExecutionContext(**fields(metadata=given))
    given["page"] = "admin"
    assert context.metadata == {"page": "chat"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"locale": " "}, "placeholder"),
        ({"attempt": 0}, "attempt"),
        ({"created_at": datetime(2026, 1, 1)}, "time zone"),  # noqa: DTZ001
        ({"deadline": datetime(2026, 1, 1)}, "time zone"),  # noqa: DTZ001
        ({"depth": MAX_DEPTH + 1, "parent_request_id": uuid4()}, "depth"),
        ({"depth": 1}, "parent"),
        ({"parent_request_id": uuid4()}, "parent"),
    ],
)
def test_invalid_values_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidContext, match=message):
        UserExecutionContext(**fields(**change))


def test_a_child_keeps_its_ids_and_gets_a_new_request_id() -> None:
    parent = UserExecutionContext(**fields())
    child = parent.child(seconds=60, now=NOW)
    assert (child.user_id, child.run_id, child.thread_id) == (parent.user_id, parent.run_id, parent.thread_id)
    assert child.parent_request_id == parent.request_id != child.request_id
    assert (child.depth, child.deadline) == (1, NOW + timedelta(seconds=60))


def test_a_child_cannot_extend_the_deadline() -> None:
    parent = UserExecutionContext(**fields())
    assert parent.child(seconds=3600, now=NOW).deadline == parent.deadline
    assert parent.child().deadline == parent.deadline


def test_children_end_at_the_depth_limit() -> None:
    context = UserExecutionContext(**fields())
    for _ in range(MAX_DEPTH):
        context = context.child()
    with pytest.raises(InvalidContext, match="depth"):
        context.child()


def test_a_connection_context_needs_no_run() -> None:
    mine = {name: value for name, value in fields().items() if name in ("user_id", "request_id", "connection_id")}
    assert ConnectionContext(**mine, created_at=NOW).locale == "en"
