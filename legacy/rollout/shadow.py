"""Run the modern agent in the shadow of the legacy one, after the run has ended, and store how their outputs differ.
A shadow calls only tools that change nothing and cost nothing, and its events are discarded. Differences are
names of declared fields, never a user's data."""

import asyncio
import logging
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar, cast

from django.db import DatabaseError
from pydantic import JsonValue

from agents.framework.agent import BaseAgent
from agents.framework.background import DeferredWork
from agents.framework.deps import AgentDeps, AgentFailed, RunInput
from agents.run_queue import StopSignal
from agents.run_rows import StepRecord
from core.concurrency.database_threads import run_in_shared_thread
from core.context import UserExecutionContext
from core.db import as_user
from core.events import AgentCompleted, AgentError, AgentEvent, ToolCompleted
from core.i18n.text import text
from core.json_data import to_jsonable
from legacy.bridges.results import RESULT_FIELDS, LegacyOutput
from legacy.models import ShadowResult, ShadowVerdict
from tools.admission import CallAdmission, CallRequest
from tools.base import PolicyEffect, SideEffects
from tools.calls import AlertedBudgets
from tools.errors import NotPermitted, OverCallQuota
from tools.policy.decisions import evaluate_call
from tools.run_dispatcher import ToolDispatcherFactory
from tools.settlements import Settlement
from tools.spending.budgets import BudgetExhausted
from tools.spending.ledger import SpendEntry

MAX_CALLS = 50  # of one agent in one shadow
SHADOW_RULE = "shadow"
MAX_MODEL_REQUESTS = 12  # of one agent in one shadow; the model's price may be unknown
MAX_DOLLARS = Decimal("0.10")


log = logging.getLogger(__name__)
EXTRA_FIELDS = "(more)"  # fields that only the legacy agent's output has
ENTIRE_OUTPUT = "(all of it)"
SHADOW_SECONDS = 30.0
GRACE_SECONDS = 1.0  # for an agent that does not observe its deadline


@dataclass(slots=True)
class ShadowAdmission:
    """The admission of one shadow. It counts its own calls and uses none of the user's quotas and budgets."""

    calls: int = 0

    async def __call__(self, request: CallRequest) -> CallAdmission:
        tool = request.tool
        if tool.side_effects is not SideEffects.NONE:
            raise NotPermitted(
                text("{tool} changes data, so a shadow can't call it.", tool=tool.title), rule=SHADOW_RULE
            )
        if tool.cost:
            raise NotPermitted(
                text("{tool} costs money, so a shadow can't call it.", tool=tool.title), rule=SHADOW_RULE
            )
        if self.calls >= MAX_CALLS:
            raise OverCallQuota(text("A shadow can make at most {calls} calls.", calls=MAX_CALLS), rule=SHADOW_RULE)
        self.calls += 1
        decision = await run_in_shared_thread(evaluate_call, request.context.user_id, tool, request.arguments)
        if decision.effect is not PolicyEffect.ALLOW:
            raise NotPermitted(decision.reason, rule=decision.rule, version=decision.version)
        return CallAdmission(rule=decision.rule, version=decision.version)


@dataclass(slots=True)
class DiscardingRecorder:
    """The recorder of one shadow. Nothing reaches a stream, an audit or a user's budget. `spent` is in US dollars."""

    requests: int = 0
    spent: Decimal = Decimal(0)

    async def emit(self, event: AgentEvent) -> None:
        """Discard the event."""

    async def settle(self, event: ToolCompleted, settlement: Settlement) -> None:
        """Discard the event. ShadowAdmission takes no slot and reserves no money, so nothing has to be released."""

    async def record(self, event: AgentCompleted | AgentError, step: StepRecord | None = None) -> None:
        """Discard the event and the step: no agent uses a shadow's output."""

    async def flush(self) -> None:
        """Do nothing: nothing is stored."""

    async def spend(self, entry: SpendEntry) -> None:
        """Raises BudgetExhausted at the request that exceeds the limits of one shadow."""
        self.requests += 1
        self.spent += entry.cost or Decimal(0)
        if self.requests >= MAX_MODEL_REQUESTS or self.spent > MAX_DOLLARS:
            raise BudgetExhausted(text("The shadow's budget is used up."), {"budget": "shadow"})


def compare_outputs(agent: str, legacy: object, modern: object) -> tuple[str, ...]:
    """Return the differing fields, such as `spend.total`. Floats may differ in their last digits."""
    return tuple(_find_differing_fields(_legacy_output_to_json(agent, legacy), modern, ""))


def _legacy_output_to_json(agent: str, output: object) -> JsonValue:
    if isinstance(output, LegacyOutput):
        return output.results.get(RESULT_FIELDS.get(agent, ""))
    return to_jsonable(output)


