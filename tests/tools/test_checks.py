from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from tools.base import ToolInput
from tools.checks import OWNERSHIP_ARGUMENTS, find_faults
from tools.registry import DECLARED_TOOLS

TOOL = DECLARED_TOOLS[0]


class Whose(ToolInput):
    user_id: str


class Loose(BaseModel):
    name: str


def test_every_tool_has_the_required_declarations() -> None:
    assert find_faults(DECLARED_TOOLS) == []


def test_a_duplicate_name_is_an_error() -> None:
    assert [each.id for each in find_faults([TOOL, TOOL])] == ["tools.E001"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"side_effects": None}, "E002"),
        ({"category": "basic-ish"}, "E003"),
        ({"default": "perhaps"}, "E004"),
        ({"idempotent": None}, "E005"),
        ({"seconds": 0}, "E006"),
        ({"result_bytes": 0}, "E007"),
        ({"description": " "}, "E008"),
        ({"cost": Decimal(-1)}, "E009"),
        ({"input": Loose}, "E010"),
        ({"input": Whose}, "E011"),
    ],
)
def test_each_missing_declaration_is_an_error(changes: dict[str, Any], code: str) -> None:
    assert [each.id for each in find_faults([replace(TOOL, **changes)])] == [f"tools.{code}"]


def test_no_tool_takes_the_datas_owner_as_input() -> None:
    assert {"user", "owner", "user_id", "owner_id", "workload_id"} <= OWNERSHIP_ARGUMENTS
