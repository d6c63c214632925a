from decimal import Decimal

import pytest

from core.exceptions import BadInput
from workloads.pricing.assumptions import LeverAnswer
from workloads.pricing.lever_answers import parse_answers


def test_an_answer_names_a_lever_and_a_scope() -> None:
    assert parse_answers(["batch:a:b", "batch"], ["batch: c"], ("batch",)) == (
        LeverAnswer(lever="batch", scope="a:b", value=True),
        LeverAnswer(lever="batch", scope="", value=True),
        LeverAnswer(lever="batch", scope="c", value=False),
    )


def test_the_last_answer_to_a_question_counts() -> None:
    assert parse_answers(["batch:a"], ["batch:a"], ("batch",)) == (LeverAnswer(lever="batch", scope="a", value=False),)


@pytest.mark.parametrize("key", ["", "nightly", ":x", "magic:x", "x" * 100_000])
def test_an_unknown_lever_is_refused(key: str) -> None:
    with pytest.raises(BadInput, match="Levers: batch"):
        parse_answers([key], [], ("batch",))


def test_a_number_answers_a_question_for_one() -> None:
    found = parse_answers([], [], ("output_length",), numbers=["output_length:a=b=300", "output_length:chat= 2.5"])
    assert [(answer.scope, answer.value) for answer in found] == [("a=b", Decimal(300)), ("chat", Decimal("2.5"))]


@pytest.mark.parametrize("entry", ["output_length:chat", "output_length:chat=", "output_length:chat=x", "chat=1", "="])
def test_what_is_no_number_or_no_lever_is_refused(entry: str) -> None:
    with pytest.raises(BadInput):
        parse_answers([], [], ("output_length",), numbers=[entry])


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1" * 500])
def test_an_impossible_number_is_refused(number: str) -> None:
    with pytest.raises(BadInput):
        parse_answers([], [], ("flex",), numbers=[f"flex:a={number}"])