def _find_differing_fields(old: JsonValue, new: object, prefix: str) -> Iterator[str]:
    if not is_dataclass(new) or isinstance(new, type) or not isinstance(old, Mapping):
        if not is_equal_json(old, to_jsonable(new)):
            yield prefix.removesuffix(".") or ENTIRE_OUTPUT
        return
    names = [each.name for each in fields(new)]
    for name in names:
        yield from _find_differing_fields(old.get(name), getattr(new, name), f"{prefix}{name}.")
    if old.keys() - set(names):
        yield f"{prefix}{EXTRA_FIELDS}"


def is_equal_json(old: Any, new: Any) -> bool:
    """Compare JSON data; floats may differ in their last digits."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and all(is_equal_json(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(is_equal_json(*pair) for pair in zip(old, new, strict=True))
    if isinstance(old, float) and isinstance(new, float):
        return math.isclose(old, new, rel_tol=1e-9)
    return bool(old == new)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowTrial:
    """The result of one shadow. `error` is the code of a failure."""

    verdict: ShadowVerdict
    fields: tuple[str, ...] = ()
    error: str = ""
    modern_ms: int
    cost: Decimal


async def run_trial(
    modern: type[BaseAgent[Any]], context: UserExecutionContext, deps: AgentDeps, run_input: RunInput, legacy: object
) -> ShadowTrial:
    """Run the modern agent and compare its output with the legacy one's. Raises only CancelledError."""
    recorder, started = DiscardingRecorder(), time.monotonic()
    clock = asyncio.timeout(SHADOW_SECONDS + GRACE_SECONDS)
    verdict, error = ShadowVerdict.FAILED, ""
    differing: tuple[str, ...] = ()
    try:
        async with clock:
            output = await modern(_renew_deadline(context), isolate_deps(deps, recorder)).execute(run_input)
        differing = compare_outputs(modern.name, legacy, output)
        verdict = ShadowVerdict.DIFFERS if differing else ShadowVerdict.EQUAL
    except AgentFailed as failed:
        error = failed.code
    except Exception:
        # Any error is a failure of the modern agent.
        log.exception("the shadow of %s failed", modern.name)
        error = "deadline" if clock.expired() else "defect"
    modern_ms = get_elapsed_ms(started)
    return ShadowTrial(verdict=verdict, fields=differing, error=error[:40], modern_ms=modern_ms, cost=recorder.spent)


def isolate_deps(deps: AgentDeps, recorder: DiscardingRecorder) -> AgentDeps:
    """Return deps that emit and change nothing. They read from the run's own session."""
    return replace(
        deps,
        recorder=recorder,
        dispatcher_factory=ToolDispatcherFactory(catalog=deps.dispatcher_factory.catalog, admit=ShadowAdmission()),
        stop=StopSignal(),
        alerted_budgets=AlertedBudgets(),
        steps={},
        deferred_work=DeferredWork(),
    )


def get_elapsed_ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _renew_deadline(context: UserExecutionContext) -> UserExecutionContext:
    """Return a context of the same run with its own deadline: the run is over, and its deadline may be, too."""
    return replace(context.child(), deadline=datetime.now(UTC) + timedelta(seconds=SHADOW_SECONDS))


class ShadowedAgent(BaseAgent[Any]):
    """Mixin in front of a bridged class. The shadow begins after the run has ended for the user, and only if the legacy
    agent has succeeded: otherwise there is nothing to compare."""

    modern_class: ClassVar[type[BaseAgent[Any]]]

    async def execute(self, run_input: RunInput) -> Any:
        started = time.monotonic()
        output = await super().execute(run_input)
        self.deps.deferred_work.add(partial(self._run_shadow, run_input, output, get_elapsed_ms(started)))
        return output

    async def _run_shadow(self, run_input: RunInput, output: Any, legacy_ms: int) -> None:
        trial = await run_trial(self.modern_class, self.context, self.deps, run_input, output)
        try:
            await run_in_shared_thread(store_shadow_result, self.context, self.name, trial, legacy_ms)
        except DatabaseError:
            # For example if the user was erased in the meantime.
            log.exception("the result of the shadow of %s could not be stored", self.name)


def build_shadowed_class(legacy: type[BaseAgent[Any]], modern: type[BaseAgent[Any]]) -> type[BaseAgent[Any]]:
    members = {"__module__": legacy.__module__, "modern_class": modern}
    return cast(type[BaseAgent[Any]], type(f"Shadowed{legacy.__name__}", (ShadowedAgent, legacy), members))


def store_shadow_result(context: UserExecutionContext, agent: str, trial: ShadowTrial, legacy_ms: int) -> None:
    with as_user(context.user_id):
        ShadowResult.objects.create(
            owner_id=context.user_id,
            run_id=context.run_id,
            agent=agent,
            verdict=trial.verdict,
            fields=list(trial.fields),
            error=trial.error,
            legacy_ms=legacy_ms,
            modern_ms=trial.modern_ms,
            cost=trial.cost,
            at=datetime.now(UTC),
        )
