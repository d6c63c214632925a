"""A bridged agent's turn emits the usual events, passes its results on and leaves nothing behind."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from agents.framework.deps import AgentFailed
from agents.framework.validation import validate_agent
from agents.team.triage import TriageAgent
from core.exceptions import Defect, OperatorError, ScopeClosed
from legacy.bridges.agent import bridge_agent, replacing
from legacy.bridges.state import DeepAgentState
from legacy.bridges.voice import LegacyAgentBase
from tests.legacy.bridges.old_agents import build_bridged, build_class, build_run, get_results, run_concurrently
from tests.support.patience import PATIENCE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    share: float


class StoringAgent(LegacyAgentBase):
    """Stores everything on itself and in a container of its class."""

    seen: ClassVar[list[str]] = []

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.asked: list[str] = []

    async def execute(self, state: Any, run_id: str, stream_updates: bool) -> None:
        self.asked.append(state.user_request)
        self.seen.append(state.user_request)
        self.context[state.user_id] = state.user_request
        await asyncio.sleep(0.01)
        state.data_result = {"asked": self.asked, "seen": self.seen, "context": self.context, "me": self.user_id}


class Single:
    """A legacy singleton without a base class of the kit."""

    _instance: Any = None
    stored: ClassVar[dict[str, str]] = {}

    def __new__(cls, *_: Any, **__: Any) -> "Single":
        raise AssertionError("a shared instance")

    async def execute(self: Any, state: Any, run_id: str, stream_updates: bool) -> None:
        self.stored[state.user_id] = state.user_request
        await self.emit_thinking(f"own: {self.stored}")
        state.final_report = await self.tool_dispatcher.dispatch("whose")


def test_legacy_classes_share_stored_data_without_the_bridge() -> None:
    """The tests below do the same through the bridge."""

    async def two() -> list[Any]:
        one = StoringAgent()
        states = [DeepAgentState(user_request=ask, user_id=ask) for ask in ("hers", "his")]
        for state in states:
            await one.execute(state, "run", True)
        return states

    last = asyncio.run(two())[1]
    StoringAgent.seen.clear()
    assert last.data_result["asked"] == last.data_result["seen"] == ["hers", "his"]


async def test_stored_data_ends_with_the_turn() -> None:
    kind = await build_class(bridge_agent, StoringAgent, name="data", title="Data")
    runs = [build_run(ask=ask) for ask in ("hers", "his", "hers again")]
    outputs = await run_concurrently(*[run.run_agent(kind) for run in runs])
    for run, output in zip(runs, outputs, strict=True):
        found, user_id = get_results(output)["data_result"], str(run.context.user_id)
        assert found == {
            "asked": [run.run_input.ask],
            "seen": [run.run_input.ask],
            "context": {user_id: run.run_input.ask},
            "me": user_id,
        }
    assert StoringAgent.seen == []


async def test_a_singleton_without_the_kits_base_is_created_per_turn() -> None:
    kind = await build_class(bridge_agent, Single, name="single", title="Single", tools=("whose",))
    runs = [build_run(ask=ask) for ask in ("hers", "his")]
    outputs = await run_concurrently(*[run.run_agent(kind) for run in runs])
    for run, output in zip(runs, outputs, strict=True):
        user_id = str(run.context.user_id)
        assert get_results(output)["final_report"] == f"the data of {user_id}"
        assert run.thoughts[1] == f"own: {{'{user_id}': '{run.run_input.ask}'}}"
    assert Single.stored == {}


async def test_each_event_is_emitted_once() -> None:
    async def act(agent: Any, state: Any, run_id: str) -> None:
        await agent.emit_agent_started("hello")
        await agent.emit_thinking("first", 1)
        await agent.emit_tool_executing("whose", {})
        await agent.tool_dispatcher.dispatch("whose")
        await agent.emit_tool_completed("whose", {})
        await agent.emit_progress("half")
        await agent.emit_agent_completed({})

    run = build_run()
    await run.run_agent(await build_class(build_bridged, act))
    assert run.recorder.types == [
        *("agent_started", "agent_thinking", "agent_thinking", "agent_thinking", "tool_executing", "tool_completed"),
        *("agent_thinking", "agent_completed"),
    ]
    assert run.thoughts == ["Old is starting.", "hello", "first", "half"]


async def test_execute_core_logic_is_an_entry_method() -> None:
    class Older(LegacyAgentBase):
        async def execute_core_logic(self, context: Any) -> dict[str, Any]:
            return {"share": 0.5, "for": context.user_id, "asks": context.state.user_request}

    run = build_run()
    output = await run.run_agent(await build_class(bridge_agent, Older, name="data", title="Data"))
    assert get_results(output)["data_result"] == {"share": 0.5, "for": str(run.context.user_id), "asks": "cut my spend"}


async def test_a_result_is_a_field_of_the_next_state_and_a_typed_output() -> None:
    async def first(agent: Any, state: Any, run_id: str) -> None:
        state.triage_result = {"share": 0.25}

    async def second(agent: Any, state: Any, run_id: str) -> None:
        state.data_result = {"share": state.triage_result["share"] * 2}

    run = build_run()
    run_input = run.run_input.with_output(
        "old", await run.run_agent(await build_class(build_bridged, first)), run.run_input.facts
    )
    kind = await build_class(build_bridged, second, name="data", output=Verdict)
    assert await kind(run.context.child(), run.deps).execute(run_input) == Verdict(share=0.5)


@pytest.mark.parametrize("result", [None, {"share": "much"}])
async def test_a_missing_or_mistyped_result_fails_the_turn(result: Any) -> None:
    async def act(agent: Any, state: Any, run_id: str) -> None:
        state.data_result = result

    run = build_run()
    with pytest.raises(AgentFailed) as failed:
        await run.run_agent(await build_class(build_bridged, act, name="data", output=Verdict))
    assert failed.value.code == "defect"


async def test_facades_are_closed_after_the_turn() -> None:
    agents: list[Any] = []

    async def act(agent: Any, state: Any, run_id: str) -> None:
        agents.append(agent)

    run = build_run()
    await run.run_agent(await build_class(build_bridged, act))
    before, agent = len(run.recorder.events), agents[0]
    late_calls: tuple[Callable[[], Awaitable[Any]], ...] = (
        lambda: agent.emit_thinking("late"),
        lambda: agent.tool_dispatcher.dispatch("whose"),
        lambda: agent.websocket_manager.send_to_user(run.context.user_id, "late"),
        lambda: agent.websocket_bridge.notify_agent_thinking(run.context.run_id, "old", "late"),
    )
    for late_call in late_calls:
        with pytest.raises(ScopeClosed):
            await late_call()
    assert len(run.recorder.events) == before


async def test_a_swallowed_cancellation_is_raised_again_at_the_next_call() -> None:
    started = asyncio.Event()

    async def act(agent: Any, state: Any, run_id: str) -> None:
        started.set()
        for _ in range(3):
            try:
                await asyncio.Event().wait()
            except BaseException:  # noqa: BLE001 - legacy code does this
                await agent.emit_thinking("going on")

    run = build_run()
    turn = asyncio.create_task(run.run_agent(await build_class(build_bridged, act)))
    await started.wait()
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(turn, PATIENCE)
    assert "going on" not in run.thoughts


async def test_a_legacy_agent_does_not_run_in_forbid_mode(settings: Any) -> None:
    async def act(agent: Any, state: Any, run_id: str) -> None: ...

    settings.NETRA_LEGACY = "forbid"
    with pytest.raises(OperatorError, match="NETRA_LEGACY=warn"):
        await build_run().run_agent(await build_class(build_bridged, act))


def test_a_bridged_agent_is_compliant_and_has_its_own_pattern() -> None:
    found = validate_agent(bridge_agent(StoringAgent, name="data", title="Data", tools=("price_workload",)))
    assert (found.compliant, found.pattern, found.errors) == (True, "legacy_bridge", ())


def test_replacing_takes_the_modern_agents_attributes() -> None:
    class OldTriage(LegacyAgentBase):
        async def execute(self, state: Any, run_id: str, stream_updates: bool) -> None: ...

    kind = replacing(TriageAgent, OldTriage)
    assert (kind.name, kind.tools, kind.output) == (TriageAgent.name, TriageAgent.tools, TriageAgent.output)
    assert kind.essential


REMEMBERED: dict[str, str] = {}


def remember(ask: str) -> None:
    REMEMBERED["last"] = ask


class ClassWriter:
    last = ""

    async def execute(self, state: Any, run_id: str, stream_updates: bool) -> None:
        type(self).last = state.user_request


class ModuleWriter:
    async def execute(self, state: Any, run_id: str, stream_updates: bool) -> None:
        remember(state.user_request)


class DefaultStoringAgent:
    async def execute(self, state: Any, run_id: str, stream_updates: bool, seen: list[str] = []) -> None:  # noqa: B006
        seen.append(state.user_request)


class Blocking:
    def execute(self, state: Any, run_id: str, stream_updates: bool) -> None: ...


class Demanding:
    def __init__(self, session: Any) -> None: ...

    async def execute(self, state: Any, run_id: str, stream_updates: bool) -> None: ...


@pytest.mark.parametrize(
    ("legacy", "message"),
    [
        (ClassWriter, "execute writes to its class"),
        (ModuleWriter, "remember writes to the module's REMEMBERED"),
        (DefaultStoringAgent, "a mutable default that all calls share"),
        (Blocking, "not `async def`"),
        (Demanding, "requires 'session'"),
        (dict, "neither `execute`"),
    ],
)
def test_an_agent_that_would_leak_in_spite_of_the_bridge_is_refused(legacy: type[Any], message: str) -> None:
    with pytest.raises(Defect, match=message):
        bridge_agent(legacy, name="old", title="Old")
