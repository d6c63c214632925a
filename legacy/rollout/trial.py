"""One turn of a modern agent that nobody hears of, held against what the legacy one has handed on."""

import logging
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from agents.base import BaseAgent
from agents.brief import Brief
from agents.kit import AgentFailed, AgentKit, StopSignal
from legacy.models import Verdict
from legacy.rollout.comparing import differing
from legacy.rollout.gate import ShadowGate
from legacy.rollout.silence import SilentRecorder
from netra.core.context import UserExecutionContext
from tools.dispatcher import ToolDispatcherFactory
from tools.warned import Warned

log = logging.getLogger(__name__)

SECONDS = 30.0
SHARE = 0.25  # of the time that the turn has left, at most: the run goes on after it


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of it. `error`: the code of a failure."""

    verdict: Verdict
    fields: tuple[str, ...] = ()
    error: str = ""
    modern_ms: int
    cost: Decimal


async def tried(
    modern: type[BaseAgent[Any]], context: UserExecutionContext, kit: AgentKit, brief: Brief, legacy: object
) -> Trial:
    """Raises nothing but the cancelling of its run."""
    silent, began = SilentRecorder(), time.monotonic()
    verdict, error = Verdict.FAILED, ""
    fields: tuple[str, ...] = ()
    try:
        mine = context.child(seconds=_limit(context))
        output = await modern(mine, quiet(kit, silent)).execute(brief)
        fields = differing(modern.name, legacy, output)
        verdict = Verdict.DIFFERS if fields else Verdict.EQUAL
    except AgentFailed as failed:
        error = failed.code
    except Exception:
        # Whatever it is, it is the modern agent's: the user's run goes on.
        log.exception("the shadow of %s could not be tried", modern.name)
        error = "defect"
    took = milliseconds_since(began)
    return Trial(verdict=verdict, fields=fields, error=error[:40], modern_ms=took, cost=silent.spent)


def quiet(kit: AgentKit, silent: SilentRecorder) -> AgentKit:
    """A kit by which nobody is told and nothing is changed. What it reads from is the run's own session."""
    return replace(
        kit,
        recorder=silent,
        dispatchers=ToolDispatcherFactory(catalog=kit.dispatchers.catalog, admit=ShadowGate()),
        stop=StopSignal(),
        warned=Warned(),
        steps={},
    )


def milliseconds_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _limit(context: UserExecutionContext) -> float:
    return min(SECONDS, SHARE * max(0.0, (context.deadline - datetime.now(UTC)).total_seconds()))
