"""One turn of a modern agent that nobody hears of, held against what the legacy one has handed on."""

import asyncio
import logging
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from agents.aftermath import Later
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
GRACE = 1.0  # seconds more, for an agent that does not keep to its deadline by itself


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
    """Raises nothing but its own cancelling."""
    silent, began = SilentRecorder(), time.monotonic()
    clock = asyncio.timeout(SECONDS + GRACE)
    verdict, error = Verdict.FAILED, ""
    fields: tuple[str, ...] = ()
    try:
        async with clock:
            output = await modern(_fresh(context), quiet(kit, silent)).execute(brief)
        fields = differing(modern.name, legacy, output)
        verdict = Verdict.DIFFERS if fields else Verdict.EQUAL
    except AgentFailed as failed:
        error = failed.code
    except Exception:
        # Whatever it is, it is the modern agent's.
        log.exception("the shadow of %s could not be tried", modern.name)
        error = "deadline" if clock.expired() else "defect"
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
        later=Later(),
    )


def milliseconds_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _fresh(context: UserExecutionContext) -> UserExecutionContext:
    """A turn of the same run with time of its own: the run is over, and so perhaps is its time."""
    return replace(context.child(), deadline=datetime.now(UTC) + timedelta(seconds=SECONDS))
