"""Calls whose answers are kept with the log: read at once for all calls of a turn, and decided like any other."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from core.i18n.text import text
from tests.support.fakes import FakeRecorder
from tests.tools.test_reuse import CALLS, Amount, CountedTool, KeptSession, build_dispatcher
from tools.admission import CallAdmission
from tools.base import Tool
from tools.errors import NotPermitted
from tools.results import ToolResult
from workloads.analysis.answers import AnswerStore


@dataclass
class AskedSession(KeptSession):
    """A session, and the analysis that it asks; its answers are those of the amounts that were asked for before."""

    store: AnswerStore = field(default_factory=lambda: AnswerStore(None, None))
    asked: int = 0

    def __post_init__(self) -> None:
        self.computing_nothing: Callable[[], AbstractContextManager[None]] = self.store.computing_nothing

    def double(self, amount: int) -> int:
        return self.store.get(("double", amount), int, lambda: amount * 2)

    async def ask(self, question: Callable[["AskedSession"], Any]) -> Any:
        self.asked += 1
        return question(self)


def build_tool(counted: CountedTool) -> Tool[Amount]:
    question: Any = lambda wanted, facts: lambda session: session.double(wanted.amount)  # noqa: E731
    return replace(counted.build(), question=question)


@pytest.mark.parametrize(("known", "runs"), [((1, 2, 3), 0), ((1, 2), 1), ((1,), 2), ((2, 3), 3)], ids=str)
async def test_answers_are_read_at_once_up_to_the_first_that_has_to_be_computed(
    known: tuple[int, ...], runs: int
) -> None:
    counted, session, recorder = CountedTool(), AskedSession(), FakeRecorder()
    for amount in known:
        session.double(amount)
    async with build_dispatcher(build_tool(counted), session, recorder) as dispatcher:
        ended = await dispatcher.dispatch_all(CALLS)
    assert [each.value for each in ended if isinstance(each, ToolResult)] == [2, 4, 6]
    assert (session.asked, counted.runs) == (1, runs)
    assert [event.type for event in recorder.events] == ["tool_executing", "tool_completed"] * 3
    assert [receipt.attempt.result for receipt in recorder.receipts] == ["2", "4", "6"]
    assert session.double(9) == 18  # computed: only that one reading did not


async def test_a_call_whose_answer_was_read_is_still_refused() -> None:
    async def refuse_second(requests: Any) -> list[Any]:
        return [CallAdmission(), NotPermitted(text("No."), rule="r"), CallAdmission()]

    counted, session, recorder = CountedTool(), AskedSession(), FakeRecorder()
    for amount in (1, 2, 3):
        session.double(amount)
    dispatcher = build_dispatcher(build_tool(counted), session, recorder, admit_together=refuse_second)
    async with dispatcher:
        ended = await dispatcher.dispatch_all(CALLS)
    assert [isinstance(each, ToolResult) for each in ended] == [True, False, True]
    assert [receipt.attempt.result for receipt in recorder.receipts] == ["2", None, "6"]
    assert [receipt.attempt.outcome for receipt in recorder.receipts] == ["ok", "refused", "ok"]


async def test_an_error_while_reading_is_told_by_the_call_itself() -> None:
    class BrokenSession(AskedSession):
        async def ask(self, question: Callable[[AskedSession], Any]) -> Any:
            raise OSError("the disk is broken")

    counted, recorder = CountedTool(), FakeRecorder()
    async with build_dispatcher(build_tool(counted), BrokenSession(), recorder) as dispatcher:
        ended = await dispatcher.dispatch_all(CALLS)
    assert [each.value for each in ended if isinstance(each, ToolResult)] == [2, 4, 6]
    assert counted.runs == 3
