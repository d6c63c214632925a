"""An old agent's turn: told like any other's, its results handed on, nothing of it left."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from agents.framework.deps import AgentFailed
from agents.framework.validation import validate_agent
from agents.team.triage import TriageAgent
from core.exceptions import Defect, OperatorError, ScopeClosed
from legacy.bridges.agent import bridged, replacing
from legacy.bridges.state import DeepAgentState
from legacy.bridges.voice import LegacyAgentBase
from tests.legacy.bridges.old_agents import acting, both, made, results, run_of
from tests.support.patience import PATIENCE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    share: float


class Keeper(LegacyAgentBase):
    """Keeps all it can: on itself, and in a container of its class."""

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
    """As singletons were made, without any base of ours."""

    _instance: Any = None
    kept: ClassVar[dict[str, str]] = {}

    def __new__(cls, *_: Any, **__: Any) -> "Single":
        raise AssertionError("an instance of everybody's")

    async def execute(self: Any, state: Any, run_id: str, stream_updates: bool) -> None:
        self.kept[state.user_id] = state.user_request
        await self.emit_thinking(f"mine: {self.kept}")
        state.final_report = await self.tool_dispatcher.dispatch("whose")


def test_the_old_classes_share_what_they_keep() -> None:
    """What happens without the bridge; tests below do the same through it."""

    async def two() -> list[Any]:
        one = Keeper()
        states = [DeepAgentState(user_request=ask, user_id=ask) for ask in ("hers", "his")]
        for state in states:
            await one.execute(state, "run", True)
        return states

    last = asyncio.run(two())[1]
    Keeper.seen.clear()
    assert last.data_result["asked"] == last.data_result["seen"] == ["hers", "his"]


async def test_what_an_agent_keeps_ends_with_its_turn() -> None:
    kind = await made(bridged, Keeper, name="data", title="Data")
    runs = [run_of(ask=ask) for ask in ("hers", "his", "hers again")]
    outputs = await both(*[run.take(kind) for run in runs])
    for run, output in zip(runs, outputs, strict=True):
        found, mine = results(output)["data_result"], str(run.context.user_id)
        assert found == {
            "asked": [run.run_input.ask],
            "seen": [run.run_input.ask],
            "context": {mine: run.run_input.ask},
            "me": mine,
        }
    assert Keeper.seen == []


async def test_a_singleton_without_our_base_is_made_anew() -> None:
    kind = await made(bridged, Single, name="single", title="Single", tools=("whose",))
    runs = [run_of(ask=ask) for ask in ("hers", "his")]
    outputs = await both(*[run.take(kind) for run in runs])
    for run, output in zip(runs, outputs, strict=True):
        mine = str(run.context.user_id)
        assert results(output)["final_report"] == f"the data of {mine}"
        assert run.thoughts[1] == f"mine: {{'{mine}': '{run.run_input.ask}'}}"
    assert Single.kept == {}


async def test_a_turn_is_told_once() -> None:
    async def act(agent: Any, state: Any, run_id: str) -> None:
        await agent.emit_agent_started("hello")
        await agent.emit_thinking("first", 1)
        await agent.emit_tool_executing("whose", {})
        await agent.tool_dispatcher.dispatch("whose")
        await agent.emit_tool_completed("whose", {})
        await agent.emit_progress("half")
        await agent.emit_agent_completed({})

    run = run_of()
    await run.take(await made(acting, act))
    assert run.told.types == [
        *("agent_started", "agent_thinking", "agent_thinking", "agent_thinking", "tool_executing", "tool_completed"),
        *("agent_thinking", "agent_completed"),
    ]
    assert run.thoughts == ["Old: beginning.", "hello", "first", "half"]


async def test_the_core_logic_is_an_entry_too() -> None:
    class Older(LegacyAgentBase):
        async def execute_core_logic(self, context: Any) -> dict[str, Any]:
            return {"share": 0.5, "for": context.user_id, "asks": context.state.user_request}

    run = run_of()
    output = await run.take(await made(bridged, Older, name="data", title="Data"))
    assert results(output)["data_result"] == {"share": 0.5, "for": str(run.context.user_id), "asks": "cut my spend"}


async def test_a_result_is_the_next_ones_field_and_a_typed_output() -> None:
    async def first(agent: Any, state: Any, run_id: str) -> None:
        state.triage_result = {"share": 0.25}

    async def second(agent: Any, state: Any, run_id: str) -> None:
        state.data_result = {"share": state.triage_result["share"] * 2}

    run = run_of()
    run_input = run.run_input.with_output("old", await run.take(await made(acting, first)), run.run_input.facts)
    kind = await made(acting, second, name="data", output=Verdict)
    assert await kind(run.context.child(), run.deps).execute(run_input) == Verdict(share=0.5)


@pytest.mark.parametrize("left", [None, {"share": "much"}])
async def test_a_result_that_is_missing_or_another_fails_the_turn(left: Any) -> None:
    async def act(agent: Any, state: Any, run_id: str) -> None:
        state.data_result = left

    run = run_of()
    with pytest.raises(AgentFailed) as failed:
        await run.take(await made(acting, act, name="data", output=Verdict))
    assert failed.value.code == "defect"


async def test_after_the_turn_nothing_it_was_handed_works() -> None:
    kept: list[Any] = []

    async def act(agent: Any, state: Any, run_id: str) -> None:
        kept.append(agent)

    run = run_of()
    await run.take(await made(acting, act))
    before, agent = len(run.told.events), kept[0]
    lates: tuple[Callable[[], Awaitable[Any]], ...] = (
        lambda: agent.emit_thinking("late"),
        lambda: agent.tool_dispatcher.dispatch("whose"),
        lambda: agent.websocket_manager.send_to_user(run.context.user_id, "late"),
        lambda: agent.websocket_bridge.notify_agent_thinking(run.context.run_id, "old", "late"),
    )
    for late in lates:
        with pytest.raises(ScopeClosed):
            await late()
    assert len(run.told.events) == before


async def test_who_swallows_the_stop_is_stopped_at_the_next_step() -> None:
    begun = asyncio.Event()

    async def act(agent: Any, state: Any, run_id: str) -> None:
        begun.set()
        for _ in range(3):
            try:
                await asyncio.Event().wait()
            except BaseException:  # noqa: BLE001 - as it is found in old code
                await agent.emit_thinking("going on")

    run = run_of()
    turn = asyncio.create_task(run.take(await made(acting, act)))
    await begun.wait()
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(turn, PATIENCE)
    assert "going on" not in run.thoughts


async def test_it_is_forbidden_where_the_installation_says_so(settings: Any) -> None:
    async def act(agent: Any, state: Any, run_id: str) -> None: ...

    settings.NETRA_LEGACY = "forbid"
    with pytest.raises(OperatorError, match="NETRA_LEGACY=warn"):
        await run_of().take(await made(acting, act))


def test_a_bridge_is_compliant_and_of_its_own_pattern() -> None:
    found = validate_agent(bridged(Keeper, name="data", title="Data", tools=("price_workload",)))
    assert (found.compliant, found.pattern, found.errors) == (True, "legacy_bridge", ())


def test_it_takes_a_modern_agents_place() -> None:
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


class DefaultKeeper:
    async def execute(self, state: Any, run_id: str, stream_updates: bool, seen: list[str] = []) -> None:  # noqa: B006
        seen.append(state.user_request)


class Blocking:
    def execute(self, state: Any, run_id: str, stream_updates: bool) -> None: ...


class Demanding:
    def __init__(self, session: Any) -> None: ...

    async def execute(self, state: Any, run_id: str, stream_updates: bool) -> None: ...


@pytest.mark.parametrize(
    ("legacy", "says"),
    [
        (ClassWriter, "execute writes to its class"),
        (ModuleWriter, "remember writes to the module's REMEMBERED"),
        (DefaultKeeper, "a default that every call shares"),
        (Blocking, "not `async def`"),
        (Demanding, "needs 'session'"),
        (dict, "neither `execute`"),
    ],
)
def test_what_would_leak_even_so_is_refused(legacy: type[Any], says: str) -> None:
    with pytest.raises(Defect, match=says):
        bridged(legacy, name="old", title="Old")
