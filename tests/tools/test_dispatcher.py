import asyncio
from collections.abc import Awaitable, Callable
from types import MappingProxyType
from typing import Any, cast

import pytest

from core.events import ToolCompleted, ToolExecuting
from core.exceptions import BadInput, InvalidContext, ScopeClosed, StorageFull
from core.i18n.text import text
from tests.support.fakes import FakeRecorder, anything, context, no_log
from tools.base import Category, DataKind, RunFacts, SideEffects, Tool, ToolContext, ToolInput
from tools.errors import InvalidArguments, ToolFailed, ToolTimeout, UnknownTool
from tools.results import FullResult
from tools.run_dispatcher import ToolDispatcher, ToolDispatcherFactory


class Amount(ToolInput):
    amount: int


def tool(run: Callable[[Any, ToolContext], Awaitable[Any]], **limits: Any) -> Tool[Amount]:
    return Tool(
        name="double",
        title=text("Double it"),
        description="Doubles an amount.",
        input=Amount,
        run=run,
        category=Category.BASIC,
        side_effects=SideEffects.NONE,
        idempotent=True,
        result_kinds=frozenset({DataKind.FIGURES}),
        **limits,
    )


async def double(wanted: Amount, tool_context: ToolContext) -> int:
    return wanted.amount * 2


def build_dispatcher(
    recorder: FakeRecorder, run: Callable[[Any, ToolContext], Awaitable[Any]] = double, **limits: Any
) -> ToolDispatcher:
    factory = ToolDispatcherFactory(catalog=MappingProxyType({"double": tool(run, **limits)}), admit=anything)
    return factory.for_context(
        context(), agent="data", tools=("double",), recorder=recorder, session=no_log(), facts=RunFacts(ask="?")
    )


def get_completed(recorder: FakeRecorder) -> ToolCompleted:
    executing, done = recorder.events
    assert isinstance(executing, ToolExecuting)
    assert isinstance(done, ToolCompleted)
    assert executing.call_id == done.call_id
    return done


async def test_a_call_runs_the_tool_and_emits_events() -> None:
    recorder = FakeRecorder()
    async with build_dispatcher(recorder) as dispatcher:
        result = await dispatcher.dispatch("double", {"amount": 21})
    assert (result.value, dispatcher.results) == (42, [result])
    assert (get_completed(recorder).outcome, get_completed(recorder).result) == ("ok", 42)


async def test_after_its_block_every_call_raises() -> None:
    recorder = FakeRecorder()
    dispatcher = build_dispatcher(recorder)
    with pytest.raises(ScopeClosed):
        await dispatcher.dispatch("double", {"amount": 1})
    async with dispatcher:
        pass
    with pytest.raises(ScopeClosed):
        await dispatcher.dispatch("double", {"amount": 1})
    assert recorder.events == []


async def test_an_unknown_tool_is_refused() -> None:
    recorder = FakeRecorder()
    async with build_dispatcher(recorder) as dispatcher:
        with pytest.raises(UnknownTool, match="Available tools: double"):
            await dispatcher.dispatch("drop_tables", {})
    assert get_completed(recorder).outcome == "refused"


@pytest.mark.parametrize("arguments", [{}, {"amount": "x"}, {"amount": 1, "user_id": "someone else"}])
async def test_invalid_arguments_are_refused(arguments: dict[str, Any]) -> None:
    recorder = FakeRecorder()
    async with build_dispatcher(recorder) as dispatcher:
        with pytest.raises(InvalidArguments):
            await dispatcher.dispatch("double", arguments)
    assert get_completed(recorder).outcome == "refused"


async def test_a_tool_that_exceeds_its_time_is_stopped() -> None:
    async def forever(wanted: Amount, tool_context: ToolContext) -> None:
        await asyncio.sleep(60)

    recorder = FakeRecorder()
    async with build_dispatcher(recorder, forever, seconds=0.01) as dispatcher:
        with pytest.raises(ToolTimeout, match="time limit of 0.01 s"):
            await dispatcher.dispatch("double", {"amount": 1})
    assert get_completed(recorder).outcome == "timeout"


async def test_a_tools_own_timeout_is_not_the_dispatchers() -> None:
    async def impatient(wanted: Amount, tool_context: ToolContext) -> None:
        raise TimeoutError("inner")

    recorder = FakeRecorder()
    async with build_dispatcher(recorder, impatient) as dispatcher:
        with pytest.raises(ToolFailed) as caught:
            await dispatcher.dispatch("double", {"amount": 1})
    assert not isinstance(caught.value, ToolTimeout)
    assert get_completed(recorder).outcome == "failed"


async def test_a_cancelled_call_is_reported_and_raised() -> None:
    begun = asyncio.Event()

    async def forever(wanted: Amount, tool_context: ToolContext) -> None:
        begun.set()
        await asyncio.sleep(60)

    recorder = FakeRecorder()
    async with build_dispatcher(recorder, forever) as dispatcher:
        call = asyncio.create_task(dispatcher.dispatch("double", {"amount": 1}))
        await begun.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert get_completed(recorder).outcome == "cancelled"


