"""A prepared result is stored and told like any other, without its secrets, however many events show it."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from core.events import ToolCompleted
from core.models import Event
from core.stream import append
from core.stream.prepared_json import PreparedJson, PreparedToolCompleted
from tests.conftest import People
from tests.core.sample_secrets import KEYS

SECRET = KEYS["openai"]
RESULTS: tuple[Any, ...] = (
    None,
    1.5,
    [],
    "plain, \"quoted\", 'result': null, ünïcode \u2028 and a\nline",
    {"result": None, "rows": [{"name": "a", "usd": 1e-7}, {"name": "b", "usd": 1e22}]},
    f"the key {SECRET} is in it",
    {"password": "hunter2", "rows": [f"Bearer {SECRET}", SECRET]},
    json.dumps({"api_key": "hunter2"}),
)


def build_fields(result: Any, **changes: Any) -> dict[str, Any]:
    ids = {name: uuid4() for name in ("run_id", "thread_id", "request_id", "parent_request_id")}
    of_call = {"call_id": "1", "tool": "measure", "outcome": "ok", "duration_ms": 1.25, "attempt": 1, "agent": "data"}
    return ids | of_call | {"result": result} | changes


@pytest.mark.django_db
def test_it_is_stored_and_told_as_a_result_that_is_not_prepared(people: People) -> None:
    for result in RESULTS:
        fields, prepared = build_fields(result), PreparedJson(result)
        with transaction.atomic():
            plain = ToolCompleted(**fields)
            shown = PreparedToolCompleted.model_construct(**fields, at=plain.at, prepared=prepared)
            # The second event of a call that was reused finds the text.
            told = append.append_events(people.owner.id, plain, shown, shown, publish=append.publish_to_nobody)
        assert json.loads(told.payloads[0]) == json.loads(told.payloads[1]) == json.loads(told.payloads[2])
        assert told.events[0] == told.events[1]
        assert shown.model_dump() == plain.model_dump()
    stored = [str(row) for row in Event.objects.values_list("payload", flat=True)]
    assert len(stored) == 3 * len(RESULTS)
    assert not [row for row in stored if SECRET in row or "hunter2" in row]


@pytest.mark.django_db
def test_its_other_fields_are_searched_for_secrets(people: People) -> None:
    fields = build_fields({"rows": 1}, call_id=SECRET)
    shown = PreparedToolCompleted.model_construct(**fields, prepared=PreparedJson({"rows": 1}))
    with transaction.atomic():
        told = append.append_events(people.owner.id, shown, publish=append.publish_to_nobody)
    assert SECRET not in told.payloads[0]
    assert json.loads(told.payloads[0])["result"] == {"rows": 1}
