import pytest

from core.exceptions import BadInput
from workloads.pricing.answer_keys import parse_answers
from workloads.pricing.assumptions import Answer


def test_an_answer_names_a_lever_and_a_scope() -> None:
    assert parse_answers(["batch:a:b", "batch"], ["batch: c"], ("batch",)) == (
        Answer(lever="batch", scope="a:b", value=True),
        Answer(lever="batch", scope="", value=True),
        Answer(lever="batch", scope="c", value=False),
    )


def test_the_last_answer_to_a_question_counts() -> None:
    assert parse_answers(["batch:a"], ["batch:a"], ("batch",)) == (Answer(lever="batch", scope="a", value=False),)


@pytest.mark.parametrize("key", ["", "nightly", ":x", "magic:x", "x" * 100_000])
def test_an_unknown_lever_is_refused(key: str) -> None:
    with pytest.raises(BadInput, match="Levers: batch"):
        parse_answers([key], [], ("batch",))
