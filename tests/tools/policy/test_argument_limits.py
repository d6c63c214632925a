from typing import Any

import pytest

from core.exceptions import BadInput
from tests.tools.policy.questions import TOOL
from tools.policy.argument_limits import check_arguments_exist, find_violation, validate_limits


@pytest.mark.parametrize(
    ("bounds", "within", "beyond"),
    [
        ({"max": 5}, [5, 4.5, -1, [1, 5], []], [6, 5.01, [1, 6], "5", None, True, float("nan"), float("inf"), {}]),
        ({"min": 5}, [5, 9.5, [5, 6]], [4, [9, 4], "9", None, True, float("nan")]),
        ({"in": ["a", 1]}, ["a", 1, 1.0, ["a", "a"], []], ["b", True, None, "A", ["a", "b"]]),
        ({"in": ["a", None]}, ["a", None], ["b"]),
        ({"not_in": ["a", 0]}, ["b", None, False, ["b"]], ["a", 0, ["b", "a"], [["a"]]]),
        ({"max_length": 2}, ["ab", "", None, [1, 2], {"a": 1}, 12], ["abc", [1, 2, 3], {"a": 1, "b": 2, "c": 3}, 123]),
        ({"min": 1, "max": 2}, [1, 2], [0, 3]),
    ],
)
def test_which_arguments_satisfy_a_limit(bounds: Any, within: list[Any], beyond: list[Any]) -> None:
    assert [value for value in within if find_violation({"x": bounds}, {"x": value})] == []
    assert [value for value in beyond if not find_violation({"x": bounds}, {"x": value})] == []


def test_nested_and_listed_arguments_are_checked() -> None:
    limits = {"region.name": {"in": ["eu"]}}
    assert find_violation(limits, {"region": {"name": "eu"}}) is None
    assert find_violation(limits, {"region": {"name": "us"}}) == "region.name must be one of: eu"
    assert find_violation(limits, {"region": [{"name": "eu"}, {"name": "us"}]})
    assert find_violation(limits, {"region": None}) and find_violation(limits, {})


def test_the_error_names_the_limit() -> None:
    said = [
        find_violation({"x": bounds}, {"x": "long"})
        for bounds in ({"max": 1}, {"min": 1}, {"in": [1, None]}, {"not_in": ["long"]}, {"max_length": 3})
    ]
    assert said == [
        "x must be 1 or less",
        "x must be 1 or more",
        "x must be one of: 1, no value",
        "x must not be any of: long",
        "x must be no longer than 3",
    ]


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ([], "Limits must be a JSON object"),
        ({"": {"max": 1}}, "is not an argument name"),
        ({"a..b": {"max": 1}}, "is not an argument name"),
        ({"a": {}}, "a: specify a limit"),
        ({"a": 5}, "a: specify a limit"),
        ({"a": {"most": 5}}, "unknown limit 'most'"),
        ({"a": {"max": "5"}}, "max must be a number"),
        ({"a": {"max": True}}, "max must be a number"),
        ({"a": {"min": float("nan")}}, "min must be a number"),
        ({"a": {"in": []}}, "in must be a non-empty list"),
        ({"a": {"not_in": "x"}}, "not_in must be a non-empty list"),
        ({"a": {"max_length": -1}}, "max_length must be a whole number"),
        ({"a": {"max_length": 1.5}}, "max_length must be a whole number"),
    ],
)
def test_invalid_limits_are_explained(limits: Any, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        validate_limits(limits)


def test_a_limit_needs_an_existing_argument() -> None:
    for path in ("rows", "names", "region", "region.name"):
        check_arguments_exist({path: {"max": 1}}, TOOL.schema, "count")
    for path in ("lines", "rows.more", "region.nam", "name"):
        with pytest.raises(BadInput, match=rf"count has no argument {path}. Its arguments: names, region, rows"):
            check_arguments_exist({path: {"max": 1}}, TOOL.schema, "count")
