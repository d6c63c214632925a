"""A plain question is read as the serializer reads it, and all others are left to the serializer."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError

from agents.api.questions import read_plain, read_question, validate_question
from agents.run_conditions import MAX_MESSAGE

IDS = st.one_of(
    st.none(), st.uuids(), st.uuids().map(str), st.uuids().map(lambda each: each.hex), st.text(), st.integers()
)
TEXTS = st.one_of(st.text(), st.text(alphabet="ab \n\t"), st.none(), st.integers(), st.booleans(), st.lists(st.text()))
ZONES = st.one_of(st.none(), st.text(), st.sampled_from(["UTC", " UTC", "Europe/Berlin\n", "", "x" * 65, 3, "é"]))
QUESTIONS = st.fixed_dictionaries(
    {"text": TEXTS},
    optional={
        **dict.fromkeys(("thread_id", "workload_id", "client_id"), IDS),
        "time_zone": ZONES,
        "assumptions": st.sampled_from([None, {}, {"price_in": "2"}, {"more": 1}, 7]),
        "user_id": st.uuids().map(str),
    },
)


@given(QUESTIONS)
def test_a_plain_question_is_what_the_serializer_reads(data: dict[str, Any]) -> None:
    read = read_plain(data)
    if read is not None:
        assert read == validate_question(data)


def test_a_pages_question_needs_no_serializer() -> None:
    ids = {name: str(uuid4()) for name in ("thread_id", "workload_id", "client_id")}
    for more in ({}, ids, {**ids, "time_zone": "Europe/Berlin"}, {"workload_id": None, "time_zone": None}):
        data = {"text": "What did we spend?\n¿Y en agosto?", **more}
        read = read_plain(data)
        assert read is not None and read == validate_question(data)
    assert isinstance(read_question({"text": "a", **ids}).thread_id, UUID)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"text": each} for each in ("", None, ["a"], "nul\0", "\ud800", "x" * (MAX_MESSAGE + 1))),
        *({name: "no id"} for name in ("thread_id", "workload_id", "client_id")),
        {"client_id": "z" * 36},
        *({"time_zone": each} for each in ("", "x" * 65, "a\0")),
        {"user_id": str(UUID(int=1))},
        {"assumptions": {"more": 1}},
    ],
    ids=str,
)
def test_what_is_wrong_is_for_the_serializer_to_explain(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read_question({"text": "What did we spend?", **wrong})


@pytest.mark.parametrize("data", [None, [], "text", 7])
def test_what_is_no_object_is_refused(data: Any) -> None:
    with pytest.raises(ValidationError):
        read_question(data)
