"""An agent returns the same whatever a model called or did not call."""

from collections.abc import AsyncIterator
from types import MappingProxyType

import pytest

from agents.framework.agent import ensure_called
from core.i18n.text import verbatim_text
from tests.support.fakes import FakeRecorder, anything, context, no_log
from tools.base import Category, DataKind, NoInput, RunFacts, SideEffects, Tool, ToolContext, ToolInput
from tools.errors import ToolFailed
from tools.run_dispatcher import ToolDispatcher, ToolDispatcherFactory


class NameInput(ToolInput):
    name: str


async def measure(wanted: NameInput, reach: ToolContext) -> tuple[str, ...]:
    if wanted.name == "broken":
        raise RuntimeError
    return (wanted.name,)


async def count(_: NoInput, reach: ToolContext) -> int:
    return 7


def tool(name: str, kind: type[ToolInput], run: object, result_bytes: int = 16_000) -> Tool[ToolInput]:
    return Tool(
        name=name,
        title=verbatim_text(name),
        description=name,
        input=kind,
        run=run,  # type: ignore[arg-type]
        category=Category.BASIC,
        side_effects=SideEffects.NONE,
        idempotent=True,
        result_kinds=frozenset({DataKind.FIGURES}),
        result_bytes=result_bytes,
    )


CATALOG = MappingProxyType(
    {
        "measure": tool("measure", NameInput, measure, result_bytes=4),
        "count": tool("count", NoInput, count),
        "other": tool("other", NameInput, measure),
    }
)


@pytest.fixture
async def dispatcher() -> AsyncIterator[ToolDispatcher]:
    factory = ToolDispatcherFactory(catalog=CATALOG, admit=anything)
    async with factory.for_context(
        context(),
        agent="data",
        tools=tuple(CATALOG),
        recorder=FakeRecorder(),
        session=no_log(),
        facts=RunFacts(ask="?"),
    ) as opened:
        yield opened


async def test_an_earlier_call_is_not_repeated(dispatcher: ToolDispatcher) -> None:
    await dispatcher.dispatch("count", {})
    assert await ensure_called(dispatcher, "count") == 7
    assert len(dispatcher.results) == 1


async def test_a_missing_call_is_made(dispatcher: ToolDispatcher) -> None:
    assert await ensure_called(dispatcher, "measure", {"name": "batch"}) == ("batch",)


async def test_a_call_with_other_arguments_does_not_stand_in(dispatcher: ToolDispatcher) -> None:
    await dispatcher.dispatch("measure", {"name": "another"})
    assert await ensure_called(dispatcher, "measure", {"name": "batch"}) == ("batch",)


async def test_a_call_of_another_tool_does_not_stand_in(dispatcher: ToolDispatcher) -> None:
    await dispatcher.dispatch("other", {"name": "batch"})
    await ensure_called(dispatcher, "measure", {"name": "batch"})
    assert [result.tool for result in dispatcher.results] == ["other", "measure"]


async def test_the_tools_value_is_returned_and_not_the_models_view(dispatcher: ToolDispatcher) -> None:
    result = await dispatcher.dispatch("measure", {"name": "batch"})
    assert result.full_result is not None
    assert await ensure_called(dispatcher, "measure", {"name": "batch"}) == ("batch",)


async def test_a_failed_required_call_is_an_error(dispatcher: ToolDispatcher) -> None:
    with pytest.raises(ToolFailed):
        await ensure_called(dispatcher, "measure", {"name": "broken"})