@pytest.mark.parametrize("error", [BadInput(text("the column is empty")), StorageFull(text("no room left"))])
async def test_user_and_operator_errors_are_passed_on(error: Exception) -> None:
    async def fails(wanted: Amount, tool_context: ToolContext) -> None:
        raise error

    recorder = FakeRecorder()
    async with build_dispatcher(recorder, fails) as dispatcher:
        with pytest.raises(ToolFailed, match=str(error)):
            await dispatcher.dispatch("double", {"amount": 1})
    assert (get_completed(recorder).outcome, get_completed(recorder).error) == ("failed", str(error))


async def test_a_defects_details_are_not_shown_to_the_user(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(wanted: Amount, tool_context: ToolContext) -> None:
        raise RuntimeError("password is hunter2")

    recorder = FakeRecorder()
    async with build_dispatcher(recorder, broken) as dispatcher:
        with pytest.raises(ToolFailed):
            await dispatcher.dispatch("double", {"amount": 1})
    error = get_completed(recorder).error or ""
    assert "hunter2" not in error
    reference = error.split("reference ")[1].rstrip(").")
    assert reference in caplog.text


async def test_a_long_result_is_truncated() -> None:
    async def chatty(wanted: Amount, tool_context: ToolContext) -> list[str]:
        return ["é" * 10] * 100

    recorder = FakeRecorder()
    async with build_dispatcher(recorder, chatty, result_bytes=50) as dispatcher:
        result = await dispatcher.dispatch("double", {"amount": 1})
    assert len(result.value) == 100
    preview = cast(dict[str, str], get_completed(recorder).result)["preview"]
    assert len(preview.encode()) <= 50
    assert get_completed(recorder).truncated
    assert [each.full_result for each in recorder.receipts] == [FullResult(["é" * 10] * 100, is_complete=True)]


async def test_only_the_preview_of_a_huge_result_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    async def chatty(wanted: Amount, tool_context: ToolContext) -> list[str]:
        return ["é" * 10] * 100

    monkeypatch.setattr("tools.run_dispatcher.FULL_RESULT_BYTES", 2_000)
    recorder = FakeRecorder()
    async with build_dispatcher(recorder, chatty, result_bytes=50) as dispatcher:
        await dispatcher.dispatch("double", {"amount": 1})
    assert [each.full_result for each in recorder.receipts] == [
        FullResult(get_completed(recorder).result, is_complete=False)
    ]


async def test_a_result_shown_in_full_is_not_stored_again() -> None:
    recorder = FakeRecorder()
    async with build_dispatcher(recorder) as dispatcher:
        await dispatcher.dispatch("double", {"amount": 1})
    assert not get_completed(recorder).truncated
    assert [each.full_result for each in recorder.receipts] == [None]


async def test_a_non_json_number_does_not_break_the_event() -> None:
    async def nothing(wanted: Amount, tool_context: ToolContext) -> float:
        return float("nan")

    recorder = FakeRecorder()
    async with build_dispatcher(recorder, nothing) as dispatcher:
        assert (await dispatcher.dispatch("double", {"amount": 1})).user_view is None


def test_a_dispatcher_needs_a_context() -> None:
    factory = ToolDispatcherFactory(catalog=MappingProxyType({}), admit=anything)
    with pytest.raises(InvalidContext):
        factory.for_context(
            cast(Any, {"user_id": "me"}),
            agent="data",
            tools=(),
            recorder=FakeRecorder(),
            session=no_log(),
            facts=RunFacts(ask="?"),
        )


async def test_a_hostile_call_is_emitted_as_storable_text() -> None:
    recorder = FakeRecorder()
    async with build_dispatcher(recorder) as dispatcher:
        with pytest.raises(UnknownTool):
            await dispatcher.dispatch("drop\ud800", {"a\x00": "\udfff"})
    for event in recorder.events:
        assert "\\u0000" not in event.model_dump_json()


async def test_an_agent_can_call_only_its_own_tools() -> None:
    recorder = FakeRecorder()
    factory = ToolDispatcherFactory(
        catalog=MappingProxyType({"double": tool(double), "triple": tool(double)}), admit=anything
    )
    mine = factory.for_context(
        context(), agent="data", tools=("double",), recorder=recorder, session=no_log(), facts=RunFacts(ask="?")
    )
    async with mine as dispatcher:
        with pytest.raises(UnknownTool):
            await dispatcher.dispatch("triple", {"amount": 1})
    assert get_completed(recorder).outcome == "refused"


async def test_dispatchers_share_no_results() -> None:
    async with build_dispatcher(FakeRecorder()) as mine, build_dispatcher(FakeRecorder()) as theirs:
        await mine.dispatch("double", {"amount": 21})
        assert theirs.results == []
