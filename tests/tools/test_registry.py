from dataclasses import fields

import pytest

from agents.framework.registry import AGENTS
from core.context import UserExecutionContext
from tools.base import RunFacts
from tools.registry import TOOLS

# Whose data it is, and what our own code has established: never a model's to say.
OURS = {field.name for kind in (UserExecutionContext, RunFacts) for field in fields(kind)} | {
    "user", "owner", "owner_id", "workload", "workload_id", "path", "file", "goal", "saving",
}  # fmt: skip


@pytest.mark.parametrize("name", TOOLS)
def test_no_tool_takes_an_owner_or_established_facts(name: str) -> None:
    schema = TOOLS[name].schema
    assert not OURS & set(schema.get("properties", {}))
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("name", TOOLS)
def test_each_tool_is_registered_by_name_and_has_limits(name: str) -> None:
    tool = TOOLS[name]
    assert tool.name == name
    assert 0 < tool.seconds <= 600
    assert 0 < tool.result_bytes <= 100_000


def test_every_agents_tools_exist() -> None:
    assert {tool for agent in AGENTS.values() for tool in agent.tools} <= set(TOOLS)
