"""DeepAgentState shares no values, drops unknown fields, hides secrets and refuses other users' data."""

import asyncio
import copy
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel, ValidationError

from core.exceptions import InvalidContext, IsolationViolation
from core.models import IsolationIncident
from legacy.bridges.state import STATE_RESULTS, DeepAgentState
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

SECRET = "hunter2hunter2"
OWN_ID, OTHER_ID = str(uuid4()), str(uuid4())


class RowsResult(BaseModel):
    rows: list[int]


def build_state(**values: Any) -> DeepAgentState:
    return DeepAgentState(**{"user_request": "cut my spend", "user_id": OWN_ID, "run_id": "r", **values})


COPIES: dict[str, Callable[[DeepAgentState], DeepAgentState]] = {
    "copy_with_updates": lambda one: one.copy_with_updates(step_count=1),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "model_copy": lambda one: one.model_copy(),
    "model_copy update": lambda one: one.model_copy(update={"step_count": 1}, deep=False),
    "pydantic copy": lambda one: one.copy(),
}


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_shares_nothing(name: str) -> None:
    one = build_state(metadata={"a": {"b": [1]}}, triage_result=RowsResult(rows=[1]), messages=[{"m": [1]}])
    two = COPIES[name](one)
    two.metadata["a"]["b"].append(2)
    two.triage_result.rows.append(2)
    two.messages[0]["m"].append(2)
    assert (one.metadata, one.triage_result.rows, one.messages) == ({"a": {"b": [1]}}, [1], [{"m": [1]}])
    assert (two.user_id, two.run_id, two.user_request) == (OWN_ID, "r", "cut my spend")


def test_an_assigned_value_is_not_shared_with_its_source() -> None:
    values: dict[str, Any] = {"rows": [1]}
    one, two = build_state(metadata=values), build_state()
    two.data_result = values
    three = two.copy_with_updates(report_result=values)
    four = build_state().merge_from(two)
    four.data_result["rows"].append(4)
    values["rows"].append(2)
    assert one.metadata == two.data_result == three.report_result == {"rows": [1]}
    assert two.add_metadata("k", values).metadata["k"] is not values


def test_unknown_fields_are_dropped() -> None:
    one = build_state(is_admin=True, payload={"__class__": "x"}).copy_with_updates(role="root", step_count=3)
    assert one.step_count == 3
    assert not {"is_admin", "payload", "role"} & set(one.model_dump())
    assert not hasattr(one, "role")


@pytest.mark.parametrize("ask", [None, "", "  ", "default_request", "default", "none"])
def test_a_placeholder_request_is_refused(ask: str | None) -> None:
    with pytest.raises(ValidationError):
        DeepAgentState(**({} if ask is None else {"user_request": ask}))


def test_secrets_are_not_printed() -> None:
    one = build_state(
        metadata={"api_key": SECRET, "nested": [{"password": SECRET}], "says": f"password={SECRET}"},
        agent_input={"credentials": [SECRET], "max_tokens": 5},
        final_report=RowsResult(rows=[7]),
    )
    printed = [repr(one), str(one), f"{one}", json.dumps(one.to_dict()), str(one.model_dump()), one.model_dump_json()]
    assert not [text for text in printed if SECRET in text]
    assert "cut my spend" not in repr(one) + str(one)
    assert one.to_dict()["agent_input"]["max_tokens"] == 5
    assert one.to_dict()["final_report"] == {"rows": [7]}
    assert one.metadata["api_key"] == SECRET  # its owner's agent still has it


def test_errors_contain_no_secrets() -> None:
    with pytest.raises(ValidationError) as caught:
        build_state(metadata=f"password={SECRET}")
    assert SECRET not in str(caught.value)


def test_legacy_methods_change_the_state_and_return_it() -> None:
    one = build_state(data_result={"a": 1}, metadata={"k": 1})
    assert one.increment_step_count() is one
    assert one.step_count == 1
    two = build_state(triage_result={"b": 2}, metadata={"l": 2}, messages=[{"m": 1}])
    one.merge_from(two)
    assert (one.triage_result, one.data_result) == ({"b": 2}, {"a": 1})
    assert (one.metadata, len(one.messages)) == ({"k": 1, "l": 2}, 1)
    one.clear_sensitive_data()
    assert [getattr(one, name) for name in STATE_RESULTS] == [None] * len(STATE_RESULTS)
    assert (one.metadata, one.messages, one.user_id) == ({}, [], OWN_ID)


def test_a_run_id_is_refused_as_the_user_id() -> None:
    with pytest.raises(ValidationError):
        build_state(run_id=OWN_ID)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["user_id", "run_id", "chat_thread_id"])
def test_another_users_state_is_not_merged(name: str) -> None:
    one, two = build_state(chat_thread_id="t"), build_state(chat_thread_id="t", data_result={"other": 1})
    foreign = two.model_construct(**{**two.__dict__, name: OTHER_ID})
    with pytest.raises(IsolationViolation):
        one.merge_from(foreign)
    assert one.data_result is None
    incident = IsolationIncident.objects.get()
    assert (incident.kind, str(incident.found_user)) == (f"legacy: foreign {name}", OTHER_ID)


@pytest.mark.django_db(transaction=True)
async def test_a_violation_on_the_event_loop_is_recorded() -> None:
    with pytest.raises(IsolationViolation):
        build_state().merge_from(build_state(user_id=OTHER_ID))
    until = time.monotonic() + PATIENCE
    while not await IsolationIncident.objects.aexists():
        assert time.monotonic() < until
        await asyncio.sleep(0.02)


def test_a_state_without_a_user_is_not_merged() -> None:
    with pytest.raises(InvalidContext):
        build_state().merge_from(build_state(user_id=None))
    assert build_state(user_id=None).copy_with_updates(user_id=OWN_ID).user_id == OWN_ID


def test_each_use_warns_at_its_line() -> None:
    with pytest.warns(DeprecationWarning, match="DeepAgentState is deprecated") as caught:
        DeepAgentState(user_request="hello")
    assert {warning.filename for warning in caught} == {__file__}
