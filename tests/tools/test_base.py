from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from tests.support.fakes import context, no_log
from tools.base import RunFacts, ToolContext
from tools.builtin.estimate_lever import EstimateLeverInput


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (RunFacts(ask="?"), "goal_percent"),
        (RunFacts(ask="?"), "levers"),
        (ToolContext(context=context(), session=no_log(), facts=RunFacts(ask="?")), "context"),
        (ToolContext(context=context(), session=no_log(), facts=RunFacts(ask="?")), "facts"),
    ],
)
def test_a_tool_cannot_change_what_it_is_handed(value: Any, field: str) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(value, field, None)


def test_arguments_cannot_be_changed_after_they_were_checked() -> None:
    checked = EstimateLeverInput(name="batch")
    with pytest.raises(ValueError, match="frozen"):
        checked.name = "another"  # type: ignore[misc]
